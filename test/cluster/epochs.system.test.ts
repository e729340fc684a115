/**
 * Who counts as a member of the directory: epochs, the directory's clock, and what an emptied directory says.
 *
 * Owns: these rules of `membership.lua`, each called inside a real Redis. A jump of Redis' clock is played by moving
 * what the directory remembers of it.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { library, libraryName } from '../../src/cluster/luaLibrary.ts';
import type { FunctionName } from '../../src/cluster/redisConnection.ts';
import type { Incoming, SharedRow } from '../../src/cluster/wireTypes.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasRedis, RedisServer, type TestClient } from '../support/redisServer.ts';

const key = '{epochs}';

describeNeeding('redis-server', hasRedis, 'membership in the directory', () => {
  let redis: RedisServer;
  let client: TestClient;
  let renewals = 0;

  beforeAll(async () => {
    redis = await RedisServer.start();
    client = await redis.client();
    await client.sendCommand(['FUNCTION', 'LOAD', library]);
  });
  beforeEach(async () => {
    await client.sendCommand(['FLUSHALL']);
  });
  afterAll(async () => {
    client?.destroy();
    await redis?.kill();
  });

  async function call(name: FunctionName, ...args: (string | number)[]): Promise<string> {
    return String(await client.sendCommand(['FCALL', `${libraryName}_${name}`, '1', key, ...args.map(String)]));
  }
  const join = (node: string, epoch: number, rows: SharedRow[] = []) =>
    call('join', node, epoch, 'run', 0, '', 1, JSON.stringify(rows), '[]');
  const batch = (node: string, epoch: number, number: number, ...items: unknown[]) =>
    call('batch', node, epoch, number, JSON.stringify(items));
  const lease = (node: string, epoch: number, unread = 1) => {
    renewals++;
    return call('lease', node, epoch, renewals, renewals - unread, '0-0');
  };
  const rows = async () =>
    ((await client.sendCommand(['HVALS', `${key}:rows`])) as unknown as string[]).map(
      (row) => JSON.parse(row) as SharedRow,
    );
  const inbox = async (node: string): Promise<Incoming[]> => {
    const entries = await client.sendCommand(['XRANGE', `${key}:in:${node}`, '-', '+']);
    return (entries as unknown as [string, string[]][]).flatMap(([, fields]) => JSON.parse(fields[1] as string));
  };
  /** Redis' clock goes so much further than the directory has seen. */
  const jump = (ms: number) => client.sendCommand(['HINCRBY', `${key}:meta`, 'seenAt', String(-ms)]);

  it('an old epoch is refused and changes nothing', async () => {
    await join('one', 1);
    await join('one', 2);
    expect(await batch('one', 1, 1, ['id.claim', 'one/s', 'ghost'])).toBe('unknown');
    expect(await lease('one', 1)).toBe('unknown');
    expect(await call('leave', 'one', 1)).toBe('ok');
    expect(await join('one', 2)).toBe('old');
    expect(await join('one', 1, [rowOf('ghost', 'one/s')])).toBe('old');
    expect(await rows()).toEqual([]);
    expect(await batch('one', 2, 1, ['id.claim', 'one/s', 'real'])).toBe('ok');
    expect((await rows()).map(({ id }) => id)).toEqual(['real']);
  });

  it('an epoch outlives the membership', async () => {
    await join('one', 1);
    await call('leave', 'one', 1);
    expect(await batch('one', 1, 1, ['id.claim', 'one/s', 'ghost'])).toBe('unknown');
    expect(await join('one', 1, [rowOf('ghost', 'one/s')])).toBe('old');
    expect(await rows()).toEqual([]);
    expect(await join('one', 2)).toBe('ok');
  });

  it('an emptied directory says that it has forgotten a member, and takes nothing of it', async () => {
    await join('one', 1);
    await client.sendCommand(['FLUSHALL']);
    expect(await lease('one', 1)).toBe('forgotten');
    expect(await batch('one', 1, 1, ['id.claim', 'one/s', 'ghost'])).toBe('forgotten');
    expect(await rows()).toEqual([]);
  });

  it.each([10_000, 1e9, -10_000, -1e9])('a jump of the clock by %d ms costs nobody the lease', async (ms) => {
    await join('one', 1);
    await join('two', 1);
    await jump(ms);
    expect(await lease('one', 1)).toBe('ok');
    expect(await lease('two', 1)).toBe('ok');
    expect(await batch('two', 1, 1, ['id.claim', 'two/s', 'bob'])).toBe('ok');
  });

  it('a jump within a lease leaves the time that a member counts on', async () => {
    await join('one', 1);
    await join('two', 1);
    // 2.5 s in steps, and a jump: only then does a member let go of its users.
    for (let step = 0; step < 5; step++) {
      await jump(step === 2 ? 60_000 : 480);
      await lease('two', 1);
    }
    expect(await batch('one', 1, 1)).toBe('ok');
    await jump(480);
    await lease('two', 1);
    await jump(480);
    await lease('two', 1);
    expect(await batch('one', 1, 2)).toBe('unknown');
  });

  it('a member that does not read its inbox loses its lease', async () => {
    await join('one', 1);
    await join('two', 1);
    for (let step = 0; step < 7; step++) {
      await lease('one', 1, 6);
      await jump(500);
      await lease('two', 1, 5);
    }
    expect(await lease('one', 1)).toBe('unknown');
    expect(await lease('two', 1)).toBe('ok');
  });

  it('a join that comes twice ends the pairings that were made in between', async () => {
    const mine = rowOf('mine', 'one/s');
    await join('one', 1, [mine]);
    await join('two', 1, [rowOf('asker', 'two/s')]);
    await batch('two', 1, 1, ['menu.leave', 'two/s', 'requesting'], ['request.make', 'two/s', 'mine', 0, 0]);
    expect((await rows()).map(({ state }) => state).sort()).toEqual(['confirming', 'requesting']);
    await join('one', 2, [mine]);
    expect((await rows()).map(({ state }) => state)).toEqual(['menu', 'menu']);
    expect(await inbox('two')).toContainEqual(['update', 'two/s', { type: 'request.refused', reason: 'gone' }]);
  });

  describe('a chat of which no other node says anything', () => {
    const chatting = { ...rowOf('ann', 'one/s'), state: 'chatting' as const, other: 'two/s', pairingId: 7 };
    const theirs = { ...rowOf('bob', 'two/s'), state: 'chatting' as const, other: 'one/s', pairingId: 7 };
    const ended = ['update', 'one/s', { type: 'chat.ended', pairingId: 7 }];
    /** So long that the other node could have joined. */
    const wait = async (epoch: number, isTwoThere = false) => {
      for (let step = 0; step < 8; step++) {
        await jump(480);
        expect(await lease('one', epoch)).toBe('ok');
        if (isTwoThere) expect(await lease('two', 1)).toBe('ok');
      }
    };
    /** The node has more to say: `hold` brings the last of it. */
    const begin = (node: string, epoch: number) => call('join', node, epoch, 'run', 0, '', 0, '[]', '[]');
    const hold = (node: string, epoch: number, row: SharedRow) => call('hold', node, epoch, 1, JSON.stringify([row]));

    it('is over when its time is', async () => {
      await join('one', 1, [chatting]);
      await lease('one', 1);
      expect(await rows()).toMatchObject([{ state: 'chatting' }]);
      await wait(1);
      expect(await rows()).toMatchObject([{ state: 'menu', other: '' }]);
      expect(await inbox('one')).toContainEqual(ended);
    });

    it('leaves its user where they are if they have left it before', async () => {
      await join('one', 1, [chatting]);
      await join('one', 2, [{ ...rowOf('ann', 'one/s'), state: 'commonRoom' }]);
      await wait(2);
      expect(await rows()).toMatchObject([{ state: 'commonRoom' }]);
      expect(await inbox('one')).not.toContainEqual(ended);
    });

    it('goes on for as long as another node has not said everything', async () => {
      await join('one', 1, [chatting]);
      await begin('two', 1);
      await wait(1, true);
      await hold('two', 1, theirs);
      await wait(1, true);
      expect(await rows()).toMatchObject([{ state: 'chatting' }, { state: 'chatting' }]);
    });

    it('goes on if the other node says the same while this one begins again', async () => {
      await join('one', 1, [chatting]);
      await begin('one', 2);
      await join('two', 1, [theirs]);
      await hold('one', 2, chatting);
      await wait(2, true);
      expect(await rows()).toMatchObject([{ state: 'chatting' }, { state: 'chatting' }]);
    });

    it('is no trouble if its user has gone', async () => {
      await join('one', 1, [chatting]);
      await batch('one', 1, 1, ['gone', 'one/s']);
      await wait(1);
      expect(await rows()).toEqual([]);
    });
  });

  it.each(['asker', 'accepter'])(
    'a request that was accepted while a node was alone: the %s comes first',
    async (first) => {
      await join('one', 1, [rowOf('ann', 'one/s')]);
      await join('two', 1, [rowOf('bob', 'two/s')]);
      await batch('one', 1, 1, ['menu.leave', 'one/s', 'requesting'], ['request.make', 'one/s', 'bob', 0, 0]);
      const [{ pairingId = 0 } = {}] = await rows();
      const asker = { ...rowOf('ann', 'one/s'), state: 'requesting' as const, other: 'two/s', pairingId };
      const accepter = { ...rowOf('bob', 'two/s'), state: 'chatting' as const, other: 'one/s', pairingId };
      const returns = [() => join('one', 2, [asker]), () => join('two', 2, [accepter])];
      for (const back of first === 'asker' ? returns : returns.reverse()) await back();
      expect((await rows()).map(({ state }) => state)).toEqual(['chatting', 'chatting']);
      const started = { type: 'chat.started', partnerId: 'bob', partnerSession: 'two/s', pairingId };
      expect(await inbox('one')).toContainEqual(['update', 'one/s', started]);
    },
  );

  const asks = { ...rowOf('ann', 'one/s'), state: 'requesting' as const, other: 'two/s', pairingId: 7 };
  const isAsked = { ...rowOf('ann', 'one/s'), state: 'confirming' as const, other: 'two/s', pairingId: 7 };
  const chats = { ...asks, state: 'chatting' as const };

  it.each([
    ['leaves a chat', chats, ['chat.leave', 'one/s', 7], 'chat.ended'],
    ['withdraws a request', asks, ['request.withdraw', 'one/s'], 'request.withdrawn'],
    ['declines a request', isAsked, ['request.decline', 'one/s', 7], 'request.declined'],
    ['accepts a request', isAsked, ['request.accept', 'one/s', 7], 'request.withdrawn'],
  ])('who %s whose other side has not come back gets an answer, and so does that side', async (_, row, act, type) => {
    await join('one', 1, [row]);
    await batch('one', 1, 1, act);
    expect(await inbox('one')).toContainEqual(['update', 'one/s', { type, pairingId: 7 }]);
    const opposite = { chatting: 'chatting', requesting: 'confirming', confirming: 'requesting' } as const;
    await join('two', 1, [{ ...rowOf('bob', 'two/s'), state: opposite[row.state], other: 'one/s', pairingId: 7 }]);
    expect((await rows()).map(({ state, other }) => state + other)).toEqual(['menu', 'menu']);
    expect(JSON.stringify(await inbox('two'))).toMatch(/"update","two\/s"/);
  });

  it.each([
    ['leaves a chat', chats, ['chat.leave', 'one/s', 7]],
    ['withdraws a request', asks, ['request.withdraw', 'one/s']],
  ])('who %s whose other side is in another one by now ends nothing of that', async (_, row, act) => {
    await join('one', 1, [row]);
    await join('two', 1, [rowOf('bob', 'two/s'), rowOf('cleo', 'two/c')]);
    await batch('two', 1, 1, ['menu.leave', 'two/c', 'requesting'], ['request.make', 'two/c', 'bob', 0, 0]);
    await batch('one', 1, 1, act);
    const states = (await rows()).map(({ id, state, other }) => `${id} ${state} ${other}`);
    expect(states.sort()).toEqual(['ann menu ', 'bob confirming two/c', 'cleo requesting two/s']);
  });

  it('a pairing of which both sides say something else is ended on both', async () => {
    await join('one', 1, [rowOf('ann', 'one/s')]);
    await join('two', 1, [rowOf('bob', 'two/s')]);
    await batch('one', 1, 1, ['menu.leave', 'one/s', 'requesting'], ['request.make', 'one/s', 'bob', 0, 0]);
    const [{ pairingId = 0 } = {}] = await rows();
    await join('one', 2, [{ ...rowOf('ann', 'one/s'), state: 'chatting', other: 'two/s', pairingId }]);
    expect((await rows()).map(({ state, other }) => state + other)).toEqual(['menu', 'menu']);
    expect(await inbox('two')).toContainEqual(['update', 'two/s', { type: 'request.withdrawn', pairingId }]);
  });
});

function rowOf(id: string, session: string): SharedRow {
  return { id, session, state: 'menu', other: '', pairingId: 0, order: 1 };
}
