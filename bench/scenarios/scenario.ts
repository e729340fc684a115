/**
 * What a scenario is: a load on one server, and the figures that it yields.
 *
 * Owns: the types that the scenarios share. Next: `talk.ts`, `cycles.ts`, `latency.ts`, `connections.ts`.
 */
import type { RunningServer } from '../servers.ts';

/** How long and how large a run is. */
export interface Plan {
  readonly runs: number;
  /** How long the server warms up before it is measured, in ms. */
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Numbers of connections at which one more is measured, ascending. */
  readonly levels: readonly number[];
}

/** The figures of one run, by the name of the measure. A measure that a server can't do is missing. */
export type Figures = Record<string, number>;

export interface Measure {
  readonly key: string;
  /** Its row in the table. */
  readonly title: string;
  readonly unit: string;
}

export interface Scenario {
  /** Its name for `--only`. */
  readonly name: string;
  measures(plan: Plan): Measure[];
  run(server: RunningServer, plan: Plan): Promise<Figures>;
}
