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
  /** 4 lists who is online. */
  list: boolean;
  /** exit() leads back from naming somebody, and takes a request back. */
  withdraw: boolean;
  /** Who comes and goes is told to those in the menu. */
  presence: boolean;
  /** A line that comes in while a prompt stands is followed by the same prompt. */
  promptAgain: boolean;
  /** A client may send segments without line feeds, each of which is a line. */
  segments: boolean;
  /** After so many seconds a request that nobody has answered is over; null if that shouldn't be waited for. */
  requestTimeout: number | null;
}

export interface Dialect {
  name: string;
  about: string;
  features: Features;
  /** A text with `{id}`, `{text}`, `{count}` and `{any}` in it, by the name of the sentence; `\n` is a line feed. */
  replies: Record<string, string>;
}

const featureNames: readonly (keyof Features)[] = [
  ...(['list', 'withdraw', 'presence', 'promptAgain', 'segments', 'requestTimeout'] as const),
];

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
  for (const [key, value] of Object.entries(features)) {
    if (!featureNames.includes(key as keyof Features)) fail(`there is no feature "${key}".`, key);
    if (key === 'requestTimeout') {
      const isTime = value === null || (typeof value === 'number' && value > 0 && value <= 600);
      if (!isTime) fail(`"${key}" is null, or a number of seconds up to 600.`, key);
    } else if (typeof value !== 'boolean') fail(`"${key}" is true or false.`, key);
  }
  const standard = file === 'statechat' ? undefined : readDialect('statechat');
  for (const [key, value] of Object.entries(replies)) {
    if (standard !== undefined && !(key in standard.replies)) fail(`there is no reply "${key}".`, key);
    if (typeof value !== 'string' || value === '') fail(`"${key}" is a text that is not empty.`, key);
    const wrong = /\{(?!(?:id|text|count|any)\})[^}]*\}?/.exec(value);
    if (wrong) fail(`"${key}" has ${wrong[0]} in it, which is none of {id}, {text}, {count}, {any}.`, key);
  }
  return {
    ...{ name, about },
    features: { ...(standard?.features as Features), ...features },
    replies: { ...standard?.replies, ...replies },
  };
}

/** What a sentence looks like in a dialect, at the place where it begins. */
export function patternOf({ replies }: Dialect, sentence: Sentence): RegExp {
  const template = replies[replyOf(sentence)] ?? '';
  const values: Record<string, string> = {
    id: 'id' in sentence ? escapeRegExp(sentence.id) : '[^\\n]*',
    text: 'text' in sentence ? escapeRegExp(sentence.text) : '[^\\n]*',
    count: '\\d+',
    any: '[^\\n]*',
  };
  const source = template
    .split(/(\{(?:id|text|count|any)\})/)
    .map((part) => (/^\{.*\}$/.test(part) ? (values[part.slice(1, -1)] ?? '') : escapeRegExp(part)))
    .join('');
  return new RegExp(`^${source}`, 'i');
}

/** The name of a sentence's reply in a dialect. */
export function replyOf(sentence: Sentence): string {
  const name = sentence.type.replace('read.', '');
  if (sentence.type === 'read.refused') return `refused.${sentence.reason}`;
  if (sentence.type === 'read.userRow')
    return `userRow.${sentence.state.replaceAll(' ', '')}${sentence.isSelf ? '.you' : ''}`;
  return name;
}
