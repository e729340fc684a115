/**
 * The files of a folder of diagrams, compared with what they should be.
 *
 * Owns: which files are written, and the sentences about files that are out of date. Deletes nothing: it names files
 * that come from no chart, and their owner decides.
 * Next: `write.ts` (the command), `diagrams.ts` (what the files should be).
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

type Files = ReadonlyMap<string, string>;

export function writeFiles(folder: URL, files: Files): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of files) writeFileSync(new URL(name, folder), text);
}

/** Returns one sentence for each file that is missing, out of date or unknown; none if all are right. */
export function problemsIn(folder: URL, files: Files): string[] {
  const present = namesIn(folder);
  const missing = [...files.keys()].filter((name) => !present.includes(name));
  const stale = [...files].filter(([name, text]) => present.includes(name) && textOf(folder, name) !== text);
  const mendable = [
    ...missing.map((name) => `${name} is missing.`),
    ...stale.map(([name]) => `${name} is out of date.`),
  ];
  if (mendable.length > 0) mendable.push('`npm run diagrams` mends what is missing or out of date.');
  return [...mendable, ...superfluousIn(folder, files)];
}

/** Returns one sentence for each file that comes from no chart. */
export function superfluousIn(folder: URL, files: Files): string[] {
  const superfluous = namesIn(folder).filter((name) => !files.has(name));
  return superfluous.map((name) => `${name} comes from no chart: delete it, or keep it elsewhere.`);
}

function namesIn(folder: URL): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Returns the text of a file; undefined if it is not a file. */
function textOf(folder: URL, name: string): string | undefined {
  try {
    return readFileSync(new URL(name, folder), 'utf8');
  } catch {
    return undefined;
  }
}
