/**
 * What a judgement is, for all who write one down.
 *
 * Owns: its form and the counts that are made of it.
 */
import type { Stage } from './checks/check.ts';
import { stages } from './checks/check.ts';
import type { OtherWords } from './checks/probeStory.ts';
import type { Dialogue, SuiteName } from './dialogues.ts';
import { type Failure, stepInWords } from './play.ts';
import { type CheckResult, isFailing } from './runChecks.ts';

export interface PlayedDialogue {
  readonly dialogue: Dialogue;
  readonly outcome: 'passed' | 'failed' | 'not tested';
  readonly failure: Failure | undefined;
}

export interface SuiteResult {
  readonly name: SuiteName;
  readonly dialogues: readonly PlayedDialogue[];
  readonly ms: number;
}

export interface Judgement {
  readonly server: string;
  readonly dialect: string;
  /** Up to which exercise; undefined for everything. */
  readonly stage: Stage | undefined;
  /** Why it could not be judged; then there is nothing else. */
  readonly refusal: string | undefined;
  readonly checks: readonly CheckResult[];
  readonly otherWords: readonly OtherWords[];
  readonly suites: readonly SuiteResult[];
  /** Transitions of the session chart, by what became of the dialogues that take them. */
  readonly passed: ReadonlySet<string>;
  readonly failed: ReadonlySet<string>;
}

export function isGood({ refusal, checks, suites, otherWords }: Judgement): boolean {
  const isClean = suites.every(({ dialogues }) => dialogues.every(({ outcome }) => outcome !== 'failed'));
  return refusal === undefined && otherWords.length === 0 && isClean && !checks.some(isFailing);
}

/** The faults that have a name, each once, with the checks that have found it. */
export function faultsOf({ checks }: Judgement): { name: string; hint: string; results: CheckResult[] }[] {
  const faults = new Map<string, { name: string; hint: string; results: CheckResult[] }>();
  for (const result of checks) {
    if (result.outcome !== 'failed' || result.fault === undefined) continue;
    const { name, hint } = result.fault;
    const fault = faults.get(name) ?? { name, hint, results: [] };
    fault.results.push(result);
    faults.set(name, fault);
  }
  return [...faults.values()];
}

export interface StageScore {
  readonly stage: Stage;
  readonly passed: number;
  readonly of: number;
  readonly verdict: 'passed' | 'failed' | 'not yet' | 'not tested';
}

/** What has passed of each exercise: checks, and generated dialogues for the last one. Remarks count as passed. */
export function scoresOf({ checks, suites }: Pick<Judgement, 'checks' | 'suites'>): StageScore[] {
  const played = suites.flatMap(({ dialogues }) => dialogues.map(({ outcome }) => outcome));
  return stages.flatMap((stage): StageScore[] => {
    const outcomes = checks.filter(({ check }) => check.stage === stage).map(({ outcome }) => outcome);
    // What is not there is not played.
    if (stage === 5) outcomes.push(...played);
    if (stage === 5 && played.length > 0 && checks.some(({ outcome }) => outcome === 'not yet'))
      return [{ ...scoreOf(stage, outcomes), verdict: 'not yet' }];
    return outcomes.length === 0 ? [] : [scoreOf(stage, outcomes)];
  });
}

function scoreOf(stage: Stage, outcomes: readonly CheckResult['outcome'][]): StageScore {
  const has = (wanted: CheckResult['outcome']): number => outcomes.filter((outcome) => outcome === wanted).length;
  const passed = has('passed') + has('remark');
  const missing = passed === 0 ? 'not tested' : 'passed';
  const verdict = has('failed') > 0 ? 'failed' : has('not yet') > 0 ? 'not yet' : missing;
  return { stage, passed, of: outcomes.length, verdict };
}

/** A dialogue in one line: the same at every server and in every run. */
export function titleOf({ steps }: Dialogue): string {
  return steps.map(stepInWords).join(', ');
}

export function failuresOf({ suites }: Pick<Judgement, 'suites'>): Failure[] {
  return suites.flatMap(({ dialogues }) => dialogues.flatMap(({ failure }) => failure ?? []));
}
