/**
 * How many columns of a terminal a text takes, and where it is broken.
 *
 * Owns: an estimate on the safe side: what terminals disagree about counts as wide. Whoever prints must not let the
 * terminal break rows by itself.
 */

/** Letters of two columns: East Asian ones, and pictures. */
const wide =
  /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Bopomofo}\p{sc=Yi}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}\p{Regional_Indicator}]$/u;

/** Marks that stand on the letter before them, and what can't be seen. */
const none = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += none.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return columns;
}

/**
 * The rows of a line: none wider than `columns`, broken at blanks where that is possible. `indent` stands before all but the
 * first, so that none of them can pass for a line of its own.
 */
export function rowsOf(line: string, columns: number, indent: string): string[] {
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
    for (const character of part) {
      const one = columnsOf(character);
      if (width + one > columns) begin();
      row += character;
      width += one;
    }
  }
  rows.push(row);
  return rows;
}
