/**
 * What the directory in Redis keeps in mind of earlier requests: it is bounded, follows no date, and outlives what it has to.
 *
 * Owns: these rules of `asking.lua`, each called inside a real Redis. That it decides as the directory in memory does,
 * `everyDecision.system.test.ts` says.
 */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { library, libraryName } from '../../src/cluster/luaLibrary.ts';
import type { SharedRow } from '../../src/cluster/wireTypes.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasRedis, RedisServer, type TestClient } from '../support/redisServer.ts';

const key = '{peace}';
const maxKept = 10_000;

describeNeeding('redis-server', hasRedis, 'a no in the directory in Redis', () => {
  let redis: RedisServer;
  let client: TestClient;
  let batches = 0;
  let renewals = 0;

  beforeAll(async () => {
    redis = await RedisServer.start();
    client = await redis.client();
    await client.sendCommand(['FUNCTION', 'LOAD', library]);
  });
  beforeEach(async () => {
    await client.sendCommand(['FLUSHALL']);
    await join('run');
    await say(
      ['id.claim', 'one/a', 'ann', ''],
      ['id.claim', 'one/b', 'ben', 'home'],
      ['id.claim', 'one/c', 'cat', 'home'],
    );
  });
  afterAll(async () => {
    client?.destroy();
    await redis?.kill();
  });

  const command = async (...args: (string | number)[]): Promise<unknown> => client.sendCommand(args.map(String));
  const join = (run: string, held: readonly SharedRow[] = []) =>
    command('FCALL', `${libraryName}_join`, 1, key, 'one', ++renewals, run, 0, '', 1, JSON.stringify(held), '[]');
  const say = async (...items: (string | number)[][]): Promise<void> => {
    const call = ['FCALL', `${libraryName}_batch`, 1, key, 'one', renewals, ++batches, JSON.stringify(items)];
    expect(await command(...call)).toBe('ok');
  };
  const rowOf = async (session: string): Promise<SharedRow> =>
    JSON.parse(String(await command('HGET', `${key}:rows`, session))) as SharedRow;
  /** True if the request reaches ann. With `n` or `never` she answers it, and all are in the menu again. */
  const asks = async (session: string, answer: 'request.decline' | 'asker.refuse', most = 3, waitMs = 30_000) => {
    await say(['menu.leave', session, 'requesting'], ['request.make', session, 'ann', most, waitMs]);
    const { state, pairingId } = await rowOf('one/a');
    if (state === 'confirming') await say([answer, 'one/a', pairingId]);
    return state === 'confirming';
  };
  const passes = (ms: number) => command('HINCRBY', `${key}:meta`, 'clock', ms);

  it('is over after its time on the directory’s clock, to the millisecond', async () => {
    expect(await asks('one/b', 'request.decline')).toBe(true);
    await passes(29_999);
    expect(await asks('one/b', 'request.decline')).toBe(false);
    expect(await asks('one/c', 'request.decline')).toBe(false);
    await passes(1);
    expect(await asks('one/c', 'request.decline')).toBe(true);
  });

  it('does not follow a jump of Redis’ own clock', async () => {
    expect(await asks('one/b', 'request.decline')).toBe(true);
    await command('HINCRBY', `${key}:meta`, 'seenAt', -86_400_000);
    await command('FCALL', `${libraryName}_lease`, 1, key, 'one', renewals, 1, 0, '0-0');
    expect(await asks('one/b', 'request.decline')).toBe(false);
  });

  it('holds when both have come anew; never as long as its row, and goes along to an empty Redis', async () => {
    expect(await asks('one/b', 'asker.refuse')).toBe(true);
    await say(['gone', 'one/b'], ['id.claim', 'one/b2', 'Ben', '']);
    await passes(3_600_000);
    expect(await asks('one/b2', 'request.decline')).toBe(false);
    const held = await Promise.all(['one/a', 'one/b2', 'one/c'].map(rowOf));
    expect(held[0]?.refuses).toEqual(['ben', '@home']);
    await client.sendCommand(['FLUSHALL']);
    await join('another run', held);
    expect(await asks('one/b2', 'request.decline')).toBe(false);
    expect(await asks('one/c', 'request.decline')).toBe(false);
    await say(['gone', 'one/a'], ['id.claim', 'one/a', 'ann', '']);
    expect(await asks('one/b2', 'request.decline')).toBe(true);
  });

  it('takes no more room than its caps: what is over goes, then the oldest', async () => {
    const now = Number(await command('HGET', `${key}:meta`, 'clock'));
    const many = Array.from({ length: maxKept }, (_, at) => `someone${at}`);
    for (let at = 0; at < maxKept; at += 1000) {
      const some = many.slice(at, at + 1000);
      await command('ZADD', `${key}:declined`, ...some.flatMap((id) => [now - 1000, `${id} pest`]));
      await command('ZADD', `${key}:askedAt`, ...some.flatMap((id) => [now - 1000, id]));
      await command('HSET', `${key}:asked`, ...some.flatMap((id) => [id, `[${now - 1000}]`]));
    }
    expect(await asks('one/b', 'request.decline')).toBe(true);
    expect(await command('ZCARD', `${key}:declined`)).toBe(maxKept);
    expect([await command('ZCARD', `${key}:askedAt`), await command('HLEN', `${key}:asked`)]).toEqual([
      maxKept,
      maxKept,
    ]);
    expect(await command('HEXISTS', `${key}:asked`, 'ann')).toBe(1);
    await passes(3_600_000);
    for (let time = 0; time < 3; time++) expect(await asks('one/b', 'request.decline', 3, 0)).toBe(true);
    expect(await command('ZCARD', `${key}:declined`)).toBe(2);
    expect(Number(await command('HLEN', `${key}:asked`))).toBeLessThan(maxKept - 20);
    expect(await command('HLEN', `${key}:asked`)).toBe(await command('ZCARD', `${key}:askedAt`));
  });

  it('keeps the latest fifty names in a row', async () => {
    await say(
      ...Array.from({ length: 51 }, (_, at) => at).flatMap((at) => [['id.claim', `one/p${at}`, `pest${at}`, '']]),
    );
    for (let at = 0; at < 51; at++) expect(await asks(`one/p${at}`, 'asker.refuse', 0)).toBe(true);
    const { refuses } = await rowOf('one/a');
    expect([refuses?.length, refuses?.[0], refuses?.at(-1)]).toEqual([50, 'pest1', 'pest50']);
  });
});
