/**
 * `npm run mutants -- directory` starts this beside the tests: which faults of the directory are proved to be none?
 *
 * Owns: the proof. Every decision that three users can ask a directory for is asked for again of the directory with the
 * fault: the same updates to the same users, the same dictionaries and counts before and after. If it decides the same
 * always, then by induction nobody can ever tell the two apart. Next: `../mutants/directory.ts`, and
 * `../system/system.proof.test.ts` (that no explored system asks for anything else).
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Notify } from '../../src/chat/directory/directory.ts';
import { type DirectorySnapshot, MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';
import { type Decided, keepDecided } from '../mutants/directory.ts';
import { instrument, type Mutant } from '../mutants/instrument.ts';
import { ask, type Circle, circles, everyDecision } from './directoryGraph.ts';

interface Question {
  circle: Circle;
  snapshot: DirectorySnapshot;
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

/** Every decision that three users can ask for; time alone decides nothing. */
function allQuestions(): Question[] {
  return Object.values<Circle>(circles).flatMap((circle) =>
    everyDecision(circle).flatMap(({ snapshot, decisions }) =>
      decisions
        .filter(({ question }) => question.asked.type !== 'time.passes')
        .map(({ question }): Question => ({ circle, snapshot, ask: (directory) => ask(directory, question) })),
    ),
  );
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
