/** The SCXML files hold each state and each transition of the running charts exactly once, and other programs read them so. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { charts } from '../../src/chart/charts.ts';
import { transitionIdsOf } from '../../src/chart/graph.ts';
import { declaredWays, doneBy, idsOf, isEnd, nodesOf, pathOf, type Way } from './declaredWays.ts';

const named = charts.map((machine) => [machine.id, machine] as const);
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
    expect(waysOf(elements)).toEqual(asAsked(declaredWays(machine)));
  });

  it('has no target that is no state', () => {
    const targets = elements.flatMap(({ its }) => [its.target, its.initial]).filter((id) => id !== undefined);
    expect(targets.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('does on entry and exit what the chart does', () => {
    for (const node of nodesOf(machine)) {
      for (const when of ['entry', 'exit'] as const) {
        const handler = elements.find(({ tag, parent }) => tag === `on${when}` && parent?.its.id === node.id);
        const found = elements.filter(({ parent }) => handler !== undefined && parent === handler).map(writtenOf);
        const actions = node[when].filter((action) => typeof action !== 'function');
        expect(found.filter((each) => !isTimer(each))).toEqual(actions.map((action) => doneBy(machine, action)));
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
        .filter((each) => each.tag === tag && each.parent?.tag === handler && isTimer(writtenOf(each)))
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

/** As XState asks the transitions of a state: those for the event's own name first, and then the longest pattern. */
function asAsked(ways: readonly Way[]): Way[] {
  const sources = [...new Set(ways.map(({ from }) => from))];
  return sources.flatMap((source) => {
    const own = ways.filter(({ from }) => from === source);
    const patterns = own.filter(({ event }) => event.endsWith('*'));
    return [...without(own, patterns), ...patterns.toSorted((a, b) => b.event.length - a.event.length)];
  });
}

function without(ways: readonly Way[], others: readonly Way[]): Way[] {
  return ways.filter((way) => !others.includes(way));
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
      actions: elements.filter(({ parent }) => parent === way).map(writtenOf),
    }));
}

/** In the words of `doneBy`. */
function writtenOf({ tag, its, text }: Element): string {
  if (tag === 'script') return text;
  const later = its.delayexpr === undefined ? [] : [`as ${its.id}`, `after ${its.delayexpr}`];
  return [tag, its.event ?? its.sendid, ...later].join(' ');
}

/** True for what stands for `after` in the chart. */
function isTimer(written: string): boolean {
  return /^(send|cancel) xstate\.after\./.test(written);
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

function textOf(name: string): string {
  return readFileSync(pathOf(name), 'utf8');
}
