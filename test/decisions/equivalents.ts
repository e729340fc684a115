/**
 * `npm run mutants -- directory` starts this beside the tests: which faults of the directory are proved to be none?
 *
 * Owns: the proof. Systems are explored completely, and every decision that their directory takes is taken again by the
 * directory with the fault: the same updates to the same users, the same dictionaries and counts before and after. If it
 * decides the same always, then by induction nobody can ever tell the two apart. Next: `../mutants/directory.ts`.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Notify } from '../../src/chat/directory/directory.ts';
import { type DirectorySnapshot, MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';
import { type Decided, keepDecided } from '../mutants/directory.ts';
import { instrument, type Mutant } from '../mutants/instrument.ts';
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

/** The source with one fault in it, as a class. */
async function load({ from, to, replacement }: Mutant, source: string, folder: string) {
  const file = join(folder, `fault${from}-${to}-${Math.random()}.ts`);
  const faulty = source.slice(0, from) + replacement + source.slice(to);
  writeFileSync(
    file,
    faulty.replaceAll(/(?<= from ')\.[^']+/g, (path) => new URL(path, directoryFile).href),
  );
  return ((await import(pathToFileURL(file).href)) as { MemoryDirectory: typeof MemoryDirectory }).MemoryDirectory;
}

/** Where the imports of the faulty sources lead from. */
const directoryFile = new URL('../../src/chat/directory/memoryDirectory.ts', import.meta.url);

const questions = allQuestions();
expectCompared(questions);
const truth = questions.map((question) => answerTo(question, MemoryDirectory));
const source = readFileSync(directoryFile, 'utf8');
const { mutants } = await instrument(['src/chat/directory/memoryDirectory.ts']);
const folder = mkdtempSync(join(tmpdir(), 'statechat-mutants-'));
const otherwise: Decided['otherwise'] = {};
for (const mutant of mutants) {
  const directoryClass = await load(mutant, source, folder);
  const at = questions.findIndex((question, at) => answerTo(question, directoryClass) !== truth[at]);
  if (at !== -1) otherwise[mutant.id] = truth[at] as string;
}
rmSync(folder, { recursive: true });
keepDecided({ decisions: questions.length, otherwise });
