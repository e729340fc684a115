/** The lobby chart, as far as an operator's acts go: who may come in, who has to go, and when the server ends. */
import { describe, expect, it } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import {
  directoryEvent,
  type LobbyEvent,
  type LobbyView,
  lobbyMachine,
  sessionOf,
} from '../../machines/lobby.machine.ts';

/** Who is banned; nobody by default. */
type Banned = Partial<Pick<LobbyView, 'isBanned' | 'isBannedConnection'>>;

/** The chart with two sessions, its clocks and its memory, and with other actions that write down their name and the session they are about. */
function startLobby({ sessions = ['s1', 's2'], view = {} as Banned } = {}) {
  const { isBanned = () => false, isBannedConnection = () => false } = view;
  const clock = new SimulatedClock();
  const online = new Set(sessions);
  const did: string[] = [];
  const own = /Clock|rememberEnd/;
  const names = Object.keys(lobbyMachine.implementations.actions).filter((name) => !own.test(name));
  const actions = names.map((name) => [
    name,
    ({ event }: { event: LobbyEvent }) => {
      did.push(`${name} ${sessionOf(event)}`.trim());
      if (name === 'removeSession') online.delete(sessionOf(event));
    },
  ]);
  const machine = lobbyMachine.provide({ actions: Object.fromEntries(actions) }) as typeof lobbyMachine;
  const facts: LobbyView = {
    get sessionCount() {
      return online.size;
    },
    hasSession: (id) => online.has(id),
    isRunning: (id) => online.has(id),
    // Nobody is announced.
    isVisible: () => false,
    ...{
      isBanned,
      isBannedConnection,
      onlineCount: 1,
      needsProof: () => false,
      isProved: () => false,
      hasId: () => true,
      hasAsked: () => false,
      requestsLeft: () => 1,
      silentMs: () => 0,
    },
  };
  const limits = { requestTimeoutMs: 60_000, idTimeoutMs: 90_000, idleMs: 0, resumeMs: 0, announceLimit: 100 };
  const actor = createActor(machine, { clock, input: { ...limits, view: facts } }).start();
  return {
    actor,
    did(...events: LobbyEvent[]): string[] {
      for (const event of events) actor.send(event);
      return did.splice(0);
    },
    didWithin(ms: number): string[] {
      clock.increment(ms);
      return this.did();
    },
    get place() {
      return actor.getSnapshot().value;
    },
    get endsForGood() {
      return actor.getSnapshot().context.endsForGood;
    },
  };
}

const by = 'root';
const ban = { kind: 'id', target: 'lior', reason: '', by, sinceMs: 1, untilMs: null, isLifted: false } as const;
const arrival: LobbyEvent = { type: 'connection.opened', session: 's9', connection: 'a terminal' };
const claim: LobbyEvent = { type: 'id.claim', session: 's1', id: 'lior' };
const granted: LobbyEvent = directoryEvent('s1', { type: 'id.granted', id: 'lior' });
const done = (actorId: string): LobbyEvent => ({ type: `xstate.done.actor.${actorId}`, output: undefined, actorId });
const lockdown: LobbyEvent = { type: 'operator.lockdown', by };
const reopen: LobbyEvent = { type: 'operator.reopen', by };
const drain = (forMs: number): LobbyEvent => ({ type: 'operator.drain', forMs, by });
const stop: LobbyEvent = { type: 'server.stop' };

const acts: [act: LobbyEvent, does: string[]][] = [
  [{ type: 'operator.kick', session: 's1', id: 'lior', why: '', by }, ['recordAct s1', 'removeUser s1']],
  [{ type: 'operator.ban', ban, by }, ['recordAct', 'removeBanned']],
  [{ type: 'operator.unban', ban, by }, ['recordAct']],
  [{ type: 'operator.say', text: 'hello', by }, ['recordAct', 'sayToAll']],
];
const ways: [place: string, way: LobbyEvent[]][] = [
  ['admitting', []],
  ['lockedDown', [lockdown]],
  ['emptying', [drain(1000)]],
];

describe.each(ways)('in %s', (place, way) => {
  it.each(acts)('$type is recorded and carried out, and changes nothing else', (act, does) => {
    const lobby = startLobby();
    lobby.did(...way);
    expect(lobby.did(act)).toEqual(does);
    expect(lobby.place).toEqual({ open: place });
  });

  it('those inside go on', () => {
    const lobby = startLobby();
    lobby.did(...way);
    expect(lobby.did(claim, granted)).toEqual([
      ...['askDirectory s1', 'logArrival s1', 'announceArrival s1', 'passOn s1'],
    ]);
  });

  it('an id that is banned is refused, and one that is granted a moment later is taken away', () => {
    const lobby = startLobby({ view: { isBanned: (session, id) => session === 's1' && id === 'lior' } });
    lobby.did(...way);
    expect(lobby.did(claim, granted)).toEqual(['refuseId s1', 'concealUser s1', 'removeUser s1']);
  });
});

describe('the door', () => {
  it('is closed to banned connections', () => {
    const lobby = startLobby({ view: { isBannedConnection: (connection) => connection === 'a terminal' } });
    expect(lobby.did(arrival, { ...arrival, connection: 'another' } as LobbyEvent)).toEqual([
      ...['refuseConnection s9', 'startSession s9'],
    ]);
  });

  it('is closed by a lockdown and opened again, and a second word changes nothing', () => {
    const lobby = startLobby();
    expect(lobby.did(reopen)).toEqual([]);
    expect(lobby.did(lockdown, lockdown, arrival)).toEqual(['recordAct', 'refuseConnection s9']);
    expect(lobby.actor.getSnapshot().hasTag('admitsNobody')).toBe(true);
    expect(lobby.did(reopen, reopen, arrival)).toEqual(['recordAct', 'startSession s9']);
    expect(lobby.actor.getSnapshot().hasTag('admitsNobody')).toBe(false);
  });

  it.each([[[drain(1000)]], [[lockdown, drain(1000)]], [[stop]]])('is closed when the server ends (%#)', (way) => {
    const lobby = startLobby();
    lobby.did(...way);
    expect(lobby.actor.getSnapshot().hasTag('admitsNobody')).toBe(true);
    expect(lobby.did(reopen, arrival)).toEqual(['refuseConnection s9']);
  });
});

describe('emptying', () => {
  const ends = ['muteDepartures', 'closeSessions'];

  it('ends when the last session is gone', () => {
    const lobby = startLobby();
    expect(lobby.did(drain(1000))).toEqual(['recordAct', 'tellOfDrain']);
    expect(lobby.did(done('s1'))).toEqual(['removeSession s1']);
    expect(lobby.did(done('s2'))).toEqual(['removeSession s2', 'muteDepartures s2', 'closeSessions s2']);
    expect(lobby.place).toBe('closed');
  });

  it('ends when the time is over, and not before', () => {
    const lobby = startLobby();
    lobby.did(drain(1000));
    expect(lobby.didWithin(999)).toEqual([]);
    expect(lobby.didWithin(1)).toEqual(ends);
    expect(lobby.place).toBe('draining');
  });

  it('begins anew with another time', () => {
    const lobby = startLobby();
    lobby.did(drain(1000));
    lobby.didWithin(999);
    expect(lobby.did(drain(2000))).toEqual(['recordAct', 'tellOfDrain']);
    expect(lobby.didWithin(1999)).toEqual([]);
    expect(lobby.didWithin(1)).toEqual(ends);
  });

  it('is cut short by the end of the server, whose clock then strikes no more', () => {
    const lobby = startLobby();
    lobby.did(drain(1000));
    expect(lobby.did(stop)).toEqual(ends);
    expect(lobby.didWithin(10_000)).toEqual([]);
    expect([lobby.place, lobby.endsForGood]).toEqual(['draining', true]);
  });

  it('is an end for good, which neither a lockdown nor a stop alone is', () => {
    const lobby = startLobby();
    lobby.did(lockdown, reopen);
    expect(lobby.endsForGood).toBe(false);
    lobby.did(stop);
    expect(lobby.endsForGood).toBe(false);
    const other = startLobby();
    other.did(drain(1000));
    expect(other.endsForGood).toBe(true);
  });

  it('ends at once where nobody is', () => {
    const lobby = startLobby({ sessions: [] });
    expect(lobby.did(drain(1000))).toEqual(['recordAct', 'tellOfDrain', ...ends]);
    expect(lobby.place).toBe('closed');
  });
});

describe.each([['draining', [stop]] as const])('in %s', (_, way) => {
  it.each([...acts.map(([act]) => act), lockdown, reopen, drain(1000)])('$type changes nothing any more', (act) => {
    const lobby = startLobby();
    lobby.did(...way);
    expect(lobby.did(act)).toEqual([]);
  });
});
