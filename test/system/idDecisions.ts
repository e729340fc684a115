/**
 * What the real lobby chart does with a claim, a proof and a granted id, where ids have passwords.
 *
 * Owns: the chart's guards in a world of which only the file of names is said. The actions are carried out in
 * `composite.ts`. Knows nothing of queues.
 */
import { createActor, transition } from 'xstate';
import type { DirectoryUpdate } from '../../machines/events.ts';
import { directoryEvent, type LobbyEvent, type LobbyView, lobbyMachine } from '../../machines/lobby.machine.ts';
import { type Take, takeOf } from './messages.ts';

/** Returns the names of the actions that the lobby's chart takes at an event, while the file has everybody's id or nobody's. */
export type IdDecisions = (event: LobbyEvent, hasNames: boolean) => readonly string[];

export function idDecisions(machine: typeof lobbyMachine = lobbyMachine): IdDecisions {
  let isInFile = false;
  const view: LobbyView = {
    ...{ sessionCount: 1, onlineCount: 1, hasSession: () => true, isRunning: () => true, isVisible: () => true },
    ...{ isBannedConnection: () => false, isBanned: () => false, requestsLeft: () => 1, silentMs: () => 0 },
    ...{ hasId: () => false, hasAsked: () => false },
    needsProof: () => isInFile,
    isProved: () => isInFile,
  };
  const input = { requestTimeoutMs: 1, idTimeoutMs: 1, idleMs: 0, resumeMs: 1, announceLimit: 1, view };
  // XState replaces an action of its own by what it does.
  const named = machine.provide({ actions: { startTakeClock: () => {} } });
  const open = createActor(named, { input }).getSnapshot();
  const known = new Map<string, readonly string[]>();
  return (event, hasNames) => {
    isInFile = hasNames;
    const key = JSON.stringify([event, hasNames]);
    const actions = known.get(key) ?? transition(named, open, event)[1].map(({ type }) => type);
    known.set(key, actions);
    return actions;
  };
}

/**
 * The lobby tries a second time to take an id that is in a chat; undefined for the other side. Meanwhile everything may
 * happen, also that whoever has the id is found to be gone.
 */
export function secondTake(onId: IdDecisions, session: string, update: DirectoryUpdate): Take | undefined {
  const actions = onId(directoryEvent(session, update), true);
  if (update.type !== 'take.delayed' || !actions.includes('startTakeClock')) return undefined;
  return takeOf(update.id, update.holder);
}
