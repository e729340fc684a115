/**
 * A chart as a graph: every state and every transition, in the order in which the chart declares them.
 *
 * Owns: what a drawing can show of a chart, and the ids by which drawings and the viewer name its states and
 * transitions. Knows nothing of any drawing.
 * Next: `tools/diagrams/diagrams.ts` (the drawings), `../viewer/` (the chart while it runs).
 */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { actorName, type BuiltIn, delayName, nameOf } from './partNames.ts';

export interface GraphState {
  /** XState's id, unique in its graph: `session.online.menu`. */
  id: string;
  name: string;
  /** 0 for the chart itself. */
  depth: number;
  type: AnyStateNode['type'];
  description: string;
  tags: readonly string[];
  entry: readonly string[];
  exit: readonly string[];
  /** The actors that run while the state is active, by what they are: `fetchUser as fetching`. */
  invokes: readonly string[];
  /** The id of the initial child; undefined for a state that has none, or is in all its children at once. */
  initial: string | undefined;
  /** What is done on the way to the initial child. */
  initialActions: readonly string[];
  /** Of a state that stands for where its parent was: if it stands for the states further inside, too. */
  isDeep: boolean;
  /** Where such a state leads the first time, if its chart says so; none for every other state. */
  fallbacks: readonly string[];
  children: readonly GraphState[];
}

export interface GraphTransition {
  /** Unique in its graph: the source, the event, and the place among its transitions: `session.closed exit 0`. */
  id: string;
  source: string;
  /** None for a transition that changes no state; several if it leads into several regions at once. */
  targets: readonly string[];
  /** Empty for a transition without an event; for a delayed one, the name of the delay. */
  event: string;
  /** The event as XState calls it; unlike `event` for a delay, and for the end of a state or an actor. */
  eventType: string;
  /** True for a transition after a time. */
  isDelayed: boolean;
  /** True if it leaves its source and enters it again. */
  isReentering: boolean;
  guard: string | undefined;
  actions: readonly string[];
  description: string;
}

export interface Graph {
  root: GraphState;
  transitions: readonly GraphTransition[];
}

export function graphOf(machine: AnyStateMachine): Graph {
  const transitions = [...transitionIdsOf(machine)].map(([definition, id]) => transitionOf(definition, id));
  return { root: stateOf(machine.root), transitions };
}

/** Returns the ids of a machine's transitions, by the objects that XState's inspection reports. */
export function transitionIdsOf(machine: AnyStateMachine): Map<AnyTransitionDefinition, string> {
  const ids = new Map<AnyTransitionDefinition, string>();
  const visit = (node: AnyStateNode): void => {
    for (const sameEvent of [...node.transitions.values(), node.always ?? []]) {
      for (const [index, each] of sameEvent.entries())
        ids.set(each, `${node.id} ${delayOf(each) ?? (each.eventType || 'always')} ${index}`);
    }
    for (const child of Object.values(node.states)) visit(child);
  };
  visit(machine.root);
  return ids;
}

/** Returns all states, outer ones first, in the order of the chart. */
export function statesIn(state: GraphState): GraphState[] {
  return [state, ...state.children.flatMap(statesIn)];
}

/** Returns the ids of the states around each state, by its id. */
export function placesIn(root: GraphState): Map<string, readonly string[]> {
  const places = new Map<string, readonly string[]>();
  const visit = (state: GraphState, around: readonly string[]): void => {
    places.set(state.id, around);
    for (const child of state.children) visit(child, [...around, state.id]);
  };
  visit(root, []);
  return places;
}

/** Returns the actions of a state's entry or exit, without those that XState itself adds for a delay. */
export function ownActions(actions: readonly unknown[]): unknown[] {
  return actions.filter((action) => {
    const { type, id, sendId } = action as BuiltIn;
    const timer = type === 'xstate.raise' ? id : type === 'xstate.cancel' ? sendId : undefined;
    return typeof action !== 'function' || !String(timer).startsWith(delayed);
  });
}

function stateOf(node: AnyStateNode): GraphState {
  const isCompound = node.type === 'compound';
  return {
    id: node.id,
    name: node.key,
    depth: node.path.length,
    type: node.type,
    description: node.description ?? '',
    tags: node.tags,
    entry: ownActions(node.entry).map(nameOf),
    exit: ownActions(node.exit).map(nameOf),
    invokes: node.invoke.map((_, index) => invokeName(node, index)),
    initial: isCompound ? node.initial.target[0]?.id : undefined,
    initialActions: isCompound ? node.initial.actions.map(nameOf) : [],
    isDeep: node.history === 'deep',
    fallbacks: fallbacksOf(node).map(({ id }) => id),
    children: Object.values(node.states).map(stateOf),
  };
}

/** Returns where a history state leads the first time; its chart names these states from its parent. */
function fallbacksOf(node: AnyStateNode): AnyStateNode[] {
  const { target } = node.config as { target?: string | readonly string[] };
  if (node.type !== 'history' || target === undefined) return [];
  return [target].flat().flatMap((path) => {
    if (path.startsWith('#')) return node.machine.getStateNodeById(path);
    let found = node.parent;
    for (const key of path.split('.').filter((each) => each !== '')) found = found?.states[key];
    return found ?? [];
  });
}

function transitionOf(definition: AnyTransitionDefinition, id: string): GraphTransition {
  return {
    id,
    source: definition.source.id,
    targets: (definition.target ?? []).map((target) => target.id),
    event: eventOf(definition),
    eventType: definition.eventType,
    isDelayed: definition.eventType.startsWith(delayed),
    isReentering: definition.reenter,
    guard: definition.guard === undefined ? undefined : nameOf(definition.guard),
    actions: definition.actions.map(nameOf),
    description: definition.description ?? '',
  };
}

const delayed = 'xstate.after.';

/** Returns the name of the delay. XState has an event of its own for it: `xstate.after.NAME.STATE`. */
function delayOf({ eventType, source }: AnyTransitionDefinition): string | undefined {
  return eventType.startsWith(delayed) ? eventType.slice(delayed.length, -(source.id.length + 1)) : undefined;
}

/** Returns the event's name as a reader knows it: what an actor of the state itself sends has that actor's name. */
function eventOf(definition: AnyTransitionDefinition): string {
  const { eventType, source } = definition;
  const delay = delayOf(definition);
  if (delay !== undefined) return delayName(delay);
  if (eventType === `xstate.done.state.${source.id}`) return 'done';
  const [, what = '', id] = /^xstate\.(done\.actor|error\.actor|snapshot)\.(.*)$/s.exec(eventType) ?? [];
  const index = source.invoke.findIndex((actor) => actor.id === id);
  return index < 0 ? eventType : `${what.replace('.actor', '')} ${invokeName(source, index).split(' as ').at(-1)}`;
}

/** Returns what an actor is, and its id if the chart gives it one. */
function invokeName(node: AnyStateNode, index: number): string {
  const { src, id } = [node.config.invoke ?? []].flat()[index] as { src: unknown; id?: string };
  return [actorName(src), ...(id === undefined ? [] : [`as ${id}`])].join(' ');
}
