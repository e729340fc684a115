/**
 * The whole judgement of a server: whether it can be judged at all, the checks, and the suites of generated dialogues.
 *
 * Owns: the order, how many dialogues are played at once, and when enough has failed. Next: `runChecks.ts`, `play.ts`, `reports/`.
 */
import { type Dialect, patternOf, wordingOf } from '../protocol/dialect.ts';
import type { Stage } from './checks/check.ts';
import { read } from './checks/says.ts';
import { type Dialogue, dialoguesFor, type SuiteName } from './dialogues.ts';
import { names } from './ids.ts';
import type { Judgement, PlayedDialogue, SuiteResult } from './judgement.ts';
import { betweenServers, type Pace, type Place, play, quick, slow, slowBetweenServers } from './play.ts';
import { type CheckResult, isFailing, runChecks } from './runChecks.ts';
import { NobodyListens, type Target, TestClient } from './testClient.ts';

/** After so many in one suite, the rest says nothing new. */
const maxFailures = 6;
/** How much longer a server may take when a dialogue is played again. */
const patience = 2;

export interface RunOptions {
  target: Target;
  dialect: Dialect;
  /** None: only the checks. */
  suites: readonly SuiteName[];
  /** Up to this exercise; all if undefined. */
  stage?: Stage | undefined;
  /** At most so many at once; a dialogue has two. */
  connections: number;
  /** Hears of each check and each dialogue that has been made. */
  onProgress(what: string, done: number, of: number, failed: number): void;
  /** Brings the server back if it is gone; false if that can't be done. */
  revive?(): Promise<boolean>;
}

export async function runSuites(options: RunOptions): Promise<Judgement> {
  const { target, dialect, stage } = options;
  const base = { server: `${target.host}:${target.port}`, dialect: dialect.name, stage };
  const nothing = { suites: [], passed: new Set<string>(), failed: new Set<string>() };
  const refusal = await whyNot(target, dialect);
  if (refusal !== undefined) return { ...base, ...nothing, checks: [], otherWords: [], refusal };
  // Made meanwhile: checks wait most of the time.
  if (options.suites.length > 0) void dialoguesFor(dialect.features);
  const {
    results,
    otherWords,
    dialect: spoken,
  } = await runChecks({
    ...{ target, dialect, stage, connections: options.connections, stopsAtFailure: stage !== undefined },
    onProgress: (done, of, failed) => options.onProgress('checks', done, of, failed),
    revive: options.revive ?? (async () => false),
  });
  const isStopped = stage !== undefined && results.some(isFailing);
  const headCount = spoken.features.headCount && isThere(results, ['room-count']);
  const there = { ...spoken, features: { ...spoken.features, headCount } };
  const played =
    isStopped || options.suites.length === 0
      ? nothing
      : await playSuites({ ...options, dialect: there }, missingTransitions(results));
  return { ...base, refusal: undefined, checks: results, otherWords, ...played };
}

/** The transitions into the parts of the protocol that may not be there yet, and the checks that find these parts. */
const parts: readonly (readonly [transition: string, checks: readonly string[]])[] = [
  ['session.online.menu.choosing line.received 0', ['ask', 'accept', 'chat-line']],
  ['session.online.menu.choosing line.received 1', ['room', 'room-line']],
];

function isThere(results: readonly CheckResult[], ids: readonly string[]): boolean {
  const isMissing = ({ check, outcome }: CheckResult): boolean =>
    ids.includes(check.id) && (outcome === 'not yet' || outcome === 'not tested');
  return !results.some(isMissing);
}

/** Dialogues that lead into what is not there would all fail for the same reason: they are not tested. */
function missingTransitions(results: readonly CheckResult[]): string[] {
  return parts.flatMap(([transition, checks]) => (isThere(results, checks) ? [] : [transition]));
}

type Played = Pick<Judgement, 'suites' | 'passed' | 'failed'>;

async function playSuites(options: RunOptions, missing: readonly string[]): Promise<Played> {
  const dialogues = await dialoguesFor(options.dialect.features);
  const taken = new Set<string>();
  const failed = new Set<string>();
  const suites: SuiteResult[] = [];
  let isEnough = false;
  for (const name of options.suites) {
    if (name === 'segments' && !options.dialect.features.segments) continue;
    const all = dialogues.suite(name);
    const suite: SuiteResult = isEnough
      ? { name, dialogues: all.map(untested), ms: 0 }
      : await playSuite(name, all, options, missing);
    for (const { dialogue, outcome, failure } of suite.dialogues) {
      if (outcome === 'passed')
        for (const { transitions } of dialogue.steps) for (const each of transitions) taken.add(each);
      for (const each of failure?.transitions ?? []) failed.add(each);
    }
    isEnough ||= suite.dialogues.filter(({ outcome }) => outcome === 'failed').length >= maxFailures;
    suites.push(suite);
  }
  return { suites, passed: new Set([...taken].filter((each) => !failed.has(each))), failed };
}

function untested(dialogue: Dialogue): PlayedDialogue {
  return { dialogue, outcome: 'not tested', failure: undefined };
}

function leadsInto({ steps }: Dialogue, transitions: readonly string[]): boolean {
  return steps.some((step) => step.transitions.some((each) => transitions.includes(each)));
}

/** Many at once, and each that fails again, alone and slowly, before it counts. */
async function playSuite(
  name: SuiteName,
  all: readonly Dialogue[],
  options: RunOptions,
  missing: readonly string[],
): Promise<SuiteResult> {
  const begin = performance.now();
  const { target, dialect, connections, onProgress } = options;
  const place: Place = { dialect, target, lineEnd: name === 'segments' ? '' : '\n' };
  const alone: Place = { ...place, target: { ...target, timeoutMs: patience * target.timeoutMs } };
  const [pace, again] = target.also === undefined ? [quick, slow] : [betweenServers, slowBetweenServers];
  const dialogues = all.map(untested);
  const playable = [...all.keys()].filter((at) => !leadsInto(all[at] as Dialogue, missing));
  let [begun, failed] = [0, 0];
  while (begun < playable.length && failed < maxFailures) {
    const suspects: number[] = [];
    const work = async (): Promise<void> => {
      while (begun < playable.length && suspects.length + failed < maxFailures) {
        const at = playable[begun++] as number;
        const dialogue = all[at] as Dialogue;
        if (await playOr(dialogue, place, pace)) suspects.push(at);
        else dialogues[at] = { dialogue, outcome: 'passed', failure: undefined };
        onProgress(name, begun, playable.length, failed + suspects.length);
      }
    };
    await Promise.all(Array.from({ length: Math.max(1, Math.floor(connections / 2)) }, work));
    for (const at of suspects) {
      const dialogue = all[at] as Dialogue;
      const failure = await playOr(dialogue, alone, again);
      if (failure !== undefined) failed++;
      dialogues[at] = { dialogue, outcome: failure === undefined ? 'passed' : 'failed', failure };
    }
  }
  return { name, dialogues, ms: performance.now() - begin };
}

/** A server that is gone fails the dialogue: the check before has found it there. */
async function playOr(dialogue: Dialogue, place: Place, pace: Pace): ReturnType<typeof play> {
  try {
    return await play(dialogue, place, pace);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (!(error instanceof NobodyListens) && code === '' && message !== 'no answer') throw error;
    const [step] = dialogue.steps;
    if (step === undefined) return undefined;
    const read = error instanceof NobodyListens ? 'that nobody listens any more' : message;
    return { story: [], who: names[0], expected: 'that connections can be made', read, transitions: [], step };
  }
}

/** In one sentence why nothing can be said of this server; undefined if something can. */
async function whyNot(target: Target, dialect: Dialect): Promise<string | undefined> {
  const where = `${target.host}:${target.port}`;
  let client: TestClient;
  try {
    client = await TestClient.connect('first', target);
  } catch (error) {
    return error instanceof NobodyListens
      ? `Nothing listens on ${where}.`
      : `${where} can't be reached: ${(error as Error).message}.`;
  }
  try {
    const prompt = patternOf(dialect, read('idPrompt'));
    if (await client.until(() => prompt.test(client.unread))) return undefined;
    if (client.isFlooded) return 'It says more than a megabyte before anybody has said anything: a flood.';
    if (client.hasEnded && client.unread === '') return 'It ends every connection at once, without a word.';
    if (client.unread === '') {
      client.send('GET / HTTP/1.0\r\n\r\n');
      await client.until(() => client.unread !== '');
    }
    if (/^HTTP\//.test(client.unread)) return 'It speaks HTTP: that is another protocol, or another port.';
    if (client.unread === '')
      return `It accepts the connection and says nothing for ${target.timeoutMs / 1000} s. The server speaks first: it asks for an id.`;
    const greeting = JSON.stringify(client.unread.slice(0, 80));
    const expected = JSON.stringify(wordingOf(dialect, 'idPrompt'));
    return `It greets with ${greeting} and not with ${expected}. If these are its words for that, write a dialect for it: --learn FILE.`;
  } finally {
    client.destroy();
  }
}
