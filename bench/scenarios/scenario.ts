/**
 * What a scenario is: something done to one server, and the figures that come out of it.
 *
 * Owns: the words the scenarios share. Next: `talk.ts`, `cycles.ts`, `latency.ts`, `connections.ts`.
 */
import type { RunningServer } from '../servers.ts';

/** How much of everything. */
export interface Plan {
  readonly runs: number;
  /** How long the server warms up before it is measured, in ms. */
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Numbers of connections at which one more is measured, ascending. */
  readonly levels: readonly number[];
}

/** Figures of one run, by the name of the measure. What a server can't do is missing. */
export type Figures = Record<string, number>;

export interface Measure {
  readonly key: string;
  /** Its row in the table. */
  readonly title: string;
  readonly unit: string;
}

export interface Scenario {
  /** What `--only` calls it. */
  readonly name: string;
  measures(plan: Plan): Measure[];
  run(server: RunningServer, plan: Plan): Promise<Figures>;
}
