/**
 * Every transition of a running chart in the words of SCXML, and where its file is.
 *
 * Owns: the reading of the machine. Next: `scxml.test.ts`, `scxml.system.test.ts`, `scionWalks.ts`.
 */
import { fileURLToPath } from 'node:url';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { transitionIdsOf } from '../../src/chart/graph.ts';

/** What a transition says, in the words of SCXML; `to` is its source where it stays. */
export interface Way {
  from: string;
  to: string;
  event: string;
  cond: string;
  actions: string[];
}

/** Straight from the machine that runs. */
export function declaredWays(machine: AnyStateMachine): Way[] {
  return [...transitionIdsOf(machine).keys()].map(({ source, target, eventType, guard, actions }) => ({
    from: source.id,
    to: target?.[0]?.id ?? source.id,
    event: eventType,
    cond: guard === undefined ? '' : callOf(guard),
    actions: actions.map((action) => doneBy(machine, action)),
  }));
}

/** Returns what an action is in SCXML: its call, unless all it does is to raise one event or to take it back. */
export function doneBy(machine: AnyStateMachine, action: unknown): string {
  const call = callOf(action);
  const built = machine.implementations.actions[call.slice(0, call.indexOf('('))] as unknown as BuiltIn;
  if (built.type === 'xstate.raise') {
    const later = built.delay === undefined ? [] : [`as ${built.id}`, `after ${built.delay}()`];
    return [built.delay === undefined ? 'raise' : 'send', built.event.type, ...later].join(' ');
  }
  return built.type === 'xstate.cancel' && typeof built.sendId === 'string' ? `cancel ${built.sendId}` : call;
}

/** What XState keeps of `raise` and `cancel`; anything else has another type, or none. */
interface BuiltIn {
  type?: string;
  event: { type: string };
  id?: string;
  delay?: string;
  sendId?: unknown;
}

export function callOf(part: unknown): string {
  const { type, params = {} } = typeof part === 'string' ? { type: part } : (part as { type: string; params?: object });
  const given = Object.values(params).map((value) => `'${value}'`);
  return `${type}(${given.join(', ')})`;
}

export function nodesOf(machine: AnyStateMachine): AnyStateNode[] {
  const below = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(below)];
  return below(machine.root);
}

export function idsOf(machine: AnyStateMachine): string[] {
  return nodesOf(machine)
    .map(({ id }) => id)
    .sort();
}

export function isEnd(node: AnyStateNode | undefined, machine: AnyStateMachine): boolean {
  return node?.type === 'final' && node.parent === machine.root;
}

/** The SCXML file of the machine with this name. */
export function pathOf(name: string): string {
  return fileURLToPath(new URL(`../../diagrams/${name}.scxml`, import.meta.url));
}
