/** The SCXML files hold each state and each transition of the running charts exactly once, and other programs read them so. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { transitionIdsOf } from '../../src/chart/graph.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { machines } from './machines.ts';

const named = machines.map((machine) => [machine.id, machine] as const);
const folder = new URL('../stately/', import.meta.url);
const smcat = fileURLToPath(new URL('node_modules/state-machine-cat/bin/smcat.mjs', folder));

const hasXmllint = spawnSync('xmllint', ['--version']).status === 0;

/** What a transition says, in the words of SCXML; `to` is its source where it stays. */
interface Way {
  from: string;
  to: string;
  event: string;
  cond: string;
  actions: string[];
}

describe.each(named)('diagrams/%s.scxml', (name, machine) => {
  const elements = elementsOf(textOf(name));
  const ids = elements.filter(({ tag }) => tag === 'state' || tag === 'final').map(({ its }) => its.id);

  it('has every state once', () => {
    expect(ids.toSorted()).toEqual(idsOf(machine));
  });

  it('nests them as they are, but for the ends of the chart, which stand at the top', () => {
    for (const node of nodesOf(machine)) {
      const isTop = node.parent === undefined || (node.parent === machine.root && node.type === 'final');
      const its = elements.find((each) => each.its.id === node.id);
      expect([its?.parent?.its.id, its?.tag]).toEqual([
        isTop ? undefined : node.parent?.id,
        node.type === 'final' ? 'final' : 'state',
      ]);
    }
  });

  it('enters what the chart enters', () => {
    const entered = nodesOf(machine).filter(({ type }) => type === 'compound');
    const expected = entered.map((node) => [node.id, node.initial.target[0]?.id]);
    const initials = elements.filter(({ tag, its }) => tag === 'state' && its.initial !== undefined);
    expect(initials.map(({ its }) => [its.id, its.initial])).toEqual(expected);
    expect(elements[0]?.its.initial).toBe(machine.id);
  });

  it('has every transition once, in the order that decides', () => {
    expect(waysOf(elements)).toEqual(declaredWays(machine));
  });

  it('has no target that is no state', () => {
    const targets = elements.flatMap(({ its }) => [its.target, its.initial]).filter((id) => id !== undefined);
    expect(targets.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('does on entry and exit what the chart does', () => {
    for (const node of nodesOf(machine)) {
      for (const when of ['entry', 'exit'] as const) {
        const handler = elements.find(({ tag, parent }) => tag === `on${when}` && parent?.its.id === node.id);
        const scripts = elements.filter(({ tag, parent }) => tag === 'script' && parent === handler);
        const actions = node[when].filter((action) => typeof action !== 'function');
        expect(handler === undefined ? [] : scripts.map(({ text }) => text)).toEqual(actions.map(callOf));
      }
    }
  });

  it('starts every time limit on entry and stops it on exit', () => {
    const timers = [...transitionIdsOf(machine).keys()].filter(({ eventType }) =>
      eventType.startsWith('xstate.after.'),
    );
    const expected = [...new Set(timers.map(({ eventType, source }) => `${eventType} in ${source.id}`))];
    const found = (tag: string, id: string, handler: string) =>
      elements
        .filter((each) => each.tag === tag && each.parent?.tag === handler)
        .map(({ its, parent }) => `${its[id]} in ${parent?.parent?.its.id}`);
    expect(found('send', 'event', 'onentry')).toEqual(expected);
    expect(found('send', 'id', 'onentry')).toEqual(expected);
    expect(found('cancel', 'sendid', 'onexit')).toEqual(expected);
  });

  it('stays inside a state exactly where the chart does', () => {
    const internal = elements.filter(({ tag, its }) => tag === 'transition' && its.type === 'internal');
    const expected = [...transitionIdsOf(machine).keys()].filter(
      ({ source, target, reenter }) =>
        !reenter && target?.[0]?.id.startsWith(`${source.id}.`) && !isEnd(target[0], machine),
    );
    expect(internal.map(({ its, parent }) => [parent?.its.id, its.target])).toEqual(
      expected.map(({ source, target }) => [source.id, target?.[0]?.id]),
    );
  });
});

describeNeeding('xmllint', hasXmllint, 'SCXML as XML', () => {
  it.each(named)('diagrams/%s.scxml is well-formed', (name) => {
    const { status, stderr } = spawnSync('xmllint', ['--noout', '--nonet', pathOf(name)], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

describeNeeding('`npm ci --prefix test/stately`', existsSync(smcat), 'state-machine-cat', () => {
  it.each(named)(
    'reads from diagrams/%s.scxml the states and transitions of the chart',
    { timeout: 60_000 },
    (name, machine) => {
      const options = [smcat, '-I', 'scxml', '-T', 'json', '-o', '-', pathOf(name)];
      const { stdout, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8', timeout: 50_000 });
      expect(stderr).toBe('');
      const { states, ways } = readBySmcat(JSON.parse(stdout));
      expect(states.sort()).toEqual(idsOf(machine));
      expect(ways.map(written).sort()).toEqual(declaredWays(machine).map(written).sort());
    },
  );
});

interface SmcatMachine {
  states: { name: string; type: string; statemachine?: SmcatMachine }[];
  transitions?: { from: string; to: string; event?: string; cond?: string; action?: string }[];
}

/** Without its marks for where a state begins, which it takes for states of their own. */
function readBySmcat({ states, transitions = [] }: SmcatMachine): { states: string[]; ways: Way[] } {
  const real = states.filter(({ type }) => type !== 'initial');
  const marks = states.filter(({ type }) => type === 'initial').map((mark) => mark.name);
  const inside = real.flatMap(({ statemachine }) => (statemachine ? [readBySmcat(statemachine)] : []));
  const own = transitions
    .filter(({ from }) => !marks.includes(from))
    .map(({ from, to, event = '', cond = '', action = '' }) => ({
      ...{ from, to, event, cond },
      actions: Array.from(action.matchAll(/<script>(.*?)<\/script>/g), ([, call = '']) => call),
    }));
  return {
    states: [...real.map((state) => state.name), ...inside.flatMap((each) => each.states)],
    ways: [...own, ...inside.flatMap((each) => each.ways)],
  };
}

function written({ from, to, event, cond, actions }: Way): string {
  return `${from} --${event} [${cond}] / ${actions.join(', ')}--> ${to}`;
}

/** Straight from the machine that runs. */
function declaredWays(machine: AnyStateMachine): Way[] {
  return [...transitionIdsOf(machine).keys()].map(({ source, target, eventType, guard, actions }) => ({
    from: source.id,
    to: target?.[0]?.id ?? source.id,
    event: eventType,
    cond: guard === undefined ? '' : callOf(guard),
    actions: actions.map(callOf),
  }));
}

function callOf(part: unknown): string {
  const { type, params = {} } = typeof part === 'string' ? { type: part } : (part as { type: string; params?: object });
  const given = Object.values(params).map((value) => `'${value}'`);
  return `${type}(${given.join(', ')})`;
}

function nodesOf(machine: AnyStateMachine): AnyStateNode[] {
  const below = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(below)];
  return below(machine.root);
}

function idsOf(machine: AnyStateMachine): string[] {
  return nodesOf(machine)
    .map(({ id }) => id)
    .sort();
}

function isEnd(node: AnyStateNode | undefined, machine: AnyStateMachine): boolean {
  return node?.type === 'final' && node.parent === machine.root;
}

interface Element {
  tag: string;
  its: Record<string, string>;
  parent: Element | undefined;
  text: string;
}

/** Every element in the order in which it opens. Enough for what we write: no comments, no sections, text only in scripts. */
function elementsOf(xml: string): Element[] {
  const elements: Element[] = [];
  let parent: Element | undefined;
  for (const [, closing, tag = '', inside = '', text = ''] of xml.matchAll(/<(\/?)(\w+)([^>]*)>([^<]*)/g)) {
    if (closing) parent = parent?.parent;
    else {
      const its = Object.fromEntries(
        Array.from(inside.matchAll(/(\w+)="([^"]*)"/g), ([, key = '', value = '']) => [key, unescaped(value)]),
      );
      const element = { tag, its, parent, text: unescaped(text.trim()) };
      elements.push(element);
      if (!inside.endsWith('/')) parent = element;
    }
  }
  return elements;
}

function waysOf(elements: readonly Element[]): Way[] {
  return elements
    .filter(({ tag }) => tag === 'transition')
    .map((way) => ({
      from: way.parent?.its.id ?? '',
      to: way.its.target ?? way.parent?.its.id ?? '',
      event: way.its.event ?? '',
      cond: way.its.cond ?? '',
      actions: elements.filter(({ tag, parent }) => tag === 'script' && parent === way).map(({ text }) => text),
    }));
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

function textOf(name: string): string {
  return readFileSync(pathOf(name), 'utf8');
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../../diagrams/${name}.scxml`, import.meta.url));
}
