/** Faults of the session chart, each with what became of it. */
import { Composite } from '../system/composite.ts';
import type { CompositeOptions } from '../system/moves.ts';
import { type Dialogue, inWords, type MultiUserSuites, multiUserOptions, withoutPrefixes } from './multiUserPaths.ts';
import { compare, compareIn, hunt, isFoundIn, nameOptions, returnOptions } from './mutantHunt.ts';
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
  const verdict = isSame ? undefined : hunt(mutant, dialogues);
  if (verdict?.killed) {
    tally.noticed++;
    if (verdict.killedByJudge) tally.byJudge++;
    return;
  }
  const others = [returnOptions, nameOptions];
  const different = others.filter(
    (options) => !everyStateIn(options).doesTheSame(new Composite({ ...options, machine })),
  );
  const comes = ({ path, event }: NonNullable<Mutant['accepts']>): boolean =>
    [composite, ...others.map(everyStateIn)].some((system) => system.hasReceived(path, event));
  if (isSame && different.length === 0 && accepts && !comes(accepts)) {
    tally.neverComes++;
    report.neverComes.push(name);
    return;
  }
  if (different.some((options) => isFoundIn(options, machine))) {
    tally.noticed++;
    tally.byJudge++;
    return;
  }
  let moves = isSame ? undefined : compare(machine);
  for (const options of different) moves ??= compareIn(options, machine);
  if (moves !== undefined) {
    report.survivors.push(`${name}: ${inWords({ covers: '', moves })}`);
    return;
  }
  tally.equivalent++;
  const proof =
    isSame && different.length === 0
      ? 'the same in every step a session can take'
      : 'users read the same in every pair of states that the two charts reach together';
  report.equivalent.push(`${name}: ${proof}`);
}

const visited = new Map<CompositeOptions, Composite>();

/** This system with the true chart, of which every state was visited. */
function everyStateIn(options: CompositeOptions): Composite {
  const known = visited.get(options);
  if (known !== undefined) return known;
  const composite = new Composite(options);
  const states = [composite.initial().state];
  const seen = new Set([String(states[0])]);
  for (const state of states) {
    for (const move of composite.moves(state)) {
      const outcome = composite.make(state, move);
      const next = outcome && composite.representative(outcome.state).state;
      if (next === undefined || seen.has(String(next))) continue;
      seen.add(String(next));
      states.push(next);
    }
  }
  visited.set(options, composite);
  return composite;
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
