/**
 * What no screen and no log may show, whatever anybody sends.
 *
 * Owns: the judgement of received bytes and of log lines. Written from docs/protocol.md, not from `src/wire/sanitize.ts`. Knows
 * nothing of how the bytes came about.
 */
import { readSentences, type Sentence } from '../../src/conform/sentences.ts';

/** Controls but tab and line feed, what reorders text, what can't be seen, and marks that smear over other lines. */
const steers = new RegExp(
  [
    '(?![\\t\\n])[\\p{Cc}\\p{Zl}\\p{Zp}\\p{Co}\\p{Noncharacter_Code_Point}]',
    '[\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u206f]',
    '\\u00ad|\\u034f|\\u17b4|\\u17b5|\\u180e|\\u200b|[\\u2060-\\u2065]|\\ufeff|[\\ufff0-\\ufffb]|[\\u{e0000}-\\u{e0fff}]',
    '[\\u115f\\u1160\\u3164\\uffa0]',
    '\\p{M}{9}',
  ].join('|'),
  'u',
);
/** They join and select in scripts and emoji, and are marks to Unicode, but pile up on nothing. */
const joiners = /\u200c|\u200d|[\ufe00-\ufe0f]/g;

const menu = 'Menu:\n1) Connect to user\n2) Quit\n3) Common room\n4) Who is online\n';
/** Lines of server text that only a fault of the server's brings about. */
const faults = new Set<Sentence['type']>(['read.fault', 'read.evicted', 'read.closing']);

/** What is wrong with a text that has come to somebody's screen or to the log. */
function unsafeIn(text: string): string | undefined {
  const seen = text.replace(joiners, '');
  const found = steers.exec(seen);
  if (!found) return undefined;
  const around = seen.slice(Math.max(0, found.index - 40), found.index + 40);
  return `U+${found[0].codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')} in ${JSON.stringify(around)}`;
}

/** All that one person reads, from their first byte: each piece must be safe, and a sentence they can be told where they are. */
export class Judge {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  /** A sentence that is still under way. */
  #rest = '';
  /** Who may speak to them: one partner, everybody in the room, or nobody. */
  #hears: { partner: string } | 'room' | 'nobody' = 'nobody';
  /** Who is in the room, as far as can be known from the inside. */
  readonly #roommates = new Set<string>();
  readonly #knowsRoom: boolean;

  /** `knowsRoom`: this person was the first in the room, so nobody can be there unannounced. */
  constructor({ knowsRoom = false } = {}) {
    this.#knowsRoom = knowsRoom;
  }

  /** Those in the room, this person not counted. */
  get roommates(): ReadonlySet<string> {
    return this.#roommates;
  }

  /** What is wrong with what has come next; `isAll` if nothing more will come, so nothing may be unfinished. */
  wrongWith(bytes: Buffer, isAll = false): string | undefined {
    let text: string;
    try {
      text = this.#decoder.decode(bytes, { stream: !isAll });
    } catch {
      return `bytes that are no UTF-8: ${JSON.stringify(bytes.toString('latin1').slice(-300))}`;
    }
    const unsafe = unsafeIn(text);
    if (unsafe) return unsafe;
    const { sentences, rest } = readSentences(this.#rest + text);
    this.#rest = rest;
    for (const sentence of sentences) {
      const wrong = this.#wrongSentence(sentence);
      if (wrong) return wrong;
    }
    const mayGoOn = !isAll && (!rest.includes('\n') || menu.startsWith(rest));
    return rest === '' || mayGoOn
      ? undefined
      : `${JSON.stringify(rest.slice(0, 200))}, which is no sentence of the protocol`;
  }

  #wrongSentence(sentence: Sentence): string | undefined {
    if (faults.has(sentence.type)) return `${sentence.type}: the server has failed`;
    switch (sentence.type) {
      case 'read.chatStarted':
        this.#hears = { partner: sentence.id };
        break;
      case 'read.roomJoined':
        this.#hears = 'room';
        this.#roommates.clear();
        break;
      case 'read.menu':
        this.#hears = 'nobody';
        break;
      case 'read.joinedRoom':
        if (this.#roommates.has(sentence.id)) return `${sentence.id} joining the room twice`;
        this.#roommates.add(sentence.id);
        break;
      case 'read.leftRoom':
        if (!this.#roommates.delete(sentence.id) && this.#knowsRoom) return `${sentence.id} leaving who never came`;
        break;
      case 'read.line':
        return this.#mayHear(sentence.id) ? undefined : `a line of ${sentence.id}, who can't speak to them`;
    }
    return undefined;
  }

  #mayHear(id: string): boolean {
    if (this.#hears === 'nobody') return false;
    if (this.#hears === 'room') return !this.#knowsRoom || this.#roommates.has(id);
    return this.#hears.partner === id;
  }
}

const logKeys = [
  'level',
  'time',
  'pid',
  'name',
  'msg',
  'session',
  'id',
  'address',
  'limit',
  'host',
  'port',
  'maxConnections',
];
const idShape = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;

/** What is wrong with whole lines of the log: one that is no JSON, that holds what people said, or that tells of a bug. */
export function wrongInLog(log: string, said: string): string | undefined {
  for (const line of log.split('\n').slice(0, -1)) {
    if (line.includes(said)) return `the log holds what was said: ${line}`;
    const unsafe = unsafeIn(line);
    if (unsafe) return `the log holds ${unsafe}`;
    let fact: Record<string, unknown>;
    try {
      fact = JSON.parse(line);
    } catch {
      return `a line of the log is no JSON: ${line}`;
    }
    if (Number(fact.level) >= 50) return `the server logs an error: ${line}`;
    if (Object.keys(fact).some((key) => !logKeys.includes(key))) return `the log holds what it should not: ${line}`;
    if (fact.id !== undefined && !idShape.test(String(fact.id))) return `the log holds an id that is none: ${line}`;
  }
  return undefined;
}
