/** What one user may take in time, tries and requests, and what they read when they take more. */
import { describe, expect, it } from 'vitest';
import type { LimitName } from '../../machines/events.ts';
import { limits } from '../../src/config/limits.ts';
import { ConnectionLimiter, networkOf } from '../../src/server/connectionLimiter.ts';
import { Gathering } from '../support/memory.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect } from '../support/user.ts';
import {
  idPrompt,
  idRules,
  idTimeout,
  invalidOption,
  lineTooLong,
  menu,
  question,
  serverFull,
  targetPrompt,
  tooManyAttempts,
  tooManyRequests,
  unterminated,
} from '../support/wireTexts.ts';

function gather(options: ConstructorParameters<typeof Gathering>[0]) {
  const reached: LimitName[] = [];
  return { reached, all: new Gathering({ ...options, onLimit: (limit) => reached.push(limit) }) };
}

describe('a connection without an id', () => {
  it('ends after the time limit, whatever it has sent meanwhile', async () => {
    const { all, reached } = gather({ idTimeoutMs: 60_000 });
    const stranger = all.connect();
    for (let wait = 0; wait < 11; wait++) {
      all.clock.increment(5_000);
      stranger.type('?');
    }
    stranger.read();
    all.clock.increment(4_999);
    expect(stranger.isEnded).toBe(false);
    all.clock.increment(1);
    expect(stranger.read()).toBe(`\n${idTimeout}`);
    expect([stranger.isEnded, all.lobby.sessions.size, reached]).toEqual([true, 0, ['idTimeout']]);
  });

  it('stays for ever once it has an id', () => {
    const { all } = gather({ idTimeoutMs: 60_000 });
    const [lior] = all.gather('lior');
    all.clock.increment(10_000_000);
    expect(lior?.isEnded).toBe(false);
  });

  it('ends after as many ids as may be refused, for whatever reason', async () => {
    const { all, reached } = gather({ idTries: 3 });
    all.gather('lior');
    const stranger = all.connect();
    stranger.type('?', 'lior');
    await Promise.resolve();
    expect(stranger.isEnded).toBe(false);
    stranger.read();
    stranger.type('server');
    await Promise.resolve();
    expect(stranger.read()).toBe(`${idRules}${idPrompt}\n${tooManyAttempts}`);
    expect([stranger.isEnded, reached]).toEqual([true, ['idTries']]);
  });

  it('may be wrong up to the last try', () => {
    const { all } = gather({ idTries: 3 });
    const lior = all.connect();
    lior.type('?', '!', 'lior');
    expect(lior.read()).toMatch(new RegExp(`${menu.slice(0, 5)}`));
  });
});

describe('somebody who asks many users', () => {
  it('has to wait a minute after so many requests, and nobody is asked meanwhile', () => {
    const { all } = gather({ requestsPerMinute: 2 });
    const [lior, golan] = all.gather('lior', 'golan');
    if (!lior || !golan) throw new Error('Nobody came.');
    for (let time = 0; time < 2; time++) lior.type('1', 'nobody');
    lior.read();
    lior.type('1', 'golan', '9');
    expect(lior.read()).toBe(`${targetPrompt}${tooManyRequests}${menu}${invalidOption}${menu}`);
    expect(golan.read()).toBe('');
    expect(all.rows()).toEqual(['lior: menu', 'golan: menu']);
    all.clock.increment(30_000);
    lior.type('1', 'golan');
    expect(golan.read()).toBe(question('lior'));
  });
});

describe('somebody who types nothing', () => {
  it('is left alone by default', () => {
    expect(limits.idleMs).toBe(0);
  });

  it('is closed after the time limit, counted from their last line', async () => {
    const { all, reached } = gather({ idleMs: 60_000 });
    const [lior, golan] = all.gather('lior', 'golan');
    if (!lior || !golan) throw new Error('Nobody came.');
    all.clock.increment(50_000);
    golan.type('3');
    all.clock.increment(16_000);
    expect([lior.isEnded, golan.isEnded]).toEqual([true, false]);
    expect(lior.read()).toMatch(/You were idle for too long\. Goodbye!\n$/);
    all.clock.increment(60_000);
    expect([golan.isEnded, reached]).toEqual([true, ['idle', 'idle']]);
  });
});

describe('bytes without a line feed', () => {
  it('are borne up to the limit, and end the connection there', async () => {
    const server = await startTestServer({ maxUnterminatedBytes: 20_000 });
    const lior = await connect(server);
    await lior.identify('lior');
    lior.send(`${'x'.repeat(10_000)}\n`);
    await lior.expect(lineTooLong(4096));
    lior.send('x'.repeat(20_000));
    await lior.expect(unterminated);
    await lior.expectEnd();
    expect([...server.limitsReached]).toEqual([['unterminated', 1]]);
  });
});

describe('connections', () => {
  it('beyond the limit read that the server is full, and there is room again when somebody leaves', async () => {
    const server = await startTestServer({ maxConnections: 2 });
    const [lior, golan] = [await connect(server), await connect(server)];
    for (const user of [lior, golan]) await user.expect(idPrompt);
    const third = await connect(server);
    await third.expect(serverFull);
    await third.expectEnd();
    golan.resetConnection();
    // The server hears of the cut a moment later.
    await expect.poll(async () => (await connect(server)).expectOneOf(idPrompt, serverFull)).toBe(idPrompt);
    expect(server.limitsReached.get('serverFull')).toBeGreaterThanOrEqual(1);
  });

  it('are counted for each address, but not for this machine’s own', () => {
    const limiter = new ConnectionLimiter({ maxConnections: 100, maxPerAddress: 2 });
    const from = '192.0.2.1';
    expect([limiter.enter(from), limiter.enter(from), limiter.enter(from)]).toEqual([
      undefined,
      undefined,
      'addressFull',
    ]);
    expect(limiter.enter('::ffff:192.0.2.1')).toBe('addressFull');
    expect(limiter.enter('192.0.2.2')).toBeUndefined();
    limiter.leave(from);
    expect(limiter.enter(from)).toBeUndefined();
    for (let time = 0; time < 5; time++) expect(limiter.enter('127.0.0.1')).toBeUndefined();
    for (let time = 0; time < 5; time++) expect(limiter.enter('::1')).toBeUndefined();
  });

  it('are not counted by address with 0', () => {
    const limiter = new ConnectionLimiter({ maxConnections: 100, maxPerAddress: 0 });
    for (let time = 0; time < 50; time++) expect(limiter.enter('192.0.2.1')).toBeUndefined();
  });

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '::1'],
  ])('from %s count for %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });
});
