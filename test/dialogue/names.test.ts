/** Ids that have a password, over TCP, their exact bytes: who gets one, who loses it, and what nobody ever reads. */
import pino from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ServerOptions } from '../../src/server/options.ts';
import type { Server } from '../../src/server/server.ts';
import { eventually } from '../support/eventually.ts';
import { gather, startChat } from '../support/gathering.ts';
import { nameFile, passwordFile, SlowHash, writeNames } from '../support/passwordGates.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect, type User } from '../support/user.ts';
import {
  disconnected,
  evicted,
  idPrompt,
  idTaken,
  joinedRoom,
  joinedServer,
  leftRoom,
  lineNotUtf8,
  menu,
  partnerLeft,
  passwordPrompt,
  passwordQueueFull,
  proofPrompt,
  roomEmpty,
  roomJoined,
  tooManyAttempts,
  wrongPassword,
} from '../support/wireTexts.ts';

const golanLine: [string, string] = ['golan', 'sesame'];

async function startWithNames(options: ServerOptions = {}, ...names: Parameters<typeof nameFile>): Promise<Server> {
  return startTestServer({
    names: nameFile(...(names.length > 0 ? names : [golanLine])),
    ...options,
  });
}

/** Somebody who has been asked for golan's password. */
async function claimGolan(server: Server, id = 'golan'): Promise<User> {
  const user = await connect(server);
  user.name = id;
  await user.expect(idPrompt);
  user.say(id);
  await user.expect(proofPrompt(id));
  return user;
}

async function proveGolan(server: Server): Promise<User> {
  const golan = await claimGolan(server);
  golan.say('sesame');
  await golan.expect(menu);
  return golan;
}

describe('an id with a password', () => {
  it('is asked for its password, and the right one leads to the menu', async () => {
    const golan = await proveGolan(await startWithNames());
    golan.choose(4);
    await golan.expect(`golan (free, you)\n${menu}`);
  });

  it('is the same in any letter case, and is shown as it was typed', async () => {
    const golan = await claimGolan(await startWithNames(), 'GoLan');
    golan.say('sesame');
    await golan.expect(menu);
    golan.choose(4);
    await golan.expect(`GoLan (free, you)\n${menu}`);
  });

  it('changes nothing for other ids', async () => {
    const server = await startWithNames();
    const lior = await connect(server);
    await lior.identify('lior');
    const other = await connect(server);
    await other.expect(idPrompt);
    other.say('Lior');
    await other.expect(idTaken);
  });

  it('is not given to who types a wrong password: they are asked for an id again', async () => {
    const eve = await claimGolan(await startWithNames());
    eve.say('guess');
    await eve.expect(`${wrongPassword}${idPrompt}`);
    eve.say('eve');
    await eve.expect(menu);
  });

  it('costs a try for each wrong password, and with the last one the connection', async () => {
    const server = await startWithNames({ idTries: 3 });
    const eve = await connect(server);
    await eve.expect(idPrompt);
    for (const password of ['guess', ' sesame', '']) {
      eve.say('golan');
      await eve.expect(proofPrompt('golan'));
      eve.say(password);
      await eve.expect(`${wrongPassword}${idPrompt}`);
    }
    await eve.expect(`\n${tooManyAttempts}`);
    await eve.expectEnd();
    expect([...server.limitsReached]).toEqual([['idTries', 1]]);
  });

  it('is asked for again after a line that is no text, which is no try', async () => {
    const golan = await claimGolan(await startWithNames({ idTries: 1 }));
    for (let line = 0; line < 3; line++) {
      golan.send([0xff, 0x0a]);
      await golan.expect(`${lineNotUtf8}${proofPrompt('golan')}`);
    }
    golan.say('sesame');
    await golan.expect(menu);
  });

  it('takes what comes in one piece in order', async () => {
    const golan = await connect(await startWithNames());
    golan.send('golan\nwrong\ngolan\nsesame\n4\n');
    const asked = `${idPrompt}${proofPrompt('golan')}`;
    await golan.expect(`${asked}${wrongPassword}${asked}${menu}golan (free, you)\n${menu}`);
  });

  it('is asked for behind the password gate, too', async () => {
    const golan = await connect(await startWithNames({ passwordFile: passwordFile('gate') }));
    await golan.expect(passwordPrompt);
    golan.say('gate');
    await golan.expect(idPrompt);
    golan.say('golan');
    await golan.expect(proofPrompt('golan'));
    golan.say('sesame');
    await golan.expect(menu);
  });
});

describe('the right password takes the id over', () => {
  it('from a ghost in the menu, and others read that one has gone and one has come', async () => {
    const server = await startWithNames();
    const ghost = await proveGolan(server);
    const lior = await connect(server);
    await lior.identify('lior');
    await ghost.expect(joinedServer('lior'));
    await proveGolan(server);
    await ghost.expect(evicted);
    await ghost.expectEnd();
    await lior.expect(`${disconnected('golan')}${joinedServer('golan')}`);
    await lior.expectSilence();
    expect([...server.lobby.directory.rows()].map(({ id }) => id)).toEqual(['lior', 'golan']);
  });

  it('from one in a chat, whose partner is in the menu again', async () => {
    const server = await startWithNames();
    const ghost = await proveGolan(server);
    const lior = await connect(server);
    await lior.identify('lior');
    await ghost.expect(joinedServer('lior'));
    await startChat(ghost, lior);
    await proveGolan(server);
    await ghost.expect(evicted);
    await lior.expect(`${partnerLeft('golan')}${menu}${disconnected('golan')}${joinedServer('golan')}`);
  });

  it('from one in the common room, who leaves it', async () => {
    const server = await startWithNames();
    const ghost = await proveGolan(server);
    const [lior] = (await gather(server, 'lior')) as [User];
    await ghost.expect(joinedServer('lior'));
    lior.choose(3);
    await lior.expect(`${roomJoined}${roomEmpty}`);
    ghost.choose(3);
    await lior.expect(joinedRoom('golan'));
    await ghost.readThrough('included.\n');
    const golan = await proveGolan(server);
    await ghost.expect(evicted);
    await lior.expect(leftRoom('golan'));
    expect(server.lobby.directory.roomCount).toBe(1);
    await golan.expectSilence();
  });

  it('from somebody who has had it since before it had a password', async () => {
    const names = nameFile();
    const server = await startTestServer({ names });
    const [eve] = (await gather(server, 'golan')) as [User];
    writeNames(names, ['golan', 'sesame']);
    server.reload();
    await eve.expectSilence();
    await proveGolan(server);
    await eve.expect(evicted);
  });
});

describe('while somebody is asked for a password', () => {
  const changes: [what: string, after: Parameters<typeof nameFile>, said: string, read: string][] = [
    ['another password', [['golan', 'changed']], 'sesame', `${wrongPassword}${idPrompt}`],
    ['another password, which they know', [['golan', 'changed']], 'changed', menu],
    ['a password for others only', ['noa'], 'sesame', `${wrongPassword}${idPrompt}`],
    ['the same password', [golanLine, 'noa'], 'sesame', menu],
  ];
  it.each(changes)('and the file has %s then, that counts', async (_, after, said, read) => {
    const names = nameFile(golanLine);
    const server = await startTestServer({ names });
    const golan = await claimGolan(server);
    writeNames(names, ...after);
    server.reload();
    golan.say(said);
    await golan.expect(read);
  });
});

describe('while a password is checked', () => {
  async function checking(options: ServerOptions = {}) {
    const slow = new SlowHash();
    const names = nameFile(['golan', 'sesame']);
    const server = await startTestServer({ names, hash: slow.hash, ...options });
    const golan = await claimGolan(server);
    golan.say('sesame');
    await eventually(() => slow.underWay).toBe(1);
    return { slow, names, server, golan };
  }

  it('the line of another password makes the one that was typed wrong', async () => {
    const { slow, names, server, golan } = await checking();
    writeNames(names, ['golan', 'changed']);
    server.reload();
    slow.settle(true);
    await golan.expect(`${wrongPassword}${idPrompt}`);
  });

  it('a line that stays the same changes nothing', async () => {
    const { slow, names, server, golan } = await checking();
    writeNames(names, ['golan', 'sesame'], 'noa');
    server.reload();
    slow.settle(true);
    await golan.expect(menu);
  });

  it('a line that is taken out makes the id one without a password', async () => {
    const { slow, names, server, golan } = await checking();
    writeNames(names);
    server.reload();
    slow.settle(true);
    await golan.expect(`${wrongPassword}${idPrompt}`);
    golan.say('golan');
    await golan.expect(menu);
  });

  it('a broken file keeps the names as they were, and is logged', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (line) => void lines.push(line) });
    const { slow, names, server, golan } = await checking({ log });
    writeNames(names, ['golan', 'sesame'], ['golan', 'twice']);
    server.reload();
    slow.settle(true);
    await golan.expect(menu);
    expect(lines.join('')).toContain('not reloaded');
    expect(lines.join('')).toContain('there is a line for golan already');
  });

  it('nobody waits for the verdict about one who has gone, and no id is taken', async () => {
    const { slow, server, golan } = await checking();
    golan.resetConnection();
    await eventually(() => server.lobby.sessions.size).toBe(0);
    slow.settle(true);
    await new Promise(setImmediate);
    expect(server.lobby.directory.onlineCount).toBe(0);
    const [lior] = (await gather(server, 'lior')) as [User];
    await lior.expectSilence();
  });

  it('who finds the queue full is told so, and counted', async () => {
    const { server } = await checking({ passwordQueue: 0 });
    const other = await claimGolan(server);
    other.say('sesame');
    await other.expect(passwordQueueFull);
    await other.expectEnd();
    expect([...server.limitsReached]).toEqual([['passwordQueue', 1]]);
  });

  it('an error of ours ends that user’s session, and no other', async () => {
    const { slow, server, golan } = await checking();
    const [lior] = (await gather(server, 'lior')) as [User];
    slow.fail(new Error('no memory'));
    await golan.readThrough('Goodbye!\n');
    await lior.expectSilence();
  });
});

describe('a password is told to nobody', () => {
  it('not to the log, an observer of the actors, or the events that leave the process', async () => {
    const told: unknown[] = [];
    const log = pino({ level: 'trace' }, { write: (line) => void told.push(line) });
    const server = await startWithNames({ log, inspect: (event) => void told.push(event) });
    const raw: unknown[] = [];
    const { unsubscribe } = server.lobby.actor.system.inspect({ next: (event) => void raw.push(event) });
    onTestFinished(unsubscribe);
    const eve = await claimGolan(server);
    eve.say('wrong-horse');
    await eve.expect(`${wrongPassword}${idPrompt}`);
    await proveGolan(server);
    const seen = JSON.stringify(told);
    expect(seen).toContain('id.prove');
    expect(seen).toContain('wrong password for an id');
    expect(seen).not.toMatch(/sesame|wrong-horse|"length":(6|11)\b/);
    const events = raw.map((each) => JSON.stringify((each as { event?: unknown }).event ?? null));
    expect(events.join('\n')).toContain('***');
    expect(events.join('\n')).not.toMatch(/sesame|wrong-horse/);
  });
});
