/** Users with a password who have lost their connection in a chat, over TCP, their exact bytes: how they come back. */
import { describe, it } from 'vitest';
import type { ServerOptions } from '../../src/server/options.ts';
import type { Server } from '../../src/server/server.ts';
import { eventually } from '../support/eventually.ts';
import { gather, prove, startChat } from '../support/gathering.ts';
import { nameFile } from '../support/passwordGates.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect, type User } from '../support/user.ts';
import {
  chatResumed,
  disconnected,
  evicted,
  idPrompt,
  joinedServer,
  menu,
  partnerAway,
  partnerBack,
  partnerLeft,
  proofPrompt,
  serverClosing,
  wrongPassword,
  youLeftChat,
} from '../support/wireTexts.ts';

/** Golan and noa have names that stay. */
function startWithNames(options: ServerOptions = {}): Promise<Server> {
  return startTestServer({ names: nameFile('golan', 'noa'), ...options });
}

/** Golan, who has proved the id, in a chat with a user whose id is free for all. */
async function chatOf(server: Server): Promise<{ golan: User; lior: User }> {
  const golan = await prove(await connect(server), 'golan');
  await golan.expect(menu);
  const [lior] = await gather(server, 'lior');
  await golan.expect(joinedServer('lior'));
  await startChat(golan, lior);
  return { golan, lior };
}

/** Both have names. */
async function chatOfTwo(server: Server): Promise<{ golan: User; noa: User }> {
  const golan = await prove(await connect(server), 'golan');
  await golan.expect(menu);
  const noa = await prove(await connect(server), 'noa');
  await noa.expect(menu);
  await golan.expect(joinedServer('noa'));
  await startChat(golan, noa);
  return { golan, noa };
}

async function comeBack(server: Server, id: string, partner: User): Promise<User> {
  const user = await prove(await connect(server), id);
  await user.expect(chatResumed(partner.name));
  return user;
}

async function expectTalk(one: User, other: User): Promise<void> {
  one.say('there?');
  await other.expect(`${one.name}: there?\n`);
  other.say('here');
  await one.expect(`${other.name}: here\n`);
}

describe('a user with a name who loses the connection in a chat', () => {
  it.each(['resetConnection', 'hangUp', 'halfClose'] as const)('finds the chat there: %s', async (how) => {
    const server = await startWithNames();
    const { golan, lior } = await chatOf(server);
    golan[how]();
    await lior.expect(partnerAway('golan'));
    const again = await comeBack(server, 'golan', lior);
    await lior.expect(partnerBack('golan'));
    await expectTalk(again, lior);
    if (how === 'halfClose') await golan.expectEnd();
  });

  it('reads what was said meanwhile, in order, and nothing twice', async () => {
    const server = await startWithNames();
    const { golan, lior } = await chatOf(server);
    golan.resetConnection();
    await lior.expect(partnerAway('golan'));
    lior.send('one\ntwo\n');
    lior.say('three');
    await lior.expectSilence();
    const again = await comeBack(server, 'golan', lior);
    await again.expect('lior: one\nlior: two\nlior: three\n');
    await lior.expect(partnerBack('golan'));
    await expectTalk(lior, again);
  });

  it('may lose it again and again', async () => {
    const server = await startWithNames();
    const { golan, lior } = await chatOf(server);
    let present = golan;
    for (const round of [1, 2, 3]) {
      present.resetConnection();
      await lior.expect(partnerAway('golan'));
      lior.say(`round ${round}`);
      present = await comeBack(server, 'golan', lior);
      await present.expect(`lior: round ${round}\n`);
      await lior.expect(partnerBack('golan'));
    }
    await expectTalk(present, lior);
  });

  it('finds no chat if the partner has left it', async () => {
    const server = await startWithNames();
    const { golan, lior } = await chatOf(server);
    golan.resetConnection();
    await lior.expect(partnerAway('golan'));
    lior.say('exit()');
    await lior.expect(`${youLeftChat}${menu}`);
    const again = await prove(await connect(server), 'golan');
    await again.expect(menu);
  });

  it('is gone when the time is over, and the partner is in the menu', async () => {
    const server = await startWithNames({ resumeMs: 1 });
    const { golan, lior } = await chatOf(server);
    const [reader] = await gather(server, 'reader');
    golan.resetConnection();
    await lior.expect(`${partnerAway('golan')}${partnerLeft('golan')}${menu}`);
    await reader.expect(disconnected('golan'));
  });

  it('is busy for all others meanwhile, who read nothing of it', async () => {
    const server = await startWithNames();
    const { golan, lior } = await chatOf(server);
    const [reader] = await gather(server, 'reader');
    golan.resetConnection();
    await lior.expect(partnerAway('golan'));
    reader.choose(4);
    await reader.expect(`golan (busy)\nlior (busy)\nreader (free, you)\n${menu}`);
    await comeBack(server, 'golan', lior);
    await reader.expectSilence();
  });

  it('is where they were, whatever others try with wrong passwords', async () => {
    const server = await startWithNames();
    const { golan, lior } = await chatOf(server);
    golan.resetConnection();
    await lior.expect(partnerAway('golan'));
    const eve = await connect(server);
    await eve.expect(idPrompt);
    eve.say('golan');
    await eve.expect(proofPrompt('golan'));
    eve.say('guess');
    await eve.expect(`${wrongPassword}${idPrompt}`);
    await lior.expectSilence();
    await comeBack(server, 'golan', lior);
  });

  it('is removed by the operator like anybody', async () => {
    const server = await startWithNames();
    const { golan, lior } = await chatOf(server);
    golan.resetConnection();
    await lior.expect(partnerAway('golan'));
    const session = [...server.lobby.directory.rows()].find(({ id }) => id === 'golan')?.session ?? '';
    server.lobby.operator.remove(session, '');
    await lior.expect(`${partnerLeft('golan')}${menu}`);
  });

  it('keeps no server from ending', async () => {
    const server = await startWithNames();
    const { golan, lior } = await chatOf(server);
    golan.resetConnection();
    await lior.expect(partnerAway('golan'));
    await server.stop();
    await lior.expect(serverClosing);
  });

  it('does not come back by --resume 0, and the partner is in the menu at once', async () => {
    const server = await startWithNames({ resumeMs: 0 });
    const { golan, lior } = await chatOf(server);
    golan.resetConnection();
    await lior.expect(`${partnerLeft('golan')}${menu}`);
    const again = await prove(await connect(server), 'golan');
    await again.expect(menu);
  });

  it('takes the id over from a connection that is still there, and the chat ends', async () => {
    const server = await startWithNames();
    const { golan, lior } = await chatOf(server);
    const again = await prove(await connect(server), 'golan');
    await golan.expect(evicted);
    await lior.expect(`${partnerLeft('golan')}${menu}`);
    await again.expect(menu);
  });
});

describe('two users with names who both lose the connection', () => {
  it.each([
    ['golan', 'noa'],
    ['noa', 'golan'],
  ])('find each other again: %s first', async (first, second) => {
    const server = await startWithNames();
    const { golan, noa } = await chatOfTwo(server);
    golan.resetConnection();
    await noa.expect(partnerAway('golan'));
    noa.resetConnection();
    await eventually(() => [...server.lobby.directory.rows()].map(({ state }) => state)).toEqual(['away', 'away']);
    const one = await prove(await connect(server), first);
    await one.expect(`${chatResumed(second)}${partnerAway(second)}`);
    one.say('alone here');
    const other = await prove(await connect(server), second);
    await other.expect(`${chatResumed(first)}${first}: alone here\n`);
    await one.expect(partnerBack(second));
    await expectTalk(one, other);
  });
});

describe('a user without a name that stays', () => {
  it('is gone for good, as ever', async () => {
    const server = await startWithNames();
    const { golan, lior } = await chatOf(server);
    lior.resetConnection();
    await golan.expect(`${partnerLeft('lior')}${menu}`);
  });
});

describe('whoever waits for a partner', () => {
  it('reads how to leave, and may say more than is kept: it waits', async () => {
    const server = await startWithNames();
    const { golan, lior } = await chatOf(server);
    golan.resetConnection();
    await lior.expect(partnerAway('golan'));
    const line = 'x'.repeat(1000);
    const lines = Array.from({ length: 200 }, (_, number) => `${number} ${line}`);
    lior.send(`${lines.join('\n')}\n`);
    const again = await comeBack(server, 'golan', lior);
    for (const each of lines) await again.expect(`lior: ${each}\n`);
    await lior.expect(partnerBack('golan'));
    lior.say('exit()');
    await again.expect(`${partnerLeft('lior')}${menu}`);
  });
});
