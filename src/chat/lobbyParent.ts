/**
 * The lobby's actor as the parent of sessions.
 *
 * Owns: the type under which the lobby hears of their ends. XState calls the end of a child `xstate.done.actor.` and the child's
 * id, and keeps what a state does at each type of event it has ever seen: with a new id for every connection that is 300
 * bytes for each, for as long as the server runs (`npm run soak` finds it). So all ends come under one type; `actorId` says whose it is.
 * Why a parent and no spawn: decision 7, docs/decisions/0007-sessions-are-created-with-parent-not-spawned.md.
 */
import type { AnyActor, AnyEventObject } from 'xstate';

/** To be given to `createActor` as `parent`. Uses XState's internal `_send`, which hands events from one actor to another. */
export function asParent(lobby: AnyActor): AnyActor {
  const parent = Object.create(lobby) as AnyActor & { _send(event: AnyEventObject): void };
  parent._send = (event) => {
    const type = event.type.replace(/^(xstate\.(?:done|error)\.actor)\..*/, '$1.session');
    (lobby as unknown as typeof parent)._send({ ...event, type });
  };
  return parent;
}
