/** Another process goes on with the sessions of this one: what users read and may do is as if nothing had been. */
import { describe, expect, it } from 'vitest';
import { MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';
import type { LobbyOptions } from '../../src/chat/lobby.ts';
import { checkState } from '../../src/chat/movingSession.ts';
import { CountingClock } from '../limits/countingClock.ts';
import type { FakeConnection } from '../support/fakeConnection.ts';
import { GatedDirectory } from '../support/gatedDirectory.ts';
import { ask, forget, Gathering, gatherThree, startChat, type Trio } from '../support/memory.ts';
import {
  disconnected,
  idleTooLong,
  idPrompt,
  idTimeout,
  joinedServer,
  leftRoom,
  menu,
  partnerAway,
  partnerLeft,
  question,
  requestExpired,
  roomCount,
  targetPrompt,
  tooManyRequests,
  youLeftChat,
} from '../support/wireTexts.ts';
import { arranged, arrangements } from './arrangements.ts';

/** Returns a lobby, on a clock of its own, that goes on with these connections of another one. */
function handOver(all: Gathering, options: Partial<LobbyOptions> = {}, staying: FakeConnection[] = []): Gathering {
  const { handOver: before, sessions } = all.lobby;
  before.freeze();
  const moving = [...sessions.values()]
    .map((session) => ({ connection: session.connection as FakeConnection, state: before.stateOf(session) }))
    .filter(({ connection }) => !staying.includes(connection));
  const { lobby, states } = structuredClone({ lobby: before.state, states: moving.map(({ state }) => state) });
  for (const { id } of states) before.forget(id);
  before.thaw();
  const next = new Gathering({ ...options, state: lobby });
  for (const [at, state] of states.entries()) {
    checkState(state);
    next.lobby.handOver.resume(moving[at]?.connection as FakeConnection, state);
  }
  next.lobby.handOver.allResumed();
  return next;
}

describe.each(arrangements)('after a hand-over in $place', (arrangement) => {
  it('all are where they were, have read nothing, and part as ever', () => {
    const { all, lior, golan, noa } = arranged(arrangement);
    const places = () => ['lior', 'golan', 'noa'].map((id) => next.placeOf(id));
    const before = [all.rows(), ['lior', 'golan', 'noa'].map((id) => all.placeOf(id))];
    const next = handOver(all);
    expect([next.rows(), places()]).toEqual(before);
    expect([lior.read(), golan.read(), noa.read()]).toEqual(['', '', '']);
    expect(all.lobby.sessions.size).toBe(0);
    lior.hangUp();
    expect(golan.read()).toBe(arrangement.golanReads);
    expect(noa.read()).toBe(disconnected('lior'));
    expect(next.rows()).toEqual([`golan: ${arrangement.golanIs}`, 'noa: menu']);
    expect([...all.errors, ...next.errors]).toEqual([]);
  });
});

describe('after a hand-over', () => {
  const bothWays: [way: string, meet: (trio: Trio) => void][] = [
    ['a chat', ({ lior, golan }) => startChat(lior, golan, 'golan')],
    ['the common room', ({ lior, golan }) => [lior.type('3'), golan.type('3')]],
  ];
  it.each(bothWays)('lines go on in %s', (_, meet) => {
    const trio = gatherThree();
    meet(trio);
    forget(trio);
    handOver(trio.all);
    trio.lior.type('hello');
    trio.golan.type('hello yourself');
    expect([trio.lior.read(), trio.golan.read(), trio.noa.read()]).toEqual([
      ...['golan: hello yourself\n', 'lior: hello\n', ''],
    ]);
  });

  it('those in the menu read who comes, and newcomers get sessions of their own', () => {
    const { all, lior } = gatherThree();
    const next = handOver(all);
    next.gather('dan');
    expect(lior.read()).toBe(joinedServer('dan'));
    expect([...next.lobby.sessions.keys()]).toEqual(['s1', 's2', 's3', 's4']);
  });

  it('a prompt that is unanswered comes again after a line, as before', () => {
    const { all, lior } = gatherThree();
    lior.type('1');
    lior.read();
    const next = handOver(all);
    next.lobby.operator.act({ type: 'operator.say', text: 'hello', by: 'root' });
    expect(lior.read()).toBe(`\n[operator] hello\n${targetPrompt}`);
  });

  it('the room remembers its last lines', () => {
    const { all, lior, golan } = gatherThree({ roomHistory: 5 });
    lior.type('3', 'hello');
    const next = handOver(all, { roomHistory: 5 });
    golan.read();
    golan.type('3');
    expect(golan.read()).toMatch(/\] lior: hello\n2 people are here/);
    expect(golan.written).toContain(roomCount(2));
    expect(next.errors).toEqual([]);
  });

  it('what is left of the time to give an id runs on', () => {
    const limit = { idTimeoutMs: 60_000 };
    const all = new Gathering(limit);
    const stranger = all.connect();
    all.clock.increment(40_000);
    const next = handOver(all, limit);
    all.clock.increment(60_000);
    next.clock.increment(19_999);
    expect(stranger.written).toBe(idPrompt);
    next.clock.increment(1);
    expect(stranger.written).toBe(`${idPrompt}\n${idTimeout}`);
  });

  it('what is left of the time for an answer runs on', () => {
    const limit = { requestTimeoutMs: 60_000 };
    const { all, lior, golan } = gatherThree(limit);
    ask(lior, 'golan');
    all.clock.increment(40_000);
    golan.read();
    const next = handOver(all, limit);
    all.clock.increment(60_000);
    next.clock.increment(19_999);
    expect(golan.read()).toBe('');
    next.clock.increment(1);
    expect(golan.read()).toBe(`\n${requestExpired}${menu}`);
  });

  it('what is left of the time to type something runs on, and anew after each line', () => {
    const limit = { idleMs: 60_000 };
    const { all, lior, golan } = gatherThree(limit);
    all.clock.increment(40_000);
    golan.type('9');
    const next = handOver(all, limit);
    next.clock.increment(19_999);
    expect(lior.isEnded).toBe(false);
    next.clock.increment(1);
    expect([lior.written.endsWith(idleTooLong), lior.isEnded, golan.isEnded]).toEqual([true, true, false]);
    next.clock.increment(40_000);
    expect(golan.written.endsWith(idleTooLong)).toBe(true);
  });

  it('the room remembers as much as ever, and not more', () => {
    const { all, lior, golan } = gatherThree({ roomHistory: 100 });
    lior.type('3', ...Array.from({ length: 16 }, (_, at) => `${at} ${'x'.repeat(1014)}`));
    handOver(all, { roomHistory: 100 });
    lior.type('the last one');
    golan.read();
    golan.type('3');
    const said = golan.read().match(/lior: \S+/g);
    expect([said?.[0], said?.length]).toEqual(['lior: 1', 16]);
  });

  it.each([true, false])('who has proved an id may come back to a chat, and nobody else: %s', (hasProved) => {
    const names: LobbyOptions['names'] = {
      needsProof: (id) => hasProved && id === 'golan',
      isCertified: () => false,
      check: (_, verdict) => {
        verdict.right();
        return () => {};
      },
    };
    const options = { names, resumeMs: 30_000 };
    const all = new Gathering(options);
    const [lior] = all.gather('lior') as [FakeConnection];
    const golan = all.connect();
    golan.type('golan', ...(hasProved ? ['sesame'] : []));
    startChat(golan, lior, 'lior');
    const next = handOver(all, options);
    lior.read();
    golan.hangUp();
    expect(lior.read()).toBe(hasProved ? partnerAway('golan') : `${partnerLeft('golan')}${menu}`);
    expect(next.rows()).toEqual(hasProved ? ['lior: chatting with golan', 'golan: away with lior'] : ['lior: menu']);
  });

  it('no clock runs any more where they have come from', () => {
    const clock = new CountingClock();
    const { all, lior } = gatherThree({ clock, idleMs: 60_000 });
    all.connect();
    ask(lior, 'golan');
    expect(clock.pending).toBe(6);
    handOver(all);
    expect(clock.pending).toBe(0);
  });

  it('no time runs where there is no limit', () => {
    const { all, lior } = gatherThree({ idleMs: 0 });
    const next = handOver(all, { idleMs: 0 });
    next.clock.increment(1e9);
    expect(lior.isEnded).toBe(false);
  });

  it('lines that came too fast come one by one, as before', async () => {
    const limit = { rateLimit: 1, rateBurst: 3 };
    const { all, lior, golan } = gatherThree(limit);
    startChat(lior, golan, 'golan');
    all.clock.increment(10_000);
    lior.type('one', 'two', 'three', 'four');
    golan.read();
    const next = handOver(all, limit);
    await Promise.resolve();
    next.clock.increment(999);
    expect(golan.read()).toBe('');
    next.clock.increment(1);
    expect(golan.read()).toBe('lior: four\n');
  });

  it('requests that were made count', () => {
    const limit = { requestsPerMinute: 2 };
    const { all, lior } = gatherThree(limit);
    lior.type('1', 'nobody');
    handOver(all, limit);
    lior.type('1', 'nobody');
    lior.read();
    lior.type('1', 'nobody');
    expect(lior.read()).toBe(`${targetPrompt}${tooManyRequests}${menu}`);
  });

  it('the same user asks again as long after a no as ever', () => {
    const limit = { declineWaitMs: 30_000 };
    const { all, lior, golan } = gatherThree(limit);
    all.clock.increment(100_000);
    ask(lior, 'golan');
    golan.type('n');
    all.clock.increment(20_000);
    const next = handOver(all, limit);
    next.clock.increment(9999);
    golan.read();
    ask(lior, 'golan');
    expect(golan.read()).toBe('');
    next.clock.increment(1);
    ask(lior, 'golan');
    expect(golan.read()).toBe(question('lior'));
  });

  it('nobody is asked more often within a minute than ever', () => {
    const limit = { askedPerMinute: 1 };
    const { all, lior, golan, noa } = gatherThree(limit);
    all.clock.increment(100_000);
    ask(lior, 'golan');
    golan.type('n');
    all.clock.increment(20_000);
    const next = handOver(all, limit);
    next.clock.increment(39_999);
    golan.read();
    ask(noa, 'golan');
    expect(golan.read()).toBe('');
    next.clock.increment(1);
    ask(noa, 'golan');
    expect(golan.read()).toBe(question('noa'));
  });

  it('for how long somebody is here and has typed nothing is known', () => {
    const { all, lior } = gatherThree();
    all.clock.increment(5000);
    lior.type('9');
    all.clock.increment(2000);
    const next = handOver(all);
    next.clock.increment(1000);
    const activity = next.lobby.sessions.get('s1')?.activity;
    expect(activity?.state).toEqual({ requestTokens: undefined, openMs: 8000, silentMs: 3000 });
  });

  it('who has not come has left: the chat, the room, and all others read so', () => {
    const { all, lior, golan, noa } = gatherThree();
    startChat(lior, golan, 'golan');
    forget({ all, lior, golan, noa });
    const next = handOver(all, {}, [golan]);
    expect([lior.read(), noa.read()]).toEqual([`${partnerLeft('golan')}${menu}`, disconnected('golan')]);
    expect(next.rows()).toEqual(['lior: menu', 'noa: menu']);
    for (const user of [lior, noa]) user.type('3');
    forget({ all, lior, golan, noa });
    const last = handOver(next, {}, [noa]);
    expect([lior.read(), last.rows()]).toEqual([leftRoom('noa'), ['lior: commonRoom']]);
  });

  it('those in the room read nothing of somebody who has not come and was not there', () => {
    const { all, lior, golan } = gatherThree();
    lior.type('3');
    lior.read();
    handOver(all, {}, [golan]);
    expect(lior.read()).toBe('');
  });
});

describe('while everything stands still', () => {
  it('what comes waits, and has its turn when it goes on', () => {
    const { all, lior, golan, noa } = gatherThree();
    const { handOver: moving } = all.lobby;
    moving.freeze();
    moving.freeze();
    noa.hangUp();
    const dan = all.connect();
    expect([golan.read(), dan.read(), all.rows().length]).toEqual(['', '', 3]);
    expect([lior.isPaused, golan.isPaused]).toEqual([true, true]);
    moving.thaw();
    moving.thaw();
    expect([golan.read(), dan.read()]).toEqual([disconnected('noa'), idPrompt]);
    expect([lior.isPaused, golan.isPaused, all.rows()]).toEqual([false, false, ['lior: menu', 'golan: menu']]);
    const eve = all.connect();
    expect(eve.read()).toBe(idPrompt);
  });

  it('a limit that is reached has its turn then, too', async () => {
    const { all, lior, golan } = gatherThree();
    all.lobby.handOver.freeze();
    golan.reachLimit('stalled');
    await Promise.resolve();
    expect([golan.isEnded, lior.read()]).toEqual([false, '']);
    all.lobby.handOver.thaw();
    await Promise.resolve();
    expect([golan.isEnded, lior.read()]).toEqual([true, disconnected('golan')]);
  });

  it('lines that wait for a slow reader wait on, though it reads now, and so does their sender', () => {
    const trio = gatherThree();
    const { all, lior, golan } = trio;
    startChat(lior, golan, 'golan');
    forget(trio);
    golan.needsDrain = true;
    lior.type('one', 'two');
    all.lobby.handOver.freeze();
    all.lobby.handOver.thaw();
    expect(lior.isPaused).toBe(true);
    all.lobby.handOver.freeze();
    golan.drain();
    expect(golan.read()).toBe('');
    all.lobby.handOver.thaw();
    expect([golan.read(), lior.isPaused]).toEqual(['lior: one\nlior: two\n', false]);
  });

  it('lines that wait for a slow reader go with their sender', async () => {
    const trio = gatherThree();
    const { all, lior, golan } = trio;
    startChat(lior, golan, 'golan');
    forget(trio);
    golan.needsDrain = true;
    lior.type('one', 'two', 'exit()');
    const next = handOver(all);
    await new Promise(setImmediate);
    expect([lior.read(), golan.read(), lior.isPaused]).toEqual(['', '', true]);
    golan.drain();
    expect(golan.read()).toBe(`lior: one\nlior: two\n${partnerLeft('lior')}${menu}`);
    expect([lior.read(), lior.isPaused, next.errors]).toEqual([`${youLeftChat}${menu}`, false, []]);
  });
});

describe('what can not be handed over', () => {
  it('is a directory that others share', () => {
    const all = new Gathering({ createDirectory: (notify) => new GatedDirectory(notify) });
    expect(all.lobby.handOver.state).toBeUndefined();
  });

  it('is a session of a chart with other states', () => {
    const { all } = gatherThree();
    const [session] = all.lobby.sessions.values();
    const state = all.lobby.handOver.stateOf(session as NonNullable<typeof session>);
    const chart = { ...(state.chart as object), value: 'nowhere' };
    expect(() => checkState({ ...state, chart })).toThrow();
  });
});

it('the directory that goes on holds what was there, and nothing that nobody has said', () => {
  const directory = new MemoryDirectory(() => {});
  directory.send('s1', { type: 'id.claim', id: 'lior' });
  const snapshot = directory.snapshot();
  const row = { id: 'lior', session: 's1', state: 'menu', partner: undefined, pairingId: 0 };
  expect(snapshot).toEqual({ lastPairingId: 0, rows: [row] });
  expect(MemoryDirectory.restore(snapshot, () => {}).snapshot()).toEqual(snapshot);
});
