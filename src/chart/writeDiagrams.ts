/**
 * `npm run diagrams`: writes `diagrams/` anew from the charts. With `--check` it writes nothing, and fails if anything is out of date.
 *
 * Owns: the folder. What is superfluous in it is named and left to its owner. Next: `diagrams.ts`.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { diagrams } from './diagrams.ts';

const folder = new URL('../../diagrams/', import.meta.url);
const options = process.argv.slice(2);
const unknown = options.filter((option) => option !== '--check');

if (unknown.length > 0) {
  console.error(`npm run diagrams takes --check and nothing else, not ${unknown.join(' ')}.`);
  process.exitCode = 2;
} else {
  const files = await diagrams();
  if (options.length === 0) write(files);
  else check(files);
}

function write(files: ReadonlyMap<string, string>): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of files) writeFileSync(new URL(name, folder), text);
  for (const name of superfluous(files)) console.error(`diagrams/${name} comes from no chart; delete it or move it.`);
}

function check(files: ReadonlyMap<string, string>): void {
  const present = filesInFolder();
  const missing = [...files.keys()].filter((name) => !present.includes(name));
  const stale = [...files].filter(([name, text]) => present.includes(name) && textOf(name) !== text);
  const problems = [
    ...missing.map((name) => `diagrams/${name} is missing.`),
    ...stale.map(([name]) => `diagrams/${name} is out of date.`),
    ...superfluous(files).map((name) => `diagrams/${name} comes from no chart; delete it or move it.`),
  ];
  if (missing.length + stale.length > 0) problems.push('npm run diagrams mends what is missing or out of date.');
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

function superfluous(files: ReadonlyMap<string, string>): string[] {
  return filesInFolder().filter((name) => !files.has(name));
}

function filesInFolder(): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8');
}
