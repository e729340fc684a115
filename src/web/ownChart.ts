/**
 * What a page sees of its own session's chart: in which states it is, and each step that leads there.
 *
 * Owns: which fields of an event a page gets, and that it gets those of its own session and of no other. The actors are
 * observed only while some page wants it. Next: `pageConnection.ts` (who gets it), `page/ownChart.js` (what is made of it).
 */
import {
  type Actor,
  type AnyActor,
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type InspectionEvent,
  type StateValue,
  transition,
} from 'xstate';
import type { sessionMachine } from '../../machines/session.machine.ts';
import { transitionIdsOf } from '../chart/graph.ts';

/** One event that came to the session, and what the chart did with it. */
export interface ChartStep {
  event: { type: string; [field: string]: unknown };
  /** The ids of the transitions that were taken; none if the state has no use for the event. */
  edges: readonly string[];
  /** The ids of the states in which it is then. */
  states: readonly string[];
}

/** Takes steps, the oldest first. None at the beginning, when only the states are told. */
export type OnSteps = (states: readonly string[], steps: readonly ChartStep[]) => void;

/** Of an event, what its own user reads anyway; no session's name, and of a line that was typed no more than one row shows. */
const openFields = ['id', 'askerId', 'partnerId', 'reason', 'limit', 'to'];
const maxTextUnits = 60;

/** How many steps are kept for one turn of the event loop; more can't be read by anybody. */
const maxStepsAtOnce = 50;

interface Follower {
  onSteps: OnSteps;
  event: AnyEventObject;
  steps: ChartStep[];
  isDue: boolean;
}

export class OwnCharts {
  readonly #root: AnyActor;
  readonly #onError: (error: unknown) => void;
  readonly #followers = new Map<AnyActor, Follower>();
  #edgeIds: ReturnType<typeof transitionIdsOf> | undefined;
  #subscription: { unsubscribe(): void } | undefined;

  /** `root` is the lobby's actor: the sessions are in its system. An error here is told, and costs no session anything. */
  constructor(root: AnyActor, onError: (error: unknown) => void) {
    this.#root = root;
    this.#onError = onError;
  }

  /** How many sessions are followed. */
  get size(): number {
    return this.#followers.size;
  }

  /** Tells where this session is, and then of each step, until `leave`. Nothing for an actor that is no session. */
  follow(actor: AnyActor | undefined, onSteps: OnSteps): void {
    if (actor === undefined || actor.system !== this.#root.system) return;
    this.#edgeIds ??= transitionIdsOf((actor as Actor<typeof sessionMachine>).logic);
    this.#followers.set(actor, { onSteps, event: { type: '' }, steps: [], isDue: false });
    this.#subscription ??= this.#root.system.inspect({ next: (event) => this.#inspected(event) });
    onSteps(statesOf(actor.getSnapshot()), []);
  }

  leave(actor: AnyActor | undefined): void {
    if (actor === undefined || !this.#followers.delete(actor) || this.#followers.size > 0) return;
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
  }

  /** Tells the step that a session is about to take, because on the way into its last state it ends the connection. */
  finish(actor: AnyActor | undefined): void {
    const follower = actor && this.#followers.get(actor);
    if (actor === undefined || follower === undefined) return;
    try {
      const snapshot = actor.getSnapshot() as AnyMachineSnapshot;
      const machine = snapshot.machine as AnyStateMachine;
      const taken = machine.getTransitionData(snapshot, follower.event) ?? [];
      const edges = taken.map((each) => this.#edgeIds?.get(each) ?? '');
      if (edges.length > 0) this.#step(follower, edges, transition(machine, snapshot, follower.event)[0]);
      this.#tell(follower);
    } catch (error) {
      this.#onError(error);
    }
    this.leave(actor);
  }

  #inspected(inspected: InspectionEvent): void {
    const follower = this.#followers.get(inspected.actorRef as AnyActor);
    if (follower === undefined) return;
    try {
      if (inspected.type === '@xstate.event') follower.event = inspected.event;
      else if (inspected.type === '@xstate.microstep') {
        const edges = (inspected._transitions ?? []).map((each) => this.#edgeIds?.get(each) ?? '');
        this.#step(follower, edges, inspected.snapshot as AnyMachineSnapshot);
      }
    } catch (error) {
      this.#onError(error);
    }
  }

  #step(follower: Follower, edges: readonly string[], snapshot: AnyMachineSnapshot): void {
    if (follower.steps.length === maxStepsAtOnce) follower.steps.shift();
    follower.steps.push({ event: openEvent(follower.event), edges, states: statesOf(snapshot) });
    if (!follower.isDue) {
      follower.isDue = true;
      setImmediate(() => this.#tell(follower));
    }
  }

  #tell(follower: Follower): void {
    follower.isDue = false;
    const steps = follower.steps.splice(0);
    const states = steps.at(-1)?.states;
    if (states !== undefined) follower.onSteps(states, steps);
  }
}

function openEvent(event: AnyEventObject): ChartStep['event'] {
  const open: ChartStep['event'] = { type: event.type };
  for (const field of openFields) if (event[field] !== undefined) open[field] = event[field];
  if (typeof event.text === 'string') open.text = event.text.slice(0, maxTextUnits);
  return open;
}

/** The ids of all states in which a session is, the outermost first: `session`, `session.online`, `session.online.menu`. */
function statesOf({ value }: AnyMachineSnapshot): string[] {
  const ids = ['session'];
  for (let inner: StateValue | undefined = value; inner !== undefined; ) {
    const [key] = typeof inner === 'string' ? [inner] : Object.keys(inner);
    ids.push(`${ids.at(-1)}.${key}`);
    inner = typeof inner === 'string' ? undefined : inner[key ?? ''];
  }
  return ids;
}
