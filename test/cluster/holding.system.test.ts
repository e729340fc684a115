/**
 * What becomes of the users that nodes say they hold, when Redis was lost or a node begins again, and of those who come back.
 *
 * Owns: these rules of `holding.lua` and `claiming.lua`, each called inside a real Redis. What two sides of a pairing can say is
 * tried in every combination.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SharedRow } from '../../src/cluster/wireTypes.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasRedis } from '../support/redisServer.ts';
import { CalledDirectory, rowOf, rowsOf } from './calledDirectory.ts';

const leaseMs = 3000;
const paired = ['requesting', 'confirming', 'chatting', 'away'] as const;
type Paired = (typeof paired)[number];
const inChat = (state: string): boolean => state === 'chatting' || state === 'away';

const ann = (state: Paired, more: Partial<SharedRow> = {}) =>
  rowOf('ann', 'one/s', { state, other: 'two/s', pairingId: 7, ...more });
const bob = (state: Paired, more: Partial<SharedRow> = {}) =>
  rowOf('bob', 'two/s', { state, other: 'one/s', pairingId: 7, ...more });

/** What a user reads whose pairing is over because nobody confirms it. */
function parting(state: Paired, pairingId = 7): object {
  if (state === 'requesting') return { type: 'request.refused', reason: 'gone' };
  return { type: state === 'confirming' ? 'request.withdrawn' : 'chat.ended', pairingId };
}

/** What comes of two sides that say this, and what the directory tells each of them. */
function together(mine: Paired, theirs: Paired): { states: string[]; toMe: object[]; toThem: object[] } {
  const opposite = `${mine} ${theirs}`;
  const away = { type: 'partner.away', pairingId: 7 };
  const reminders = (state: string): object[] => (state === 'away' ? [away] : []);
  const started = (partnerId: string, partnerSession: string) => ({
    ...{ type: 'chat.started', partnerId, partnerSession, pairingId: 7 },
  });
  if (opposite === 'requesting confirming' || opposite === 'confirming requesting') {
    return { states: [mine, theirs], toMe: [], toThem: [] };
  }
  if (inChat(mine) && inChat(theirs)) {
    return { states: [mine, theirs], toMe: reminders(theirs), toThem: reminders(mine) };
  }
  if (inChat(mine) && theirs === 'requesting') {
    return { states: [mine, 'chatting'], toMe: [], toThem: [started('ann', 'one/s'), ...reminders(mine)] };
  }
  if (inChat(theirs) && mine === 'requesting') {
    return { states: ['chatting', theirs], toMe: [started('bob', 'two/s'), ...reminders(theirs)], toThem: [] };
  }
  return { states: ['menu', 'menu'], toMe: [parting(mine)], toThem: [parting(theirs)] };
}

const combinations = paired.flatMap((mine) => paired.map((theirs) => [mine, theirs] as const));

describeNeeding('redis-server', hasRedis, 'what nodes say that they hold', () => {
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

  const statesOf = async () => (await directory.rows()).map(({ state }) => state);
  const toldTo = async (node: string) => (await directory.updates(node)).map(([, update]) => update);
  const waits = async () => Object.keys(((await directory.content()).unconfirmed as object | undefined) ?? {});

  describe.each(combinations)('of a pairing: %s here, %s there', (mine, theirs) => {
    it.each(['here', 'there'])('%s first', async (first) => {
      const { states, toMe, toThem } = together(mine, theirs);
      await directory.join('two', 1);
      await directory.join('one', 1);
      const says = [
        () => directory.join('one', 2, { rows: [ann(mine)] }),
        () => directory.join('two', 2, { rows: [bob(theirs)] }),
      ];
      for (const say of first === 'here' ? says : says.reverse()) expect(await say()).toBe('ok');
      expect(await statesOf()).toEqual(states);
      expect(await waits()).toEqual([]);
      // A node that joins begins with an empty inbox, so that only the second one reads all of it.
      if (first === 'here') expect(await toldTo('two')).toEqual(toThem);
      else expect(await toldTo('one')).toEqual(toMe);
      for (const { other, pairingId, state } of await directory.rows()) {
        expect([other === '', pairingId]).toEqual(state === 'menu' ? [true, 0] : [false, 7]);
      }
    });

    it('is over if they mean two pairings', async () => {
      await directory.join('one', 1, { rows: [ann(mine)] });
      await directory.join('two', 1, { rows: [bob(theirs, { pairingId: 8 })] });
      expect(await directory.states()).toEqual(['ann menu', 'bob menu']);
      expect([await toldTo('one'), await toldTo('two')]).toEqual([[parting(mine)], [parting(theirs, 8)]]);
    });

    it('is over for one side if the other is in another one', async () => {
      const cleo = rowOf('cleo', 'two/c', { state: 'chatting', other: 'two/s', pairingId: 7 });
      await directory.join('two', 1, { rows: [bob('chatting', { other: 'two/c' }), cleo] });
      await directory.join('one', 1, { rows: [ann(mine)] });
      expect(await directory.states()).toEqual(['ann menu', 'bob chatting two/c', 'cleo chatting two/s']);
      expect([await toldTo('one'), await toldTo('two')]).toEqual([[parting(mine)], []]);
    });
  });

  describe('of a pairing whose other side is missing', () => {
    it.each(paired)('waits as long as a lease lasts, and is over then: %s', async (mine) => {
      await directory.join('two', 1);
      await directory.join('one', 1, { rows: [ann(mine)] });
      const { meta, unconfirmed } = await directory.content();
      expect(unconfirmed).toEqual({ 'one/s': String(Number((meta as { clock: string }).clock) + leaseMs) });
      await directory.passes(leaseMs - 1000);
      await directory.lease('two', 1);
      expect([await statesOf(), await toldTo('one')]).toEqual([[mine], []]);
      await directory.passes(1000);
      await directory.lease('two', 1);
      expect([await statesOf(), await toldTo('one')]).toEqual([['menu'], [parting(mine)]]);
      expect(await waits()).toEqual([]);
    });

    it('waits until all nodes have said all, and for a node that may say it still', async () => {
      await directory.join('two', 1, { rows: [bob('chatting'), rowOf('dov', 'two/d')] });
      await directory.join('one', 1, { rows: [ann('chatting')] });
      expect(await waits()).toEqual([]);
      // What is known of the other side is from before.
      await directory.join('two', 2, { isLast: false });
      await directory.join('one', 2, { rows: [ann('requesting')] });
      expect([await statesOf(), await waits()]).toEqual([['requesting', 'chatting', 'menu'], ['one/s']]);
      await directory.passes(2 * leaseMs);
      await directory.lease('one', 2);
      expect([await statesOf(), await waits()]).toEqual([['requesting', 'chatting', 'menu'], ['one/s']]);
      await directory.hold('two', 2, [bob('confirming')]);
      expect([await statesOf(), await waits()]).toEqual([['requesting', 'confirming', 'menu'], []]);
      await directory.lease('one', 2);
      expect(await directory.states()).toEqual(['ann requesting two/s', 'bob confirming one/s']);
    });

    it('does not wait for what its node has said already, though it has more to say', async () => {
      await directory.join('two', 1, { rows: [bob('chatting')] });
      await directory.join('two', 2, { rows: [bob('chatting')], isLast: false });
      await directory.join('one', 1, { rows: [ann('requesting')] });
      expect(await directory.states()).toEqual(['ann chatting two/s', 'bob chatting one/s']);
      expect(await waits()).toEqual([]);
    });

    it('is over in slices: no call goes through all of them', async () => {
      const rows = rowsOf('one', 150).map((row, at) => ({
        ...row,
        state: 'chatting' as const,
        other: `two/${at}`,
        pairingId: 7,
      }));
      await directory.join('one', 1, { rows: rows.slice(0, 100), isLast: false });
      await directory.hold('one', 1, rows.slice(100));
      await directory.passes(leaseMs);
      const left = async () => (await statesOf()).filter((state) => state === 'chatting').length;
      await directory.lease('one', 1);
      expect(await left()).toBe(50);
      await directory.lease('one', 1);
      expect([await left(), await waits()]).toEqual([0, []]);
    });

    it('is no trouble if its user has gone, or asks somebody else meanwhile', async () => {
      await directory.join('one', 1, {
        rows: [ann('chatting'), rowOf('dov', 'one/d', { state: 'chatting', other: 'two/d', pairingId: 7 })],
      });
      await directory.batch(
        'one',
        1,
        1,
        ['gone', 'one/d'],
        ['chat.leave', 'one/s', 7],
        ['menu.leave', 'one/s', 'commonRoom'],
      );
      await directory.passes(leaseMs);
      await directory.lease('one', 1);
      expect([await directory.states(), await waits()]).toEqual([['ann commonRoom'], []]);
      expect(await toldTo('one')).toEqual([
        { type: 'chat.ended', pairingId: 7 },
        { type: 'move.granted', to: 'commonRoom' },
      ]);
    });
  });

  it('of a user whose id another one has by now costs that user the id, in any letter case', async () => {
    await directory.join('two', 1, { rows: [rowOf('ann', 'two/s')] });
    await directory.join('one', 1, { rows: [rowOf('ANN', 'one/s'), rowOf('bob', 'one/t')] });
    expect(await directory.states()).toEqual(['ann menu', 'bob menu']);
    expect(await directory.updates('one')).toEqual([['one/s', { type: 'session.evicted' }]]);
    expect((await directory.content()).ids).toEqual({ ann: 'two/s', bob: 'one/t' });
  });

  it('keeps the place in the list of who was there before, and gives the others one behind it', async () => {
    await directory.join('one', 1, { rows: [rowOf('ann', 'one/s', { order: 40 })] });
    await directory.join('two', 1, { rows: [rowOf('bob', 'two/s', { order: 3 })] });
    await directory.join('one', 2, { rows: [rowOf('ann', 'one/s', { order: 50 }), rowOf('cleo', 'one/t')] });
    expect((await directory.rows()).map(({ id, order }) => `${id} ${order}`)).toEqual(['ann 1', 'bob 2', 'cleo 3']);
    expect((await directory.content()).order).toEqual({ 'one/s': '1', 'two/s': '2', 'one/t': '3' });
    expect((await directory.content()).meta).toMatchObject({ order: '3' });
  });

  it.each([4e12, 5])(
    'keeps numbers of pairings growing, above the highest that is held and the time of day: %d',
    async (held) => {
      const before = Date.now();
      await directory.join('one', 1, {
        rows: [ann('chatting', { pairingId: held }), rowOf('cleo', 'one/c'), rowOf('dov', 'one/d')],
      });
      await directory.join('two', 1, { rows: [bob('chatting', { pairingId: held })] });
      const numbers: number[] = [];
      for (const at of [1, 3]) {
        const asks = [
          ['menu.leave', 'one/c', 'requesting'],
          ['request.make', 'one/c', 'dov', 0, 0],
        ];
        await directory.batch('one', 1, at, ...asks);
        numbers.push((await directory.rows()).find(({ id }) => id === 'dov')?.pairingId ?? 0);
        await directory.batch('one', 1, at + 1, ['request.withdraw', 'one/c']);
      }
      expect(numbers[1]).toBeGreaterThan(numbers[0] as number);
      await directory.join('two', 2, { rows: [rowOf('bob', 'two/s')] });
      expect((await directory.content()).meta).toMatchObject({ pairingId: String(numbers[1]) });
      if (held === 4e12) expect(numbers[0]).toBe(held + 1);
      else expect(numbers[0]).toBeGreaterThanOrEqual(before);
    },
  );

  it('ends another pairing that its user is known to be in, for the other side of it', async () => {
    await directory.join('two', 1, {
      rows: [bob('chatting'), rowOf('cleo', 'two/c', { state: 'confirming', other: 'one/s', pairingId: 9 })],
    });
    await directory.join('one', 1, { rows: [ann('chatting')] });
    await directory.join('one', 2, { rows: [ann('requesting', { other: 'two/c', pairingId: 9 })] });
    expect(await directory.states()).toEqual(['ann requesting two/c', 'bob menu', 'cleo confirming one/s']);
    expect((await directory.updates('two')).at(-1)).toEqual(['two/s', { type: 'chat.ended', pairingId: 7 }]);
  });

  it('tells its own users of no pairing that they have left meanwhile: they have been elsewhere since', async () => {
    const [ben, cleo] = [rowOf('ben', 'one/b'), rowOf('cleo', 'one/c')];
    const asked = { state: 'confirming', other: 'one/s' } as const;
    await directory.join('one', 1, {
      rows: [{ ...ben, ...asked, pairingId: 7 }, ann('requesting', { other: 'one/b' }), cleo],
    });
    // Ben has said no, and ann has asked cleo.
    const rows = [ben, ann('requesting', { other: 'one/c', pairingId: 9 }), { ...cleo, ...asked, pairingId: 9 }];
    await directory.join('one', 2, { rows });
    expect(await directory.states()).toEqual(['ann requesting one/c', 'ben menu', 'cleo confirming one/s']);
    expect(await directory.updates('one')).toEqual([]);
  });

  it('is what is left of it: whom it does not say any more is gone, in however many pieces it was said', async () => {
    const rows = rowsOf('one', 6);
    await directory.join('two', 1);
    await directory.join('one', 1, { rows });
    await directory.join('one', 2, { rows: rows.slice(0, 2), isLast: false });
    await directory.join('one', 3, { rows: rows.slice(1, 3), isLast: false });
    const sets = Object.entries(await directory.content()).filter(([name]) => /^(was|past)/.test(name));
    expect(Object.fromEntries(sets)).toEqual({
      'past:one': ['1', '2'],
      'was:one:1': ['one/3', 'one/4', 'one/5'],
      'was:one:2': ['one/0'],
    });
    await directory.hold('one', 3, rows.slice(3, 4));
    expect((await directory.content()).holding).toBeUndefined();
    expect((await directory.content()).dying).toEqual(['one:1', 'one:2']);
    await directory.lease('one', 3);
    expect(await directory.states()).toEqual(['one-1 menu', 'one-2 menu', 'one-3 menu']);
    expect(Object.keys(await directory.content()).filter((name) => /^(was|past|dying)/.test(name))).toEqual([]);
  });

  it('is no trouble if its user goes before it is said again', async () => {
    const rows = rowsOf('one', 3);
    await directory.join('one', 1, { rows });
    await directory.join('one', 2, { isLast: false });
    await directory.batch('one', 2, 1, ['gone', 'one/0']);
    await directory.hold('one', 2, rows.slice(1, 2));
    expect(await directory.lease('one', 2)).toBe('ok');
    expect(await directory.states()).toEqual(['one-1 menu']);
    expect(Object.keys(await directory.content()).filter((name) => /^(was|past|dying)/.test(name))).toEqual([]);
  });

  it('is not heard if it comes from before the latest join', async () => {
    await directory.join('one', 1);
    await directory.join('one', 2, { isLast: false });
    expect(await directory.hold('one', 1, rowsOf('one', 1))).toBe('unknown');
    expect(await directory.call('sweep', 'one', 1)).toBe('unknown');
    expect([await directory.states(), (await directory.content()).holding]).toEqual([[], ['one']]);
    expect(await directory.hold('two', 1, rowsOf('two', 1))).toBe('forgotten');
    expect(await directory.states()).toEqual([]);
  });

  describe('a user who proves an id', () => {
    const home = { network: 'home', refuses: ['pest', '@pest'] };
    /** Ann and Bob chat, and each of these has lost the connection. */
    async function chat(...lost: string[]): Promise<void> {
      await directory.join('one', 1, { rows: [ann('chatting', home), rowOf('cleo', 'one/c')] });
      await directory.join('two', 1, { rows: [bob('chatting')] });
      let number = 0;
      for (const session of lost) await directory.batch(session.slice(0, 3), 1, ++number, ['chat.suspend', session, 7]);
      for (const node of ['one', 'two']) await directory.command('XTRIM', `:in:${node}`, 'MAXLEN', 0);
    }
    const take = (session: string, network: string, doubted = '') =>
      directory.batch('one', 1, 20, ['id.take', session, 'ANN', network, doubted]);

    it.each(['', 'school'])('is back in the chat that was lost, from the network %j', async (network) => {
      await chat('one/s');
      await take('one/n', network);
      const [row, partner] = await directory.rows();
      const theirs = { state: 'chatting', other: 'two/s', pairingId: 7 } as const;
      const back = rowOf('ann', 'one/n', { ...theirs, order: 4, refuses: home.refuses });
      expect(row).toEqual(network ? { ...back, network } : back);
      expect(partner).toMatchObject({ id: 'bob', other: 'one/n', state: 'chatting', pairingId: 7 });
      const content = await directory.content();
      expect(content).toMatchObject({ 'of:one': ['one/c', 'one/n'], ids: { ann: 'one/n' } });
      expect(content.order).toEqual({ 'one/c': '2', 'two/s': '3', 'one/n': '4' });
      expect(await directory.updates('one')).toEqual([
        ['one/s', { type: 'session.evicted' }],
        [
          'one/n',
          {
            ...{ type: 'id.granted', id: 'ann', isProved: true },
            chat: { partnerId: 'bob', partnerSession: 'two/s', pairingId: 7 },
          },
        ],
      ]);
      expect(await directory.updates('two')).toEqual([
        ['two/s', { type: 'partner.back', partnerSession: 'one/n', pairingId: 7 }],
      ]);
      expect((await directory.inbox('two')).filter(([kind]) => kind === 'gone')).toEqual([
        ['gone', 'one/s', 'ann', 'away', false],
      ]);
    });

    it('hears that the partner is away, too', async () => {
      await chat('one/s', 'two/s');
      await take('one/n', '');
      expect((await directory.updates('one')).at(-1)?.[1]).toMatchObject({ chat: { isPartnerAway: true } });
      expect(await directory.states()).toEqual(['ann chatting two/s', 'bob away one/n', 'cleo menu']);
    });

    it('is in the menu if the partner is not there any more', async () => {
      await directory.join('one', 1, { rows: [ann('away')] });
      await take('one/n', '');
      expect(await directory.states()).toEqual(['ANN menu']);
      expect((await directory.updates('one')).at(-1)).toEqual([
        'one/n',
        { type: 'id.granted', id: 'ANN', isProved: true, takesOver: true },
      ]);
    });

    it.each(['', 'one/c'])('has to try again if the one who has it chats; in doubt was %j', async (doubted) => {
      await chat();
      await take('one/n', '', doubted);
      expect(await directory.states()).toEqual(['ann chatting two/s', 'bob chatting one/s', 'cleo menu']);
      expect(await directory.updates('one')).toEqual([
        ['one/s', { type: 'connection.doubted' }],
        ['one/n', { type: 'take.delayed', id: 'ANN', holder: 'one/s' }],
      ]);
    });

    it('gets it from one who was doubted and chats still, and that chat is over', async () => {
      await chat();
      await take('one/n', 'school', 'one/s');
      expect(await directory.states()).toEqual(['ANN menu', 'bob menu', 'cleo menu']);
      expect((await directory.rows())[0]).toEqual(rowOf('ANN', 'one/n', { order: 4, network: 'school' }));
      expect(await directory.updates('one')).toEqual([
        ['one/s', { type: 'session.evicted' }],
        ['one/n', { type: 'id.granted', id: 'ANN', isProved: true, takesOver: true }],
      ]);
      expect(await directory.updates('two')).toEqual([['two/s', { type: 'chat.ended', pairingId: 7 }]]);
    });

    it('gets no second one, and nobody gets one that is taken without a proof', async () => {
      await chat();
      await directory.batch('one', 1, 20, ['id.take', 'one/c', 'ann', '', ''], ['id.claim', 'one/n', 'Ann', '']);
      expect(await directory.updates('one')).toEqual([
        ['one/c', { type: 'id.refused' }],
        ['one/n', { type: 'id.refused' }],
      ]);
      await directory.batch('one', 1, 21, ['id.claim', 'one/n', 'Dov', 'home'], ['id.take', 'one/m', 'eve', '', '']);
      expect((await directory.updates('one')).slice(2)).toEqual([
        ['one/n', { type: 'id.granted', id: 'Dov' }],
        ['one/m', { type: 'id.granted', id: 'eve', isProved: true }],
      ]);
      expect((await directory.rows()).filter(({ session }) => /[nm]$/.test(session))).toEqual([
        rowOf('Dov', 'one/n', { order: 4, network: 'home' }),
        rowOf('eve', 'one/m', { order: 5 }),
      ]);
    });
  });
});
