/**
 * Who counts as a member of the directory: epochs, the directory's clock, and what an emptied directory says.
 *
 * Owns: these rules of `membership.lua`, each called inside a real Redis. A jump of Redis' clock is played by moving
 * what the directory remembers of it.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasRedis } from '../support/redisServer.ts';
import { CalledDirectory, rowOf } from './calledDirectory.ts';

describeNeeding('redis-server', hasRedis, 'membership in the directory', () => {
  let directory: CalledDirectory;

  beforeAll(async () => {
    directory = await CalledDirectory.start();
  });
  beforeEach(async () => {
    await directory.empty();
  });
  afterAll(async () => {
    await directory?.stop();
  });

  it('an old epoch is refused and changes nothing', async () => {
    await directory.join('one', 1);
    await directory.join('one', 2);
    expect(await directory.batch('one', 1, 1, ['id.claim', 'one/s', 'ghost'])).toBe('unknown');
    expect(await directory.lease('one', 1)).toBe('unknown');
    expect(await directory.call('leave', 'one', 1)).toBe('ok');
    expect(await directory.join('one', 2)).toBe('old');
    expect(await directory.join('one', 1, { rows: [rowOf('ghost', 'one/s')] })).toBe('old');
    expect(await directory.rows()).toEqual([]);
    expect(await directory.batch('one', 2, 1, ['id.claim', 'one/s', 'real'])).toBe('ok');
    expect((await directory.rows()).map(({ id }) => id)).toEqual(['real']);
  });

  it('an epoch outlives the membership', async () => {
    await directory.join('one', 1);
    await directory.call('leave', 'one', 1);
    expect(await directory.batch('one', 1, 1, ['id.claim', 'one/s', 'ghost'])).toBe('unknown');
    expect(await directory.join('one', 1, { rows: [rowOf('ghost', 'one/s')] })).toBe('old');
    expect(await directory.rows()).toEqual([]);
    expect(await directory.join('one', 2)).toBe('ok');
  });

  it('an emptied directory says that it has forgotten a member, and takes nothing of it', async () => {
    await directory.join('one', 1);
    await directory.empty();
    expect(await directory.lease('one', 1)).toBe('forgotten');
    expect(await directory.batch('one', 1, 1, ['id.claim', 'one/s', 'ghost'])).toBe('forgotten');
    expect(await directory.rows()).toEqual([]);
  });

  it.each([10_000, 1e9, -10_000, -1e9])('a jump of the clock by %d ms costs nobody the lease', async (ms) => {
    await directory.join('one', 1);
    await directory.join('two', 1);
    await directory.jump(ms);
    expect(await directory.lease('one', 1)).toBe('ok');
    expect(await directory.lease('two', 1)).toBe('ok');
    expect(await directory.batch('two', 1, 1, ['id.claim', 'two/s', 'bob'])).toBe('ok');
  });

  it('a jump within a lease leaves the time that a member counts on', async () => {
    await directory.join('one', 1);
    await directory.join('two', 1);
    // 2.5 s in steps, and a jump: only then does a member let go of its users.
    for (let step = 0; step < 5; step++) {
      await directory.jump(step === 2 ? 60_000 : 480);
      await directory.lease('two', 1);
    }
    expect(await directory.batch('one', 1, 1)).toBe('ok');
    await directory.jump(480);
    await directory.lease('two', 1);
    await directory.jump(480);
    await directory.lease('two', 1);
    expect(await directory.batch('one', 1, 2)).toBe('unknown');
  });

  it('a member that does not read its inbox loses its lease', async () => {
    await directory.join('one', 1);
    await directory.join('two', 1);
    for (let step = 0; step < 7; step++) {
      await directory.lease('one', 1, 6);
      await directory.jump(500);
      await directory.lease('two', 1, 5);
    }
    expect(await directory.lease('one', 1)).toBe('unknown');
    expect(await directory.lease('two', 1)).toBe('ok');
  });

  it('a join that comes twice ends the pairings that were made in between', async () => {
    const mine = rowOf('mine', 'one/s');
    await directory.join('one', 1, { rows: [mine] });
    await directory.join('two', 1, { rows: [rowOf('asker', 'two/s')] });
    await directory.batch('two', 1, 1, ['menu.leave', 'two/s', 'requesting'], ['request.make', 'two/s', 'mine', 0, 0]);
    expect((await directory.rows()).map(({ state }) => state).sort()).toEqual(['confirming', 'requesting']);
    await directory.join('one', 2, { rows: [mine] });
    expect((await directory.rows()).map(({ state }) => state)).toEqual(['menu', 'menu']);
    expect(await directory.inbox('two')).toContainEqual([
      'update',
      'two/s',
      { type: 'request.refused', reason: 'gone' },
    ]);
  });

  describe('a chat of which no other node says anything', () => {
    const chatting = { ...rowOf('ann', 'one/s'), state: 'chatting' as const, other: 'two/s', pairingId: 7 };
    const theirs = { ...rowOf('bob', 'two/s'), state: 'chatting' as const, other: 'one/s', pairingId: 7 };
    const ended = ['update', 'one/s', { type: 'chat.ended', pairingId: 7 }];
    /** So long that the other node could have joined. */
    const wait = async (epoch: number, isTwoThere = false) => {
      for (let step = 0; step < 8; step++) {
        await directory.jump(480);
        expect(await directory.lease('one', epoch)).toBe('ok');
        if (isTwoThere) expect(await directory.lease('two', 1)).toBe('ok');
      }
    };

    it('leaves its user where they are if they have left it before', async () => {
      await directory.join('one', 1, { rows: [chatting] });
      await directory.join('one', 2, { rows: [rowOf('ann', 'one/s', { state: 'commonRoom' })] });
      await wait(2);
      expect(await directory.rows()).toMatchObject([{ state: 'commonRoom' }]);
      expect(await directory.inbox('one')).not.toContainEqual(ended);
    });

    it('goes on for as long as another node has not said everything', async () => {
      await directory.join('one', 1, { rows: [chatting] });
      await directory.join('two', 1, { isLast: false });
      await wait(1, true);
      await directory.hold('two', 1, [theirs]);
      await wait(1, true);
      expect(await directory.rows()).toMatchObject([{ state: 'chatting' }, { state: 'chatting' }]);
    });

    it('goes on if the other node says the same while this one begins again', async () => {
      await directory.join('one', 1, { rows: [chatting] });
      await directory.join('one', 2, { isLast: false });
      await directory.join('two', 1, { rows: [theirs] });
      await directory.hold('one', 2, [chatting]);
      await wait(2, true);
      expect(await directory.rows()).toMatchObject([{ state: 'chatting' }, { state: 'chatting' }]);
    });
  });

  const asks = { ...rowOf('ann', 'one/s'), state: 'requesting' as const, other: 'two/s', pairingId: 7 };
  const isAsked = { ...rowOf('ann', 'one/s'), state: 'confirming' as const, other: 'two/s', pairingId: 7 };
  const chats = { ...asks, state: 'chatting' as const };

  it.each([
    ['leaves a chat', chats, ['chat.leave', 'one/s', 7], 'chat.ended'],
    ['loses the connection in a chat', chats, ['chat.suspend', 'one/s', 7], 'chat.ended'],
    ['withdraws a request', asks, ['request.withdraw', 'one/s'], 'request.withdrawn'],
    ['declines a request', isAsked, ['request.decline', 'one/s', 7], 'request.declined'],
    ['accepts a request', isAsked, ['request.accept', 'one/s', 7], 'request.withdrawn'],
  ])('who %s whose other side has not come back gets an answer, and so does that side', async (_, row, act, type) => {
    await directory.join('one', 1, { rows: [row] });
    await directory.batch('one', 1, 1, act);
    expect(await directory.inbox('one')).toContainEqual(['update', 'one/s', { type, pairingId: 7 }]);
    const opposite = { chatting: 'chatting', requesting: 'confirming', confirming: 'requesting' } as const;
    await directory.join('two', 1, {
      rows: [{ ...rowOf('bob', 'two/s'), state: opposite[row.state], other: 'one/s', pairingId: 7 }],
    });
    expect((await directory.rows()).map(({ state, other }) => state + other)).toEqual(['menu', 'menu']);
    expect(JSON.stringify(await directory.inbox('two'))).toMatch(/"update","two\/s"/);
  });

  it.each([
    ['leaves a chat', chats, ['chat.leave', 'one/s', 7]],
    ['withdraws a request', asks, ['request.withdraw', 'one/s']],
  ])('who %s whose other side is in another one by now ends nothing of that', async (_, row, act) => {
    await directory.join('one', 1, { rows: [row] });
    await directory.join('two', 1, { rows: [rowOf('bob', 'two/s'), rowOf('cleo', 'two/c')] });
    await directory.batch('two', 1, 1, ['menu.leave', 'two/c', 'requesting'], ['request.make', 'two/c', 'bob', 0, 0]);
    await directory.batch('one', 1, 1, act);
    const states = (await directory.rows()).map(({ id, state, other }) => `${id} ${state} ${other}`);
    expect(states.sort()).toEqual(['ann menu ', 'bob confirming two/c', 'cleo requesting two/s']);
  });
});
