/**
 * The generated suites of the session chart, and how much of it they cover.
 *
 * Owns: which suites there are. For tests and for the report; running them is `run.ts`.
 */
import { sessionMachine } from '../../machines/session.machine.ts';
import { readGolden } from './golden.ts';
import { hsiSuite, reduce } from './hsi.ts';
import { declaredBranches, declaredLeaves, exploreSession, type Node } from './sessionGraph.ts';
import { coveredPairs, edgesOf, everyBranch, everyInput, everyPair, everyState, follow, type Suite } from './suites.ts';

interface Share {
  readonly covered: number;
  readonly total: number;
}

interface Size {
  readonly tests: number;
  readonly steps: number;
}

export interface Coverage {
  /** Leaf states written in the chart. */
  readonly states: Share;
  /** States together with what the session remembers. */
  readonly nodes: Share;
  /** Transitions written in the chart. */
  readonly branches: Share;
  /** Inputs in nodes, also those that have to be ignored. */
  readonly inputs: Share;
  /** Transitions directly after transitions. */
  readonly pairs: Share;
  readonly hsi: Size & {
    /** States of the reduced machine: the m and n of the guarantee in `hsi.ts`. */
    readonly states: number;
  };
  /** The size of each suite by its name. */
  readonly suites: Readonly<Record<string, Size>>;
}

/** Returns all suites, the smallest first. */
export function generatedSuites(nodes: readonly Node[] = exploreSession()): readonly Suite[] {
  return [everyState(nodes), everyBranch(nodes), everyInput(nodes), everyPair(nodes), hsiSuite(readGolden())];
}

/** Returns how much of the session chart these suites cover; all of them by default. */
export function measureCoverage(
  nodes: readonly Node[] = exploreSession(),
  suites: readonly Suite[] = generatedSuites(nodes),
): Coverage {
  const sequences = suites.flatMap((it) => it.sequences);
  const met = sequences.flatMap((sequence) => follow(nodes, sequence));
  const visited = new Set([nodes[0] as Node, ...met.map(({ target }) => target)]);
  const leaves = declaredLeaves(sessionMachine);
  const branches = declaredBranches(sessionMachine);
  const taken = new Set(met.map(({ branch }) => branch));
  const paths = new Set([...visited].map(({ path }) => path));
  const sizes = suites.map((it) => [it.name, sizeOf(it)] as const);
  return {
    states: { covered: leaves.filter((leaf) => paths.has(leaf)).length, total: leaves.length },
    nodes: { covered: visited.size, total: nodes.length },
    branches: { covered: branches.filter((branch) => taken.has(branch)).length, total: branches.length },
    inputs: { covered: new Set(met).size, total: edgesOf(nodes).length },
    pairs: coveredPairs(nodes, { name: 'all', sequences }),
    hsi: { ...sizeOf(hsiSuite(readGolden())), states: reduce(readGolden()).labels.length },
    suites: Object.fromEntries(sizes),
  };
}

function sizeOf({ sequences }: Suite): Size {
  return { tests: sequences.length, steps: sequences.reduce((steps, { length }) => steps + length, 0) };
}
