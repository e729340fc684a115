/**
 * A chart as a graph: every state and every transition, in the order in which the chart declares them.
 *
 * Owns: what a drawing can show of a chart, and the ids by which drawings and the viewer name its states and
 * transitions. Knows nothing of any drawing.
 * Next: `tools/diagrams/diagrams.ts` (the drawings), `../viewer/` (the chart while it runs).
 */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

export interface GraphState {
  /** XState's id, unique in its graph: `session.online.menu`. */
  id: string;
  name: string;
  description: string;
  tags: readonly string[];
  entry: readonly string[];
  exit: readonly string[];
  isFinal: boolean;
  /** The id of the initial child; undefined for a state without children. */
  initial: string | undefined;
  children: readonly GraphState[];
}

export interface GraphTransition {
  /** Unique in its graph: the source, the event, and the place among its transitions: `session.closed exit 0`. */
  id: string;
  source: string;
  /** Undefined for a transition that changes no state. */
  target: string | undefined;
  /** Empty for a transition without an event; for a delayed one, the name of the delay. */
  event: string;
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
        ids.set(each, `${node.id} ${eventOf(each) || 'always'} ${index}`);
    }
    for (const child of Object.values(node.states)) visit(child);
  };
  visit(machine.root);
  return ids;
}

function stateOf(node: AnyStateNode): GraphState {
  return {
    id: node.id,
    name: node.key,
    description: node.description ?? '',
    tags: node.tags,
    entry: node.entry.filter(isOfTheChart).map(nameOf),
    exit: node.exit.filter(isOfTheChart).map(nameOf),
    isFinal: node.type === 'final',
    initial: node.type === 'compound' ? node.initial.target[0]?.id : undefined,
    children: Object.values(node.states).map(stateOf),
  };
}

function transitionOf(definition: AnyTransitionDefinition, id: string): GraphTransition {
  const [target, ...others] = definition.target ?? [];
  if (others.length > 0) throw new Error(`${id} has several targets, which the drawings don't know`);
  return {
    id,
    source: definition.source.id,
    target: target?.id,
    event: eventOf(definition),
    isDelayed: isDelayed(definition),
    isReentering: definition.reenter,
    guard: definition.guard === undefined ? undefined : nameOf(definition.guard),
    actions: definition.actions.map(nameOf),
    description: definition.description ?? '',
  };
}

function isDelayed({ eventType }: AnyTransitionDefinition): boolean {
  return eventType.startsWith('xstate.after.');
}

/** Returns the event's name. XState has an event of its own for a delay: `xstate.after.NAME.STATE`. */
function eventOf(definition: AnyTransitionDefinition): string {
  const { eventType, source } = definition;
  return isDelayed(definition) ? eventType.slice('xstate.after.'.length, -(source.id.length + 1)) : eventType;
}

/** False for what XState itself adds to entry and exit for a delay. */
function isOfTheChart(action: unknown): boolean {
  return typeof action !== 'function';
}

/** Returns the name of an action or guard, with its parameters: `say menu`. */
function nameOf(part: unknown): string {
  if (typeof part === 'string') return part;
  const { type, params } = part as { type: string; params?: Record<string, unknown> };
  return [type, ...Object.values(params ?? {})].join(' ');
}
