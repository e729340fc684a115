/**
 * The whole judgement of a server: whether it can be judged at all, the suites, the known faults.
 *
 * Owns: the order, how many dialogues are played at once, and when enough has failed. Next: `play.ts`, `faultProbes.ts`, `reports/`.
 */

import type { Dialect } from '../protocol/dialect.ts';
import { patternOf } from '../protocol/dialect.ts';
import { type Dialogue, dialoguesFor, type SuiteName } from './dialogues.ts';
import { type Fault, runFaultProbes } from './faultProbes.ts';
import { type Failure, play } from './play.ts';
import { type Target, TestClient } from './testClient.ts';

/** After so many in one suite, the rest says nothing new. */
const maxFailures = 40;

interface SuiteResult {
  readonly name: SuiteName;
  readonly dialogues: number;
  /** Fewer if too many failed. */
  readonly played: number;
  readonly failures: readonly Failure[];
  readonly ms: number;
}

export interface Judgement {
  readonly server: string;
  readonly dialect: string;
  /** Why it could not be judged; then there is nothing else. */
  readonly refusal: string | undefined;
  readonly suites: readonly SuiteResult[];
  readonly faults: readonly Fault[];
  /** Transitions of the session chart, by what became of the dialogues that take them. */
  readonly passed: ReadonlySet<string>;
  readonly failed: ReadonlySet<string>;
}

export interface RunOptions {
  target: Target;
  dialect: Dialect;
  suites: readonly SuiteName[];
  /** At most so many at once; a dialogue has two. */
  connections: number;
  /** Hears of each dialogue that has been played. */
  onProgress(suite: SuiteName, played: number, of: number, failed: number): void;
}

export async function runSuites(options: RunOptions): Promise<Judgement> {
  const { target, dialect, suites } = options;
  const server = `${target.host}:${target.port}`;
  const nothing = { suites: [], faults: [], passed: new Set<string>(), failed: new Set<string>() };
  const refusal = await whyNot(target, dialect);
  if (refusal !== undefined) return { server, dialect: dialect.name, refusal, ...nothing };
  const dialogues = dialoguesFor(dialect.features);
  const taken = new Set<string>();
  const failed = new Set<string>();
  const results: SuiteResult[] = [];
  for (const name of suites) {
    if (name === 'segments' && !dialect.features.segments) continue;
    const result = await playSuite(name, dialogues.suite(name), options, (dialogue, failure) => {
      if (failure === undefined)
        for (const { transitions } of dialogue.steps) for (const edge of transitions) taken.add(edge);
      else for (const edge of failure.transitions) failed.add(edge);
    });
    results.push(result);
  }
  const passed = new Set([...taken].filter((edge) => !failed.has(edge)));
  const faults = await runFaultProbes(dialect, target);
  return { server, dialect: dialect.name, refusal: undefined, suites: results, faults, passed, failed };
}

export function isGood({ refusal, suites, faults }: Judgement): boolean {
  return refusal === undefined && faults.length === 0 && suites.every(({ failures }) => failures.length === 0);
}

async function playSuite(
  name: SuiteName,
  dialogues: Dialogue[],
  { target, dialect, connections, onProgress }: RunOptions,
  onPlayed: (dialogue: Dialogue, failure: Failure | undefined) => void,
): Promise<SuiteResult> {
  const begin = performance.now();
  const failures: Failure[] = [];
  let begun = 0;
  let played = 0;
  const work = async (): Promise<void> => {
    while (begun < dialogues.length && failures.length < maxFailures) {
      const dialogue = dialogues[begun++] as Dialogue;
      const failure = await play(dialogue, dialect, target, name === 'segments' ? '' : '\n');
      if (failure !== undefined) failures.push(failure);
      onPlayed(dialogue, failure);
      onProgress(name, ++played, dialogues.length, failures.length);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.floor(connections / 2)) }, work));
  return { name, dialogues: dialogues.length, played, failures, ms: performance.now() - begin };
}

/** In one sentence why nothing can be said of this server; undefined if something can. */
async function whyNot(target: Target, dialect: Dialect): Promise<string | undefined> {
  const where = `${target.host}:${target.port}`;
  let client: TestClient;
  try {
    client = await TestClient.connect('first', target);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ECONNREFUSED' ? `Nothing listens on ${where}.` : `${where} can't be reached: ${message}.`;
  }
  try {
    const prompt = patternOf(dialect, { type: 'read.idPrompt' });
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
    return `It greets with ${greeting} and not with ${JSON.stringify(dialect.replies.idPrompt)}. If that is its way to ask for an id, make a dialect for it: --learn.`;
  } finally {
    client.destroy();
  }
}
