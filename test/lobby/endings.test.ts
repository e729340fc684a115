/**
 * What time and the server end: a request that nobody answers, a session whose id another user has, the server itself.
 */
import { describe, expect, it } from 'vitest';
import { ask, forget, Gathering, gatherLate, gatherThree, startChat } from '../support/memory.ts';
import { rowNamed } from '../support/rowNamed.ts';
import { evicted, idPrompt, menu, requestExpired, serverClosing } from '../support/wireTexts.ts';
import { arranged, arrangements } from './arrangements.ts';

describe('a request that nobody answers', () => {
  const expired = `${requestExpired}${menu}`;

  it('expires for both after the time limit, and not before', () => {
    const { all, lior, golan, noa } = gatherThree();
    ask(lior, 'golan');
    lior.read();
    golan.read();
    all.clock.increment(59_999);
    expect([lior.read(), golan.read()]).toEqual(['', '']);
    all.clock.increment(1);
    expect([lior.read(), golan.read(), noa.read()]).toEqual([expired, `\n${expired}`, '']);
    expect(all.rows()).toEqual(['lior: menu', 'golan: menu', 'noa: menu']);
  });

  it('has the limit of the options', () => {
    const { all, lior, golan } = gatherThree({ requestTimeoutMs: 1_500 });
    ask(lior, 'golan');
    all.clock.increment(1_499);
    expect(golan.read()).not.toContain('expired');
    all.clock.increment(1);
    expect(golan.read()).toContain('expired');
  });

  it('has its full time after an earlier one of the same user', () => {
    const { all, lior, golan, noa } = gatherThree();
    ask(lior, 'golan');
    all.clock.increment(50_000);
    golan.type('n');
    ask(lior, 'noa');
    noa.read();
    all.clock.increment(59_999);
    expect(noa.read()).toBe('');
    all.clock.increment(1);
    expect(noa.read()).toBe(`\n${expired}`);
  });

  it.each<[end: string, text: string, by: 'lior' | 'golan']>([
    ['accepted', 'y', 'golan'],
    ['declined', 'n', 'golan'],
    ['withdrawn', 'exit()', 'lior'],
  ])('does not expire once it was %s', (_, text, by) => {
    const trio = gatherThree();
    ask(trio.lior, 'golan');
    trio[by].type(text);
    const rows = trio.all.rows();
    forget(trio);
    trio.all.clock.increment(60_000);
    expect([trio.lior.read(), trio.golan.read()]).toEqual(['', '']);
    expect(trio.all.rows()).toEqual(rows);
  });

  it('does not end the request of somebody else who came in between', () => {
    const { all, lior, golan, noa } = gatherThree();
    ask(lior, 'golan');
    all.clock.increment(30_000);
    lior.hangUp();
    ask(noa, 'golan');
    golan.read();
    all.clock.increment(30_000);
    expect(golan.read()).toBe('');
    expect(all.placeOf('golan')).toBe('confirming.answering');
  });

  it('expires though the answer is on its way, if it comes too late', async () => {
    const { all, lior, golan, late } = gatherLate((trio) => ask(trio.lior, 'golan'));
    all.clock.increment(60_000);
    golan.type('y');
    await late.deliverAll();
    expect(lior.read()).toBe(expired);
    expect(golan.read()).toBe(expired);
    expect(all.rows()).toEqual(['lior: menu', 'golan: menu', 'noa: menu']);
  });

  it('is a chat if the answer came first, though its update are late', async () => {
    const { all, lior, golan, late } = gatherLate((trio) => ask(trio.lior, 'golan'));
    golan.type('y');
    all.clock.increment(60_000);
    await late.deliverAll();
    for (const user of [lior, golan]) expect(user.read()).toMatch(/^Chat started with \w+\. .*\n$/);
  });
});

describe('an eviction by the directory', () => {
  it.each(arrangements)('ends the session in $place, and tells why', (arrangement) => {
    const { all, lior, late } = gatherLate(arrangement.arrange);
    late.isPrompt = true;
    late.notify(rowNamed(all.lobby.directory, 'lior')?.session ?? '', { type: 'session.evicted' });
    expect(lior.read()).toMatch(/^\n?Your user ID is now used elsewhere\. Goodbye!\n$/);
    expect(lior.isEnded).toBe(true);
    expect(all.rows()).toEqual([`golan: ${arrangement.golanIs}`, 'noa: menu']);
  });

  it('ends the session also while a verdict is out, and the lines that waited for it are not taken', async () => {
    const { all, lior, late } = gatherLate();
    lior.type('3', 'hello', 'exit()', '4');
    late.notify(rowNamed(all.lobby.directory, 'lior')?.session ?? '', { type: 'session.evicted' });
    await late.deliverAll();
    expect(lior.read()).toBe(evicted);
    expect(all.errors).toEqual([]);
  });
});

describe('when the server stops', () => {
  it.each(arrangements)('everybody is told and the connections end: in $place', async (arrangement) => {
    const { all, lior, golan, noa } = arranged(arrangement);
    await all.lobby.stop();
    for (const user of [lior, golan, noa]) {
      expect(user.isEnded).toBe(true);
      expect(user.read().endsWith(serverClosing)).toBe(true);
    }
    expect([all.rows(), all.lobby.sessions.size, all.errors]).toEqual([[], 0, []]);
  });

  it('who has no id yet is told too', async () => {
    const all = new Gathering();
    const stranger = all.connect();
    await all.lobby.stop();
    expect(stranger.read()).toBe(`${idPrompt}\n${serverClosing}`);
    expect(stranger.isEnded).toBe(true);
  });

  it('nobody reads that the others disconnect', async () => {
    const { all, lior, golan } = gatherThree();
    startChat(lior, golan, 'golan');
    forget({ all, lior, golan, noa: golan });
    await all.lobby.stop();
    expect([lior.read(), golan.read()]).toEqual([serverClosing, serverClosing]);
  });

  it('those in the common room read one line, and not one for each who goes before them', async () => {
    const trio = gatherThree();
    for (const user of [trio.lior, trio.golan, trio.noa]) user.type('3');
    forget(trio);
    await trio.all.lobby.stop();
    expect([trio.lior.read(), trio.golan.read(), trio.noa.read()]).toEqual([
      serverClosing,
      serverClosing,
      serverClosing,
    ]);
  });

  it('a connection that comes meanwhile is told and refused', async () => {
    const { all, lior } = gatherThree();
    let late = lior;
    lior.onEnd = () => {
      late = all.connect();
    };
    await all.lobby.stop();
    expect(late).not.toBe(lior);
    expect(late.read()).toBe(serverClosing);
    expect(late.isEnded).toBe(true);
  });

  it('lines that wait for a verdict are not waited for', async () => {
    const { all, lior, late } = gatherLate();
    lior.type('3', 'hello');
    await all.lobby.stop();
    await late.deliverAll();
    expect(lior.read()).toBe(serverClosing);
  });

  it('is over at once when nobody is there, and may be said twice', async () => {
    const all = new Gathering();
    await all.lobby.stop();
    await expect(all.lobby.stop()).resolves.toBeUndefined();
  });

  it('goes on though a screen is broken', async () => {
    const { all, lior, golan } = gatherThree();
    lior.failNextWrites(1);
    await all.lobby.stop();
    expect([lior.isEnded, golan.read().endsWith(serverClosing)]).toEqual([true, true]);
    expect(all.errors).toHaveLength(1);
  });
});
