/** What all reports say in the same words. Owns: the groups of failures, and the summary of the coverage. */
import { readFileSync } from 'node:fs';
import type { Failure } from '../play.ts';
import type { Judgement } from '../runSuites.ts';

/** The drawn session chart; every transition in it has a `data-edge`. */
export const drawing = readFileSync(new URL('../../../diagrams/session.svg', import.meta.url), 'utf8');

/** All transitions of the session chart. */
const allEdges = [...new Set([...drawing.matchAll(/data-edge="([^"]+)"/g)].map(([, edge]) => edge as string))];

/** Failures by the transition that should have been taken, the largest group first. */
export function groupsOf(suites: Judgement['suites']): [string, Failure[]][] {
  const groups = new Map<string, Failure[]>();
  for (const failure of suites.flatMap(({ failures }) => failures)) {
    const name = failure.transitions.map(edgeInWords).join(', then ') || 'nothing should happen';
    groups.set(name, [...(groups.get(name) ?? []), failure]);
  }
  return [...groups].sort(([, a], [, b]) => b.length - a.length);
}

export interface Coverage {
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  /** No dialogue takes them: they need time, the end of the server, or several servers. */
  readonly unreached: readonly string[];
}

export function coverageOf({ passed, failed }: Judgement): Coverage {
  return {
    passed: allEdges.filter((edge) => passed.has(edge)),
    failed: allEdges.filter((edge) => failed.has(edge)),
    unreached: allEdges.filter((edge) => !passed.has(edge) && !failed.has(edge)),
  };
}

export function summaryOf(judgement: Judgement): string {
  const { passed, failed, unreached } = coverageOf(judgement);
  return `Of ${allEdges.length} transitions of the session chart ${passed.length} passed, ${failed.length} failed, ${unreached.length} were not tested.`;
}

/** `menu.choosing on line.received (2nd)` for `session.online.menu.choosing line.received 1`. */
export function edgeInWords(edge: string): string {
  const [state = '', event = '', index = '0'] = edge.split(' ');
  const place = state.replace(/^session\.?(online\.)?/, '') || 'anywhere';
  return `${place} on ${event}${index === '0' ? '' : ` (${Number(index) + 1}.)`}`;
}
