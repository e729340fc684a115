/**
 * How many columns of a terminal a text takes, and where it is broken.
 *
 * Owns: an estimate on the safe side: what terminals disagree about counts as wide. Programs that print must not let the
 * terminal break rows by itself.
 */
import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter();

/** What takes one column for each character everywhere. */
const plain = /^[\x20-\x7e]*$/;

/** Where terminals have their tab stops. */
const tabColumns = 8;

/** Flags: where a terminal doesn't join two of these letters, each may take two columns. */
const regionalIndicator = /^\p{Regional_Indicator}$/u;

/** Text is taken apart in pieces of this many UTF-16 units: the time for one piece grows with its square. */
const windowLength = 256;

/** What a reader takes for one character: a letter with its marks, an emoji of several code points. */
export function* graphemesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const window = text.slice(at, at + windowLength);
    const parts = plain.test(window) ? [...window] : Array.from(graphemes.segment(window), ({ segment }) => segment);
    // The last one may go on behind the window.
    if (at + window.length < text.length && parts.length > 1) parts.pop();
    for (const part of parts) {
      yield part;
      at += part.length;
    }
  }
}

/** The columns of one character. */
interface Widths {
  /** At a terminal that draws the code points of an emoji as one picture. */
  joined: number;
  /** At a terminal that draws each of them. */
  apart: number;
}

/** Those that were found so far: finding them takes longer than all else that is done with a character. */
const knownWidths = new Map<string, Widths>();
const maxKnownWidths = 10_000;

function widthsOf(grapheme: string): Widths {
  const known = knownWidths.get(grapheme);
  if (known !== undefined) return known;
  if (knownWidths.size >= maxKnownWidths) knownWidths.clear();
  const widths = { joined: stringWidth(grapheme), apart: 0 };
  for (const character of grapheme) widths.apart += regionalIndicator.test(character) ? 2 : stringWidth(character);
  knownWidths.set(grapheme, widths);
  return widths;
}

function sumOf(text: string, columnsOfGrapheme: (grapheme: string) => number): number {
  if (plain.test(text)) return text.length;
  let columns = 0;
  for (const grapheme of graphemesOf(text)) columns += columnsOfGrapheme(grapheme);
  return columns;
}

/** The columns that a text takes where it takes most. */
export function columnsOf(text: string): number {
  return sumOf(text, mostColumnsOf);
}

/** The columns that a text takes at a terminal that knows all emoji. */
export function widthInTerminal(text: string): number {
  return sumOf(text, (grapheme) => widthsOf(grapheme).joined);
}

function mostColumnsOf(grapheme: string): number {
  const { joined, apart } = widthsOf(grapheme);
  return Math.max(joined, apart);
}

/** The text between codes by which the terminal breaks no row by itself: text wider than we think can't begin a row. */
export function unbroken(text: string): string {
  return text === '' ? '' : `\x1b[?7l${text}\x1b[?7h`;
}

/** The text with blanks instead of tabs, up to the places where terminals have their tab stops. */
export function withoutTabs(text: string): string {
  let expanded = '';
  let columns = 0;
  const add = (part: string): void => {
    expanded += part;
    columns += columnsOf(part);
  };
  for (const [index, part] of text.split('\t').entries()) {
    if (index > 0) add(' '.repeat(tabColumns - (columns % tabColumns)));
    add(part);
  }
  return expanded;
}

/**
 * The rows of a line: none wider than `columns`, broken at blanks where that is possible. An indent stands before all
 * rows except the first, so that none of them can pass for a line of its own.
 */
export function rowsOf(line: string, columns: number, indentColumns = 4): string[] {
  // In a very narrow terminal a shorter indent leaves room for text.
  const indent = ' '.repeat(Math.min(indentColumns, Math.floor(columns / 2)));
  const rows: string[] = [];
  let row = '';
  let width = 0;
  const begin = (): void => {
    rows.push(row.trimEnd());
    row = indent;
    width = indent.length;
  };
  for (const part of line.match(/\s+|\S+/gu) ?? []) {
    const needed = columnsOf(part);
    if (width + needed <= columns) {
      row += part;
      width += needed;
      continue;
    }
    if (/^\s/.test(part)) {
      // A blank at the end of a row needs no room.
      if (width > indent.length) begin();
      continue;
    }
    if (width > indent.length && indent.length + needed <= columns) begin();
    for (const grapheme of graphemesOf(part)) {
      const one = mostColumnsOf(grapheme);
      if (width + one > columns) begin();
      row += grapheme;
      width += one;
    }
  }
  rows.push(row);
  return rows;
}
