/**
 * What all reports say in the same words.
 *
 * Owns: the names of exercises, places and transitions as a person says them, the groups of failures and the coverage.
 */
import { readFileSync } from 'node:fs';
import { sessionMachine } from '../../../machines/session.machine.ts';
import { graphOf } from '../../chart/graph.ts';
import type { Stage } from '../checks/check.ts';
import { failuresOf, type Judgement } from '../judgement.ts';
import type { Failure } from '../play.ts';
import type { CheckResult } from '../runChecks.ts';

/** The drawn session chart; every transition in it has a `data-edge`. */
export const drawing = readFileSync(new URL('../../../diagrams/session.svg', import.meta.url), 'utf8');

/** All transitions of the session chart. */
const allTransitions = [...new Set([...drawing.matchAll(/data-edge="([^"]+)"/g)].map(([, each]) => each as string))];

/** The titles of docs/course.md. */
export const stageTitles: Record<Stage, string> = {
  1: 'a line is not a segment',
  2: 'who is who',
  3: 'two people',
  4: 'many people',
  5: 'the statechart',
};

/** Places of the chart as a person says them, the longest path first. */
const places: readonly [path: string, there: string, into: string][] = [
  ['online.requesting.naming', 'Asked whom to chat with', 'to the question whom to chat with'],
  ['online.requesting', 'Waiting for an answer', 'to waiting for the answer'],
  ['online.confirming', 'Being asked', 'to being asked'],
  ['online.chatting', 'In a chat', 'into the chat'],
  ['online.commonRoom', 'In the common room', 'into the common room'],
  ['online.menu.moving', 'On the way out of the menu', 'out of the menu'],
  ['online.menu', 'In the menu', 'to the menu'],
  ['online', 'With an id', 'to the menu'],
  ['identifying', 'Asked for an id', 'to the prompt for an id'],
  ['closed', 'Over', 'to the end'],
];

const transitions = new Map(graphOf(sessionMachine).transitions.map((each) => [each.id, each]));

/** `In the menu, 3: into the common room`: the first of the transitions that a step takes, and what was done for it. */
function headingOf({ transitions: ids, step, who }: Failure): string {
  const does = step.does === 'types' ? (step.text.trim() === '' ? 'an empty line' : step.text) : step.does;
  const first = transitions.get(ids.find((id) => id.includes('line.received')) ?? ids[0] ?? '');
  if (first === undefined) return step.does === 'types' ? `${does}: nothing should happen` : `${who} ${does}`;
  const place = placeOf(first.source)?.[1] ?? 'Anywhere';
  const lasts = ids.flatMap((id) => transitions.get(id)?.targets ?? []);
  const into = placeOf(lasts.at(-1) ?? '')?.[2];
  return `${place}, ${does}: ${first.description.replace(/\.$/, '').toLowerCase() || into || 'stays there'}`;
}

function placeOf(id: string): (typeof places)[number] | undefined {
  const path = id.replace(/^session\.?/, '');
  return places.find(([place]) => path === place || path.startsWith(`${place}.`));
}

/** One cause, the first dialogue that shows it, and how many others it spoils. */
export interface Group {
  readonly heading: string;
  /** The ids of the chart. */
  readonly ids: string;
  readonly failures: readonly Failure[];
}

/** Failures by the transitions that should have been taken: the first failure first. */
export function groupsOf(judgement: Pick<Judgement, 'suites'>): Group[] {
  const groups = new Map<string, Failure[]>();
  for (const failure of failuresOf(judgement)) {
    const key = failure.transitions.join(' ') || `nothing ${failure.step.does}`;
    groups.set(key, [...(groups.get(key) ?? []), failure]);
  }
  return [...groups.values()].map((failures) => {
    const first = failures[0] as Failure;
    return { heading: headingOf(first), ids: first.transitions.map(edgeInWords).join(', then '), failures };
  });
}

/** The checks that were not made because of this one. */
export function spoiledBy({ check }: CheckResult, checks: readonly CheckResult[]): number {
  return checks.filter(({ outcome, reason }) => outcome === 'not tested' && reason?.endsWith(`: ${check.rule}`)).length;
}

export interface Coverage {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** No dialogue takes them: they need time, the end of the server, or several servers. */
  readonly unreached: readonly string[];
}

export function coverageOf({ passed, failed }: Judgement): Coverage {
  return {
    passed: allTransitions.filter((each) => passed.has(each)),
    failed: allTransitions.filter((each) => failed.has(each)),
    unreached: allTransitions.filter((each) => !passed.has(each) && !failed.has(each)),
  };
}

export function coverageInWords(judgement: Judgement): string {
  const { passed, failed, unreached } = coverageOf(judgement);
  return `Of ${allTransitions.length} transitions of the session chart ${passed.length} passed, ${failed.length} failed, ${unreached.length} were not tested.`;
}

/** `menu.choosing on line.received (2.)` for `session.online.menu.choosing line.received 1`. */
export function edgeInWords(edge: string): string {
  const [state = '', event = '', index = '0'] = edge.split(' ');
  const place = state.replace(/^session\.?(online\.)?/, '') || 'anywhere';
  return `${place} on ${event}${index === '0' ? '' : ` (${Number(index) + 1}.)`}`;
}

/** What happened, and what should have come next. */
export function storyOf(failure: Pick<Failure, 'story' | 'who' | 'expected' | 'read'>): string[] {
  const { story, who, expected, read } = failure;
  return [...story, `${who} should read: ${expected}`, `${who} did read:    ${read}`];
}

/** The same of a check; empty if it has none. */
export function checkStoryOf({ story, who, expected, read }: CheckResult): string[] {
  return who === undefined ? [] : storyOf({ story, who, expected: expected ?? '', read: read ?? '' });
}

/** One line: what should have been read, and what was. */
export function messageOf({ who, expected, read }: { who?: string; expected?: string; read?: string }): string {
  return `${who ?? 'it'} should read ${expected ?? ''}, and reads ${read ?? ''}`.replaceAll(/\s+/g, ' ');
}

export function plural(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}
