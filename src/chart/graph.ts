/**
 * A chart as a graph: every state and every transition, in the order in which the chart declares them.
 *
 * Owns: what a diagram can know of a chart. Knows nothing of any drawing. Next: `mermaid.ts`.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';

export interface GraphState {
  /** Unique in its graph: `session.online.menu`. */
  id: string;
  name: string;
  description: string;
  tags: readonly string[];
  isFinal: boolean;
  /** The id of the child that is entered first; undefined for a state without children. */
  initial: string | undefined;
  children: readonly GraphState[];
}

export interface GraphTransition {
  source: string;
  /** Undefined for a transition that stays where it is. */
  target: string | undefined;
  /** Empty for one that needs no event. */
  event: string;
  guard: string | undefined;
  actions: readonly string[];
  description: string;
}

export interface Graph {
  root: GraphState;
  transitions: readonly GraphTransition[];
}

export function graphOf(machine: AnyStateMachine): Graph {
  const transitions: GraphTransition[] = [];
  const root = stateOf(machine.root, transitions);
  return { root, transitions };
}

function stateOf(node: AnyStateNode, transitions: GraphTransition[]): GraphState {
  for (const each of [...node.transitions.values(), node.always ?? []].flat()) {
    const targets = each.target ?? [undefined];
    for (const target of targets) {
      transitions.push({
        source: node.id,
        target: target?.id,
        event: each.eventType,
        guard: each.guard === undefined ? undefined : nameOf(each.guard),
        actions: each.actions.map(nameOf),
        description: each.description ?? '',
      });
    }
  }
  return {
    id: node.id,
    name: node.key,
    description: node.description ?? '',
    tags: node.tags,
    isFinal: node.type === 'final',
    initial: node.type === 'compound' ? node.initial.target[0]?.id : undefined,
    children: Object.values(node.states).map((child) => stateOf(child, transitions)),
  };
}

/** `say menu` for an action or guard with parameters, else its name. */
function nameOf(part: unknown): string {
  if (typeof part === 'string') return part;
  const { type, params } = part as { type: string; params?: Record<string, unknown> };
  return [type, ...Object.values(params ?? {})].join(' ');
}
