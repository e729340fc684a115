/** The lobby chart: what it lets happen while it is open, how it drains, and the clock of each request. */
import { describe, expect, it } from 'vitest';
import type { SessionUpdate } from '../../machines/events.ts';
import type { LobbyEvent, LobbyView } from '../../machines/lobby.machine.ts';
import { announceLimit, arrival, crowded, idTimeoutMs, requestTimeoutMs, startLobby, told } from './lobbyScript.ts';

const requests: LobbyEvent[] = [
  { type: 'id.claim', session: 's1', id: 'lior' },
  { type: 'menu.leave', session: 's1', to: 'requesting' },
  { type: 'menu.return', session: 's1' },
  { type: 'request.make', session: 's1', target: 'golan' },
  { type: 'request.withdraw', session: 's1' },
  { type: 'request.accept', session: 's1', pairingId: 7 },
  { type: 'request.decline', session: 's1', pairingId: 7 },
  { type: 'chat.leave', session: 's1', pairingId: 7 },
];
const makeRequest = (session: string): LobbyEvent => ({ type: 'request.make', session, target: 'golan' });
const handedOver = (timeLeftMs: number | undefined): LobbyEvent => ({
  ...{ type: 'session.handedOver', session: 's9', connection: 'a terminal', state: 'as it was' },
  timeLeftMs,
});
const stop: LobbyEvent = { type: 'server.stop' };
const granted: SessionUpdate = { type: 'id.granted', id: 'lior' };
const done = (actorId: string): LobbyEvent => ({ type: `xstate.done.actor.${actorId}`, output: undefined, actorId });
const foundFailing = (session: string): LobbyEvent => ({ type: 'session.failed', session });
const lost: LobbyEvent = { type: 'user.lost', id: 'lior', wasInRoom: true };
const released = ['releaseFailedSession s1', 'announceDeparture s1', 'removeSession s1'];
const failed = (actorId: string): LobbyEvent => ({
  type: `xstate.error.actor.${actorId}`,
  error: new Error('a bug'),
  actorId,
});

describe('in open', () => {
  it('every connection gets a session', () => {
    const lobby = startLobby();
    expect(lobby.did(arrival, arrival)).toEqual(['startSession s9', 'startSession s9']);
    expect(lobby.place).toEqual({ open: 'admitting' });
  });

  it.each(requests)('$type is put to the directory', (request) => {
    const counted = request.type === 'request.make' ? ['countRequest s1'] : [];
    expect(startLobby().did(request)).toEqual([...counted, 'askDirectory s1']);
  });

  it('requests reach the directory and update their sessions in the order they came', () => {
    const events = [makeRequest('s2'), told('s1', { type: 'chat.ended', pairingId: 7 }), makeRequest('s1')];
    const asked = (session: string) => [`countRequest ${session}`, `askDirectory ${session}`];
    expect(startLobby().did(...events)).toEqual([...asked('s2'), 'passOn s1', ...asked('s1')]);
  });

  it('an arrival is announced before the newcomer hears of it', () => {
    expect(startLobby().did(told('s1', granted))).toEqual(['logArrival s1', 'announceArrival s1', 'passOn s1']);
  });

  it('who comes and who goes is announced to so many users, and to no more', () => {
    const [few, many] = [startLobby({ view: { onlineCount: announceLimit } }), startLobby({ view: crowded })];
    expect(few.did(told('s1', granted), done('s1'), lost)).toEqual([
      ...['logArrival s1', 'announceArrival s1', 'passOn s1', 'announceDeparture s1', 'removeSession s1'],
      ...['announceLossToRoom', 'announceLossToMenu'],
    ]);
    expect(many.did(told('s1', granted), done('s1'), lost)).toEqual([
      ...['logArrival s1', 'passOn s1', 'removeSession s1', 'announceLossToRoom'],
    ]);
  });

  it('a session without an id, or that nobody reads of, goes unannounced', () => {
    expect(startLobby({ view: { isVisible: () => false } }).did(done('s1'))).toEqual(['removeSession s1']);
  });

  it('other update are passed on and nothing else', () => {
    expect(startLobby().did(told('s1', { type: 'id.refused' }))).toEqual(['passOn s1']);
  });

  it.each<SessionUpdate>([granted, { type: 'chat.ended', pairingId: 7 }])(
    '$type for a session that is gone is dropped',
    (update) => {
      expect(startLobby().did(told('s9', update))).toEqual([]);
    },
  );

  it('a session that ends is removed', () => {
    const lobby = startLobby();
    expect(lobby.did(done('s1'))).toEqual(['announceDeparture s1', 'removeSession s1']);
    expect(lobby.did(told('s1', granted))).toEqual([]);
    expect(lobby.place).toEqual({ open: 'admitting' });
  });

  it.each<[how: string, fail: LobbyEvent, view: Partial<LobbyView>, does: string[]]>([
    ['its actor', failed('s1'), {}, ['logFailure s1', ...released]],
    ['its actor, in a crowd', failed('s1'), crowded, ['logFailure s1', ...released.toSpliced(1, 1)]],
    ['something beside its actor, which ends by it', foundFailing('s1'), {}, ['passOnFailure s1']],
    [
      'something beside its actor, which never ran',
      foundFailing('s1'),
      { isRunning: () => false },
      released.toSpliced(1, 1),
    ],
    ['something of a session that is gone', foundFailing('s9'), {}, []],
  ])('what fails is dropped, and the lobby goes on: %s', (_, fail, view, does) => {
    const lobby = startLobby({ view });
    expect(lobby.did(fail)).toEqual(does);
    expect(lobby.did(arrival, makeRequest('s2'))).toEqual(['startSession s9', 'countRequest s2', 'askDirectory s2']);
    expect(lobby.actor.getSnapshot().status).toBe('active');
  });

  it('stays open when the last one leaves', () => {
    const lobby = startLobby({ sessions: ['s1'] });
    lobby.did(done('s1'));
    expect(lobby.place).toEqual({ open: 'admitting' });
  });
});

describe('the clock of a request', () => {
  it('expires the request after the time limit, once, and not before', () => {
    const lobby = startLobby();
    lobby.did(makeRequest('s1'));
    expect(lobby.didWithin(requestTimeoutMs - 1)).toEqual([]);
    expect(lobby.didWithin(1)).toEqual(['expireRequest s1']);
    expect(lobby.didWithin(10 * requestTimeoutMs)).toEqual([]);
  });

  it('starts anew with a new request of the same session', () => {
    const lobby = startLobby();
    lobby.did(makeRequest('s1'));
    lobby.didWithin(requestTimeoutMs - 1);
    lobby.did(makeRequest('s1'));
    expect(lobby.didWithin(requestTimeoutMs - 1)).toEqual([]);
    expect(lobby.didWithin(1)).toEqual(['expireRequest s1']);
  });

  it('runs for each session on its own', () => {
    const lobby = startLobby();
    lobby.did(makeRequest('s1'));
    lobby.didWithin(20_000);
    lobby.did(makeRequest('s2'));
    expect(lobby.didWithin(40_000)).toEqual(['expireRequest s1']);
    expect(lobby.didWithin(20_000)).toEqual(['expireRequest s2']);
  });

  it.each([done, failed])('stops when the session is gone (%#)', (end) => {
    const lobby = startLobby();
    lobby.did(makeRequest('s1'), makeRequest('s2'), end('s1'));
    expect(lobby.didWithin(requestTimeoutMs)).toEqual(['expireRequest s2']);
  });

  it('goes on with what is left, where another process has had the session', () => {
    const lobby = startLobby({ view: { hasAsked: () => true } });
    expect(lobby.did(handedOver(7))).toEqual(['resumeSession s9']);
    expect(lobby.didWithin(6)).toEqual([]);
    expect(lobby.didWithin(1)).toEqual(['expireRequest s9']);
  });

  it('is not started where another process has had a session that waits for nobody', () => {
    const lobby = startLobby();
    expect(lobby.did(handedOver(undefined))).toEqual(['resumeSession s9']);
    expect(lobby.didWithin(10 * requestTimeoutMs)).toEqual([]);
  });

  it('is not started by anything else', () => {
    const lobby = startLobby();
    lobby.did(arrival, told('s1', granted), ...requests.filter(({ type }) => type !== 'request.make'));
    expect(lobby.didWithin(requestTimeoutMs)).toEqual([]);
  });
});

describe('the clock of a connection without an id', () => {
  it('closes it after the time limit, once, and not before', () => {
    const lobby = startLobby();
    lobby.did(arrival);
    expect(lobby.didWithin(idTimeoutMs - 1)).toEqual([]);
    expect(lobby.didWithin(1)).toEqual(['closeUnidentified s9']);
    expect(lobby.didWithin(10 * idTimeoutMs)).toEqual([]);
  });

  it('goes on with what is left, where the password gate has taken some of it', () => {
    const lobby = startLobby();
    lobby.did({ ...arrival, idTimeLeftMs: 7 } as LobbyEvent);
    expect(lobby.didWithin(6)).toEqual([]);
    expect(lobby.didWithin(1)).toEqual(['closeUnidentified s9']);
  });

  it('goes on with what is left, where another process has had the session', () => {
    const lobby = startLobby({ view: { hasId: () => false } });
    const resumed = ['resumeSession s9'];
    expect(lobby.did(handedOver(7))).toEqual(resumed);
    expect(lobby.didWithin(6)).toEqual([]);
    expect(lobby.didWithin(1)).toEqual(['closeUnidentified s9']);
  });

  it('stops when an id is granted, and not when it is refused', () => {
    const lobby = startLobby({ sessions: ['s9'] });
    lobby.did(arrival, told('s9', { type: 'id.refused' }));
    expect(lobby.didWithin(idTimeoutMs - 1)).toEqual([]);
    lobby.did(told('s9', granted));
    expect(lobby.didWithin(idTimeoutMs)).toEqual([]);
  });

  it.each([done, failed])('stops when the session is over (%#)', (end) => {
    const lobby = startLobby({ sessions: ['s9'] });
    lobby.did(arrival, end('s9'));
    expect(lobby.didWithin(idTimeoutMs)).toEqual([]);
  });
});

describe('the clock of a silent user', () => {
  const idleMs = 600_000;

  it('runs on for what is left when they have typed something, and then ends their session', () => {
    let silentMs = 0;
    const lobby = startLobby({ idleMs, view: { silentMs: () => silentMs } });
    lobby.did(arrival, told('s9', granted));
    silentMs = 200_000;
    expect(lobby.didWithin(idleMs)).toEqual([]);
    silentMs = idleMs;
    expect(lobby.didWithin(400_000 - 1)).toEqual([]);
    expect(lobby.didWithin(1)).toEqual(['closeIdle s9']);
    expect(lobby.didWithin(10 * idleMs)).toEqual([]);
  });

  it.each([false, true])('goes on with what is left, where another process has had the session (id: %j)', (hasId) => {
    let silentMs = idleMs - 7;
    const lobby = startLobby({ idleMs, view: { hasId: () => hasId, silentMs: () => silentMs } });
    expect(lobby.did(handedOver(idleMs))).toEqual(['resumeSession s9']);
    expect(lobby.didWithin(6)).toEqual([]);
    silentMs = idleMs;
    expect(lobby.didWithin(1)).toEqual(['closeIdle s9']);
    expect(lobby.did({ ...handedOver(idleMs), session: 's8' } as LobbyEvent)).toEqual([
      'resumeSession s8',
      'closeIdle s8',
    ]);
  });

  it('doesn’t run without a limit, or after the end', () => {
    const view = { silentMs: () => 0 };
    const [unlimited, over] = [startLobby({ view }), startLobby({ idleMs, view })];
    unlimited.did(arrival, told('s9', granted), handedOver(undefined));
    over.did(arrival, told('s9', granted), done('s9'));
    view.silentMs = () => idleMs;
    expect([...unlimited.didWithin(10 * idleMs), ...over.didWithin(10 * idleMs)]).toEqual([]);
  });
});

describe('somebody who asks too often', () => {
  it('is refused, and the directory hears nothing of it but that they are in the menu again', () => {
    const view = { requestsLeft: (session: string) => (session === 's1' ? 0 : 1) };
    expect(startLobby({ view }).did(makeRequest('s1'), makeRequest('s2'))).toEqual([
      ...['returnToMenu s1', 'refuseRequest s1', 'countRequest s2', 'askDirectory s2'],
    ]);
  });
});

describe('in draining', () => {
  function startDraining(...before: LobbyEvent[]) {
    const lobby = startLobby();
    lobby.did(...before);
    expect(lobby.did(stop)).toEqual(['muteDepartures', 'closeSessions']);
    return lobby;
  }

  it('waits for every session, then is closed', () => {
    const lobby = startDraining();
    expect(lobby.did(done('s1'))).toEqual(['announceDeparture s1', 'removeSession s1']);
    expect(lobby.place).toBe('draining');
    expect(lobby.did(done('s2'))).toEqual(['announceDeparture s2', 'removeSession s2']);
    expect(lobby.place).toBe('closed');
    expect(lobby.actor.getSnapshot().status).toBe('done');
  });

  it('doesn’t wait for a session that failed', () => {
    const lobby = startDraining();
    lobby.did(done('s2'), failed('s1'));
    expect(lobby.place).toBe('closed');
  });

  it('refuses connections', () => {
    expect(startDraining().did(arrival)).toEqual(['refuseConnection s9']);
  });

  it.each(requests)('$type changes nothing any more', (request) => {
    expect(startDraining().did(request)).toEqual([]);
  });

  it('closes nobody twice', () => {
    expect(startDraining().did(stop)).toEqual([]);
  });

  it('update still reach who is there, but nobody is announced', () => {
    expect(startDraining().did(told('s1', granted), told('s9', granted))).toEqual(['passOn s1']);
  });

  it('no request expires', () => {
    expect(startDraining(makeRequest('s1')).didWithin(requestTimeoutMs)).toEqual([]);
  });

  it('is over at once when nobody is there', () => {
    const lobby = startLobby({ sessions: [] });
    expect(lobby.did(stop)).toEqual(['muteDepartures', 'closeSessions']);
    expect(lobby.place).toBe('closed');
  });
});
