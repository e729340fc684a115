/**
 * How the server's lines look on a person's terminal.
 *
 * Owns: colours, times, the rows of long lines, and when the bell rings. What a line is, `src/protocol/sentences.ts` says; a line of
 * another server's wording is shown as it is. Text is never changed, only what stands around it.
 */
import { readSentences } from '../protocol/sentences.ts';
import { escapeRegExp } from '../runtime/escape.ts';
import { columnsOf, rowsOf } from './width.ts';

export interface StyleOptions {
  /** How many the terminal has: 0 for none, 16, or 256. */
  colours: 0 | 16 | 256;
  hasTimes: boolean;
  hasBell: boolean;
}

/** Codes of the 16 colours, without black, white and grey. */
const palette16 = ['31', '32', '33', '34', '35', '36'];
/** Of the 256 colours those that can be read on white and on black. */
const palette256 = [
  31, 32, 33, 35, 36, 37, 64, 66, 67, 68, 71, 97, 98, 100, 101, 125, 130, 131, 132, 133, 136, 137, 161, 166,
].map((colour) => `38;5;${colour}`);

/** What stands before every row of a line but the first. */
const indent = '    ';
/** A narrower terminal leaves no room to break lines well. */
const minColumns = 20;
/** Between these the terminal breaks no row by itself: text that is wider than we think is cut off, and can't begin a row. */
const [unbroken, broken] = ['\x1b[?7l', '\x1b[?7h'];

export class LineStyler {
  readonly #options: StyleOptions;
  readonly #now: () => Date;

  constructor(options: StyleOptions, now: () => Date = () => new Date()) {
    this.#options = options;
    this.#now = now;
  }

  /** Finished lines, each with its line feed, as they are printed in so many columns. `id` is the reader's own. */
  lines(text: string, columns: number, id: string): string {
    return text.replace(/[^\n]*\n/g, (line) => this.#line(line, columns, id));
  }

  /** A line that the person has said to others. */
  own(line: string, columns: number): string {
    const rows = this.#rows(line, columns, this.#time());
    return this.#options.colours > 0 ? `\x1b[2m${rows}\x1b[22m` : rows;
  }

  /** A line of the client's own. */
  note(line: string, columns: number): string {
    return this.#rows(line, columns, '');
  }

  #line(line: string, columns: number, id: string): string {
    const [sentence] = readSentences(line).sentences;
    const about = sentence !== undefined && 'id' in sentence ? sentence.id : '';
    const isRecalled = sentence?.type === 'read.recalled';
    const shown = this.#rows(line.slice(0, -1), columns, isRecalled ? '' : this.#time());
    const isForMe = sentence?.type === 'read.line' && mentions(sentence.text, id);
    const bell = isForMe && this.#options.hasBell ? '\x07' : '';
    return `${bell}${this.#coloured(shown, about)}\n`;
  }

  /** True if the bell should ring for the prompt that has just been shown. */
  ringsFor(prompt: string): boolean {
    return this.#options.hasBell && readSentences(prompt).sentences.some(({ type }) => type === 'read.question');
  }

  #rows(line: string, columns: number, time: string): string {
    const text = time + line;
    if (columns < minColumns || columnsOf(text) <= columns) return text;
    return `${unbroken}${rowsOf(text, columns, time === '' ? indent : ' '.repeat(time.length)).join('\n')}${broken}`;
  }

  #time(): string {
    if (!this.#options.hasTimes) return '';
    const now = this.#now();
    return `${String(now.getHours()).padStart(2, '0')}:${String(now.getMinutes()).padStart(2, '0')} `;
  }

  /** The id where it stands first. */
  #coloured(text: string, id: string): string {
    const at = id === '' ? -1 : text.indexOf(id);
    if (at === -1 || this.#options.colours === 0) return text;
    const colour = colourOf(id, this.#options.colours === 256 ? palette256 : palette16);
    return `${text.slice(0, at)}\x1b[${colour}m${id}\x1b[39m${text.slice(at + id.length)}`;
  }
}

/** The same for an id everywhere and always. */
function colourOf(id: string, palette: readonly string[]): string {
  let hash = 7;
  for (const character of id.toLowerCase()) hash = (hash * 31 + character.charCodeAt(0)) % 1_000_003;
  return palette[hash % palette.length] as string;
}

/** True if an id stands in a text as a word. */
function mentions(text: string, id: string): boolean {
  if (id === '') return false;
  return new RegExp(`(?<![\\w.-])${escapeRegExp(id)}(?![\\w-])`, 'i').test(text);
}
