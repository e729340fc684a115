/** Each limit, reached over TCP, is told to the one it is about, counted, and logged once as a warning. */
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import type { ServerOptions } from '../../src/server/options.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect } from '../support/user.ts';
import {
  idleTooLong,
  idPrompt,
  idTimeout,
  leftRoom,
  lineTooLong,
  outboxFull,
  outboxTotal,
  overhead,
  serverFull,
  stalled,
  tooManyAttempts,
  unterminated,
} from '../support/wireTexts.ts';
import { gatherRoom, type Member } from './members.ts';

const warning = 40;

/** A server, and what it logs. */
async function startLogged(options: ServerOptions) {
  const logged: Record<string, unknown>[] = [];
  const log = pino({ level: 'info' }, { write: (text: string) => void logged.push(JSON.parse(text)) });
  const server = await startTestServer({ ...options, log });
  const warnings = () => logged.filter(({ level }) => (level as number) >= warning);
  return { server, warnings };
}

describe('a limit', () => {
  it.each<[limit: string, options: ServerOptions, sent: string | number[], sentence: string]>([
    ['idTimeout', { idTimeoutMs: 100 }, '', idTimeout],
    ['idTries', { idTries: 5 }, '?\n'.repeat(9), tooManyAttempts],
    ['idle', { idleMs: 100 }, 'lior\n', idleTooLong],
    ['unterminated', {}, `lior\n${'x'.repeat(65_536)}`, unterminated],
    ['unterminated', { maxUnterminatedBytes: 5000 }, 'x'.repeat(5000), unterminated],
    ['overhead', { overheadRate: 100 }, [...Buffer.from('lior\n'), ...Array(101).fill([255, 241]).flat()], overhead],
  ])('that one connection reaches: %s with %j', async (limit, options, sent, sentence) => {
    const { server, warnings } = await startLogged(options);
    const lior = await connect(server);
    await lior.expect(idPrompt);
    lior.send(sent);
    await lior.readThrough(sentence);
    await lior.expectEnd();
    await expect.poll(() => server.lobby.sessions.size).toBe(0);
    expect([...server.limitsReached]).toEqual([[limit, 1]]);
    expect(warnings()).toEqual([expect.objectContaining({ level: warning, limit, msg: 'limit reached' })]);
  });

  it('of all connections together', async () => {
    const { server, warnings } = await startLogged({ maxConnections: 1 });
    const lior = await connect(server);
    await lior.identify('lior');
    const golan = await connect(server);
    await golan.expect(serverFull);
    await golan.expectEnd();
    expect([...server.limitsReached]).toEqual([['serverFull', 1]]);
    expect(warnings()).toEqual([
      expect.objectContaining({
        level: warning,
        limit: 'serverFull',
        address: '127.0.0.1',
        option: '--max-connections',
      }),
    ]);
    await lior.expectSilence();
  });

  const never = Number.MAX_SAFE_INTEGER;
  it.each<[limit: string, options: ServerOptions, sentence: string]>([
    ['outboxFull', { outboxBytes: 100_000, stallMs: 2 ** 31 - 1 }, outboxFull],
    ['outboxTotal', { outboxBytes: never, outboxTotalBytes: 100_000, stallMs: 2 ** 31 - 1 }, outboxTotal],
    ['stalled', { outboxBytes: never, outboxTotalBytes: never, stallMs: 50 }, stalled],
  ])('that a member of the room reaches who stops reading: %s', async (limit, options, sentence) => {
    // However long this machine takes, the last words are kept for the one who reads them.
    const { server, warnings } = await startLogged({ ...options, lingerMs: 60_000 });
    const [lior, golan, noa] = (await gatherRoom(server.port, ['lior', 'golan', 'noa'])) as [Member, Member, Member];
    golan.stopReading();
    let lines = 0;
    const filler = 'x'.repeat(4000);
    while (server.limitsReached.size === 0) {
      // Once something waits, time alone must be enough to stall.
      if (limit !== 'stalled' || server.waitingBytes === 0)
        for (let time = 0; time < 50; time++) lior.say(`${lines++} ${filler}`);
      await new Promise(setImmediate);
    }
    await noa.reads(leftRoom('golan'));
    await lior.reads(leftRoom('golan'));
    lior.say('the last');
    await noa.reads('lior: the last\n');
    const numbers = [...noa.text.matchAll(/^lior: (\d+) x/gm)].map(([, number]) => Number(number));
    expect(numbers).toEqual(Array.from({ length: lines }, (_, number) => number));
    golan.readOn();
    await golan.readsToTheEnd();
    expect(golan.text.endsWith(sentence)).toBe(true);
    await expect.poll(() => server.waitingBytes).toBe(0);
    expect([...server.limitsReached]).toEqual([[limit, 1]]);
    expect(warnings()).toEqual([expect.objectContaining({ level: warning, limit, msg: 'limit reached' })]);
  });
});

describe('a line that is too long, but ends', () => {
  it('is refused, any number of times, and no limit is reached', async () => {
    const { server, warnings } = await startLogged({});
    const lior = await connect(server);
    await lior.identify('lior');
    for (const length of [4097, 10_000, 65_535]) {
      lior.say('x'.repeat(length));
      await lior.expect(lineTooLong(4096));
    }
    lior.say('4');
    await lior.readThrough('lior (free, you)\n');
    expect([[...server.limitsReached], warnings()]).toEqual([[], []]);
  });
});
