/**
 * How the server's lines look on a person's terminal.
 *
 * Owns: where colours, times, the rows of long lines and the bell go. What a line is, `src/protocol/sentences.ts` says. A
 * line of another server's wording is shown as it is. Of the text only tabs are changed, to blanks up to the next tab stop.
 */
import { readSentences } from '../protocol/sentences.ts';
import { escapeRegExp } from '../runtime/escape.ts';
import { type ColourCount, IdColours } from './colours.ts';
import { onThisClock, timeOf } from './recalledTime.ts';
import { rowsOf, unbroken, withoutTabs } from './width.ts';

/** How the terminal shows a message on the desktop: iTerm2's code, that of rxvt, or not at all. */
export type DesktopCode = 'OSC 9' | 'OSC 777' | 'none';

/** Terminals don't say what they know. Most know iTerm2's code; the console of Linux would print either. */
export function desktopCode({ TERM = '', VTE_VERSION }: NodeJS.ProcessEnv): DesktopCode {
  if (TERM === 'linux') return 'none';
  return VTE_VERSION !== undefined || /^(rxvt|foot)/.test(TERM) ? 'OSC 777' : 'OSC 9';
}

export interface StyleOptions {
  colours: ColourCount;
  hasTimes: boolean;
  hasBell: boolean;
  desktop: DesktopCode;
}

export class LineStyler {
  readonly #options: StyleOptions;
  readonly #colours: IdColours | undefined;
  readonly #now: () => Date;

  constructor(options: StyleOptions, now: () => Date = () => new Date()) {
    this.#options = options;
    this.#colours = options.colours === 0 ? undefined : new IdColours(options.colours);
    this.#now = now;
  }

  /** Finished lines, each with its line feed, as they are printed in so many columns. `id` is the reader's own. */
  lines(text: string, columns: number, id: string): string {
    return text.replace(/[^\n]*\n/g, (line) => this.#line(line, columns, id));
  }

  /** A line that the person has said to others. */
  own(line: string, columns: number): string {
    return this.#dimmed(this.#rows(line, columns, this.#time()));
  }

  /** A line of the client's own; dimmed if it only helps. */
  note(line: string, columns: number, { isDimmed = false } = {}): string {
    const rows = this.#rows(line, columns, '');
    return isDimmed ? this.#dimmed(rows) : rows;
  }

  /** What rings for the prompt that has just been shown; empty if nothing does. */
  bellFor(prompt: string): string {
    const isQuestion = readSentences(prompt).sentences.some(({ type }) => type === 'read.question');
    return isQuestion ? this.#bell('Somebody wants to chat with you.') : '';
  }

  #line(line: string, columns: number, id: string): string {
    const [sentence] = readSentences(line).sentences;
    const about = sentence !== undefined && 'id' in sentence ? sentence.id : '';
    const isRecalled = sentence?.type === 'read.recalled';
    const whole = line.slice(0, -1);
    // One clock on one screen: a remembered line has a time already.
    const text = isRecalled && this.#options.hasTimes ? onThisClock(whole, this.#now()) : whole;
    const shown = this.#rows(text, columns, isRecalled ? '' : this.#time());
    const isForMe = sentence?.type === 'read.line' && mentions(sentence.text, id);
    const bell = isForMe ? this.#bell('Somebody mentions you.') : '';
    return `${bell}${this.#coloured(shown, about)}\n`;
  }

  #rows(line: string, columns: number, time: string): string {
    const rows = rowsOf(withoutTabs(time + line), columns, time === '' ? undefined : time.length);
    return unbroken(rows.join('\n'));
  }

  #time(): string {
    return this.#options.hasTimes ? `${timeOf(this.#now())} ` : '';
  }

  /** The id where it stands first. */
  #coloured(text: string, id: string): string {
    const at = id === '' ? -1 : text.indexOf(id);
    if (at === -1 || this.#colours === undefined) return text;
    return `${text.slice(0, at)}\x1b[${this.#colours.codeOf(id)}m${id}\x1b[39m${text.slice(at + id.length)}`;
  }

  #dimmed(text: string): string {
    return this.#colours === undefined ? text : `\x1b[2m${text}\x1b[22m`;
  }

  /** The message is ours: bytes of others never become a part of a code that the terminal obeys. */
  #bell(message: string): string {
    if (!this.#options.hasBell) return '';
    switch (this.#options.desktop) {
      case 'OSC 9':
        return `\x07\x1b]9;${message}\x1b\\`;
      case 'OSC 777':
        return `\x07\x1b]777;notify;statechat;${message}\x1b\\`;
      case 'none':
        return '\x07';
    }
  }
}

/** True if an id stands in a text as a word. */
function mentions(text: string, id: string): boolean {
  if (id === '') return false;
  return new RegExp(`(?<![\\w.-])${escapeRegExp(id)}(?![\\w-])`, 'i').test(text);
}
