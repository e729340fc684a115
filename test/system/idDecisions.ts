/**
 * What the real lobby chart does with a claim, a proof and a granted id, where ids have passwords.
 *
 * Owns: the chart's guards in a world of which only the file of names is said. The actions are carried out in
 * `composite.ts`. Knows nothing of queues.
 */
import { createActor, transition } from 'xstate';
import { type LobbyEvent, type LobbyView, lobbyMachine } from '../../machines/lobby.machine.ts';

/** Returns the names of the actions that the lobby's chart takes at an event, while the file has everybody's id or nobody's. */
export type IdDecisions = (event: LobbyEvent, hasNames: boolean) => readonly string[];

export function idDecisions(machine: typeof lobbyMachine = lobbyMachine): IdDecisions {
  let isInFile = false;
  const view: LobbyView = {
    ...{ sessionCount: 1, onlineCount: 1, hasSession: () => true, isRunning: () => true, isVisible: () => true },
    ...{ isBannedConnection: () => false, isBanned: () => false, requestsLeft: () => 1, silentMs: () => 0 },
    needsProof: () => isInFile,
    isProved: () => isInFile,
  };
  const input = { requestTimeoutMs: 1, idTimeoutMs: 1, idleMs: 0, resumeMs: 1, announceLimit: 1, view };
  const open = createActor(machine, { input }).getSnapshot();
  const known = new Map<string, readonly string[]>();
  return (event, hasNames) => {
    isInFile = hasNames;
    const key = JSON.stringify([event, hasNames]);
    const actions = known.get(key) ?? transition(machine, open, event)[1].map(({ type }) => type);
    known.set(key, actions);
    return actions;
  };
}
