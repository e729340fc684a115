/**
 * A directory of many users and many servers: who is told what, and that no call grows with either.
 *
 * Owns: these rules of the Lua, each called inside a real Redis. What a call costs is counted in commands that Redis
 * carries out for it, which is the same on any machine.
 */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { library, libraryName } from '../../src/cluster/luaLibrary.ts';
import type { FunctionName } from '../../src/cluster/redisConnection.ts';
import { type Incoming, listSize, type SharedRow } from '../../src/cluster/wireTypes.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasRedis, RedisServer, type TestClient } from '../support/redisServer.ts';

const key = '{crowded}';
/** As many rows as a server sends in one call. */
const sliceSize = 100;

describeNeeding('redis-server', hasRedis, 'a directory of many users', () => {
  let redis: RedisServer;
  let client: TestClient;
  let renewals = 0;
  const numbers = new Map<string, number>();

  beforeAll(async () => {
    redis = await RedisServer.start();
    client = await redis.client();
    await client.sendCommand(['FUNCTION', 'LOAD', library]);
  });
  beforeEach(async () => {
    numbers.clear();
    await client.sendCommand(['FLUSHALL']);
  });
  afterAll(async () => {
    client?.destroy();
    await redis?.kill();
  });

  async function call(name: FunctionName, ...args: (string | number)[]): Promise<string> {
    return String(await client.sendCommand(['FCALL', `${libraryName}_${name}`, '1', key, ...args.map(String)]));
  }

  /** The node joins, and says in slices that it holds so many users in the menu. */
  async function join(node: string, users = 0, epoch = 1): Promise<void> {
    const rows = Array.from({ length: users }, (_, index) => rowOf(`${node}-${index}`, `${node}/${index}`));
    const isLast = (at: number): number => Number(at + sliceSize >= users);
    await call('join', node, epoch, 'run', 0, '', isLast(0), JSON.stringify(rows.slice(0, sliceSize)), '[]');
    for (let at = sliceSize; at < users; at += sliceSize) {
      await call('hold', node, epoch, isLast(at), JSON.stringify(rows.slice(at, at + sliceSize)));
    }
    // Nobody renews its lease here, however long it takes.
    await client.sendCommand(['ZADD', `${key}:nodes`, 'XX', String(Date.now() * 2), node]);
  }

  async function batch(node: string, ...items: unknown[]): Promise<void> {
    const number = (numbers.get(node) ?? 0) + 1;
    numbers.set(node, number);
    expect(await call('batch', node, 1, number, JSON.stringify(items))).toBe('ok');
  }

  const lease = (node: string) => call('lease', node, 1, ++renewals, renewals, '0-0');
  const count = async (name: string) => Number(await client.sendCommand(['ZCARD', `${key}:${name}`]));
  const size = async (name: string) => Number(await client.sendCommand(['SCARD', `${key}:${name}`]));

  /** What came into the inbox of a node since this was asked last. */
  async function news(node: string): Promise<Incoming[]> {
    const inbox = `${key}:in:${node}`;
    const entries = (await client.sendCommand(['XRANGE', inbox, '-', '+'])) as unknown as [string, string[]][];
    await client.sendCommand(['XTRIM', inbox, 'MAXLEN', '0']);
    return entries.flatMap(([, fields]) => JSON.parse(fields[1] as string) as Incoming[]);
  }

  /** The same in short: what kind of item, of whom, and what is said of them. */
  async function told(node: string): Promise<string[]> {
    return (await news(node)).map((item) => {
      if (item[0] === 'row') return `${item[1].id} ${item[1].state}${item[2] ? ', listed' : ''}`;
      return `${item[0]} ${item[0] === 'update' ? item[2].type : item[1]}`.trimEnd();
    });
  }

  /** The commands that Redis carries out for this. */
  async function cost(run: () => Promise<unknown>): Promise<number> {
    await client.sendCommand(['CONFIG', 'RESETSTAT']);
    await run();
    const stats = String(await client.sendCommand(['INFO', 'commandstats']));
    return [...stats.matchAll(/calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
  }

  it('tells every node of the users that are listed, and of the next one when one of these is gone', async () => {
    await join('one', listSize);
    await join('two', 2);
    await join('three');
    const known = (await news('three')).filter(([kind]) => kind === 'row');
    expect(known.length).toBe(listSize);
    await batch('two', ['menu.leave', 'two/0', 'commonRoom']);
    expect(await news('three')).toEqual([]);
    await batch('one', ['menu.leave', 'one/7', 'requesting']);
    expect(await told('three')).toEqual(['one-7 requesting, listed']);
    await batch('one', ['gone', 'one/7']);
    expect(await told('three')).toEqual(['gone one/7', 'two-0 commonRoom, listed']);
  });

  it('tells a node its own items in their places among those for all', async () => {
    for (const node of ['one', 'two']) await join(node, 2);
    for (const node of ['one', 'two']) await news(node);
    await batch('one', ['menu.leave', 'one/0', 'commonRoom'], ['menu.leave', 'one/1', 'requesting']);
    const moved = ['one-0 commonRoom, listed', 'one-1 requesting, listed'];
    expect(await told('two')).toEqual(moved);
    const granted = 'update move.granted';
    expect(await told('one')).toEqual(['history', moved[0], granted, moved[1], granted]);
  });

  it('tells those that are left of several nodes that died at once', async () => {
    for (const node of ['one', 'two', 'three']) await join(node, 1);
    await news('three');
    await client.sendCommand(['ZADD', `${key}:nodes`, '1', 'one', '1', 'two']);
    await lease('three');
    const all = await told('three');
    expect(all.slice(0, 2)).toEqual(['peerGone one', 'peerGone two']);
    expect(all).toEqual(expect.arrayContaining(['gone one/0', 'gone two/0']));
  });

  it('tells of any other user the nodes of both partners only, also when they part', async () => {
    for (const [node, users] of [
      ['many', listSize],
      ['one', 1],
      ['two', 1],
      ['three', 1],
    ] as const)
      await join(node, users);
    for (const node of ['one', 'two', 'three']) await news(node);
    await batch('one', ['menu.leave', 'one/0', 'requesting'], ['request.make', 'one/0', 'two-0', 0, 0]);
    expect(await told('two')).toEqual(['two-0 confirming', 'one-0 requesting', 'update request.received']);
    await news('one');
    await batch('two', ['gone', 'two/0']);
    expect(await told('one')).toEqual(['gone two/0', 'one-0 menu', 'update request.refused']);
    expect(await news('three')).toEqual([]);
  });

  it('sends lines to nodes with somebody in the room, and the first there finds what was said before', async () => {
    for (const node of ['one', 'two', 'three']) await join(node, 1);
    await batch('one', ['menu.leave', 'one/0', 'commonRoom']);
    for (const node of ['one', 'two', 'three']) await news(node);
    await batch('one', ['room', 'one/0', 'ann: first\n', true, false], ['room', 'one/0', 'bob left\n', false, false]);
    expect(await told('one')).toEqual(['room ann: first', 'room bob left']);
    expect(await news('two')).toEqual([]);
    await batch('one', ['room', 'one/0', 'ann: second\n', true, false]);
    await batch('two', ['menu.leave', 'two/0', 'commonRoom']);
    await news('one');
    const items = await news('two');
    expect(items.find(([kind]) => kind === 'history')).toEqual([
      'history',
      [
        [expect.any(Number), 'ann: first\n'],
        [expect.any(Number), 'ann: second\n'],
      ],
    ]);
    expect(items.findIndex(([kind]) => kind === 'history')).toBeLessThan(
      items.findIndex(([kind]) => kind === 'update'),
    );
    await batch('one', ['gone', 'one/0'], ['room', 'one/0', 'ann left\n', false, false]);
    expect((await news('two')).filter(([kind]) => kind === 'room').length).toBe(1);
    expect((await news('one')).filter(([kind]) => kind === 'room')).toEqual([]);
  });

  it('decides for the same price, however many nodes and users there are', async () => {
    const prices: number[] = [];
    for (const [nodes, users] of [
      [4, 600],
      [40, 600],
      [40, 6000],
    ] as const) {
      await client.sendCommand(['FLUSHALL']);
      numbers.clear();
      await join('many', users);
      for (let node = 0; node < nodes; node++) await join(`n${node}`, 1);
      prices.push(
        await cost(async () => {
          await batch('n0', ['menu.leave', 'n0/0', 'requesting'], ['request.make', 'n0/0', 'n1-0', 100, 0]);
          const pairingId = Number(
            JSON.parse(String(await client.sendCommand(['HGET', `${key}:rows`, 'n0/0']))).pairingId,
          );
          await batch('n1', ['request.accept', 'n1/0', pairingId]);
          await batch('n0', ['pass', 'n0', 'n1', '["read","n0",1]']);
          await batch('n0', ['chat.leave', 'n0/0', pairingId]);
        }),
      );
    }
    expect(new Set(prices).size).toBe(1);
  });

  it('does in each call about as much as a slice needs: joining, renewing, removing a dead node', {
    timeout: 60_000,
  }, async () => {
    const costs: Record<string, number[]> = { join: [], lease: [], sweep: [] };
    for (const users of [2000, 10_000]) {
      await client.sendCommand(['FLUSHALL']);
      await join('dead', users);
      costs.join?.push(await cost(() => join('late')));
      await client.sendCommand(['ZADD', `${key}:nodes`, '1', 'dead']);
      costs.lease?.push(await cost(() => lease('late')));
      let most = 0;
      for (let slices = 0; (await count('order')) > 0; slices++) {
        expect((await news('late')).filter(([kind]) => kind === 'sweep').length).toBe(1);
        most = Math.max(most, await cost(() => call('sweep', 'late', 1)));
        expect(slices).toBeLessThan(users / sliceSize);
      }
      costs.sweep?.push(most);
      expect((await news('late')).filter(([kind]) => kind === 'sweep')).toEqual([]);
    }
    for (const [small, large] of Object.values(costs) as [number, number][]) {
      // Whose row is listed costs some commands more, and of fewer users more are listed.
      expect(large).toBeLessThanOrEqual(small * 1.1);
      expect(large).toBeLessThan(12 * sliceSize);
    }
  });

  it('needs no more when a node joins twice or dies while it says what it holds', { timeout: 60_000 }, async () => {
    const costs: number[][] = [];
    for (const users of [2000, 10_000]) {
      await client.sendCommand(['FLUSHALL']);
      await join('late');
      await join('many', users);
      const rows = Array.from({ length: users }, (_, index) => rowOf(`many-${index}`, `many/${index}`));
      const begin = (epoch: number) =>
        call('join', 'many', epoch, 'run', 1, '', 0, JSON.stringify(rows.slice(0, sliceSize)), '[]');
      const said = [await cost(() => begin(2)), await cost(() => begin(3))];
      await client.sendCommand(['ZADD', `${key}:nodes`, '1', 'many']);
      costs.push([...said, await cost(() => lease('late'))]);
      // A command that adds up whole sets counts as one, whatever it costs.
      expect(await client.sendCommand(['INFO', 'commandstats'])).not.toContain('union');
      while ((await count('order')) > 0) expect(await call('sweep', 'late', 1)).toBe('ok');
      for (const name of ['dying', 'past:many', 'of:many']) expect(await size(name)).toBe(0);
    }
    // For each row of a slice; which rows come first is chance, and the listed ones cost a few more.
    for (const one of costs.flat()) expect(one).toBeLessThanOrEqual(10 * sliceSize);
  });

  it('gives no id away while a node has not said all that it holds, and frees what it holds no more', async () => {
    await join('one', 300);
    await join('two');
    const rows = Array.from({ length: 250 }, (_, index) => rowOf(`one-${index}`, `one/${index}`));
    await call('join', 'one', 2, 'run', 1, '', 0, JSON.stringify(rows.slice(0, 200)), '[]');
    await batch('two', ['id.claim', 'two/a', 'one-220'], ['id.claim', 'two/b', 'free']);
    expect((await news('two')).filter(([kind]) => kind === 'update')).toEqual([
      ['update', 'two/a', { type: 'id.refused' }],
      ['update', 'two/b', { type: 'id.refused', reason: 'unavailable' }],
    ]);
    await call('hold', 'one', 2, 1, JSON.stringify(rows.slice(200)));
    await lease('two');
    expect(await count('order')).toBe(250);
    await batch('two', ['id.claim', 'two/a', 'one-270'], ['id.claim', 'two/b', 'one-220']);
    expect((await news('two')).filter(([kind]) => kind === 'update')).toEqual([
      ['update', 'two/a', { type: 'id.granted', id: 'one-270' }],
      ['update', 'two/b', { type: 'id.refused' }],
    ]);
  });
});

function rowOf(id: string, session: string): SharedRow {
  return { id, session, state: 'menu', other: '', pairingId: 0, order: 0 };
}
