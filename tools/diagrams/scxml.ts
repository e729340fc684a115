/**
 * A chart's graph as SCXML, the W3C's form of statecharts, which tools of many languages read.
 *
 * Owns: the form of that text. States keep XState's ids where XML takes them. Guards and actions are calls in the
 * ECMAScript data model: a program that runs the file has to bring the functions (`scxmlCalls.ts`). An action that only
 * raises an event, at once or later, or takes it back, is an element of SCXML. A delay with a name is a function, too; its
 * event is sent on entry and cancelled on exit. SCXML has no place for descriptions and tags, which are in the JSON file.
 * Next: `src/chart/graph.ts`, `diagrams.ts`.
 */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import {
  type Graph,
  type GraphState,
  type GraphTransition,
  ownActions,
  placesIn,
  statesIn,
  transitionIdsOf,
} from '../../src/chart/graph.ts';
import type { BuiltIn } from '../../src/chart/partNames.ts';
import { escapeMarkup } from '../../src/runtime/escape.ts';
import { Calls } from './scxmlCalls.ts';
import { uniqueNames } from './uniqueNames.ts';

/** What all elements are written from. */
interface Chart {
  transitions: readonly GraphTransition[];
  states: ReadonlyMap<string, GraphState>;
  /** The ids of the states around each state. */
  places: ReadonlyMap<string, readonly string[]>;
  /** The final states at the top. */
  ends: readonly GraphState[];
  nodes: ReadonlyMap<string, AnyStateNode>;
  definitions: ReadonlyMap<string, AnyTransitionDefinition>;
  implementations: AnyStateMachine['implementations']['actions'];
  idOf(id: string): string;
  calls: Calls;
}

export function scxmlOf({ root, transitions }: Graph, machine: AnyStateMachine): string {
  // Only a final state at the top ends an SCXML interpreter, and the top itself can have no transitions.
  const ends = root.type === 'compound' ? root.children.filter(({ type }) => type === 'final') : [];
  const inRoot = { ...root, children: root.children.filter((child) => !ends.includes(child)) };
  const idOf = uniqueNames(xmlName);
  const chart: Chart = {
    ...{ transitions, ends, idOf, places: placesIn(root), calls: new Calls(idOf) },
    states: new Map(statesIn(root).map((state) => [state.id, state])),
    nodes: nodesIn(machine.root),
    definitions: new Map([...transitionIdsOf(machine)].map(([definition, id]) => [id, definition])),
    implementations: machine.implementations.actions,
  };
  for (const id of chart.states.keys()) idOf(id);
  const lines = [inRoot, ...ends].flatMap((state) => stateLines(state, chart));
  const start = attributes({
    xmlns: 'http://www.w3.org/2005/07/scxml',
    version: '1.0',
    datamodel: 'ecmascript',
    name: idOf(root.id),
    initial: idOf(root.id),
  });
  return ['<?xml version="1.0" encoding="UTF-8"?>', `<scxml${start}>`, ...indented(lines), '</scxml>', ''].join('\n');
}

function nodesIn(node: AnyStateNode): Map<string, AnyStateNode> {
  return new Map([[node.id, node], ...Object.values(node.states).flatMap((child) => [...nodesIn(child)])]);
}

function stateLines(state: GraphState, chart: Chart): string[] {
  const { transitions, nodes, calls, idOf } = chart;
  if (state.type === 'history') return historyLines(state, chart);
  const own = transitions.filter(({ source }) => source === state.id);
  const delays = new Map(own.filter(({ isDelayed }) => isDelayed).map((each) => [calls.eventFor(each), each]));
  const { entry = [], exit = [] } = nodes.get(state.id) ?? {};
  const start = { id: idOf(state.id), initial: state.initial && idOf(state.initial) };
  // What is done on the way to the initial child has a place only in an element of its own.
  const hasActions = state.initialActions.length > 0;
  const { initial } = nodes.get(state.id) ?? {};
  const way = element('transition', { target: start.initial }, actionLines(initial?.actions ?? [], chart));
  return element(elementName(state, chart), hasActions ? { id: start.id } : start, [
    ...(hasActions ? element('initial', {}, way) : []),
    ...handler('onentry', [
      ...actionLines(ownActions(entry), chart),
      ...[...delays].flatMap(([event, { event: name }]) => element('send', { event, id: event, ...calls.delay(name) })),
    ]),
    ...handler('onexit', [
      ...actionLines(ownActions(exit), chart),
      ...[...delays.keys()].flatMap((event) => element('cancel', { sendid: event })),
    ]),
    ...state.invokes.flatMap((_, index) => invokeLines(state, index, chart)),
    ...inOrder(own).flatMap((each) => transitionLines(each, chart)),
    ...state.children.flatMap((child) => stateLines(child, chart)),
  ]);
}

/** XState asks those for an event's own name first, and then the longest pattern; SCXML the first one that fits. */
function inOrder(transitions: readonly GraphTransition[]): GraphTransition[] {
  const rank = ({ eventType }: GraphTransition): number =>
    /(^|\.)\*$/.test(eventType) ? -eventType.length : -Infinity;
  return transitions.toSorted((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
}

/** A final state can't stand in a parallel one: there it is a state that nothing leads out of. */
function elementName({ id, type }: GraphState, { places, states }: Chart): string {
  const parent = states.get(places.get(id)?.at(-1) ?? '');
  if (type === 'final') return parent?.type === 'parallel' ? 'state' : 'final';
  return type === 'parallel' ? 'parallel' : 'state';
}

/** A history state has to say where it leads the first time; XState takes its parent's own beginning. */
function historyLines({ id, isDeep, fallbacks }: GraphState, { places, states, idOf }: Chart): string[] {
  const parent = states.get(places.get(id)?.at(-1) ?? '');
  const targets = fallbacks.length > 0 ? fallbacks : beginningOf(parent);
  const way = element('transition', { target: targets.map(idOf).join(' ') });
  return element('history', { id: idOf(id), type: isDeep ? 'deep' : undefined }, way);
}

/** Returns the states that are entered together with a state. */
function beginningOf(state: GraphState | undefined): string[] {
  if (state?.initial !== undefined) return [state.initial];
  const regions = state?.type === 'parallel' ? state.children : [];
  return regions.filter(({ type }) => type !== 'history').map(({ id }) => id);
}

function invokeLines({ id }: GraphState, index: number, { nodes, calls }: Chart): string[] {
  const invoked = nodes.get(id)?.invoke[index];
  return invoked === undefined ? [] : element('invoke', calls.actor(invoked, nodes.get(id)?.config.invoke, index));
}

function transitionLines(transition: GraphTransition, chart: Chart): string[] {
  const { id, source, isReentering } = transition;
  const { places, states, ends, calls, idOf, definitions } = chart;
  const { guard, actions = [] } = definitions.get(id) ?? {};
  // One to itself that doesn't enter it again begins anew inside.
  const isLoop = transition.targets.length === 1 && transition.targets[0] === source && !isReentering;
  const targets = isLoop ? beginningOf(states.get(source)) : transition.targets;
  const isEnd = targets.some((target) => ends.some((end) => end.id === target));
  const isInside = targets.length > 0 && targets.every((target) => places.get(target)?.includes(source));
  return element(
    'transition',
    {
      event: calls.eventFor(transition) || undefined,
      cond: guard === undefined ? undefined : calls.condition(guard),
      target: targets.length === 0 ? undefined : targets.map(idOf).join(' '),
      type: isInside && !isReentering && !isEnd ? 'internal' : undefined,
    },
    actionLines(actions, chart),
  );
}

function handler(name: 'onentry' | 'onexit', content: readonly string[]): string[] {
  return content.length === 0 ? [] : element(name, {}, content);
}

function actionLines(actions: readonly unknown[], { implementations, calls }: Chart): string[] {
  return actions.flatMap((action) => {
    const built = typeof action === 'function' ? action : implementations[nameIn(action)];
    return builtInLines(built, calls) ?? `<script>${escapeMarkup(calls.call(action))}</script>`;
  });
}

function nameIn(action: unknown): string {
  return typeof action === 'string' ? action : (action as { type: string }).type;
}

/** Returns the elements for an action that raises or takes back one and the same event; undefined for any other. */
function builtInLines(implementation: unknown, calls: Calls): string[] | undefined {
  if (implementation === undefined) return undefined;
  const { type, event, id, delay, sendId } = implementation as BuiltIn;
  if (type === 'xstate.cancel' && typeof sendId === 'string') return element('cancel', { sendid: sendId });
  if (type !== 'xstate.raise' || typeof event !== 'object') return undefined;
  const name = calls.eventNamed((event as { type: string }).type);
  if (delay === undefined) return element('raise', { event: name });
  const its = { event: name, id: typeof id === 'string' ? id : undefined };
  if (typeof delay === 'number') return element('send', { ...its, delay: `${delay}ms` });
  return typeof delay === 'string' ? element('send', { ...its, ...calls.delay(delay) }) : undefined;
}

/** Returns the text as a name of XML, which begins with a letter and has no blanks. */
function xmlName(text: string): string {
  const name = text.replace(/[^\p{L}\p{N}._-]/gu, '_');
  return /^[\p{L}_]/u.test(name) ? name : `_${name}`;
}

function element(name: string, its: Record<string, string | undefined>, content: readonly string[] = []): string[] {
  const start = `<${name}${attributes(its)}`;
  return content.length === 0 ? [`${start}/>`] : [`${start}>`, ...indented(content), `</${name}>`];
}

function attributes(all: Record<string, string | undefined>): string {
  return Object.entries(all)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${escapeMarkup(value)}"`))
    .join('');
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
