/** Faults of the session chart, each with what became of it. */
import { Composite } from '../system/composite.ts';
import { type Dialogue, inWords, type MultiUserSuites, multiUserOptions, withoutPrefixes } from './multiUserPaths.ts';
import { compare, compareIn, hunt, isFoundWithNames, nameOptions } from './mutantHunt.ts';
import type { Mutant } from './mutants.ts';

/** How many there are of a kind, and what became of them. */
export interface Tally {
  noticed: number;
  /** Noticed by the dialogue chart and the agreement between users alone, without the true chart's transcript. */
  byJudge: number;
  equivalent: number;
  neverComes: number;
}

export interface MutantReport {
  kinds: ReadonlyMap<string, Tally>;
  /** Faults that no user can notice, with the proof, a line each. */
  equivalent: string[];
  /** Events that are accepted where none ever comes. Nobody could notice them, so they say nothing about the tests. */
  neverComes: string[];
  /** Faults that a user could notice, but none in the suites does. Should be empty. */
  survivors: string[];
}

export function reportMutants(
  all: readonly Mutant[],
  suites: MultiUserSuites,
  onProgress: (done: number) => void = () => {},
): MutantReport {
  const dialogues = withoutPrefixes([...suites.inputs, ...suites.pairs]);
  const kinds = new Map<string, Tally>();
  const report: MutantReport = { kinds, equivalent: [], neverComes: [], survivors: [] };
  all.forEach((mutant, index) => {
    const tally = kinds.get(mutant.kind) ?? { noticed: 0, byJudge: 0, equivalent: 0, neverComes: 0 };
    kinds.set(mutant.kind, tally);
    examine(mutant, suites, dialogues, report, tally);
    if (index % 200 === 199) onProgress(index + 1);
  });
  return report;
}

function examine(
  { name, create, accepts }: Mutant,
  { composite }: MultiUserSuites,
  dialogues: readonly Dialogue[],
  report: MutantReport,
  tally: Tally,
): void {
  const machine = create();
  const mutant = new Composite({ ...multiUserOptions, machine });
  const isSame = composite.doesTheSame(mutant);
  const named = everyStateWithNames();
  const isSameWithNames = named.doesTheSame(new Composite({ ...nameOptions, machine }));
  const comes = ({ path, event }: NonNullable<Mutant['accepts']>): boolean =>
    composite.hasReceived(path, event) || named.hasReceived(path, event);
  if (isSame && isSameWithNames && accepts && !comes(accepts)) {
    tally.neverComes++;
    report.neverComes.push(name);
    return;
  }
  const verdict = isSame ? undefined : hunt(mutant, dialogues);
  if (verdict?.killed) {
    tally.noticed++;
    if (verdict.killedByJudge) tally.byJudge++;
    return;
  }
  if (!isSameWithNames && isFoundWithNames(machine)) {
    tally.noticed++;
    tally.byJudge++;
    return;
  }
  const moves =
    (isSame ? undefined : compare(machine)) ?? (isSameWithNames ? undefined : compareIn(nameOptions, machine));
  if (moves !== undefined) {
    report.survivors.push(`${name}: ${inWords({ covers: '', moves })}`);
    return;
  }
  tally.equivalent++;
  const proof =
    isSame && isSameWithNames
      ? 'the same in every step a session can take'
      : 'users read the same in every pair of states that the two charts reach together';
  report.equivalent.push(`${name}: ${proof}`);
}

let withNames: Composite | undefined;

/** The system with passwords and the true chart, of which every state was visited. */
function everyStateWithNames(): Composite {
  if (withNames !== undefined) return withNames;
  withNames = new Composite(nameOptions);
  const states = [withNames.initial().state];
  const seen = new Set([String(states[0])]);
  for (const state of states) {
    for (const move of withNames.moves(state)) {
      const outcome = withNames.make(state, move);
      const next = outcome && withNames.representative(outcome.state).state;
      if (next === undefined || seen.has(String(next))) continue;
      seen.add(String(next));
      states.push(next);
    }
  }
  return withNames;
}

/** All kinds together. */
export function totalOf({ kinds }: MutantReport): Tally {
  const sum = (pick: (tally: Tally) => number): number =>
    [...kinds.values()].reduce((all, each) => all + pick(each), 0);
  return {
    noticed: sum(({ noticed }) => noticed),
    byJudge: sum(({ byJudge }) => byJudge),
    equivalent: sum(({ equivalent }) => equivalent),
    neverComes: sum(({ neverComes }) => neverComes),
  };
}
