/**
 * A chart's graph as SCXML, the W3C's form of statecharts, which tools of many languages read.
 *
 * Owns: the form of that text. States keep XState's ids. Guards and actions are calls in the ECMAScript data model: a
 * program that runs the file has to bring the functions. An action that only raises an event, at once or later, or
 * takes it back, is an element of SCXML. A delay is a function, too; its event is sent on entry and cancelled on exit.
 * SCXML has no place for descriptions and tags, which are in the JSON file.
 * Next: `src/chart/graph.ts`, `diagrams.ts`.
 */
import type { AnyStateMachine } from 'xstate';
import type { Graph, GraphState, GraphTransition } from '../../src/chart/graph.ts';
import { escapeMarkup } from '../../src/runtime/escape.ts';

/** What all elements are written from. */
interface Chart {
  transitions: readonly GraphTransition[];
  /** The final states at the top. */
  ends: readonly GraphState[];
  implementations: AnyStateMachine['implementations']['actions'];
}

export function scxmlOf({ root, transitions }: Graph, machine: AnyStateMachine): string {
  // Only a final state at the top ends an SCXML interpreter, and the top itself can have no transitions.
  const ends = root.children.filter(({ isFinal }) => isFinal);
  const inRoot = { ...root, children: root.children.filter(({ isFinal }) => !isFinal) };
  const chart: Chart = { transitions, ends, implementations: machine.implementations.actions };
  const lines = [inRoot, ...ends].flatMap((state) => stateLines(state, chart));
  const start = attributes({
    xmlns: 'http://www.w3.org/2005/07/scxml',
    version: '1.0',
    datamodel: 'ecmascript',
    name: root.id,
    initial: root.id,
  });
  return ['<?xml version="1.0" encoding="UTF-8"?>', `<scxml${start}>`, ...indented(lines), '</scxml>', ''].join('\n');
}

function stateLines(state: GraphState, chart: Chart): string[] {
  const own = chart.transitions.filter(({ source }) => source === state.id);
  const timers = [...new Set(own.filter(({ isDelayed }) => isDelayed).map(eventOf))];
  const delayOf = (timer: string) => own.find((each) => eventOf(each) === timer)?.event ?? '';
  const name = state.isFinal ? 'final' : 'state';
  return element(name, { id: state.id, initial: state.initial }, [
    ...handler('onentry', [
      ...actionLines(state.entry, chart),
      ...timers.flatMap((timer) => element('send', { event: timer, id: timer, delayexpr: call(delayOf(timer)) })),
    ]),
    ...handler('onexit', [
      ...actionLines(state.exit, chart),
      ...timers.flatMap((timer) => element('cancel', { sendid: timer })),
    ]),
    ...own.flatMap((each) => transitionLines(each, chart)),
    ...state.children.flatMap((child) => stateLines(child, chart)),
  ]);
}

function transitionLines(transition: GraphTransition, chart: Chart): string[] {
  const { id, source, target, guard, actions, isReentering } = transition;
  if (target === source && !isReentering)
    throw new Error(`${id} leads to itself without entering it: leave out the target`);
  const staysInside = target?.startsWith(`${source}.`) && !isReentering && !chart.ends.some((end) => end.id === target);
  return element(
    'transition',
    {
      event: eventOf(transition) || undefined,
      cond: guard && call(guard),
      target,
      type: staysInside ? 'internal' : undefined,
    },
    actionLines(actions, chart),
  );
}

/** Returns the event's name; for a delay XState's name for its end, which is unique in the chart. */
function eventOf({ isDelayed, event, source }: GraphTransition): string {
  return isDelayed ? `xstate.after.${event}.${source}` : event;
}

function handler(name: 'onentry' | 'onexit', content: readonly string[]): string[] {
  return content.length === 0 ? [] : element(name, {}, content);
}

function actionLines(actions: readonly string[], { implementations }: Chart): string[] {
  return actions.flatMap((action) => {
    const lines = builtInLines(implementations[action]);
    return lines ?? `<script>${escapeMarkup(call(action))}</script>`;
  });
}

/** What XState keeps of an action made by `raise` or `cancel`. */
interface BuiltIn {
  type: string;
  event?: { type: string } | (() => unknown);
  id?: string;
  delay?: string | number | (() => unknown);
  sendId?: string | (() => unknown);
}

/** Returns the elements for an action that raises or takes back one and the same event; undefined for any other. */
function builtInLines(implementation: unknown): string[] | undefined {
  if (implementation === undefined) return undefined;
  const { type, event, id, delay, sendId } = implementation as BuiltIn;
  if (type === 'xstate.cancel' && typeof sendId === 'string') return element('cancel', { sendid: sendId });
  if (type !== 'xstate.raise' || typeof event !== 'object') return undefined;
  if (delay === undefined) return element('raise', { event: event.type });
  if (typeof delay === 'number') return element('send', { event: event.type, id, delay: `${delay}ms` });
  return typeof delay === 'string' ? element('send', { event: event.type, id, delayexpr: call(delay) }) : undefined;
}

/** Returns `say('menu')` for `say menu`, as the graph names an action with a parameter. */
function call(named: string): string {
  const [name, ...parameters] = named.split(' ');
  return `${name}(${parameters.map((each) => `'${each}'`).join(', ')})`;
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
