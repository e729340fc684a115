/** Faults of the session chart, each with what became of it. */
import { Composite } from '../system/composite.ts';
import { type Dialogue, inWords, type MultiUserSuites, multiUserOptions, withoutPrefixes } from './multiUserPaths.ts';
import { compare, hunt } from './mutantHunt.ts';
import type { Mutant } from './mutants.ts';

export interface MutantReport {
  killed: number;
  /** Killed by the dialogue chart and the agreement between users alone, without the true chart's transcript. */
  killedByJudge: number;
  total: number;
  /** Faults that no user can notice, with the proof, a line each. */
  equivalent: string[];
  /** Faults that a user could notice, but none in the suites does. Should be empty. */
  survivors: string[];
}

export function reportMutants(
  all: readonly Mutant[],
  suites: MultiUserSuites,
  onProgress: (done: number) => void = () => {},
): MutantReport {
  const dialogues = withoutPrefixes([...suites.inputs, ...suites.pairs]);
  const report: MutantReport = { killed: 0, killedByJudge: 0, total: all.length, equivalent: [], survivors: [] };
  all.forEach((mutant, index) => {
    examine(mutant, suites, dialogues, report);
    if (index % 200 === 199) onProgress(index + 1);
  });
  return report;
}

function examine(
  { name, create }: Mutant,
  { composite }: MultiUserSuites,
  dialogues: readonly Dialogue[],
  report: MutantReport,
): void {
  const machine = create();
  const mutant = new Composite({ ...multiUserOptions, machine });
  if (composite.doesTheSame(mutant)) {
    report.equivalent.push(`${name}: the same in every step a session can take`);
    return;
  }
  const verdict = hunt(mutant, dialogues);
  if (verdict.killed) report.killed++;
  if (verdict.killedByJudge) report.killedByJudge++;
  if (verdict.killed) return;
  const moves = compare(machine);
  if (moves !== undefined) report.survivors.push(`${name}: ${inWords({ covers: '', moves })}`);
  else
    report.equivalent.push(`${name}: users read the same in every pair of states that the two charts reach together`);
}
