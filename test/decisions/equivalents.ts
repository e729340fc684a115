/**
 * `npm run mutants -- directory`, after Stryker has broken the directory in every way it knows: what nobody noticed has to be proved
 * to be no fault.
 *
 * Owns: the proof. Systems are explored completely, and every decision that their directory takes is taken again by the
 * mutant: the same updates to the same users, the same dictionaries and counts before and after. By induction nobody can ever tell
 * the two apart. Ends with exit code 1 if a mutant decides something else, which no test notices.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Notify } from '../../src/chat/directory/directory.ts';
import { type DirectorySnapshot, MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';
import { noteFigures } from '../support/figures.ts';
import { type ExploreOptions, explore } from '../system/explore.ts';
import type { RestoreDirectory } from '../system/moves.ts';
import { type Asked, type Circle, circles, decisionKey, everyDecision, restored } from './directoryGraph.ts';

/** Everything that three users, or two who are evicted or want each other's ids, can bring the lobby to decide. */
const explorations: ExploreOptions[] = [
  { users: 2, underWay: 1, evictions: false, contestedIds: true, lateClocks: true },
  { users: 2, underWay: 1, evictions: true, lateClocks: true },
  { users: 2, underWay: 2, evictions: true, lateClocks: true },
  { users: 3, underWay: 1, evictions: false, lateClocks: true },
  { users: 2, underWay: 1, evictions: false, lateClocks: true, remembers: true, askedPerMinute: 1 },
];

interface Question {
  circle: Circle;
  snapshot: DirectorySnapshot;
  /** The same as a decision of `directoryGraph.ts`. */
  key: string;
  ask: (directory: MemoryDirectory) => void;
}

interface StrykerReport {
  files: Record<string, { source: string; mutants: StrykerMutant[] }>;
}

interface StrykerMutant {
  status: string;
  replacement: string;
  location: Record<'start' | 'end', { line: number; column: number }>;
}

/** What the directory does and shows when it is asked. */
function answerTo({ circle, snapshot, ask }: Question, directoryClass: typeof MemoryDirectory): string {
  const told: unknown[] = [];
  try {
    const notify: Notify = (...update) => void told.push(update);
    const directory = directoryClass.restore(snapshot, notify, directoryClass, { askRules: circle.askRules });
    const before = faceOf(directory);
    ask(directory);
    return JSON.stringify([before, told, directory.snapshot(), faceOf(directory)], withoutEmpty);
  } catch (error) {
    return String(error);
  }
}

/** What is empty in a snapshot may as well not be there. */
function withoutEmpty(key: string, value: unknown): unknown {
  if (key === 'network' || key === 'refuses') return (value as { length: number }).length > 0 ? value : undefined;
  if (key !== 'askedBefore') return value;
  const { asked, declined } = value as { asked: unknown[]; declined: unknown[] };
  return asked.length + declined.length > 0 ? value : undefined;
}

/** All that the lobby can read in a directory. */
function faceOf(directory: MemoryDirectory): unknown[] {
  const rows = [...directory.rows()];
  const lookedUp = rows.map(({ session }) => directory.rowOf(session));
  return [rows, lookedUp, directory.rowOf('nobody') === undefined, directory.onlineCount, directory.roomCount];
}

/** Every decision in these systems, each once. */
function allQuestions(): Question[] {
  const questions = new Map<string, Question>();
  class Recorder extends MemoryDirectory {
    override send(...args: Parameters<MemoryDirectory['send']>): void {
      this.#note(...args, (directory) => directory.send(...args));
      super.send(...args);
    }
    override expire(session: string): void {
      this.#note(session, { type: 'request.expire' }, (directory) => directory.expire(session));
      super.expire(session);
    }
    override remove(session: string): void {
      this.#note(session, { type: 'gone' }, (directory) => directory.remove(session));
      super.remove(session);
    }
    #note(session: string, asked: Asked, ask: Question['ask']): void {
      const snapshot = this.snapshot();
      const key = decisionKey(snapshot, { session, asked }, circle.remembers);
      questions.set(JSON.stringify([circle.remembers, snapshot, session, asked]), { circle, snapshot, key, ask });
    }
  }
  let circle: Circle = circles.open;
  const restoreDirectory: RestoreDirectory = (snapshot, notify) => restored(snapshot, notify, circle, Recorder);
  for (const options of explorations) {
    circle = options.remembers ? circles.couple : circles.open;
    const { states, complete, stuck } = explore({ ...options, restoreDirectory });
    console.log(`${JSON.stringify(options)}: ${states} states, ${questions.size} decisions up to now`);
    if (!complete || stuck > 0) throw new Error('The true directory breaks a promise.');
  }
  return [...questions.values()];
}

/** The Lua and the pairing chart are compared with the directory in all decisions of `directoryGraph.ts`: these too. */
function expectCompared(questions: readonly Question[]): void {
  const compared = new Set(
    [circles.open, circles.couple].flatMap((circle) =>
      everyDecision(circle).flatMap(({ snapshot, decisions }) =>
        decisions.map(({ question }) => decisionKey(snapshot, question, circle.remembers)),
      ),
    ),
  );
  const missing = questions.find(({ key }) => !compared.has(key));
  if (missing) throw new Error(`Neither the Lua nor the chart is asked: ${missing.key}`);
  console.log(`All ${questions.length} decisions are among the ${compared.size} in which Lua, memory and chart agree.`);
}

/** The source with one mutant in it, as a class. */
async function load(source: string, { location: { start, end }, replacement }: StrykerMutant, folder: string) {
  const lines = source.split('\n');
  const place = ({ line, column }: { line: number; column: number }): number =>
    lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0) + column - 1;
  const file = join(folder, `mutant${place(start)}-${place(end)}-${Math.random()}.ts`);
  const mutated = source.slice(0, place(start)) + replacement + source.slice(place(end));
  writeFileSync(
    file,
    mutated.replaceAll(/(?<= from ')\.[^']+/g, (from) => new URL(from, directoryFile).href),
  );
  const module = (await import(pathToFileURL(file).href)) as { MemoryDirectory: typeof MemoryDirectory };
  return { directoryClass: module.MemoryDirectory, replaced: source.slice(place(start), place(end)) };
}

/** Where the mutants' imports lead from. */
const directoryFile = new URL('../../src/chat/directory/memoryDirectory.ts', import.meta.url);

const report = JSON.parse(readFileSync('reports/mutation/mutation.json', 'utf8')) as StrykerReport;
const folder = mkdtempSync(join(tmpdir(), 'statechat-mutants-'));
const questions = allQuestions();
expectCompared(questions);
const truth = questions.map((question) => answerTo(question, MemoryDirectory));
const count = { noticed: 0, equivalent: 0, open: 0 };
for (const [path, { source, mutants }] of Object.entries(report.files)) {
  for (const mutant of mutants) {
    const { directoryClass, replaced } = await load(source, mutant, folder);
    const difference = questions.findIndex((question, at) => answerTo(question, directoryClass) !== truth[at]);
    const isSame = difference === -1;
    // On a busy machine a test may take too long with any mutant.
    const isNoticed = mutant.status === 'Killed' || (mutant.status === 'Timeout' && !isSame);
    count[isNoticed ? 'noticed' : isSame ? 'equivalent' : 'open']++;
    // The tests know addresses and hand-overs besides, which no decision here has.
    if (isNoticed) continue;
    const { line, column } = mutant.location.start;
    const verdict = isSame ? 'decides the same always' : `DECIDES OTHERWISE, NOTICED BY NOBODY: ${truth[difference]}`;
    console.log(`${path}:${line}:${column} ${oneLine(replaced)} → ${oneLine(mutant.replacement)}: ${verdict}`);
  }
}
rmSync(folder, { recursive: true });
console.log(
  `${count.noticed} noticed by users, ${count.equivalent} the same in all ${questions.length} decisions, ${count.open} neither`,
);
noteFigures('lobbyFaults', { ...count, decisions: questions.length });
process.exitCode = count.open > 0 ? 1 : 0;

function oneLine(code: string): string {
  return code.replaceAll(/\s+/g, ' ');
}
