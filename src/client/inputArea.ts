/**
 * The last rows of the screen, where the server's prompt and the typed line stand.
 *
 * Owns: which rows these are, where the cursor is in them, and the terminal codes that draw and erase them. The rows are
 * broken here and not by the terminal: so their number is known, also where terminals disagree about widths.
 * Knows nothing of keys, of the server's lines or of streams: it returns what has to be written.
 */
import type { LineEditor } from './lineEditor.ts';
import { columnsOf, graphemesOf, rowsOf, unbroken, widthInTerminal } from './width.ts';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** What stands in the area: the prompt, and the typed text on both sides of the cursor. */
interface Content {
  prompt: string;
  before: string;
  after: string;
}

interface Layout {
  rows: string[];
  cursorRow: number;
  /** What stands before the cursor in its row. */
  beforeCursor: string;
}

const empty: Content = { prompt: '', before: '', after: '' };

export class InputArea {
  readonly #size: () => ScreenSize;
  /** What is on the screen; undefined if nothing is. */
  #shown: (Layout & Content) | undefined;

  constructor(size: () => ScreenSize) {
    this.#size = size;
  }

  /** True if something stands on the screen that a line must not be written behind. */
  get isShown(): boolean {
    return this.#shown !== undefined;
  }

  /** Draws prompt and line where the cursor is, or only what has changed. */
  draw(prompt: string, line: Pick<LineEditor, 'beforeCursor' | 'afterCursor'>): string {
    const content = { prompt, before: displayed(line.beforeCursor), after: displayed(line.afterCursor) };
    const change = this.#changeAtEnd(content);
    if (change !== undefined) return change;
    const erasure = this.erase();
    if (prompt === '' && content.before === '' && content.after === '') return erasure;
    const layout = layOut(content, this.#size());
    this.#shown = { ...layout, ...content };
    const up = layout.rows.length - 1 - layout.cursorRow;
    // Written again up to the cursor, which then stands right also where we are wrong about a width.
    const back = content.after === '' ? '' : `${up > 0 ? `\x1b[${up}A` : ''}\r${layout.beforeCursor}`;
    return `${erasure}${unbroken(layout.rows.join('\r\n') + back)}`;
  }

  /** Takes the area off the screen. The cursor stands where the area began. */
  erase(): string {
    const rowsAbove = this.#rowsAboveCursor();
    if (this.#shown === undefined) return '';
    this.#shown = undefined;
    return `${rowsAbove > 0 ? `\x1b[${rowsAbove}A` : ''}\r\x1b[J`;
  }

  /** Leaves the area on the screen as it is and goes to the row below it. */
  leave(): string {
    if (this.#shown === undefined) return '';
    const rowsBelow = this.#shown.rows.length - 1 - this.#shown.cursorRow;
    this.#shown = undefined;
    return `${rowsBelow > 0 ? `\x1b[${rowsBelow}B` : ''}\r\n`;
  }

  /** What to write where the person only typed or removed something at the end of the line; undefined for all else. */
  #changeAtEnd(content: Content): string | undefined {
    const shown = this.#shown;
    if (shown === undefined || shown.prompt !== content.prompt || shown.after + content.after !== '') return undefined;
    const layout = layOut(content, this.#size());
    const [rowBefore, row] = [shown.beforeCursor, layout.beforeCursor];
    if (layout.rows.length !== shown.rows.length) return undefined;
    const isLonger = content.before.startsWith(shown.before) && row.startsWith(rowBefore);
    const isShorter = shown.before.startsWith(content.before) && rowBefore.startsWith(row);
    if (!isLonger && !isShorter) return undefined;
    const removed = isLonger ? '' : rowBefore.slice(row.length);
    if (widthInTerminal(removed) !== columnsOf(removed)) return undefined;
    this.#shown = { ...layout, ...content };
    if (isLonger) return row.slice(rowBefore.length);
    return `${'\b'.repeat(widthInTerminal(removed))}\x1b[K`;
  }

  /** Also right when the terminal has a new width and has broken the rows that are too long for it. */
  #rowsAboveCursor(): number {
    if (this.#shown === undefined) return 0;
    const { rows, cursorRow, beforeCursor } = this.#shown;
    const { columns } = this.#size();
    const above = rows.slice(0, cursorRow).map((row) => Math.max(1, Math.ceil(widthInTerminal(row) / columns)));
    const within = Math.max(0, Math.ceil(widthInTerminal(beforeCursor) / columns) - 1);
    return above.reduce((sum, each) => sum + each, within);
  }
}

/** The rows of a prompt and a whole line, to stay on the screen. */
export function finishedRows(prompt: string, line: string, size: ScreenSize): string {
  const { rows } = layOut({ ...empty, prompt, before: displayed(line) }, { ...size, rows: Number.POSITIVE_INFINITY });
  return unbroken(rows.join('\r\n').replace(/\r\n$/, ''));
}

/** A tab would take a width that depends on where it stands. */
function displayed(text: string): string {
  return text.replaceAll('\t', ' ');
}

function layOut({ prompt, before, after }: Content, size: ScreenSize): Layout {
  const rows = rowsOf(prompt, size.columns);
  let row = rows.pop() ?? '';
  let width = columnsOf(row);
  const add = (text: string): void => {
    for (const grapheme of graphemesOf(text)) {
      const columns = widthInTerminal(grapheme);
      if (width + columns > size.columns) begin();
      row += grapheme;
      width += columns;
    }
    // The cursor needs a place behind a full row.
    if (width >= size.columns) begin();
  };
  const begin = (): void => {
    rows.push(row);
    row = '';
    width = 0;
  };
  add(before);
  const [cursorRow, beforeCursor] = [rows.length, row];
  add(after);
  rows.push(row);
  // A text that is higher than the screen is shown around the cursor.
  const start = Math.max(0, Math.min(cursorRow - size.rows + 1, rows.length - size.rows));
  return { rows: rows.slice(start, start + size.rows), cursorRow: cursorRow - start, beforeCursor };
}
