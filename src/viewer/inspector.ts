/**
 * XState's inspection for an observer of another program: `startServer({ inspect })`.
 *
 * Owns: what the observer gets in the place of actors, and that none of its errors reaches a session. It gets what XState
 * reports, from the root's first event on, in the same order and form, but each actor as a picture of it, and events and
 * snapshots without what must not leave the process. Actions are not passed on: their parameters are live objects.
 * Next: `openEvents.ts`.
 * Why an actor is announced late: decision 19, docs/decisions/0019-an-actor-is-announced-with-its-first-event.md.
 */
import type { Actor, AnyActor, AnyMachineSnapshot, AnyStateMachine, InspectionEvent } from 'xstate';
import { transitionIdsOf } from '../chart/graph.ts';
import type { Log } from '../runtime/log.ts';
import { definitionOf, type OpenEvent, openEvent, openSnapshot } from './openEvents.ts';

/** An actor as it was when the event came, in the form in which tools for XState read actors. */
interface InspectedActor {
  /** `lobby`, `sessions` (the parent of all sessions), or the name that the log uses for a session, `s1`. */
  id: string;
  /** XState's own name for it. */
  sessionId: string;
  _parent?: { id: string; sessionId: string };
  /** Its chart, without functions. */
  logic: { config?: object };
  getSnapshot(): object;
}

/** What an observer gets. `@xstate.microstep` names the transitions as the drawings do: `data-edge`. */
export type Inspected = { rootId: string; actorRef: InspectedActor } & (
  | { type: '@xstate.actor' }
  | { type: '@xstate.event'; event: OpenEvent; sourceRef: InspectedActor | undefined }
  | { type: '@xstate.microstep'; event: OpenEvent; snapshot: object; transitions: string[] }
  | { type: '@xstate.snapshot'; event: OpenEvent; snapshot: object }
);

/** As for XState: a function, or an object with `next`. */
export type Inspector = ((event: Inspected) => void) | { next?: (event: Inspected) => void };

/** Returns what `createActor` gets as `inspect`. */
export function inspectorFor(inspector: Inspector, log: Log): (inspected: InspectionEvent) => void {
  const next = typeof inspector === 'function' ? inspector : inspector.next?.bind(inspector);
  const configs = new Map<unknown, object>();
  const transitionIds = new Map<AnyStateMachine, ReturnType<typeof transitionIdsOf>>();
  const idsOf = (machine: AnyStateMachine) => {
    const ids = transitionIds.get(machine) ?? transitionIdsOf(machine);
    transitionIds.set(machine, ids);
    return ids;
  };
  const pictureOf = (actor: AnyActor): InspectedActor => {
    const { logic, _parent: parent } = actor as Actor<AnyStateMachine>;
    const config = configs.get(logic) ?? JSON.parse(definitionOf(actor) ?? '{}');
    configs.set(logic, config);
    const snapshot = openSnapshot(actor.getSnapshot());
    return {
      ...{ id: actor.id, sessionId: actor.sessionId },
      ...(parent && { _parent: { id: parent.id, sessionId: parent.sessionId } }),
      ...{ logic: { config }, getSnapshot: () => snapshot },
    };
  };
  const open = (inspected: InspectionEvent): Inspected[] => {
    const { rootId } = inspected;
    const actor = inspected.actorRef as AnyActor;
    if (inspected.type === '@xstate.actor' || !('event' in inspected)) return [];
    const about = { rootId, actorRef: pictureOf(actor), event: openEvent(inspected.event) };
    if (inspected.type === '@xstate.event') {
      const source = inspected.sourceRef as AnyActor | undefined;
      const isFirst = inspected.event.type === 'xstate.init';
      return [
        ...(isFirst ? [{ type: '@xstate.actor' as const, rootId, actorRef: about.actorRef }] : []),
        { type: inspected.type, ...about, sourceRef: source && pictureOf(source) },
      ];
    }
    const snapshot = openSnapshot(inspected.snapshot as AnyMachineSnapshot);
    if (inspected.type === '@xstate.snapshot') return [{ type: inspected.type, ...about, snapshot }];
    if (inspected.type !== '@xstate.microstep') return [];
    const ids = idsOf((actor as Actor<AnyStateMachine>).logic);
    const transitions = (inspected._transitions ?? []).map((each) => ids.get(each) ?? '');
    return [{ type: inspected.type, ...about, snapshot, transitions }];
  };
  return (inspected) => {
    try {
      for (const each of open(inspected)) next?.(each);
    } catch (error) {
      log.error({ err: error }, 'the inspector failed');
    }
  };
}
