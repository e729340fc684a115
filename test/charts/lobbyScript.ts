/**
 * A lobby chart whose actions write down what they are called for: as it is drawn, and with the server's clocks.
 *
 * Owns: the view that its guards look at, and a few events. Next: `lobby.test.ts`, `lobbyNames.test.ts`.
 */
import { expect } from 'vitest';
import { type Actor, createActor, SimulatedClock } from 'xstate';
import {
  directoryEvent,
  type LobbyEvent,
  type LobbyView,
  lobbyMachine,
  sessionOf,
} from '../../machines/lobby.machine.ts';
import { SessionClocks } from '../../src/chat/sessionClocks.ts';

export const requestTimeoutMs = 60_000;
export const idTimeoutMs = 90_000;
export const announceLimit = 100;

export const arrival: LobbyEvent = { type: 'connection.opened', session: 's9', connection: 'a terminal' };
export const told = directoryEvent;
/** More users than are announced. */
export const crowded = { onlineCount: announceLimit + 1 };

interface StartOptions {
  sessions?: string[];
  idleMs?: number;
  resumeMs?: number;
  view?: Partial<LobbyView>;
}

/** One chart as it is, with a view of these sessions, and actions that write down their name and the session. */
function startOne({
  sessions = ['s1', 's2'],
  idleMs = 0,
  resumeMs = 0,
  view = {} as Partial<LobbyView>,
  runsClocks = 'XState' as 'XState' | 'the server',
}: StartOptions & { runsClocks?: 'XState' | 'the server' } = {}) {
  const clock = new SimulatedClock();
  const there = new Set(sessions);
  let did: string[] = [];
  const write = (name: string, event: LobbyEvent) => did.push(`${name} ${sessionOf(event)}`.trim());
  const own = Object.keys(lobbyMachine.implementations.actions).filter((name) => !name.includes('Clock'));
  const actions = own.map((name) => [
    name,
    ({ event }: { event: LobbyEvent }) => {
      write(name, event);
      if (name === 'startSession' || name === 'resumeSession') there.add(sessionOf(event));
      if (name === 'removeSession') there.delete(sessionOf(event));
    },
  ]);
  const machine = lobbyMachine.provide({ actions: Object.fromEntries(actions) }) as typeof lobbyMachine;
  const facts: LobbyView = {
    get sessionCount() {
      return there.size;
    },
    hasSession: (id) => there.has(id),
    isRunning: (id) => there.has(id),
    isVisible: (id) => there.has(id),
    ...{ isBannedConnection: () => false, isBanned: () => false, hasId: () => true, hasAsked: () => false },
    ...{ needsProof: () => false, isProved: () => false, requestsLeft: () => 1, silentMs: () => 0, onlineCount: 2 },
  };
  const input = { requestTimeoutMs, idTimeoutMs, idleMs, resumeMs, announceLimit, view: Object.assign(facts, view) };
  const clocks = new SessionClocks(clock, (event) => actor.send(event)).actions;
  const served = runsClocks === 'XState' ? machine : (machine.provide({ actions: clocks }) as typeof lobbyMachine);
  const actor: Actor<typeof lobbyMachine> = createActor(served, { clock, input }).start();
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

/** The same twice: with XState's clocks, as it is drawn, and with the server's. Both have to do the same. */
export function startLobby(options: StartOptions = {}) {
  const drawn = startOne({ ...options, runsClocks: 'XState' });
  const served = startOne({ ...options, runsClocks: 'the server' });
  const both = (did: string[], didServed: string[]): string[] => {
    expect(didServed).toEqual(did);
    return did;
  };
  return {
    did: (...events: LobbyEvent[]) => both(drawn.did(...events), served.did(...events)),
    didWithin: (ms: number) => both(drawn.didWithin(ms), served.didWithin(ms)),
    get place() {
      return drawn.place;
    },
    actor: drawn.actor,
  };
}
