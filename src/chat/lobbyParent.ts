/**
 * The lobby's actor as the parent of sessions.
 *
 * Owns: the type of the events by which the lobby notices a session's end. XState calls it `xstate.done.actor.`
 * and the child's id, and remembers for each type of event what a state does with it. Every connection has a new id, so
 * this would cost 300 bytes for each, for as long as the server runs (`npm run soak` finds it). So all these events
 * have one type, and `actorId` says which session has ended.
 * Why a parent and no spawn: decision 7, docs/decisions/0007-sessions-are-created-with-parent-not-spawned.md.
 */
import type { AnyActor, AnyEventObject } from 'xstate';

/**
 * Returns what `createActor` gets as `parent`. Uses XState's internal `_send`, which brings events from actor to actor.
 */
export function asParent(lobby: AnyActor): AnyActor {
  const parent = Object.create(lobby) as AnyActor & { _send(event: AnyEventObject): void };
  parent._send = (event) => {
    const type = event.type.replace(/^(xstate\.(?:done|error)\.actor)\..*/, '$1.session');
    (lobby as unknown as typeof parent)._send({ ...event, type });
  };
  return parent;
}
