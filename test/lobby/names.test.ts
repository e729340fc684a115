/** Ids with a password, in memory on a virtual clock: what users read of it when an id changes hands. */
import { describe, expect, it } from 'vitest';
import type { LobbyOptions } from '../../src/chat/lobby.ts';
import type { Names } from '../../src/chat/proofs.ts';
import type { FakeConnection } from '../support/fakeConnection.ts';
import { endOfTurn, forget, Gathering, startChat } from '../support/memory.ts';
import {
  chatResumed,
  disconnected,
  evicted,
  joinedServer,
  menu,
  partnerAway,
  partnerBack,
  partnerLeft,
} from '../support/wireTexts.ts';

/** What others read whose menu is open. */
const changed = disconnected('golan') + joinedServer('golan');

/** Golan and lior have passwords, which are their ids. */
const names: Names = {
  needsProof: (id) => ['golan', 'lior'].includes(id.toLowerCase()),
  isCertified: () => false,
  check: ({ id, password }, verdict) => {
    if (password === id.toLowerCase()) verdict.right();
    else verdict.wrong();
    return () => {};
  },
};

/** Golan, lior and noa in the menu; who has an id with a password has proved it. */
function gathered(options: Partial<LobbyOptions> = {}) {
  const all = new Gathering({ names, resumeMs: 30_000, ...options });
  const [golan, lior, noa] = ['golan', 'lior', 'noa'].map((id) => prove(all, id));
  const trio = { all, golan, lior, noa } as { all: Gathering } & Record<'golan' | 'lior' | 'noa', FakeConnection>;
  forget(trio);
  return trio;
}

/** Says the id, and the password, if one is asked for. */
function prove(all: Gathering, id: string): FakeConnection {
  const terminal = all.connect();
  terminal.type(id);
  if (names.needsProof(id)) terminal.type(id.toLowerCase());
  return terminal;
}

describe('an id that is taken with its password', () => {
  it('changes hands at once in the menu, of which all others read', () => {
    const { all, golan, lior, noa } = gathered();
    golan.read();
    const again = prove(all, 'golan');
    expect([golan.read(), golan.isEndedByServer]).toEqual([evicted, true]);
    expect(again.read().endsWith(menu)).toBe(true);
    expect([lior.read(), noa.read()]).toEqual(Array(2).fill(changed));
    expect(all.rows()).toEqual(['lior: menu', 'noa: menu', 'golan: menu']);
  });

  it('is new to all where nobody had it', () => {
    const { all, golan, noa } = gathered();
    golan.hangUp();
    noa.read();
    prove(all, 'golan');
    expect(noa.read()).toBe(joinedServer('golan'));
  });

  it.each(['commonRoom', 'requesting'])('changes hands at once in %s', (place) => {
    const { all, golan } = gathered();
    golan.type(place === 'commonRoom' ? '3' : '1');
    golan.read();
    prove(all, 'golan');
    expect([golan.read().trimStart(), all.placeOf('golan')]).toEqual([evicted, 'menu.choosing']);
  });
});

describe('an id that is taken from a chat', () => {
  function chatting(options?: Partial<LobbyOptions>) {
    const them = gathered(options);
    startChat(them.golan, them.lior, 'lior');
    forget(them);
    const probes: number[] = [];
    Object.assign(them.golan, { probe: () => void probes.push(them.all.clock.now()) });
    return { ...them, probes };
  }

  it('is taken after 3 s, in which the connection is asked, and the chat ends if it is there', () => {
    const { all, golan, lior, noa, probes } = chatting();
    const again = prove(all, 'golan');
    again.read();
    expect(probes).toEqual([0]);
    all.clock.increment(2999);
    golan.type('still here');
    expect([again.read(), lior.read()]).toEqual(['', 'golan: still here\n']);
    all.clock.increment(1);
    expect([golan.read(), golan.isEndedByServer]).toEqual([evicted, true]);
    expect([again.read(), lior.read()]).toEqual([menu, `${partnerLeft('golan')}${menu}${changed}`]);
    expect(noa.read()).toBe(changed);
    expect(probes).toEqual([0]);
  });

  it('leads back into the chat if nobody is there', async () => {
    const { all, golan, lior, noa } = chatting();
    const again = prove(all, 'golan');
    again.read();
    all.clock.increment(2300);
    golan.reachLimit('unreachable');
    await endOfTurn();
    lior.type('hello?');
    expect(lior.read()).toBe(partnerAway('golan'));
    all.clock.increment(700);
    expect(again.read()).toBe(`${chatResumed('lior')}lior: hello?\n`);
    expect([lior.read(), noa.read()]).toEqual([partnerBack('golan'), '']);
    again.type('here');
    expect(lior.read()).toBe('golan: here\n');
    // Whoever is back has come last.
    expect(all.rows()).toEqual(['lior: chatting with golan', 'noa: menu', 'golan: chatting with lior']);
  });

  it('is taken at once from a user who is away, and is another’s no more', () => {
    const { all, golan, lior } = chatting();
    golan.hangUp();
    const again = prove(all, 'Golan');
    expect(again.read().endsWith(chatResumed('lior'))).toBe(true);
    expect(lior.read()).toBe(partnerAway('golan') + partnerBack('golan'));
    expect(all.lobby.directory.onlineCount).toBe(3);
  });

  it('says that the partner is away, if that is so', () => {
    const { all, golan, lior } = chatting();
    golan.hangUp();
    lior.hangUp();
    const again = prove(all, 'golan');
    expect(again.read().endsWith(chatResumed('lior') + partnerAway('lior'))).toBe(true);
    const other = prove(all, 'lior');
    expect([other.read().endsWith(chatResumed('golan')), again.read()]).toEqual([true, partnerBack('lior')]);
  });

  it('goes to one of two who take it at the same moment, and the other one is asked for from there', () => {
    const { all, golan, lior } = chatting();
    const [first, second] = [prove(all, 'golan'), prove(all, 'golan')];
    golan.hangUp();
    for (const each of [first, second]) each.read();
    all.clock.increment(3000);
    // The second try of the other one was about a session that is gone.
    expect([first.read(), second.read()]).toEqual([chatResumed('lior'), '']);
    expect(lior.read()).toBe(partnerAway('golan') + partnerBack('golan'));
    all.clock.increment(3000);
    expect([first.read(), second.read(), lior.read()]).toEqual([
      evicted,
      menu,
      `${partnerLeft('golan')}${menu}${changed}`,
    ]);
  });

  it('is taken by nobody who has gone meanwhile', () => {
    const { all, golan, lior } = chatting();
    prove(all, 'golan').hangUp();
    all.clock.increment(3000);
    expect([golan.isEnded, lior.read()]).toEqual([false, '']);
  });

  it('is taken at once with --resume 0', () => {
    const { all, golan, lior } = chatting({ resumeMs: 0 });
    expect(prove(all, 'golan').read().endsWith(menu)).toBe(true);
    expect([golan.read(), lior.read()]).toEqual([evicted, `${partnerLeft('golan')}${menu}${changed}`]);
  });
});
