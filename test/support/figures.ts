/**
 * Figures of long proofs, kept from the run that found them until the table of all proofs is printed.
 *
 * Owns: where they are kept. Knows nothing of what they mean. Next: `../paths/proofTable.ts`.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const folder = new URL('../../coverage/figures/', import.meta.url);

type Figures = Readonly<Record<string, number>>;

export function noteFigures(proof: string, figures: Figures): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`${proof}.json`, folder), `${JSON.stringify(figures)}\n`);
}

/** Returns the figures of the latest run of this proof; undefined if it was not run here. */
export function figuresOf(proof: string): Figures | undefined {
  const file = new URL(`${proof}.json`, folder);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}
