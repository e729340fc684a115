/**
 * The parent of all sessions' actors, a child of the lobby's.
 *
 * Owns: the way of a session's end to the lobby. XState tells the parent, in an event that is called
 * `xstate.done.actor.` and the child's id. A chart remembers for each type of event what a state does with it. Every
 * connection has a new id, so with the lobby as parent this would cost 300 bytes for each, for as long as the server
 * runs (`npm run soak` finds it). This parent has no chart and remembers nothing; to the lobby all these events have one
 * type, and `actorId` says which session has ended.
 * Why no spawn: decision 7, docs/decisions/0007-sessions-are-created-with-parent-not-spawned.md.
 */
import { type AnyActor, type AnyEventObject, createActor, fromTransition } from 'xstate';

export const sessionsActorId = 'sessions';

/** Returns what `createActor` gets as `parent`. */
export function startParent(lobby: AnyActor): AnyActor {
  const logic = fromTransition((state: undefined, event: AnyEventObject) => {
    const type = event.type.replace(/^(xstate\.(?:done|error)\.actor)\..*/, '$1.session');
    if (type !== event.type) lobby.send({ ...event, type });
    return state;
  }, undefined);
  return createActor(logic, { id: sessionsActorId, parent: lobby }).start();
}
