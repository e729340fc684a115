/**
 * SCION, run on a file.
 *
 * Owns: how it is started. Next: `../otherTools/scion.cjs` (what it does), `scionWalks.ts` (what it is given).
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Outcome, Walks } from './scionWalks.ts';

const folder = new URL('../otherTools/', import.meta.url);

/** The package, which may not be installed. */
export const scion = fileURLToPath(new URL('node_modules/@scion-scxml/scxml', folder));

const program = fileURLToPath(new URL('scion.cjs', folder));

export function runInScion(path: string, walks: Omit<Walks, 'outcomes'>): Outcome[][] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, path], {
    ...{ input: JSON.stringify(walks), encoding: 'utf8', timeout: 60_000, maxBuffer: 64 * 1024 * 1024 },
  });
  if (status !== 0 || stderr !== '') throw new Error(`SCION failed on ${path}: ${stderr}`);
  return JSON.parse(stdout);
}
