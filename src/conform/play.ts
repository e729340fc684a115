/**
 * A dialogue, played at a server, and the first difference from what should be read.
 *
 * Owns: the comparison. People have names of their own in every dialogue, so that many can be played at once; what a server says
 * about strangers is left out. Next: `dialogues.ts`, `../protocol/dialect.ts`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dialect, patternOf, replyOf } from '../protocol/dialect.ts';
import { readSentences, type Sentence } from '../protocol/sentences.ts';
import type { Dialogue } from './dialogues.ts';
import { names, type Outcome, type Step } from './reference.ts';
import { type Target, TestClient } from './testClient.ts';

export interface Failure {
  /** What was done, and read, up to there. */
  readonly story: readonly string[];
  readonly who: string;
  /** What should have been read, in words. */
  readonly expected: string;
  readonly read: string;
  /** The transitions of the chart that the step should have taken. */
  readonly transitions: readonly string[];
  readonly step: Step;
}

/**
 * How long one server may take to know what another one has done, where nobody can read it, in ms. What is late isn't wrong: a
 * dialogue that fails is played again with the second one.
 */
const betweenServersMs = [10, 400] as const;

let dialogues = 0;

/** Undefined if the dialogue passed. Rejects if nobody listens there. */
export async function play(
  dialogue: Dialogue,
  dialect: Dialect,
  target: Target,
  lineEnd: '\n' | '' = '\n',
): Promise<Failure | undefined> {
  if (target.also === undefined) return playAt(0, dialogue, dialect, target, lineEnd);
  const [quick, patient] = betweenServersMs;
  const failure = await playAt(quick, dialogue, dialect, target, lineEnd);
  return failure && playAt(patient, dialogue, dialect, target, lineEnd);
}

async function playAt(
  pauseMs: number,
  dialogue: Dialogue,
  dialect: Dialect,
  target: Target,
  lineEnd: string,
): Promise<Failure | undefined> {
  const suffix = `${(++dialogues).toString(36)}x${process.pid % 1000}`;
  const ids = names.map((name) => name + suffix);
  const clients: (TestClient | undefined)[] = names.map(() => undefined);
  const story: string[] = [];
  const at = (user: number): Target =>
    user === 1 && target.also !== undefined ? { ...target, ...target.also } : target;
  try {
    for (const step of dialogue.steps) {
      story.push(inWords(step));
      const actor = clients[step.user];
      if (step.does === 'connects')
        clients[step.user] = await TestClient.connect(ids[step.user] as string, at(step.user));
      else if (step.does === 'types') actor?.send(withIds(step.text, ids) + lineEnd);
      else {
        actor?.hangUp();
        clients[step.user] = undefined;
      }
      const failure = await judge(step, clients, ids, dialect, story);
      // What nobody reads of has to have happened too.
      if (step.does === 'hangs up') await actor?.until(() => actor.hasEnded);
      if (step.does === 'hangs up') actor?.destroy();
      if (pauseMs > 0) await sleep(pauseMs);
      if (failure) return failure;
    }
    return undefined;
  } finally {
    for (const client of clients) client?.destroy();
  }
}

/** Looks whether everybody reads what they should, and nothing else. */
async function judge(
  step: Step & Outcome,
  clients: (TestClient | undefined)[],
  ids: readonly string[],
  dialect: Dialect,
  story: string[],
): Promise<Failure | undefined> {
  for (const [user, client] of clients.entries()) {
    if (client === undefined) continue;
    const sentences = readSentences(withIds(step.read[user] ?? '', ids)).sentences.filter((each) =>
      isSaid(each, dialect),
    );
    const before = client.unread;
    const fail = (expected: string): Failure => ({
      story: [...story],
      ...{ who: names[user] as string, expected: withNames(expected, ids), transitions: step.transitions, step },
      read: `${withNames(client.unread || before, ids) || 'nothing'}${client.hasEnded ? ' (and the end of the connection)' : ''}`,
    });
    for (const sentence of sentences) {
      const pattern = patternOf(dialect, sentence);
      const isThere = await client.until(() => takeOff(client, pattern, ids));
      if (client.isFlooded) return fail('an end of this text: it is a flood');
      if (!isThere) return fail(expectedInWords(dialect, sentence));
      story.push(`    ${names[user]} reads ${replyOf(sentence)}`);
    }
    // Said again behind what came in between, or not: that is the server's choice.
    if (step.ended[user]) {
      if (!(await client.until(() => client.hasEnded))) return fail('the end of the connection');
      clients[user] = undefined;
      client.destroy();
    } else if (client.hasEnded) return fail('that the connection stays');
    else if (hasMore(client, ids)) return fail('nothing more');
  }
  return undefined;
}

/** Takes an expected sentence off the beginning of what was read. */
function takeOff(client: TestClient, pattern: RegExp, ids: readonly string[]): boolean {
  dropStrangers(client, ids);
  const text = client.unread.replace(/^\n/, '');
  const match = pattern.exec(text) ?? pattern.exec(client.unread);
  if (match === null) return false;
  client.unread = (pattern.exec(text) ? text : client.unread).slice(match[0].length);
  return true;
}

function hasMore(client: TestClient, ids: readonly string[]): boolean {
  dropStrangers(client, ids);
  return client.unread.replace(/^\n/, '') !== '';
}

/** Takes out finished lines about people of other dialogues, and what a room remembers. */
function dropStrangers(client: TestClient, ids: readonly string[]): void {
  client.unread = client.unread
    .replace(/^\[[\dUTC :+-]+\] [^\n]*\n/gm, '')
    .replace(/^((?:ann|ben|eve)[a-z0-9]+x\d+)(?: joined| left| disconnected|: | \()[^\n]*\n/gim, (line, id: string) =>
      ids.includes(id) ? line : '',
    );
}

/** What a server without a feature doesn't say. */
function isSaid({ type }: Sentence, { features }: Dialect): boolean {
  return features.presence || (type !== 'read.joinedServer' && type !== 'read.disconnected');
}

function expectedInWords({ replies }: Dialect, sentence: Sentence): string {
  const name = replyOf(sentence);
  const id = 'id' in sentence ? sentence.id : '';
  const text = 'text' in sentence ? sentence.text : '';
  return (replies[name] ?? name).replace('{id}', id).replace('{text}', text).replace('{any}', `(any words: ${name})`);
}

function withIds(text: string, ids: readonly string[]): string {
  return text.replace(/\b(ann|ben)\b/g, (name) => ids[names.indexOf(name as 'ann')] ?? name);
}

/** The other way round, for those who read it. */
function withNames(text: string, ids: readonly string[]): string {
  return ids.reduce((rest, id, user) => rest.replaceAll(id, names[user] as string), text);
}

function inWords(step: Step): string {
  const who = names[step.user] as string;
  return step.does === 'types' ? `${who} types ${JSON.stringify(step.text)}` : `${who} ${step.does}`;
}
