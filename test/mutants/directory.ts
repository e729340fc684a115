/**
 * The directory in memory: each fault in it has to be noticed, or be proved to decide the same always.
 *
 * Owns: what comes of both. The proof runs as a process of its own while the faults are tried
 * (`../decisions/equivalents.ts`).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { noteFigures } from '../support/figures.ts';
import type { Mutant } from './instrument.ts';
import type { Result } from './results.ts';

export interface Decided {
  /** How many there are in the explored systems. */
  readonly decisions: number;
  /** Number of a fault → what should have come of the first decision that it changes. The others change none. */
  readonly otherwise: Record<string, string>;
}

const file = 'reports/mutants/decided.json';

export function keepDecided(decided: Decided): void {
  mkdirSync('reports/mutants', { recursive: true });
  writeFileSync(file, JSON.stringify(decided));
}

export async function proveFaults(): Promise<Decided> {
  const args = ['--max-old-space-size=8192', '--import', 'tsx', 'test/decisions/equivalents.ts'];
  const [code] = await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'close');
  if (code !== 0) throw new Error('The proof has failed.');
  return JSON.parse(readFileSync(file, 'utf8')) as Decided;
}

/** Prints what nobody noticed, and notes the figures; false if one of them changes a decision. */
export function isDirectoryProved(mutants: readonly Mutant[], results: readonly Result[], decided: Decided): boolean {
  const count = { noticed: 0, equivalent: 0, open: 0 };
  for (const { id, file, line, column, name } of mutants) {
    const result = results.find((one) => one.name === name && one.line === line && one.column === column);
    const truth = decided.otherwise[id];
    // On a busy machine everything may stand still with any fault.
    const isNoticed = result?.status === 'noticed' || (result?.status === 'hung' && truth !== undefined);
    count[isNoticed ? 'noticed' : truth === undefined ? 'equivalent' : 'open']++;
    // The tests know addresses and hand-overs besides, which no decision here has.
    if (isNoticed) continue;
    const verdict = truth === undefined ? 'decides the same always' : `DECIDES OTHERWISE, NOTICED BY NOBODY: ${truth}`;
    console.log(`${file}:${line}:${column} ${name.slice(name.indexOf(' | ') + 3)}: ${verdict}`);
  }
  const { noticed, equivalent, open } = count;
  console.log(
    `${noticed} noticed by users, ${equivalent} the same in all ${decided.decisions} decisions, ${open} neither`,
  );
  noteFigures('lobbyFaults', { ...count, decisions: decided.decisions });
  return open === 0;
}
