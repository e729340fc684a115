/**
 * How a server words what it says, and which parts of the protocol it has.
 *
 * Owns: the form of a dialect file, its mistakes, and the patterns made of it. Where docs/protocol.md fixes bytes, bytes are
 * compared; where it leaves the wording free, `{any}` passes. Next: `dialects/` (those that are shipped).
 */
import { readFileSync } from 'node:fs';
import { escapeRegExp } from '../runtime/escape.ts';
import { readSetupFile, SetupError } from '../runtime/operatorError.ts';
import type { Sentence } from './sentences.ts';

export interface Features {
  /** 1 leads to a private chat. */
  chat: boolean;
  /** 3 leads to the common room. */
  room: boolean;
  /** 4 lists who is online. */
  list: boolean;
  /** exit() leads back from naming somebody, and takes a request back. */
  withdraw: boolean;
  /** Those in the menu are told who comes and goes. */
  presence: boolean;
  /** Everybody is told who comes and goes, whatever they are doing: such lines are passed over. */
  noticesToAll: boolean;
  /** 2 is answered by a line before the connection ends. */
  farewell: boolean;
  /** Who enters the room reads how many are there. */
  headCount: boolean;
  /** A line that comes in while a prompt stands is followed by the same prompt. */
  promptAgain: boolean;
  /** A client may send segments without line feeds, each of which is a line. */
  segments: boolean;
  /** The finer rules of the page count too: every reserved word, long lines, text that is no UTF-8, a last line without its end. */
  strict: boolean;
  /** never refuses all later requests of one user, and the server tells of it. */
  never: boolean;
  /** Who was declined has to wait before asking the same user again. */
  declineWait: boolean;
  /** So many requests reach one user within a minute; null for no limit. */
  askedPerMinute: number | null;
  /** After so many seconds a request that nobody has answered is over; null if that shouldn't be waited for. */
  requestTimeout: number | null;
}

/** One text, or all texts that may stand at that place. */
export type Wording = string | readonly string[];

export interface Dialect {
  name: string;
  about: string;
  features: Features;
  /** A text with `{id}`, `{text}`, `{count}` and `{any}` in it, by the name of the sentence; `\n` is a line feed. */
  replies: Record<string, Wording>;
}

/** What a dialect file has that doesn't say otherwise. */
const defaults: Features = {
  ...{ chat: true, room: true, list: true, withdraw: true, presence: true, noticesToAll: false },
  ...{ farewell: true, headCount: true, promptAgain: true, segments: false, strict: false, requestTimeout: null },
  ...{ never: false, declineWait: false, askedPerMinute: null },
};

/** Those that are shipped, by name. */
const shipped = ['statechat', 'original'] as const;

/** A shipped dialect by its name, or one from a file. Throws a `SetupError` that names the line of what is wrong. */
export function readDialect(nameOrFile: string): Dialect {
  const isShipped = (shipped as readonly string[]).includes(nameOrFile);
  const text = isShipped
    ? readFileSync(new URL(`./dialects/${nameOrFile}.json`, import.meta.url), 'utf8')
    : readSetupFile(nameOrFile);
  return parseDialect(text, nameOrFile);
}

export function parseDialect(text: string, file: string): Dialect {
  const fail = (what: string, key?: string): never => {
    const line = key === undefined ? undefined : text.slice(0, text.indexOf(`"${key}"`)).split('\n').length;
    throw new SetupError(`${file}${line === undefined ? '' : `, line ${line}`}: ${what}`);
  };
  let given: Partial<Dialect> = {};
  try {
    given = JSON.parse(text) as Partial<Dialect>;
  } catch (error) {
    fail(`not JSON: ${(error as Error).message}.`);
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) fail('it has to be an object.');
  for (const key of Object.keys(given)) {
    if (!['name', 'about', 'features', 'replies'].includes(key)) fail(`"${key}" means nothing here.`, key);
  }
  const { name = file, about = '', features = {}, replies = {} } = given;
  checkFeatures(features, fail);
  const standard = file === 'statechat' ? undefined : readDialect('statechat');
  checkReplies(replies, standard, fail);
  return { ...{ name, about }, features: { ...defaults, ...features }, replies: { ...standard?.replies, ...replies } };
}

type Fail = (what: string, key?: string) => never;

function checkFeatures(features: object, fail: Fail): void {
  for (const [key, value] of Object.entries(features)) {
    if (!(key in defaults)) fail(`there is no feature "${key}".`, key);
    if (key === 'requestTimeout') {
      const isTime = value === null || (typeof value === 'number' && value > 0 && value <= 600);
      if (!isTime) fail(`"${key}" is null, or a number of seconds up to 600.`, key);
    } else if (key === 'askedPerMinute') {
      const isCount = value === null || (Number.isInteger(value) && (value as number) > 0);
      if (!isCount) fail(`"${key}" is null, or a whole number above 0.`, key);
    } else if (typeof value !== 'boolean') fail(`"${key}" is true or false.`, key);
  }
}

function checkReplies(replies: object, standard: Dialect | undefined, fail: Fail): void {
  for (const [key, value] of Object.entries(replies)) {
    if (standard !== undefined && !(key in standard.replies)) fail(`there is no reply "${key}".`, key);
    const texts: unknown[] = Array.isArray(value) ? value : [value];
    if (texts.length === 0 || texts.some((each) => typeof each !== 'string' || each === ''))
      fail(`"${key}" is a text that is not empty, or a list of such texts.`, key);
    const wrong = texts.map((each) => /\{(?!(?:id|text|count|any)\})[^}]*\}?/.exec(each as string)).find(Boolean);
    if (wrong) fail(`"${key}" has ${wrong[0]} in it, which is none of {id}, {text}, {count}, {any}.`, key);
  }
}

/** The same dialect with another wording for one sentence. */
export function withWording(dialect: Dialect, reply: string, text: string): Dialect {
  return { ...dialect, replies: { ...dialect.replies, [reply]: text } };
}

/** The first of the texts that a dialect has for a reply: what a report shows. */
export function wordingOf({ replies }: Dialect, reply: string): string {
  const wording = replies[reply] ?? '';
  return typeof wording === 'string' ? wording : (wording[0] ?? '');
}

/** What a sentence looks like in a dialect, at the place where it begins. */
export function patternOf(dialect: Dialect, sentence: Sentence): RegExp {
  return new RegExp(`^${sourceOf(dialect, sentence)}`, 'i');
}

/** The same without the place, to be looked for anywhere. */
export function sourceOf(dialect: Dialect, sentence: Sentence): string {
  const values = {
    id: 'id' in sentence ? escapeRegExp(sentence.id) : '[^\\n]*',
    text: 'text' in sentence ? escapeRegExp(sentence.text) : '[^\\n]*',
  };
  return alternatives(dialect, dialect.replies[replyOf(sentence)] ?? '', values);
}

/** True if a text begins with some sentence whose words the dialect fixes: `{any}` is none of these. */
export function isOtherSentence({ replies }: Dialect, text: string): boolean {
  return fixedPattern(replies).test(text);
}

/** An id, and no word of a sentence such as "User disconnected.": ids of those who judge have a digit. */
const someId = '(?=[a-z._-]*\\d)[a-z0-9][a-z0-9._-]*';
const fixedPatterns = new WeakMap<object, RegExp>();

function fixedPattern(replies: Dialect['replies']): RegExp {
  let pattern = fixedPatterns.get(replies);
  if (pattern === undefined) {
    const fixed = Object.entries(replies)
      .filter(([name]) => name !== 'line')
      .flatMap(([, wording]) => listOf(wording))
      .filter((text) => !/^\{(?:any|text)\}/.test(text));
    const sources = fixed.map((text) => plainSource(text, { id: someId, text: '[^\\n]*' }));
    pattern = new RegExp(`^(?:${sources.join('|')})`, 'i');
    fixedPatterns.set(replies, pattern);
  }
  return pattern;
}

function alternatives(dialect: Dialect, wording: Wording, values: { id: string; text: string }): string {
  const sources = listOf(wording).map((text) => {
    const source = plainSource(text, values);
    // Free words are not the words of another sentence: a line that is missing must not be taken from what follows.
    return /^\{any\}/.test(text) ? `(?!${fixedPattern(dialect.replies).source.slice(1)})${source}` : source;
  });
  return sources.length === 1 ? (sources[0] ?? '') : `(?:${sources.join('|')})`;
}

function plainSource(text: string, { id, text: said }: { id: string; text: string }): string {
  const values: Record<string, string> = { id, text: said, count: '(\\d+)', any: '[^\\n]*' };
  return text
    .split(/(\{(?:id|text|count|any)\})/)
    .map((part) => (/^\{.*\}$/.test(part) ? (values[part.slice(1, -1)] ?? '') : escapeRegExp(part)))
    .join('');
}

function listOf(wording: Wording): readonly string[] {
  return typeof wording === 'string' ? [wording] : wording;
}

/** The name of a sentence's reply in a dialect. */
export function replyOf(sentence: Sentence): string {
  const name = sentence.type.replace('read.', '');
  if (sentence.type === 'read.refused') return `refused.${sentence.reason}`;
  if (sentence.type === 'read.userRow')
    return `userRow.${sentence.state.replaceAll(' ', '')}${sentence.isSelf ? '.you' : ''}`;
  return name;
}
