/**
 * What came of the faults of a part, from one run to the next.
 *
 * Owns: the file of them, which is not kept in the repository.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Verdict } from './hunt.ts';
import type { Mutant } from './instrument.ts';

/** `hung`: everything stood still. */
export type Result = Pick<Mutant, 'file' | 'line' | 'column' | 'name'> & (Verdict | { readonly status: 'hung' });

export function isNoticed({ status }: Pick<Result, 'status'>): boolean {
  return status === 'noticed' || status === 'hung';
}

export function readResults(part: string): Result[] {
  const file = fileOf(part);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Result[]) : [];
}

export function keepResults(part: string, results: readonly Result[]): void {
  writeFileSync(fileOf(part), JSON.stringify(results, undefined, 1));
}

function fileOf(part: string): string {
  return `reports/mutants/${part}.json`;
}
