/** The password gate over TCP, its exact bytes: who gets in, with what they have typed, and every way to be left outside. */
import pino from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { PasswordGate } from '../../src/passwordGate/gate.ts';
import { CountingClock } from '../limits/countingClock.ts';
import { eventually } from '../support/eventually.ts';
import { passwordFile, SlowHash } from '../support/passwordGates.ts';
import { connectSecurely, makeCertificate } from '../support/secure.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect, type User } from '../support/user.ts';
import {
  fault,
  idPrompt,
  idTimeout,
  invalidOption,
  lineNotUtf8,
  lineTooLong,
  menu,
  passwordPrompt,
  passwordQueueFull,
  serverClosing,
  serverEnding,
  serverFull,
  tooManyAttempts,
  unterminated,
  wrongPassword,
} from '../support/wireTexts.ts';

const online = (id: string): string => `${menu}${id} (free, you)\n${menu}`;

describe('a server without a password', () => {
  it('asks for none', async () => {
    const server = await startTestServer();
    await (await connect(server)).expect(idPrompt);
  });
});

describe('password required', () => {
  it('the right password leads to the prompt for an id', async () => {
    const server = await startTestServer({ passwordFile: passwordFile('open sesame') });
    const lior = await connect(server);
    await lior.expect(passwordPrompt);
    lior.say('open sesame');
    await lior.identify('lior');
    lior.choose(4);
    await lior.expect(`lior (free, you)\n${menu}`);
  });

  it('each of several opens, and blanks count', async () => {
    const server = await startTestServer({ passwordFile: passwordFile('one', ' two ') });
    for (const [password, answer] of [
      ['one', idPrompt],
      [' two ', idPrompt],
      ['two', wrongPassword],
      ['', wrongPassword],
    ] as const) {
      const user = await connect(server);
      await user.expect(passwordPrompt);
      user.say(password);
      await user.expect(answer);
    }
  });

  it('a wrong one is told, and asked for again; the last one ends the connection', async () => {
    const server = await startTestServer({ passwordFile: passwordFile('secret') });
    const lior = await connect(server);
    lior.say('guess');
    await lior.expect(`${passwordPrompt}${wrongPassword}${passwordPrompt}`);
    lior.say('guess again');
    await lior.expect(`${wrongPassword}${passwordPrompt}`);
    lior.say('a last guess');
    await lior.expect(tooManyAttempts);
    await lior.expectEnd();
    expect([...server.limitsReached]).toEqual([['passwordTries', 1]]);
    await eventually(() => server.connections).toBe(0);
  });

  it('a line that can be none is a try too', async () => {
    const server = await startTestServer({ passwordFile: passwordFile('secret'), maxLineBytes: 20 });
    const lior = await connect(server);
    await lior.expect(passwordPrompt);
    lior.send([0xff, 0x0a]);
    await lior.expect(`${lineNotUtf8}${passwordPrompt}`);
    lior.say('x'.repeat(21));
    await lior.expect(`${lineTooLong(20)}${passwordPrompt}`);
    lior.send([0xff, 0x0a]);
    await lior.expect(tooManyAttempts);
    await lior.expectEnd();
  });

  it.each([
    ['with line feeds', '\n'],
    ['with carriage returns', '\r\n'],
  ])('what comes behind the password in one piece is heard in order, %s', async (_, end) => {
    const server = await startTestServer({ passwordFile: passwordFile('secret') });
    const lior = await connect(server);
    lior.send(['wrong', 'secret', 'lior', '4', ''].join(end));
    await lior.expect(`${passwordPrompt}${wrongPassword}${passwordPrompt}${idPrompt}${online('lior')}`);
  });

  it('bytes that come one by one are the same', async () => {
    const server = await startTestServer({ passwordFile: passwordFile('secret') });
    const lior = await connect(server);
    for (const byte of Buffer.from('secret\nlior\n4\n')) lior.send([byte]);
    await lior.expect(`${passwordPrompt}${idPrompt}${online('lior')}`);
  });

  it('whole messages without line feeds are understood, and stay so inside', async () => {
    const server = await startTestServer({ passwordFile: passwordFile('secret') });
    const lior = await connect(server);
    await lior.expect(passwordPrompt);
    lior.send('secret');
    await lior.expect(idPrompt);
    lior.send('lior');
    await lior.expect(menu);
    lior.send('4');
    await lior.expect(`lior (free, you)\n${menu}`);
  });

  it('everything said before FIN is answered', async () => {
    const server = await startTestServer({ passwordFile: passwordFile('secret') });
    const lior = await connect(server, { keepsOpen: true });
    lior.send('wrong\nsecret\nlior\n4');
    lior.halfClose();
    await lior.expect(`${passwordPrompt}${wrongPassword}${passwordPrompt}${idPrompt}${online('lior')}`);
    await lior.expectEnd();
  });

  it('FIN ends it', async () => {
    const server = await startTestServer({ passwordFile: passwordFile('secret') });
    const lior = await connect(server, { keepsOpen: true });
    await lior.expect(passwordPrompt);
    lior.halfClose();
    await lior.expectEnd();
  });

  it('too much without a line feed ends it', async () => {
    const server = await startTestServer({ passwordFile: passwordFile('secret'), maxUnterminatedBytes: 10_000 });
    const lior = await connect(server);
    await lior.expect(passwordPrompt);
    lior.send('x'.repeat(20_000));
    await lior.expect(`\n${unterminated}`);
    await lior.expectEnd();
  });

  it('a stop is told', async () => {
    const server = await startTestServer({ passwordFile: passwordFile('secret') });
    const lior = await connect(server);
    await lior.expect(passwordPrompt);
    const stopped = server.stop();
    await lior.expect(`\n${serverClosing}`);
    await lior.expectEnd();
    await stopped;
  });

  it('an end for good is told', async () => {
    const server = await startTestServer({ passwordFile: passwordFile('secret') });
    const lior = await connect(server);
    await lior.expect(passwordPrompt);
    server.lobby.operator.act({ type: 'operator.drain', forMs: 60_000, by: 'root' });
    await lior.expect(`\n${serverEnding}`);
    await lior.expectEnd();
  });

  it('a connection counts', async () => {
    const server = await startTestServer({ passwordFile: passwordFile('secret'), maxConnections: 1 });
    await (await connect(server)).expect(passwordPrompt);
    await (await connect(server)).expect(serverFull);
  });

  it('nobody inside hears of those who are not', async () => {
    const server = await startTestServer({ passwordFile: passwordFile('secret') });
    const golan = await connect(server);
    golan.send('secret\n');
    await golan.expect(passwordPrompt);
    await golan.identify('golan');
    const lior = await connect(server);
    lior.send('golan\n4\nhello\n');
    await lior.expect(`${passwordPrompt}${`${wrongPassword}${passwordPrompt}`.repeat(2)}${tooManyAttempts}`);
    await lior.expectEnd();
    await golan.expectSilence();
    expect(server.lobby.sessions.size).toBe(1);
  });

  it('no password reaches the log, nor who said it', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
    const server = await startTestServer({ passwordFile: passwordFile('xyzzy-plugh'), log });
    const lior = await connect(server);
    lior.send('xyzzy-wrong\nxyzzy-plugh\n');
    await lior.expect(`${passwordPrompt}${wrongPassword}${passwordPrompt}`);
    await lior.identify('lior');
    expect(lines.join('')).toContain('"msg":"let in"');
    expect(lines.join('')).not.toContain('xyzzy');
  });
});

describe('while a password is checked', () => {
  async function startSlowly(options = {}) {
    const slow = new SlowHash();
    const server = await startTestServer({ passwordFile: passwordFile('secret'), hash: slow.hash, ...options });
    const lior = await connect(server, { keepsOpen: true });
    await lior.expect(passwordPrompt);
    lior.send('secret\nlior\n4\n');
    await eventually(() => slow.underWay).toBe(1);
    return { slow, server, lior };
  }

  it('what is typed waits', async () => {
    const { slow, lior } = await startSlowly();
    lior.send('9\n');
    slow.settle(true);
    await lior.expect(`${idPrompt}${online('lior')}${invalidOption}${menu}`);
  });

  it('FIN waits as well, and a wrong one is followed by the next line', async () => {
    const { slow, lior } = await startSlowly();
    lior.halfClose();
    slow.settle(false);
    await eventually(() => slow.underWay).toBe(1);
    slow.settle(true);
    // The id was taken for a password, so that 4 is none that can be an id.
    await lior.readThrough(idPrompt);
    expect(slow.begun).toEqual(['secret', 'lior']);
    await lior.readThrough(`reserved word.\n${idPrompt}`);
    await lior.expectEnd();
  });

  it('a stop does not wait for it', async () => {
    const { server, slow, lior } = await startSlowly();
    const stopped = server.stop();
    await lior.expect(serverClosing);
    await lior.expectEnd();
    lior.hangUp();
    await stopped;
    slow.settle(true);
  });

  it('a verdict for somebody who is gone changes nothing, and the next one is checked', async () => {
    const { server, slow, lior } = await startSlowly();
    const noa = await connect(server);
    noa.say('secret');
    lior.resetConnection();
    await eventually(() => server.connections).toBe(1);
    slow.settle(true);
    await eventually(() => slow.underWay).toBe(1);
    slow.settle(true);
    await noa.expect(passwordPrompt);
    await noa.identify('noa');
    expect(server.lobby.sessions.size).toBe(1);
  });

  it('a check that nobody waits for any more is not made', async () => {
    const { server, slow } = await startSlowly();
    const [noa, dan] = [await connect(server), await connect(server)] as [User, User];
    noa.say('of noa');
    dan.say('of dan');
    for (const user of [noa, dan]) await user.expect(passwordPrompt);
    noa.resetConnection();
    await eventually(() => server.connections).toBe(2);
    slow.settle(false);
    await eventually(() => slow.begun).toEqual(['secret', 'of dan']);
  });

  it('an error of ours costs the one it is about', async () => {
    const errors: object[] = [];
    const log = pino({ level: 'error' }, { write: (text: string) => errors.push(JSON.parse(text)) });
    const { server, slow, lior } = await startSlowly({ log });
    const noa = await connect(server);
    noa.say('secret');
    await noa.expect(passwordPrompt);
    slow.fail(new Error('no memory'));
    await lior.expect(fault);
    await lior.expectEnd();
    await eventually(() => slow.underWay).toBe(1);
    slow.settle(true);
    await noa.identify('noa');
    expect(errors).toMatchObject([{ msg: 'a password gate failed', err: { message: 'no memory' } }]);
  });
});

describe('an error on the way in', () => {
  it.each(['take', 'receive', 'leaveRest'] as const)('costs the one it came from: %s', async (method) => {
    const server = await startTestServer({ passwordFile: passwordFile('secret') });
    const lior = await connect(server);
    const golan = await connect(server);
    for (const user of [lior, golan]) await user.expect(passwordPrompt);
    vi.spyOn(PasswordGate.prototype, method).mockImplementationOnce(() => {
      throw new Error('broken on purpose');
    });
    lior.say('secret');
    await lior.readThrough(fault);
    await lior.expectEnd();
    golan.say('secret');
    await golan.identify('golan');
  });
});

describe('the time to give an id', () => {
  it('runs at the password gate', async () => {
    const clock = new CountingClock();
    const server = await startTestServer({ passwordFile: passwordFile('secret'), clock, idTimeoutMs: 60_000 });
    const lior = await connect(server);
    await lior.expect(passwordPrompt);
    clock.increment(60_000);
    await lior.expect(`\n${idTimeout}`);
    await lior.expectEnd();
    expect([...server.limitsReached]).toEqual([['idTimeout', 1]]);
  });

  it('goes on behind it', async () => {
    const clock = new CountingClock();
    const server = await startTestServer({ passwordFile: passwordFile('secret'), clock, idTimeoutMs: 60_000 });
    const lior = await connect(server);
    await lior.expect(passwordPrompt);
    clock.increment(50_000);
    lior.send('secret\nnot an id\n');
    await lior.readThrough(`reserved word.\n${idPrompt}`);
    clock.increment(9_999);
    lior.send('not an id\n');
    await lior.readThrough(`reserved word.\n${idPrompt}`);
    clock.increment(1);
    await lior.expect(`\n${idTimeout}`);
    await lior.expectEnd();
    expect([...server.limitsReached]).toEqual([['idTimeout', 1]]);
  });

  it('stands still while a password waits for its check', async () => {
    const clock = new CountingClock();
    const slow = new SlowHash();
    const settings = { passwordFile: passwordFile('secret'), hash: slow.hash };
    const server = await startTestServer({ ...settings, clock, idTimeoutMs: 60_000 });
    const lior = await connect(server);
    lior.say('secret');
    await eventually(() => slow.underWay).toBe(1);
    clock.increment(120_000);
    slow.settle(true);
    await lior.expect(`${passwordPrompt}${idPrompt}`);
    clock.increment(59_999);
    lior.say('not an id');
    await lior.readThrough(`reserved word.\n${idPrompt}`);
    clock.increment(1);
    await lior.expect(`\n${idTimeout}`);
    await lior.expectEnd();
  });
});

describe('200 users who try at once', () => {
  it('are checked a few at a time; those who find the queue full are told', async () => {
    const slow = new SlowHash();
    const limits = { passwordChecks: 3, passwordQueue: 50 };
    const server = await startTestServer({ passwordFile: passwordFile('secret'), hash: slow.hash, ...limits });
    const users = await Promise.all(Array.from({ length: 200 }, () => connect(server)));
    for (const user of users) user.say('secret');
    const told = { in: 0, busy: 0 };
    const everybody = users.map(async (user) => {
      await user.expect(passwordPrompt);
      if ((await user.expectOneOf(idPrompt, passwordQueueFull)) === idPrompt) told.in++;
      else {
        told.busy++;
        await user.expectEnd();
      }
    });
    await eventually(() => told.busy).toBe(147);
    while (told.in < 53) {
      slow.settle(true);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(everybody);
    expect(told).toEqual({ in: 53, busy: 147 });
    expect(slow.most).toBe(3);
    expect([...server.limitsReached]).toEqual([['passwordQueue', 147]]);
  });
});

describe('behind TLS', () => {
  it('the gate is the same', async () => {
    const server = await startTestServer({ ...makeCertificate(), passwordFile: passwordFile('secret') });
    const { user: lior, socket } = await connectSecurely(server, { keepsOpen: true });
    socket.end('wrong\nsecret\nlior\n4');
    await lior.expect(`${passwordPrompt}${wrongPassword}${passwordPrompt}${idPrompt}${online('lior')}`);
    await lior.expectEnd();
  });

  it('everything said before the end is answered, however long the check takes', async () => {
    const slow = new SlowHash();
    const files = { ...makeCertificate(), passwordFile: passwordFile('secret') };
    const server = await startTestServer({ ...files, hash: slow.hash });
    const { user: lior, socket } = await connectSecurely(server, { keepsOpen: true });
    await lior.expect(passwordPrompt);
    socket.end('secret\nlior\n4');
    await eventually(() => slow.underWay).toBe(1);
    // Enough turns for a socket that closes by itself to have done so.
    const other = await connectSecurely(server);
    await other.user.expect(passwordPrompt);
    slow.settle(true);
    await lior.expect(`${idPrompt}${online('lior')}`);
    await lior.expectEnd();
  });
});
