/**
 * Tries the faults of one part, one after the other, against the tests that pass through them: `npm run mutants` starts this.
 *
 * Owns: which tests are run for a fault and in which order, and that a failure is the fault's: the same test has to succeed
 * without it. Writes a line for each fault to a file, first that it begins and then what came of it, so that whoever started
 * this knows at which one it hangs.
 */
import fs, { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { resolve } from 'node:path';
import { vi } from 'vitest';
import type { Mutant } from './instrument.ts';
import { type Failure, MutantRunner, stryker, tookMs } from './runner.ts';

export interface Order {
  readonly mutants: readonly Mutant[];
  /** The test files. */
  readonly tests: readonly string[];
}

export type Note = { id: string; begins: true } | ({ id: string } & Verdict);

export interface Verdict {
  readonly status: Status;
  /** The test that failed, and what it says. */
  readonly by?: string;
  readonly message?: string;
}

/** `unfair`: a test failed, but also without the fault, so others have to judge. `broken`: it can't be tried, for Redis doesn't load it. */
export type Status = 'noticed' | 'unnoticed' | 'uncovered' | 'unfair' | 'broken';

const folder = process.env.STATECHAT_MUTANTS_FOLDER as string;
const { mutants, tests } = JSON.parse(readFileSync(`${folder}/order.json`, 'utf8')) as Order;
const note = (line: Note): void => appendFileSync(`${folder}/notes.ndjson`, `${JSON.stringify(line)}\n`);

const read = fs.readFileSync;

/** Then a new process goes on, without what the faults have left behind in this one. */
const roundMs = 300_000;

/** A test that passes a fault so much more often than without it hangs. */
const hitFactor = 100;

/** The tests that noticed the latest faults, the latest one first. The next fault is near: one of them often notices it, too. */
let latest: string[] = [];
const mostLatest = 5;

/** Some tests of one file, all of them if none are named. */
interface Step {
  readonly path: string;
  readonly names?: ReadonlySet<string>;
}

/** Vitest makes this, runs the one test that it finds, which is empty, and lets it go on from there. */
export default class Hunter extends MutantRunner {
  override async onAfterRunFiles(): Promise<void> {
    if (this.isFirst) await hunt(this);
  }
}

async function hunt(runner: MutantRunner): Promise<void> {
  // Whoever has started this sees when nothing moves any more.
  setInterval(() => writeFileSync(`${folder}/alive`, ''), 1000).unref();
  const coverage = await coverageOf(runner);
  const hits = hitsByMutant(coverage.perTest);
  const begin = Date.now();
  for (const mutant of mutants) {
    if (Date.now() - begin > roundMs) break;
    const { id } = mutant;
    note({ id, begins: true });
    const passing = hits.get(id) ?? new Map<string, number>();
    const atStart = mutant.text === undefined ? (coverage.static[id] ?? 0) : 1;
    if (atStart === 0 && passing.size === 0) note({ id, status: 'uncovered' });
    else note({ id, ...(await tryOut(runner, mutant, atStart, passing)) });
  }
}

/** `atStart`: how often it is passed before any test begins, so that everything has to be loaded anew. */
async function tryOut(runner: MutantRunner, mutant: Mutant, atStart: number, passing: Map<string, number>) {
  stryker.mutantCoverage = { static: {}, perTest: {} };
  const hitLimit = hitFactor * Math.max(10, atStart, ...passing.values());
  const activate = (): void => {
    Object.assign(stryker, { activeMutant: mutant.id, hitLimit });
    if (mutant.text !== undefined) changeFile(mutant.file, mutant.text);
    if (atStart > 0) vi.resetModules();
  };
  const deactivate = (): void => {
    stryker.activeMutant = undefined;
    restoreFiles();
    if (atStart > 0) vi.resetModules();
  };
  const unfair: string[] = [];
  for (;;) {
    activate();
    const steps = atStart > 0 ? stepsForAll() : stepsFor([...passing.keys()]);
    const failure = await firstFailure(
      runner,
      steps.filter(({ path }) => !unfair.includes(path)),
    );
    deactivate();
    const verdict = await verdictOn(runner, failure);
    if (failure === undefined && unfair.length > 0) return { status: 'unfair', by: unfair.join(', ') } as const;
    if (verdict.status === 'noticed' && failure?.test) remember(`${failure.file}#${failure.test}`);
    if (verdict.status !== 'unfair' || failure === undefined) return verdict;
    unfair.push(failure.file);
  }
}

/** Whoever reads this file gets this text. */
function changeFile(file: string, text: string): void {
  const isIt = (path: unknown): boolean => String(path).endsWith(`/${file}`);
  fs.readFileSync = ((...args: Parameters<typeof readFileSync>) =>
    isIt(args[0]) ? text : read(...args)) as typeof read;
  syncBuiltinESMExports();
}

function restoreFiles(): void {
  fs.readFileSync = read;
  syncBuiltinESMExports();
}

/** Which test passes which fault, while all of them sleep: found out once, though this may be started several times. */
async function coverageOf(runner: MutantRunner): Promise<NonNullable<typeof stryker.mutantCoverage>> {
  const file = `${folder}/coverage.json`;
  if (existsSync(file)) {
    const { took, ...known } = JSON.parse(readFileSync(file, 'utf8'));
    Object.assign(tookMs, took);
    return known;
  }
  const unsteady: string[] = [];
  for (const test of tests) {
    const failure = await runner.runFile(resolve(test));
    if (failure === undefined) continue;
    unsteady.push(`${resolve(test)}#`);
    process.stderr.write(`${test} judges nothing, for it fails without any fault: ${failure.message}\n`);
  }
  const { static: atStart, perTest } = stryker.mutantCoverage ?? { static: {}, perTest: {} };
  const steady = Object.entries(perTest).filter(([id]) => !unsteady.some((file) => id.startsWith(file)));
  const coverage = { static: atStart, perTest: Object.fromEntries(steady) };
  writeFileSync(file, JSON.stringify({ ...coverage, took: tookMs }));
  return coverage;
}

/** For each fault, how often which test passes it. */
function hitsByMutant(perTest: Record<string, Record<string, number>>): Map<string, Map<string, number>> {
  const hits = new Map<string, Map<string, number>>();
  for (const [test, passed] of Object.entries(perTest)) {
    for (const [mutant, count] of Object.entries(passed)) {
      const passing = hits.get(mutant) ?? new Map<string, number>();
      hits.set(mutant, passing.set(test, count));
    }
  }
  return hits;
}

/** Each test that passes the fault: the latest ones first, then file by file, quickest first. */
function stepsFor(ids: readonly string[]): Step[] {
  const byFile = new Map<string, string[]>();
  for (const id of ids) {
    const path = stepOf(id).path;
    byFile.set(path, [...(byFile.get(path) ?? []), id]);
  }
  const costOf = (tests: readonly string[]): number => tests.reduce((sum, id) => sum + (tookMs[id] ?? 0), 0);
  const files = [...byFile].sort(([, one], [, other]) => costOf(one) - costOf(other));
  return [
    ...latest.filter((id) => ids.includes(id)).map(stepOf),
    ...files.map(([path, tests]) => ({ path, names: new Set(tests.map(nameIn)) })),
  ];
}

/** All tests, for what is passed before any test begins. */
function stepsForAll(): Step[] {
  return [...latest.map(stepOf), ...tests.map((test) => ({ path: resolve(test) }))];
}

function stepOf(id: string): Step & { names: ReadonlySet<string> } {
  return { path: id.slice(0, id.indexOf('#')), names: new Set([nameIn(id)]) };
}

function nameIn(id: string): string {
  return id.slice(id.indexOf('#') + 1);
}

function remember(id: string): void {
  latest = [id, ...latest.filter((one) => one !== id)].slice(0, mostLatest);
}

/** Undefined if all of these succeed. */
async function firstFailure(runner: MutantRunner, steps: readonly Step[]): Promise<Failure | undefined> {
  for (const { path, names } of steps) {
    const failure = await runner.runFile(path, names);
    if (failure !== undefined) return failure;
  }
  return undefined;
}

async function verdictOn(runner: MutantRunner, failure: Failure | undefined): Promise<Verdict> {
  if (failure === undefined) return { status: 'unnoticed' };
  const { file, test: by, message } = failure;
  if (/Error (?:compiling|registering) function/.test(message)) return { status: 'broken' };
  const again = await runner.runFile(file, by ? new Set([by]) : undefined);
  return { status: again === undefined ? 'noticed' : 'unfair', by, message };
}
