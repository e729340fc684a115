/**
 * A configuration file: one JSON object of option names and values, `{ "port": 7000, "log-level": "warn" }`.
 *
 * Owns: its syntax, and where in the file each key and each mistake stands. `JSON.parse` doesn't say that in all versions
 * of Node. Knows none of the options. Next: `sources.ts`.
 * Why no library: decision 15, docs/decisions/0015-the-configuration-file-has-its-own-reader.md.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { reasonOf } from '../runtime/operatorError.ts';

export interface ConfigEntry {
  key: string;
  /** A text without its quotes; all else as it stands there. */
  text: string;
  json: 'string' | 'number' | 'boolean';
  /** Where its key stands: `chat.json, line 3, column 5`. */
  place: string;
}

/** What is wrong with the file, and where; made to be shown. */
export class ConfigFileError extends Error {}

/** A file of a few dozen options has no more; who names a disk or a log by mistake reads so at once. */
const maxBytes = 65_536;

/** Throws `ConfigFileError` if it can't be read, is too long, is no object of texts, numbers, true and false, or has a key twice. */
export function readConfigFile(path: string): ConfigEntry[] {
  const entries = new Parser(path, contentOf(path)).object();
  const keys = new Set<string>();
  for (const { key, place } of entries) {
    if (keys.has(key)) throw new ConfigFileError(`${place}: '${key}' is given twice.`);
    keys.add(key);
  }
  return entries;
}

function contentOf(path: string): string {
  const buffer = Buffer.alloc(maxBytes + 1);
  let length = 0;
  try {
    const file = openSync(path, 'r');
    try {
      for (let read = -1; read !== 0; length += read)
        read = readSync(file, buffer, length, buffer.length - length, null);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw new ConfigFileError(`can't read the configuration file ${path}: ${reasonOf(error)}.`);
  }
  if (length > maxBytes)
    throw new ConfigFileError(`${path} is no configuration file: it is longer than ${maxBytes} bytes.`);
  return buffer.toString('utf8', 0, length).replace(/^\uFEFF/, '');
}

/** A text may be a password, wherever it stands. */
function shownToken(token: string): string {
  return token.includes('://') ? 'a text' : `'${token.slice(0, 40)}'`;
}

const token = /(?<string>"(?:[^"\\\n]|\\.)*")|(?<word>[^\s{}[\]:,"]+)|[{}[\]:,]/y;

class Parser {
  readonly #path: string;
  readonly #content: string;
  #at = 0;

  constructor(path: string, content: string) {
    this.#path = path;
    this.#content = content;
  }

  object(): ConfigEntry[] {
    const entries: ConfigEntry[] = [];
    this.#expect('{');
    let next = this.#peek();
    while (next !== '}') {
      entries.push(this.#entry());
      next = this.#expect(',', '}');
      if (next === '}') return this.#end(entries);
    }
    this.#expect('}');
    return this.#end(entries);
  }

  #end(entries: ConfigEntry[]): ConfigEntry[] {
    if (this.#peek() !== '') this.#fail('the end of the file');
    return entries;
  }

  #entry(): ConfigEntry {
    const wanted = 'an option in double quotes';
    const name = this.#peek();
    if (!name.startsWith('"')) this.#fail(wanted);
    const place = this.#place();
    const key = this.#value(wanted).text;
    this.#expect(':');
    return { key, place, ...this.#value('a text in double quotes, a number, true or false') };
  }

  #value(wanted: string): { text: string; json: ConfigEntry['json'] } {
    const source = this.#peek();
    let value: unknown;
    try {
      value = JSON.parse(source);
    } catch {
      this.#fail(wanted);
    }
    const json = typeof value;
    if (json !== 'string' && json !== 'number' && json !== 'boolean') this.#fail(wanted);
    this.#at += source.length;
    return { text: json === 'string' ? (value as string) : source, json };
  }

  /** Takes one of these marks and returns it. */
  #expect(...marks: string[]): string {
    const mark = this.#peek();
    if (!marks.includes(mark)) this.#fail(marks.map((each) => `'${each}'`).join(' or '));
    this.#at += mark.length;
    return mark;
  }

  /** What comes next, without blanks; empty at the end of the file. A text that has no end is a `"`. */
  #peek(): string {
    while (/^[ \t\r\n]/.test(this.#content.slice(this.#at, this.#at + 1))) this.#at++;
    token.lastIndex = this.#at;
    return token.exec(this.#content)?.[0] ?? this.#content.slice(this.#at, this.#at + 1);
  }

  #fail(wanted: string): never {
    const found = this.#peek();
    const what = found === '' ? 'the file ends' : found === '"' ? 'a text has no end' : `there is ${shownToken(found)}`;
    throw new ConfigFileError(`${this.#place()}: ${what}, where ${wanted} is expected.`);
  }

  #place(): string {
    const lines = this.#content.slice(0, this.#at).split('\n');
    return `${this.#path}, line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`;
  }
}
