/**
 * `npm run mutants [-- PART...]`: puts faults into the code around the charts, one at a time, and says which are noticed.
 *
 * Owns: the order of the work, and that a fault at which everything stands still is left behind. `--resume` goes on with a
 * run that was stopped, and `--left` tries again what was not noticed; what has moved to another line is tried anyway.
 * `--sample N` tries N faults of a part, drawn at random, always the same. The directory in memory is a part that has a
 * proof of its own. Ends with exit code 1 if a part falls short.
 * Next: `parts.ts` (what is changed, and who judges), `hunt.ts` (how one is tried), `page.ts` (the page that is written),
 * `directory.ts` (the proof).
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { isDirectoryProved, proveFaults } from './directory.ts';
import type { Note, Order, Verdict } from './hunt.ts';
import { type Instrumented, instrument, type Mutant } from './instrument.ts';
import { luaFaults } from './luaFaults.ts';
import { summarize } from './page.ts';
import { directoryPart, type Part, partNamed, parts } from './parts.ts';
import { isNoticed, keepResults, type Result, readResults } from './results.ts';
import { readUnnoticeable } from './unnoticeable.ts';

let isStopped = false;
process.once('SIGTERM', () => {
  isStopped = true;
});

/** Nothing of the process that tries faults moves for so long, in ms: it hangs. */
const hangsMs = 90_000;

/** `known` has what needs no second try. */
async function hunt(part: Part, { sources, mutants }: Instrumented, known: readonly Result[]): Promise<Result[]> {
  const { name, tests } = part;
  const folder = `reports/mutants/${name}`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/sources.json`, JSON.stringify(sources));
  const verdicts = new Map<string, Result>();
  for (const mutant of mutants) {
    const before = known.find(
      ({ file, name, line }) => file === mutant.file && name === mutant.name && line === mutant.line,
    );
    if (before) verdicts.set(mutant.id, before);
  }
  const judges = [...new Set(tests.flatMap(judgesNamed))];
  while (!isStopped) {
    const left = mutants.filter(({ id }) => !verdicts.has(id));
    if (left.length === 0) break;
    console.log(`${name}: ${left.length} of ${mutants.length} faults to try`);
    writeFileSync(`${folder}/order.json`, JSON.stringify({ mutants: left, tests: judges } satisfies Order));
    for (const [id, verdict] of await tryAll(folder)) {
      const { file, line, column, name } = mutants.find((mutant) => mutant.id === id) as Mutant;
      verdicts.set(id, { file, line, column, name, ...verdict });
    }
    keepResults(name, [...verdicts.values()]);
  }
  return [...verdicts.values()].filter(({ status }) => status !== 'broken');
}

/** Starts the process that tries them; ends when it does, or when it hangs. */
async function tryAll(folder: string): Promise<Map<string, Verdict | { status: 'hung' }>> {
  rmSync(`${folder}/notes.ndjson`, { force: true });
  writeFileSync(`${folder}/alive`, '');
  const hunter = spawn('node', ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/mutants/vitest.config.ts'], {
    env: { ...process.env, STATECHAT_MUTANTS_FOLDER: folder, STATECHAT_TEST_DEADLINE_MS: '3000' },
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  });
  const watch = setInterval(() => {
    const hangs = Date.now() - statSync(`${folder}/alive`).mtimeMs > hangsMs;
    // The process of the tests is its child.
    if (hangs || isStopped) process.kill(-(hunter.pid as number), 'SIGKILL');
  }, 1000);
  await new Promise((resolve) => hunter.once('close', resolve));
  clearInterval(watch);
  const file = `${folder}/notes.ndjson`;
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  const verdicts = new Map<string, Verdict | { status: 'hung' }>();
  for (const note of lines.map((line) => JSON.parse(line) as Note)) {
    if (!('begins' in note)) verdicts.set(note.id, note);
    else if (!isStopped) verdicts.set(note.id, { status: 'hung' });
  }
  if (verdicts.size === 0 && !isStopped) throw new Error('No fault could be tried: the tests fail without any.');
  return verdicts;
}

/** Those that need other programs judge only where they are named as such. */
function judgesNamed(begin: string): string[] {
  const isOne = (path: string): boolean => begin.includes('.system') || !path.includes('.system.');
  return beginningWith(begin).filter((path) => path.endsWith('.test.ts') && !path.includes('.proof.') && isOne(path));
}

/** The files whose paths begin so, in one folder. */
function beginningWith(path: string): string[] {
  const folder = dirname(`${path}.`);
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map(({ name }) => join(folder, name))
    .filter((file) => file.startsWith(path) && /\.(?:ts|lua)$/.test(file))
    .sort();
}

/** The proof goes on beside the tests. */
async function proveDirectory(): Promise<boolean> {
  const faulty = await instrument(directoryPart.files.flatMap(beginningWith));
  const [results, decided] = await Promise.all([hunt(directoryPart, faulty, []), proveFaults()]);
  return isDirectoryProved(faulty.mutants, results, decided);
}

/** So many, each as likely as any other; fewer of them are the first of these. */
function someOf(mutants: readonly Mutant[], count: number): Mutant[] {
  const drawn = ({ file, line, column, replacement }: Mutant): string =>
    createHash('sha256').update(`${file}:${line}:${column}:${replacement}`).digest('hex');
  return [...mutants].sort((one, other) => (drawn(one) < drawn(other) ? -1 : 1)).slice(0, count);
}

const options = { left: { type: 'boolean' }, resume: { type: 'boolean' }, sample: { type: 'string' } } as const;
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const isWhole = positionals.length === 0;
if ((isWhole || positionals.includes(directoryPart.name)) && !(await proveDirectory())) process.exitCode = 1;
const named = positionals.filter((name) => name !== directoryPart.name);
for (const part of isWhole ? parts : named.map(partNamed)) {
  const files = part.files.flatMap(beginningWith);
  const faulty = await instrument(files.filter((file) => file.endsWith('.ts')));
  faulty.mutants.push(...files.filter((file) => file.endsWith('.lua')).flatMap(luaFaults));
  const all = faulty.mutants.length;
  if (values.sample !== undefined) faulty.mutants = someOf(faulty.mutants, Number(values.sample));
  const before = values.left || values.resume ? readResults(part.name) : [];
  const results = await hunt(part, faulty, values.resume ? before : before.filter(isNoticed));
  if (isStopped) break;
  const reasons = readUnnoticeable().filter(({ file }) => part.files.some((begin) => file.startsWith(begin)));
  const { percent, open, outdated } = summarize(
    part.name,
    results,
    reasons,
    values.sample === undefined ? undefined : all,
  );
  for (const { file, line, column, status, name } of open) {
    console.log(`${file}:${line}:${column} ${status}: ${name}`);
  }
  for (const fault of outdated) console.log(`no reason is needed any more: ${fault}`);
  console.log(`${part.name}: ${percent.toFixed(1)} % of the faults that anybody could notice are noticed`);
  if (percent < part.leastPercent || outdated.length > 0) process.exitCode = 1;
}
