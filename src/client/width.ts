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

/** What a reader takes for one character: a letter with its marks, an emoji of several code points. */
export function* graphemesOf(text: string): Generator<string> {
  for (const { segment } of graphemes.segment(text)) yield segment;
}

export function columnsOf(text: string): number {
  if (plain.test(text)) return text.length;
  let columns = 0;
  for (const grapheme of graphemesOf(text)) columns += columnsOfGrapheme(grapheme);
  return columns;
}

/** Some terminals join the code points of an emoji, others draw each of them: the wider one counts. */
function columnsOfGrapheme(grapheme: string): number {
  let apart = 0;
  for (const character of grapheme) apart += regionalIndicator.test(character) ? 2 : stringWidth(character);
  return Math.max(apart, stringWidth(grapheme));
}

/** The columns that a terminal gives a text if it knows all emoji. */
export function widthInTerminal(text: string): number {
  return plain.test(text) ? text.length : stringWidth(text);
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
      const one = columnsOf(grapheme);
      if (width + one > columns) begin();
      row += grapheme;
      width += one;
    }
  }
  rows.push(row);
  return rows;
}
