/**
 * A session on its way to another process, which goes on with it.
 *
 * Owns: what goes with it, as plain data, and that the ways for its lines are open there as they were here. Knows nothing
 * of sockets. Next: `session.ts`, `lobbyHandOver.ts`.
 */
import { createActor, type Snapshot } from 'xstate';
import { sessionMachine } from '../../machines/session.machine.ts';
import type { Session, SessionState } from './session.ts';

export function stateOf(session: Session, timeLeftMs: number | undefined): SessionState {
  const { id, partner, isProved, pacing, activity, dialogueState } = session;
  return { ...dialogueState, ...activity.state, id, partner, isProved, lineTokens: pacing.tokens, timeLeftMs };
}

/** True while the password of an id may be on its way: none of it goes to another process. */
export function isProving({ actor }: Session): boolean {
  const snapshot = actor?.getSnapshot();
  return ['proving', 'claiming'].some((identifying) => snapshot?.matches({ identifying } as never));
}

/** Throws if the chart can't go on from this state: it is of a version with other states. */
export function checkState({ chart }: SessionState): void {
  // XState doesn't throw here: the actor itself has failed.
  const { status, error } = createActor(sessionMachine, { snapshot: chart as Snapshot<unknown> }).getSnapshot();
  if (status === 'error') throw error;
}

/** Opens the ways for lines that the chart has opened in the other process, by the entry actions of its states. */
export function reopenChannel(session: Session): void {
  const snapshot = session.actor?.getSnapshot();
  if (snapshot === undefined) return;
  const { _nodes: active, context } = snapshot;
  const ways: Record<string, () => void> = {
    hearPresence: () => session.hearPresence(),
    openChatChannel: () => session.openChatChannel(context),
    holdLines: () => session.channel.hold(),
    openRoomChannel: () => session.openRoomChannel(context),
  };
  for (const action of active.flatMap(({ entry }) => entry as readonly (string | { type: string })[])) {
    ways[typeof action === 'string' ? action : action.type]?.();
  }
}
