/**
 * What a node finds when it joins the directory, what of it stays when it leaves, and what another Redis process forgets.
 *
 * Owns: these rules of `membership.lua` and the inboxes, each called inside a real Redis.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { libraryName } from '../../src/cluster/luaLibrary.ts';
import { listSize } from '../../src/cluster/wireTypes.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasRedis } from '../support/redisServer.ts';
import { CalledDirectory, rowOf, rowsOf } from './calledDirectory.ts';

const hourMs = 3_600_000;
const ban = (sinceMs: number, untilMs: number | null, isLifted = false) =>
  JSON.stringify({ sinceMs, untilMs, isLifted });

describeNeeding('redis-server', hasRedis, 'a node', () => {
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

  it('that joins reads where the others are, what is banned and who is online, and nothing from before', async () => {
    const word = ban(5, null);
    await directory.join('one', 1, { address: 'host 1', bans: [['id:x', 5, word]] });
    await directory.batch('one', 1, 1, ['id.claim', 'one/s', 'ann', ''], ['menu.leave', 'one/s', 'commonRoom']);
    await directory.join('two', 1, { address: 'host 2' });
    const [ann] = await directory.rows();
    expect(await directory.inbox('two')).toEqual([
      ['snapshot'],
      ['peer', 'one', 'host 1'],
      ['peer', 'two', 'host 2'],
      ['ban', word, ''],
      ['row', ann, true],
    ]);
    expect(await directory.entries('two')).toMatchObject([{ n: '1', r: '1' }]);
    expect((await directory.inbox('one')).at(-1)).toEqual(['peer', 'two', 'host 2']);
    await directory.join('two', 2, { address: 'host 3' });
    expect(await directory.entries('two')).toMatchObject([{ n: '1', r: '1' }, { n: '1' }]);
    expect((await directory.inbox('two')).filter(([kind]) => kind === 'peer')).toEqual([
      ...[
        ['peer', 'one', 'host 1'],
        ['peer', 'two', 'host 3'],
      ],
      ['peer', 'two', 'host 3'],
    ]);
  });

  it('that joins an empty directory reads that nobody is there', async () => {
    await directory.join('one', 1);
    expect(await directory.inbox('one')).toEqual([['snapshot'], ['peer', 'one', '']]);
    expect(await directory.entries('one')).toMatchObject([{ n: '0', r: '0' }]);
    expect(Object.keys(await directory.content())).toEqual(['epochs', 'in:one', 'meta', 'nodes', 'peers']);
  });

  it('with other functions takes no part while the others do, and then finds nothing of theirs', async () => {
    const others = await directory.withOtherFunctions();
    expect(await others.join('old', 1, { rows: [rowOf('ann', 'old/s')] })).toBe('ok');
    expect(await directory.join('one', 1)).toBe('other functions');
    await directory.jump(2900);
    expect(await directory.join('one', 1)).toBe('other functions');
    await directory.jump(100);
    expect(await directory.join('one', 1)).toBe('ok');
    expect(await directory.states()).toEqual([]);
    expect((await directory.content()).nodes).toEqual({ one: expect.any(String) });
    // They have left, so that nobody waits for them.
    await directory.empty();
    await others.join('old', 1);
    await others.call('leave', 'old', 1);
    expect(await directory.join('one', 1)).toBe('ok');
  });

  it('that leaves leaves its epoch behind, and nothing else', async () => {
    await directory.join('one', 1, { rows: [rowOf('ann', 'one/s'), rowOf('bob', 'one/t')], address: 'host 1' });
    await directory.join('two', 1, { rows: [rowOf('cleo', 'two/s')], address: 'host 2' });
    await directory.batch('one', 1, 1, ['menu.leave', 'one/s', 'commonRoom']);
    await directory.call('leave', 'one', 1);
    expect(await directory.states()).toEqual(['cleo menu']);
    const { meta, ...content } = await directory.content();
    expect(content).toEqual({
      epochs: { one: '1', two: '1' },
      ids: { cleo: 'two/s' },
      'in:two': expect.any(Number),
      left: { one: (meta as { clock: string }).clock },
      nodes: { two: expect.any(String) },
      'of:two': ['two/s'],
      order: { 'two/s': '3' },
      peers: { two: 'host 2' },
      rows: { 'two/s': expect.any(String) },
    });
    expect(meta).toMatchObject({ inRoom: '0' });
    expect((await directory.inbox('two')).slice(-3)).toEqual(
      expect.arrayContaining([
        ['peerGone', 'one'],
        ['gone', 'one/s', 'ann', 'commonRoom', true],
        ['gone', 'one/t', 'bob', 'menu', true],
      ]),
    );
  });

  it('that is gone is known for an hour, and then forgotten', async () => {
    await directory.join('one', 1);
    await directory.call('leave', 'one', 1);
    await directory.join('two', 1);
    await directory.passes(hourMs - 60_000);
    await directory.join('three', 1);
    expect(await directory.join('one', 1)).toBe('old');
    await directory.passes(120_000);
    await directory.join('three', 2);
    const { epochs, left } = await directory.content();
    expect([epochs, left]).toEqual([{ two: '1', three: '2' }, undefined]);
    expect(await directory.join('one', 1)).toBe('ok');
  });

  it('that came back is not forgotten', async () => {
    await directory.join('one', 1);
    await directory.call('leave', 'one', 1);
    await directory.join('one', 2);
    await directory.passes(2 * hourMs);
    await directory.join('two', 1);
    expect(await directory.batch('one', 2, 1, ['id.claim', 'one/s', 'ann', ''])).toBe('ok');
    expect(await directory.states()).toEqual(['ann menu']);
  });

  it('brings its bans, of which those that are over are forgotten, and those that were taken back later', async () => {
    const now = Date.now();
    const dayMs = 86_400_000;
    const bans = {
      'id:for-ever': ban(now - 100 * dayMs, null),
      'id:over': ban(now - 100, now - 50),
      'id:not-over': ban(now - 100, now + 60_000),
      'id:lifted': ban(now - 89 * dayMs, null, true),
      'id:lifted-long-ago': ban(now - 91 * dayMs, null, true),
    };
    await directory.join('two', 1);
    const said = Object.entries(bans).map(([target, json]) => [target, JSON.parse(json).sinceMs, json] as const);
    await directory.join('one', 1, { bans: said });
    const left = Object.entries(bans).filter(([target]) => !/over$|ago$/.test(target) || target === 'id:not-over');
    expect((await directory.content()).bans).toEqual(Object.fromEntries(left));
    expect((await directory.inbox('two')).filter(([kind]) => kind === 'ban')).toEqual(
      said.map(([, , json]) => ['ban', json, '']),
    );
    await directory.join('three', 1, { bans: said.slice(0, 1) });
    expect((await directory.inbox('two')).filter(([kind]) => kind === 'ban').length).toBe(said.length);
  });

  describe('whose Redis is another process', () => {
    /** Something in every key. */
    async function fill(): Promise<void> {
      await directory.join('dead', 1, { rows: rowsOf('dead', 250), address: 'host 0' });
      await directory.join('one', 1, {
        rows: [rowOf('ann', 'one/s'), rowOf('bob', 'one/t'), rowOf('cleo', 'one/u')],
        bans: [['id:x', 5, ban(5, null)]],
      });
      await directory.join('one', 2, {
        rows: [
          ...[rowOf('ann', 'one/s'), rowOf('bob', 'one/t')],
          rowOf('cleo', 'one/u', { state: 'chatting', other: 'nobody/s', pairingId: 7 }),
        ],
      });
      await directory.batch('one', 2, 1, ['menu.leave', 'one/s', 'requesting'], ['request.make', 'one/s', 'bob', 3, 0]);
      const [, { pairingId = 0 } = {}] = (await directory.rows()).filter(({ session }) => /^one\/[st]/.test(session));
      await directory.batch(
        ...(['one', 2, 2, ['request.decline', 'one/t', pairingId]] as const),
        ...[
          ['menu.leave', 'one/s', 'commonRoom'],
          ['room', 'one/s', 'ann: hi\n', true, true],
        ],
      );
      await directory.call('leave', 'dead', 1);
      await directory.join('two', 1, { rows: [rowOf('dov', 'two/s')] });
      await directory.join('two', 2, { isLast: false });
      await directory.lease('one', 2);
    }

    it.each([true, false])('finds nothing of the one before but bans and epochs; rejoins: %s', async (rejoins) => {
      await fill();
      const before = await directory.content();
      const sets = Object.keys(before).filter((name) => /:was|^was|^past/.test(name));
      expect(Object.keys(before).filter((name) => !sets.includes(name))).toEqual([
        ...['asked', 'askedAt', 'bans', 'declined', 'dying', 'epochs', 'history', 'holding', 'ids', 'in:one', 'in:two'],
        ...['last', 'left', 'meta', 'nodes', 'of:one', 'order', 'peers', 'room', 'rows', 'unconfirmed'],
      ]);
      expect(sets.map((name) => name.replace(/\d+$/, 'N'))).toEqual([
        'past:dead',
        'past:two',
        'was:dead:N',
        'was:two:N',
      ]);
      expect(before.meta).toMatchObject({ sweeper: 'two', runId: 'run', inRoom: '1' });

      await directory.join('three', 1, { run: 'other', rejoins, address: 'host 3' });
      const { meta, ...content } = await directory.content();
      const { clock, ...others } = meta as Record<string, string>;
      const since = expect.any(String);
      expect(content).toEqual({
        bans: before.bans,
        epochs: { dead: '1', one: '2', two: '2', three: '1' },
        'in:three': 1,
        left: { dead: since, one: clock, two: clock },
        nodes: { three: String(Number(clock) + 3000) },
        peers: { three: 'host 3' },
      });
      const counters = { order: expect.any(String), past: expect.any(String), pairingId: expect.any(String) };
      const seen = { seenAt: expect.any(String), isFull: '0', sweptAt: expect.any(String) };
      const grace = rejoins ? { graceUntil: String(Number(clock) + 3000) } : {};
      expect(others).toEqual({ ...counters, ...seen, ...grace, runId: 'other', library: libraryName });

      await directory.batch('three', 1, 1, ['id.claim', 'three/s', 'ann', '']);
      const first = rejoins ? { type: 'id.refused', reason: 'unavailable' } : { type: 'id.granted', id: 'ann' };
      expect(await directory.updates('three')).toEqual([['three/s', first]]);
      if (!rejoins) return;
      await directory.passes(2998);
      await directory.batch('three', 1, 2, ['id.claim', 'three/t', 'bob', '']);
      await directory.passes(2);
      await directory.batch('three', 1, 3, ['id.claim', 'three/t', 'bob', '']);
      expect((await directory.updates('three')).slice(1)).toEqual([
        ['three/t', { type: 'id.refused', reason: 'unavailable' }],
        ['three/t', { type: 'id.granted', id: 'bob' }],
      ]);
    });
  });

  it('learns with each renewal how much of its inbox is left, and what it has read is thrown away', async () => {
    await directory.join('one', 1);
    await directory.lease('one', 1);
    const entries = await directory.command<[string, string[]][]>('XRANGE', ':in:one', '-', '+');
    const [last = ''] = entries.at(-1) ?? [];
    await directory.lease('one', 1, 1, last);
    const acks = (await directory.inbox('one')).filter(([kind]) => kind === 'leaseAck');
    expect([entries.length, (await directory.entries('one')).length]).toEqual([2, 2]);
    expect(acks).toEqual([
      ['leaseAck', expect.any(Number), 1],
      ['leaseAck', Number(acks[0]?.[1]) + 1, 1],
    ]);
  });

  it('gets no id from a Redis that has no memory left, until it has some', async () => {
    await directory.join('one', 1, { rows: [rowOf('ann', 'one/s')] });
    const answers: unknown[] = [];
    const limits = ['1', '10gb', '1', '0'];
    for (const [at, limit] of limits.entries()) {
      await directory.command('CONFIG', 'SET', 'maxmemory', limit);
      await directory.lease('one', 1);
      await directory.batch('one', 1, at + 1, ['id.claim', `one/${at}`, `user${at}`, ''], ['gone', `one/${at}`]);
      answers.push((await directory.updates('one')).at(-1)?.[1]);
    }
    const refused = { type: 'id.refused', reason: 'unavailable' };
    expect(answers).toEqual([
      refused,
      { type: 'id.granted', id: 'user1' },
      refused,
      { type: 'id.granted', id: 'user3' },
    ]);
  });

  it('whose batch comes twice is asked once, and one whose item is wrong is asked for the others', async () => {
    await directory.join('one', 1);
    expect(await directory.batch('one', 1, 5, ['id.claim', 'one/s', 'ann', ''])).toBe('ok');
    for (const number of [5, 4]) {
      expect(await directory.batch('one', 1, number, ['id.claim', 'one/t', 'bob', ''])).toBe('ok');
    }
    expect(await directory.states()).toEqual(['ann menu']);
    const wrong = ['id.claim', 'one/t'];
    expect(await directory.batch('one', 1, 6, wrong, ['id.claim', 'one/u', 'cleo', ''])).toMatch(/^failed: .*lower/);
    expect(await directory.states()).toEqual(['ann menu', 'cleo menu']);
    const entries = (await directory.entries('one')).filter(({ k }) => k !== undefined);
    expect(entries).toMatchObject([
      { s: 'one', k: '5', n: '1', r: '0' },
      { s: 'one', k: '6', n: '2' },
    ]);
  });

  describe('that is dead', () => {
    const dead = 250;
    beforeEach(async () => {
      await directory.join('dead', 1, { rows: rowsOf('dead', dead) });
      for (const node of ['one', 'two']) await directory.join(node, 1);
      await directory.command('ZADD', ':nodes', 1, 'dead');
    });
    const left = async () => (await directory.rows()).length;
    const sweeps = async (node: string) => (await directory.inbox(node)).filter(([kind]) => kind === 'sweep').length;

    it('is removed in slices by one other, which is told to go on', async () => {
      await directory.lease('one', 1);
      expect([await left(), await sweeps('one')]).toEqual([dead - 100, 1]);
      // Another one leaves it to the first for a while.
      for (const again of ['lease', 'sweep'] as const) {
        if (again === 'lease') await directory.lease('two', 1);
        else await directory.call('sweep', 'two', 1);
        expect([await left(), await sweeps('two')]).toEqual([dead - 100, 0]);
      }
      await directory.lease('one', 1);
      expect(await left()).toBe(dead - 100);
      await directory.call('sweep', 'one', 1);
      expect([await left(), await sweeps('one')]).toEqual([dead - 200, 2]);
      await directory.call('sweep', 'one', 1);
      expect([await left(), await sweeps('one')]).toEqual([0, 2]);
      const content = await directory.content();
      expect(Object.keys(content).filter((name) => /dying|past|was/.test(name))).toEqual([]);
      expect(content.meta).not.toHaveProperty('sweeper');
    });

    it.each([-500, 500])(
      'is removed by another one if that one stops, also when the clock goes back: %i ms',
      async (ms) => {
        await directory.lease('one', 1);
        await directory.command('HINCRBY', ':meta', 'sweptAt', ms + Math.sign(ms) * 1000);
        await directory.lease('two', 1);
        expect([await left(), await sweeps('two')]).toEqual([dead - 200, 1]);
        expect((await directory.content()).meta).toMatchObject({ sweeper: 'two' });
      },
    );
  });

  describe('with the first user in the room', () => {
    const maxBytes = 65_536;
    const said = async (): Promise<[number, string][]> => {
      const news = (await directory.inbox('two')).filter(([kind]) => kind === 'history');
      return (news.at(-1)?.[1] ?? []) as [number, string][];
    };
    beforeEach(async () => {
      for (const node of ['one', 'two']) await directory.join(node, 1, { rows: [rowOf(`user-${node}`, `${node}/s`)] });
      await directory.batch('one', 1, 1, ['menu.leave', 'one/s', 'commonRoom']);
    });

    it('reads the hundred texts that were said there last', async () => {
      const lines = Array.from({ length: 101 }, (_, at) => `ann: ${at}\n`);
      await directory.batch('one', 1, 2, ...lines.map((line) => ['room', 'one/s', line, true, true]));
      expect((await directory.command<string[]>('LRANGE', ':history', 0, -1)).length).toBe(100);
      await directory.batch('two', 1, 1, ['menu.leave', 'two/s', 'commonRoom']);
      const now = Date.now();
      const texts = await said();
      expect(texts.map(([, line]) => line)).toEqual(lines.slice(1));
      for (const [at] of texts) expect(Math.abs(at - now)).toBeLessThan(60_000);
    });

    it.each([0, 1])('reads no more of it than 64 KiB: %i bytes above that', async (above) => {
      const entryOf = (text: string) => JSON.stringify([1_700_000_000_000, text]);
      const [first, second] = ['a'.repeat(30_000), 'b'.repeat(30_000)];
      const rest = maxBytes - entryOf(first).length - entryOf(second).length - entryOf('').length + above;
      const texts = [first, second, 'c'.repeat(rest)];
      for (const text of texts) await directory.command('LPUSH', ':history', entryOf(text));
      await directory.batch('two', 1, 1, ['menu.leave', 'two/s', 'commonRoom']);
      expect((await said()).map(([, text]) => text)).toEqual(above ? texts.slice(1) : texts);
    });

    it('reads it once, however many of its users come', async () => {
      await directory.batch('two', 1, 1, ['id.claim', 'two/t', 'cleo', ''], ['menu.leave', 'two/s', 'commonRoom']);
      await directory.batch('two', 1, 2, ['menu.leave', 'two/t', 'commonRoom'], ['menu.return', 'two/t']);
      expect((await directory.inbox('two')).filter(([kind]) => kind === 'history').length).toBe(1);
    });

    it('reads it again after everybody of it had left the room', async () => {
      await directory.batch('one', 1, 2, ['room', 'one/s', 'ann: hi\n', true, true]);
      await directory.batch('two', 1, 1, ['menu.leave', 'two/s', 'commonRoom']);
      await directory.batch('two', 1, 2, ['menu.return', 'two/s']);
      expect((await directory.content()).room).toEqual({ one: '1' });
      await directory.batch('two', 1, 3, ['menu.leave', 'two/s', 'commonRoom']);
      expect((await directory.inbox('two')).filter(([kind]) => kind === 'history').length).toBe(2);
    });
  });

  it('is told of the user who comes into the list, whole, when a listed one is gone', async () => {
    await directory.join('many', 1, { rows: rowsOf('many', listSize - 1) });
    await directory.join('one', 1, { rows: [rowOf('ann', 'one/s', { network: '10.0.0.1' })] });
    await directory.join('two', 1, { rows: [rowOf('bob', 'two/s'), rowOf('cleo', 'two/t')] });
    await directory.join('last', 1);
    const [, bob] = (await directory.rows()).filter(({ session }) => !session.startsWith('many'));
    const listed = (await directory.inbox('last')).filter(([kind]) => kind === 'row');
    expect([listed.length, JSON.stringify(listed).includes('two/s')]).toEqual([listSize, false]);
    await directory.batch('many', 1, 1, ['gone', 'many/3']);
    expect((await directory.inbox('last')).slice(-2)).toEqual([
      ['gone', 'many/3', 'many-3', 'menu', false],
      ['row', bob, true],
    ]);
    // Whoever isn't listed takes nobody's place.
    await directory.batch('two', 1, 1, ['gone', 'two/t']);
    expect((await directory.inbox('last')).at(-1)).toEqual(['row', bob, true]);
  });
});
