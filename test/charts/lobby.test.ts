/** The lobby chart: what it lets happen while it is open, how it drains, and the clock of each request. */
import { describe, expect, it } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import type { SessionUpdate } from '../../machines/events.ts';
import { type LobbyEvent, lobbyMachine } from '../../machines/lobby.machine.ts';

const requestTimeoutMs = 60_000;
const idTimeoutMs = 90_000;

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
const arrival: LobbyEvent = { type: 'connection.opened', session: 's9', connection: 'a terminal' };
const stop: LobbyEvent = { type: 'server.stop' };
const told = (session: string, update: SessionUpdate): LobbyEvent => ({ type: 'directory.updated', session, update });
const granted: SessionUpdate = { type: 'id.granted', id: 'lior' };
const done = (actorId: string): LobbyEvent => ({ type: `xstate.done.actor.${actorId}`, output: undefined, actorId });
const foundFailing = (session: string): LobbyEvent => ({ type: 'session.failed', session, error: new Error('a bug') });
const failed = (actorId: string): LobbyEvent => ({
  type: `xstate.error.actor.${actorId}`,
  error: new Error('a bug'),
  actorId,
});

/** The chart with actions that write down their name and the session they are about. */
function startLobby({ sessions = ['s1', 's2'], tooOften = [] as string[] } = {}) {
  const clock = new SimulatedClock();
  const online = new Set(sessions);
  let did: string[] = [];
  const about = (event: LobbyEvent) => ('session' in event ? event.session : 'actorId' in event ? event.actorId : '');
  const note =
    (name: string) =>
    ({ event }: { event: LobbyEvent }) => {
      did.push(`${name} ${about(event)}`.trim());
    };
  const machine = lobbyMachine.provide({
    guards: {
      isOnline: ({ event }) => online.has(about(event)),
      isArrival: ({ event }) =>
        event.type === 'directory.updated' && event.update.type === 'id.granted' && online.has(event.session),
      isEmpty: () => online.size === 0,
      isTooOften: ({ event }) => tooOften.includes(about(event)),
    },
    actions: {
      startSession: note('startSession'),
      refuseConnection: note('refuseConnection'),
      refuseRequest: note('refuseRequest'),
      closeUnidentified: note('closeUnidentified'),
      askDirectory: note('askDirectory'),
      expireRequest: note('expireRequest'),
      passOn: note('passOn'),
      announceArrival: note('announceArrival'),
      closeSessions: note('closeSessions'),
      removeSession: ({ event }) => {
        note('removeSession')({ event });
        online.delete(about(event));
      },
      dropFailedSession: ({ event }) => {
        note('dropFailedSession')({ event });
        online.delete(about(event));
      },
    },
  });
  const actor = createActor(machine, { clock, input: { requestTimeoutMs, idTimeoutMs } }).start();
  return {
    actor,
    /** What was done since the last look, after these events. */
    did(...events: LobbyEvent[]): string[] {
      for (const event of events) actor.send(event);
      const since = did;
      did = [];
      return since;
    },
    /** What is done when this much time passes. */
    didWithin(ms: number): string[] {
      clock.increment(ms);
      return this.did();
    },
    get place() {
      return actor.getSnapshot().value;
    },
  };
}

describe('in open', () => {
  it('every connection gets a session', () => {
    const lobby = startLobby();
    expect(lobby.did(arrival, arrival)).toEqual(['startSession s9', 'startSession s9']);
    expect(lobby.place).toEqual({ open: 'admitting' });
  });

  it.each(requests)('$type is put to the directory', (request) => {
    expect(startLobby().did(request)).toEqual(['askDirectory s1']);
  });

  it('requests reach the directory and update their sessions in the order they came', () => {
    const events = [makeRequest('s2'), told('s1', { type: 'chat.ended', pairingId: 7 }), makeRequest('s1')];
    expect(startLobby().did(...events)).toEqual(['askDirectory s2', 'passOn s1', 'askDirectory s1']);
  });

  it('an arrival is announced before the newcomer hears of it', () => {
    expect(startLobby().did(told('s1', granted))).toEqual(['announceArrival s1', 'passOn s1']);
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
    expect(lobby.did(done('s1'))).toEqual(['removeSession s1']);
    expect(lobby.did(told('s1', granted))).toEqual([]);
    expect(lobby.place).toEqual({ open: 'admitting' });
  });

  it.each([failed, foundFailing])('a session that fails is dropped, and the lobby goes on (%#)', (fail) => {
    const lobby = startLobby();
    expect(lobby.did(fail('s1'))).toEqual(['dropFailedSession s1']);
    expect(lobby.did(arrival, makeRequest('s2'))).toEqual(['startSession s9', 'askDirectory s2']);
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

  it.each([done, failed, foundFailing])('stops when the session is gone (%#)', (end) => {
    const lobby = startLobby();
    lobby.did(makeRequest('s1'), makeRequest('s2'), end('s1'));
    expect(lobby.didWithin(requestTimeoutMs)).toEqual(['expireRequest s2']);
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

  it('stops when an id is granted, and not when it is refused', () => {
    const lobby = startLobby({ sessions: ['s9'] });
    lobby.did(arrival, told('s9', { type: 'id.refused' }));
    expect(lobby.didWithin(idTimeoutMs - 1)).toEqual([]);
    lobby.did(told('s9', granted));
    expect(lobby.didWithin(idTimeoutMs)).toEqual([]);
  });

  it.each([done, failed, foundFailing])('stops when the session is over (%#)', (end) => {
    const lobby = startLobby({ sessions: ['s9'] });
    lobby.did(arrival, end('s9'));
    expect(lobby.didWithin(idTimeoutMs)).toEqual([]);
  });
});

describe('somebody who asks too often', () => {
  it('is refused, and the directory hears nothing of it', () => {
    expect(startLobby({ tooOften: ['s1'] }).did(makeRequest('s1'), makeRequest('s2'))).toEqual([
      'refuseRequest s1',
      'askDirectory s2',
    ]);
  });
});

describe('in draining', () => {
  function startDraining(...before: LobbyEvent[]) {
    const lobby = startLobby();
    lobby.did(...before);
    expect(lobby.did(stop)).toEqual(['closeSessions']);
    return lobby;
  }

  it('waits for every session, then is closed', () => {
    const lobby = startDraining();
    expect(lobby.did(done('s1'))).toEqual(['removeSession s1']);
    expect(lobby.place).toBe('draining');
    expect(lobby.did(done('s2'))).toEqual(['removeSession s2']);
    expect(lobby.place).toBe('closed');
    expect(lobby.actor.getSnapshot().status).toBe('done');
  });

  it.each([failed, foundFailing])('doesn’t wait for a session that failed (%#)', (fail) => {
    const lobby = startDraining();
    lobby.did(done('s1'));
    expect(lobby.did(fail('s2'))).toEqual(['dropFailedSession s2']);
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
    expect(lobby.did(stop)).toEqual(['closeSessions']);
    expect(lobby.place).toBe('closed');
  });
});
