/**
 * The Redis in memory that the exploration of several servers runs on does what a real Redis does: the same replies, and
 * the same in every key.
 *
 * Owns: which calls are tried (fast-check chooses), of three nodes that come, go, hold rows and come too late. The text of
 * the functions is the same on both sides. Only the clock is replaced in the real one, so that no time passes by itself.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { library, libraryName } from '../../src/cluster/luaLibrary.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasRedis, RedisServer, type TestClient } from '../support/redisServer.ts';
import { type Engine, loadLua, RedisInMemory } from './model/redisInMemory.ts';

const key = '{compared}';
const nodes = ['one', 'two', 'three'];
const startMs = 4e12;

/** A call, or time that passes before the next one. */
type Step = { name: string; args: string[] } | { waitMs: number };

const node = fc.constantFrom(...nodes);
const session = fc.tuple(node, fc.constantFrom('a', 'b')).map((parts) => parts.join('/'));
const id = fc.constantFrom('ann', 'Ben', 'cleo');
const pairingId = fc.integer({ min: 0, max: 2 }).map((more) => startMs + more);

const row = fc
  .record({
    id,
    session,
    state: fc.constantFrom('menu', 'chatting', 'requesting', 'confirming', 'commonRoom'),
    pairingId,
  })
  .chain((held) =>
    /^(menu|commonRoom)$/.test(held.state)
      ? fc.constant({ ...held, other: '', pairingId: 0, order: 1 })
      : session.map((other) => ({ ...held, other: other === held.session ? '' : other, order: 1 })),
  );

const ofNode = (by: string, what: string): string => what.replace(/^\w+/, by);
const rowsOf = fc.uniqueArray(row, { maxLength: 2, selector: ({ session: of }) => of.split('/')[1] });

const item = fc.oneof(
  fc.tuple(fc.constant('id.claim'), session, id, fc.constantFrom('', '10.0.0.1')),
  fc.tuple(fc.constant('menu.leave'), session, fc.constantFrom('requesting', 'commonRoom')),
  fc.tuple(
    fc.constant('request.make'),
    session,
    id.map((text) => text.toLowerCase()),
    fc.constantFrom(0, 2),
    fc.constantFrom(0, 60_000),
  ),
  fc.tuple(fc.constantFrom('request.accept', 'request.decline', 'asker.refuse', 'chat.leave'), session, pairingId),
  fc.tuple(fc.constantFrom('menu.return', 'request.withdraw', 'request.expire', 'gone'), session),
  fc.tuple(fc.constant('pass'), session, fc.constantFrom('one', 'two'), fc.constant('["read","one",1]')),
  fc.tuple(fc.constant('room'), session, fc.constant('a: hi\n'), fc.boolean(), fc.boolean()),
  fc.tuple(
    fc.constant('ban'),
    session,
    fc.constant('id:x'),
    fc.constantFrom(1, 2),
    fc.constant('{"sinceMs":1,"untilMs":null}'),
  ),
);

const epoch = fc.constantFrom('1', '1', '1', '2', '3');
const flag = fc.constantFrom('0', '1');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(100, 480, 700, 4e9, -4e9).map((waitMs) => ({ waitMs })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(node, epoch, fc.constantFrom('run', 'run', 'run', 'other'), flag, flag, rowsOf)
      .map(([by, number, run, rejoins, isLast, rows]) => {
        const ours = rows.map((each) => ({ ...each, session: ofNode(by, each.session) }));
        return { name: 'join', args: [by, number, run, rejoins, `${by} 1`, isLast, JSON.stringify(ours), '[]'] };
      }),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(node, epoch, flag, rowsOf).map(([by, number, isLast, rows]) => {
      const ours = rows.map((each) => ({ ...each, session: ofNode(by, each.session) }));
      return { name: 'hold', args: [by, number, isLast, JSON.stringify(ours)] };
    }),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(node, epoch, fc.integer({ min: 1, max: 12 }), fc.array(item, { minLength: 1, maxLength: 3 }))
      .map(([by, number, batch, items]) => {
        const ours = items.map(([kind, of, ...rest]) => [kind, ofNode(by, of), ...rest]);
        return { name: 'batch', args: [by, number, String(batch), JSON.stringify(ours)] };
      }),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(node, epoch, fc.constantFrom('0', '5'), fc.constantFrom('0-0', '9999999999999-0'))
      .map(([by, number, read, upTo]) => ({ name: 'lease', args: [by, number, '6', read, upTo] })),
  },
  { weight: 1, arbitrary: fc.tuple(node, epoch).map((args) => ({ name: 'leave', args })) },
  { weight: 1, arbitrary: fc.tuple(node, epoch).map((args) => ({ name: 'sweep', args })) },
);

/** All three take part, and hold nothing. */
const begin: Step[] = nodes.map((by) => ({ name: 'join', args: [by, '1', 'run', '0', '', '1', '[]', '[]'] }));

/** The same text for the same JSON, also within a text. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each) => {
    if (typeof each === 'string' && /^[{[]/.test(each)) return JSON.parse(canonical(JSON.parse(each)));
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}

/** Sets and hashes have no order in Redis. What it writes with them in one entry has none either. */
function inOrder(values: readonly unknown[]): string {
  return JSON.stringify(values.map(canonical).sort());
}

function entryOf(fields: readonly string[]): string {
  const items = JSON.parse(fields[fields.indexOf('d') + 1] as string) as unknown[];
  return `${inOrder(items)} ${fields.filter((_, at) => at !== fields.indexOf('d') + 1)}`;
}

function inMemory(engine: Engine, steps: readonly Step[]): { replies: string[]; content: string[] } {
  const redis = new RedisInMemory(engine);
  redis.nowMs = startMs;
  const replies: string[] = [];
  for (const each of steps) {
    if ('waitMs' in each) redis.nowMs += each.waitMs;
    else replies.push(redis.call(each.name, key, each.args).replace(/^failed.*/, 'failed'));
  }
  const content = [...redis.content].map(([name, value]) => {
    if (name.includes(':in:')) return `${name} ${(value as [string, string[]][]).map(([, fields]) => entryOf(fields))}`;
    if (Array.isArray(value)) return `${name} ${value}`;
    return `${name} ${inOrder(value instanceof Set ? [...value] : [...value].map(([one, other]) => [one, String(other)]))}`;
  });
  return { replies, content: content.sort() };
}

async function inRedis(client: TestClient, steps: readonly Step[]): Promise<{ replies: string[]; content: string[] }> {
  await client.sendCommand(['FLUSHDB']);
  let nowMs = startMs;
  const sent: Promise<unknown>[] = [];
  for (const each of steps) {
    if ('waitMs' in each) nowMs += each.waitMs;
    else {
      void client.sendCommand(['SET', 'now', String(nowMs)]);
      sent.push(client.sendCommand(['FCALL', `${libraryName}_${each.name}`, '1', key, ...each.args]));
    }
  }
  const replies = (await Promise.all(sent)).map((reply) => String(reply).replace(/^failed.*/, 'failed'));
  const names = ((await client.sendCommand(['KEYS', `${key}*`])) as unknown as string[]).sort();
  const content = names.map(async (name) => {
    const type = String(await client.sendCommand(['TYPE', name]));
    if (type === 'stream') {
      const entries = (await client.sendCommand(['XRANGE', name, '-', '+'])) as unknown as [string, string[]][];
      return `${name} ${entries.map(([, fields]) => entryOf(fields))}`;
    }
    if (type === 'list') return `${name} ${await client.sendCommand(['LRANGE', name, '0', '-1'])}`;
    if (type === 'set')
      return `${name} ${inOrder((await client.sendCommand(['SMEMBERS', name])) as unknown as string[])}`;
    const all = type === 'hash' ? ['HGETALL', name] : ['ZRANGE', name, '0', '-1', 'WITHSCORES'];
    const flat = (await client.sendCommand(all)) as unknown as string[];
    return `${name} ${inOrder(flat.flatMap((one, at) => (at % 2 ? [] : [[one, flat[at + 1]]])))}`;
  });
  return { replies, content: (await Promise.all(content)).sort() };
}

describeNeeding('redis-server', hasRedis, 'the Redis in memory', () => {
  let redis: RedisServer;
  let client: TestClient;

  beforeAll(async () => {
    redis = await RedisServer.start();
    client = await redis.client();
    const ours = /local time = redis\.call\('TIME'\)\n.*\n/;
    expect(library).toMatch(ours);
    const clocked = library.replace(ours, "return tonumber(redis.call('GET', 'now'))\n");
    await client.sendCommand(['FUNCTION', 'LOAD', 'REPLACE', clocked]);
  });
  afterAll(async () => {
    client?.destroy();
    await redis?.kill();
  });

  it('replies and holds what a real one does, after each of 600 sequences of calls', async () => {
    const engine = loadLua();
    const told = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 30 }), async (steps) => {
        const here = inMemory(engine, [...begin, ...steps]);
        expect(here).toEqual(await inRedis(client, [...begin, ...steps]));
        for (const reply of here.replies) told.set(reply, (told.get(reply) ?? 0) + 1);
      }),
      { numRuns: 600, seed: 20_261_125 },
    );
    console.log(`replies: ${[...told].map(([reply, count]) => `${count} ${reply}`).join(', ')}`);
    expect([...told.keys()].sort()).toEqual(expect.arrayContaining(['ok', 'old', 'unknown']));
  });
});
