/** The directory inside Redis decides what the one in memory decides, whatever users ask and in whatever order. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { library } from '../../src/cluster/luaLibrary.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasRedis, RedisServer, type TestClient } from '../support/redisServer.ts';
import { fateOf, mutants, trials } from './luaMutants.ts';
import { difference, someLimits, steps } from './sequences.ts';

/** `npm run mutants` has changed the Lua already, and asks many times. */
const isMutated = process.env.STATECHAT_MUTANTS_FOLDER !== undefined;

/**
 * Changes without an effect: a call may read a row twice, and nobody looks how often somebody was asked who may be asked
 * without a limit. What is over or too much is the matter of `peace.system.test.ts`.
 */
const equivalent = [
  'self.known[session] = row => ',
  'return false => ',
  'return nil => ',
  'if per_minute == 0 then return end => ',
  "redis.call('ZADD', self.key .. ':askedAt', self.now, id) => ",
  'self:forget_questions() => ',
  'self:forget_declines() => ',
  'forget_first_refused(target) => ',
];

describeNeeding('redis-server', hasRedis, 'the directory in Redis and the one in memory', () => {
  let redis: RedisServer;
  let client: TestClient;

  beforeAll(async () => {
    redis = await RedisServer.start();
    client = await redis.client();
    await client.sendCommand(['FUNCTION', 'LOAD', 'REPLACE', library]);
  });
  afterAll(async () => {
    client?.destroy();
    await redis?.kill();
  });

  it.each([
    ['after each of 50 commands', false, undefined],
    ['after each batch of them', true, undefined],
    ['after each of 50 commands, where users may not be asked as often as others want', false, someLimits],
  ])('say and hold the same %s, 1,000 times', async (_, inBatches, limits) => {
    await fc.assert(
      fc.asyncProperty(steps(50), async (sequence) => {
        expect(await difference(client, sequence, inBatches, limits)).toBeUndefined();
      }),
      { numRuns: isMutated ? 100 : 1000, seed: 20_261_123 },
    );
  });

  it.skipIf(isMutated)('would not, if a line of the Lua were left out or changed', async () => {
    const all = mutants();
    const sequences = trials();
    const fates = { broken: 0, noticed: 0, survived: 0 };
    const survivors: string[] = [];
    for (const mutant of all) {
      const fate = await fateOf(client, mutant, sequences);
      fates[fate]++;
      if (fate === 'survived') survivors.push(`${mutant.was} => ${mutant.is}`);
    }
    console.log(`faults in the Lua: ${all.length}, ${JSON.stringify(fates)}`);
    expect(fates.noticed).toBeGreaterThan(100);
    expect(survivors).toEqual(equivalent);
  });
});
