/**
 * A generated dialogue, played at a server, and the first difference from what should be read.
 *
 * Owns: the comparison of every byte. People have ids of their own in every dialogue, so that many can be played at once; what a
 * server says about strangers is left out. Next: `dialogues.ts`, `../protocol/dialect.ts`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dialect, patternOf, sourceOf } from '../protocol/dialect.ts';
import { readSentences, type Sentence } from '../protocol/sentences.ts';
import { inWords, quoted } from './checks/probeStory.ts';
import type { Dialogue } from './dialogues.ts';
import { newSuffix, withNames, withoutStrangers } from './ids.ts';
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

/** How a dialogue is played. */
export interface Pace {
  /** After every step, in ms. */
  readonly pauseMs: number;
  /** After a line that nobody reads, and at the end: a server needs a moment for what can't be waited for, in ms. */
  readonly fenceMs: number;
}

/** Quick, and again slowly before anybody is accused: what is late isn't wrong. */
export const quick: Pace = { pauseMs: 0, fenceMs: 20 };
export const slow: Pace = { pauseMs: 60, fenceMs: 250 };
/** Between two servers, one may know only after a while what the other one has done. */
export const betweenServers: Pace = { pauseMs: 10, fenceMs: 40 };
export const slowBetweenServers: Pace = { pauseMs: 400, fenceMs: 400 };

export interface Place {
  readonly dialect: Dialect;
  readonly target: Target;
  readonly lineEnd: '\n' | '';
}

/** Undefined if the dialogue passed. Rejects if nobody listens there. */
export async function play(dialogue: Dialogue, place: Place, pace: Pace): Promise<Failure | undefined> {
  const playing = new Playing(place);
  try {
    return await playing.all(dialogue, pace);
  } finally {
    await playing.leave();
  }
}

class Playing {
  readonly #place: Place;
  readonly #suffix = newSuffix();
  readonly #ids = names.map((name) => name + this.#suffix);
  readonly #clients: (TestClient | undefined)[] = names.map(() => undefined);
  readonly #gone: TestClient[] = [];
  readonly #story: string[] = [];
  readonly #passedOver: RegExp | undefined;

  constructor(place: Place) {
    this.#place = place;
    if (place.dialect.features.noticesToAll) this.#passedOver = noticesOf(place.dialect);
  }

  async all({ steps }: Dialogue, pace: Pace): Promise<Failure | undefined> {
    for (const [at, step] of steps.entries()) {
      await this.#do(step);
      const failure = await this.#compare(step);
      if (failure) return failure;
      // Two sockets have no order: what nobody reads of must have happened before somebody else acts.
      const isSilent = step.read.every((text) => text === '') && !step.ended[step.user];
      const isNextOther = steps[at + 1]?.user !== step.user;
      const ms = Math.max(pace.pauseMs, isSilent && isNextOther ? pace.fenceMs : 0);
      if (ms > 0) await sleep(ms);
    }
    await sleep(pace.fenceMs);
    return this.#nothingMore(steps.at(-1) as Step & Outcome);
  }

  async leave(): Promise<void> {
    await Promise.all([...this.#clients, ...this.#gone].map((client) => client?.leave()));
  }

  async #do(step: Step): Promise<void> {
    const { target, lineEnd } = this.#place;
    const client = this.#clients[step.user];
    this.#story.push(
      `${stepInWords(step)}${step.does === 'types' && lineEnd === '' ? ' (sent without a line feed)' : ''}`,
    );
    if (step.does === 'connects') {
      const isSecond = step.user === 1 && target.also !== undefined;
      const at = isSecond ? { ...target, ...target.also } : target;
      this.#clients[step.user] = await TestClient.connect(this.#ids[step.user] as string, at);
    } else if (step.does === 'types') client?.send(this.#withIds(step.text) + lineEnd);
    else if (client !== undefined) {
      client.hangUp();
      this.#clients[step.user] = undefined;
      this.#gone.push(client);
      await client.until(() => client.hasEnded);
    }
  }

  /** Looks whether everybody reads what they should, and nothing else. */
  async #compare(step: Step & Outcome): Promise<Failure | undefined> {
    const { dialect } = this.#place;
    for (const [user, client] of this.#clients.entries()) {
      if (client === undefined) continue;
      const sentences = readSentences(this.#withIds(step.read[user] ?? '')).sentences;
      for (const sentence of sentences.filter((each) => isSaid(each, dialect))) {
        const pattern = patternOf(dialect, sentence);
        const isThere = await client.until(() => this.#takeOff(client, pattern));
        if (client.isFlooded) return this.#failure(step, user, client, 'an end of this text: it is a flood');
        if (!isThere) return this.#failure(step, user, client, inWords(dialect, sentence, this.#suffix));
      }
      if (step.ended[user]) {
        if (!(await client.until(() => client.hasEnded)))
          return this.#failure(step, user, client, 'the end of the connection');
        this.#clients[user] = undefined;
        this.#gone.push(client);
      } else if (client.hasEnded) return this.#failure(step, user, client, 'that the connection stays');
    }
    return this.#nothingMore(step);
  }

  #nothingMore(step: Step & Outcome): Failure | undefined {
    for (const [user, client] of this.#clients.entries()) {
      if (client !== undefined && this.#rest(client) !== '') return this.#failure(step, user, client, 'nothing more');
    }
    return undefined;
  }

  /** Takes an expected sentence off the beginning of what was read. */
  #takeOff(client: TestClient, pattern: RegExp): boolean {
    const text = this.#rest(client);
    const match = pattern.exec(text);
    if (match === null) return false;
    client.unread = text.slice(match[0].length);
    this.#story.push(`    ${this.#nameOf(client)} reads ${quoted(withNames(match[0], this.#suffix))}`);
    return true;
  }

  /** What was read and is about people of this dialogue. Whether an empty line is told to others is left to the server. */
  #rest(client: TestClient): string {
    const about = withoutStrangers(client.unread, this.#suffix);
    const passed = this.#passedOver === undefined ? about : about.replace(this.#passedOver, '');
    client.unread = passed.replace(/^[a-z0-9]+: *\n/gim, (line) => (line.includes(this.#suffix) ? '' : line));
    return client.unread.replace(/^\n+/, '');
  }

  #failure(step: Step & Outcome, user: number, client: TestClient, expected: string): Failure {
    const text = withNames(this.#rest(client).slice(0, 300), this.#suffix);
    const end = client.hasEnded ? 'the end of the connection' : '';
    const read = text === '' ? end || 'nothing' : `${quoted(text)}${end && ` and ${end}`}`;
    const { transitions } = step;
    return { story: [...this.#story], who: names[user] as string, expected, read, transitions, step };
  }

  #nameOf(client: TestClient): string {
    return withNames(client.id, this.#suffix);
  }

  #withIds(text: string): string {
    return text.replace(/\b(ann|ben)\b/g, (name) => name + this.#suffix);
  }
}

export function stepInWords(step: Step): string {
  const who = names[step.user] as string;
  return step.does === 'types' ? `${who} types ${quoted(step.text)}` : `${who} ${step.does}`;
}

/** What a server without a feature doesn't say. */
function isSaid(sentence: Sentence, { features }: Dialect): boolean {
  const { type } = sentence;
  if (type === 'read.line' && sentence.text.trim() === '') return false;
  if (type === 'read.joinedServer' || type === 'read.disconnected') return features.presence && !features.noticesToAll;
  if (type === 'read.joinedRoom' || type === 'read.leftRoom') return !features.noticesToAll;
  if (type === 'read.farewell') return features.farewell;
  return type !== 'read.roomCount' || features.headCount;
}

function noticesOf(dialect: Dialect): RegExp {
  const types = ['read.joinedServer', 'read.disconnected', 'read.joinedRoom', 'read.leftRoom'] as const;
  const sources = types.map((type) => sourceOf(dialect, { type, id: '' }));
  return new RegExp(`\\n?[a-z0-9._-]+(?:${sources.join('|')})`, 'gi');
}
