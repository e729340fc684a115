/** Every fault of the session chart with what became of it. */

import { type Dialogue, inWords, type MultiUserSuites, withoutPrefixes } from './multiUserPaths.ts';
import { compare, hunt } from './mutantHunt.ts';
import { type Mutant, mutants } from './mutants.ts';

export interface MutantReport {
  killed: number;
  /** Killed by the dialogue chart and the agreement between users alone, without the true chart's transcript. */
  killedByJudge: number;
  total: number;
  /** Proved that nobody can notice, with the proof, a line each. */
  equivalent: string[];
  /** Noticed by nobody in the suites, though somebody could. Should be empty. */
  survivors: string[];
}

export function reportMutants(
  suites: MultiUserSuites,
  onProgress: (done: number, total: number) => void,
): MutantReport {
  const dialogues = withoutPrefixes([...suites.inputs, ...suites.pairs]);
  const all = mutants();
  const report: MutantReport = { killed: 0, killedByJudge: 0, total: all.length, equivalent: [], survivors: [] };
  all.forEach((mutant, index) => {
    examine(mutant, suites, dialogues, report);
    if (index % 200 === 199) onProgress(index + 1, all.length);
  });
  return report;
}

function examine(
  { name, machine }: Mutant,
  { composite }: MultiUserSuites,
  dialogues: readonly Dialogue[],
  report: MutantReport,
): void {
  if (composite.doesTheSame(machine).same) {
    report.equivalent.push(`${name}: the same in every step a session can take`);
    return;
  }
  const verdict = hunt(machine, dialogues);
  if (verdict.killed) report.killed++;
  if (verdict.killedByJudge) report.killedByJudge++;
  if (verdict.killed) return;
  const proof = compare(machine);
  if ('moves' in proof) report.survivors.push(`${name}: ${inWords({ covers: '', moves: proof.moves })}`);
  else report.equivalent.push(`${name}: users read the same in all ${proof.equalStates} pairs of states`);
}
