/**
 * The parent of all sessions' actors, a child of the lobby's; and how the lobby sends them something.
 *
 * Owns: the way of a session's end to the lobby. XState tells the parent, in an event that is called
 * `xstate.done.actor.` and the child's id. A chart remembers for each type of event what a state does with it. Every
 * connection has a new id, so with the lobby as parent this would cost 300 bytes for each, for as long as the server
 * runs (`npm run soak` finds it). This parent has no chart and remembers nothing; to the lobby all these events have one
 * type, and `actorId` says which session has ended.
 * Why no spawn: decision 7, docs/decisions/0007-sessions-are-created-with-parent-not-spawned.md.
 */
import { type AnyActor, type AnyEventObject, createActor, fromTransition, sendTo } from 'xstate';
import type { SessionId, SessionUpdate } from '../../machines/events.ts';

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

/**
 * The action that sends an update to the session that the present event is about. With `sendTo`, so that an observer of the
 * actors learns where the update comes from.
 */
// biome-ignore lint/suspicious/noExplicitAny: XState can't type an actor reference found in an event.
export function sendToActor(actorOf: (session: SessionId) => any, update: (event: any) => SessionUpdate): any {
  return sendTo(
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    ({ event }: any) => actorOf(event.session),
    // biome-ignore lint/suspicious/noExplicitAny: as above.
    ({ event }: any) => update(event),
  );
}
