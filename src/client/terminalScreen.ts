/**
 * The screen of a person at a terminal.
 *
 * Owns: the order of what is written. Lines that come in are printed above the rows of prompt and typed line, which are
 * erased before and drawn again below. With `--plain`, for screen readers, nothing is written twice: a line that comes in
 * stands below what was typed, and typing goes on below it.
 * Knows nothing of keys or sockets. Next: `inputArea.ts` for these rows, `promptSplitter.ts` for what a prompt is.
 */
import { finishedRows, InputArea, type ScreenSize } from './inputArea.ts';
import type { LineEditor } from './lineEditor.ts';
import type { LineStyler } from './lineStyler.ts';
import { PromptSplitter } from './promptSplitter.ts';
import type { DialogueInfo, Streams } from './userConsole.ts';

/** What a screen is made of. */
export interface ScreenParts {
  streams: Pick<Streams, 'stdout' | 'stderr'>;
  styler: LineStyler;
  dialogue: DialogueInfo;
  line: LineEditor;
  isPlain: boolean;
}

const nothing = { prompt: '', text: '', question: '' };
const noLine = { beforeCursor: '', afterCursor: '' };

export class TerminalScreen {
  readonly #parts: ScreenParts;
  readonly #text = new PromptSplitter();
  readonly #area: InputArea;
  /** Whether there is a line to draw: not before the keys are read, nor after that. */
  #isEditing = false;
  #isDrawingDue = false;
  /** The question that stands instead of the prompt; empty for none. */
  #question = '';
  /** With `--plain`: what stands above a line that came in, and isn't written again. */
  #written = nothing;

  constructor(parts: ScreenParts) {
    this.#parts = parts;
    this.#area = new InputArea(() => this.#size());
  }

  /** Prints the server's text. False if the output doesn't keep up. */
  print(text: string): boolean {
    const { styler, dialogue } = this.#parts;
    const standing = this.#text.prompt;
    const lines = styler.lines(this.#text.take(text), this.#size().columns, dialogue.id);
    const { prompt } = this.#text;
    return this.#printAbove(lines + (prompt === standing ? '' : styler.bellFor(prompt)));
  }

  /** Prints the last line of the server's text, which nothing will complete. */
  finishText(): void {
    const { styler, dialogue } = this.#parts;
    this.#printAbove(styler.lines(this.#text.finish(), this.#size().columns, dialogue.id));
  }

  /** Prints a line of the client's own; dimmed if it only helps. */
  note(line: string, isHint: boolean): void {
    const { stderr } = this.#parts.streams;
    const isShown = 'isTTY' in stderr && stderr.isTTY === true;
    const text = isShown ? this.#parts.styler.note(line, this.#size().columns, { isDimmed: isHint }) : line;
    this.#write(this.#makeRoom());
    stderr.write(`${text}\n`);
    this.draw();
  }

  /** Prints what the typed line could become. */
  list(words: readonly string[]): void {
    this.#printAbove(`${this.#parts.styler.note(words.join('  '), this.#size().columns)}\n`);
  }

  /** Draws the line that is being typed, from now on and as it is now. */
  startEditing(): void {
    this.#isEditing = true;
    this.draw();
  }

  /** Leaves the line where it is: what comes next begins a row. */
  stopEditing(): void {
    this.#isEditing = false;
    this.#write(this.#area.leave());
    this.#forgetPrompt();
  }

  /** The shell takes the screen: the area is drawn again below what it writes. */
  leave(): void {
    this.#write(this.#area.leave());
  }

  clear(): void {
    const erasure = this.#area.erase();
    this.#written = nothing;
    this.#write(this.#parts.isPlain ? erasure : '\x1b[H\x1b[2J');
    this.draw();
  }

  /** Puts a question in place of the prompt and the line; an empty one brings these back. */
  showQuestion(question: string): void {
    this.#question = question;
    this.#written = { ...this.#written, question: '' };
    this.draw();
  }

  /** Leaves a line on the screen that goes to the server: dimmed if it goes to others, without the text of a password. */
  finish(line: string): void {
    const { styler, dialogue } = this.#parts;
    const { prompt } = this.#text;
    const shown = dialogue.asksForPassword ? '' : line;
    const rows = dialogue.isTalking
      ? styler.own(prompt + line, this.#size().columns)
      : finishedRows(prompt, shown, this.#size());
    this.#write(`${this.#area.erase()}${rows}\n`);
    this.#forgetPrompt();
  }

  /** The same for the line that is being typed: with `--plain` it stays as it stands there. */
  finishTyped(): void {
    if (this.#parts.isPlain) {
      this.#write(this.#drawing() + this.#area.leave());
      this.#forgetPrompt();
    } else this.finish(this.#parts.line.text);
  }

  /** Draws prompt and line as they are now. */
  readonly draw = (): void => {
    this.#isDrawingDue = false;
    this.#write(this.#drawing());
  };

  /** Draws once all keys that came together have done their work. */
  drawSoon(): void {
    if (this.#isDrawingDue) return;
    this.#isDrawingDue = true;
    queueMicrotask(() => {
      if (this.#isDrawingDue) this.draw();
    });
  }

  #forgetPrompt(): void {
    this.#text.answer();
    this.#written = nothing;
  }

  /** Takes the area away, or with `--plain` leaves it where it is. What is written next begins a row. */
  #makeRoom(): string {
    if (!this.#parts.isPlain) return this.#area.erase();
    if (this.#question !== '') this.#written = { ...this.#written, question: this.#question };
    else if (this.#area.isShown) {
      this.#written = { prompt: this.#text.prompt, text: this.#parts.line.text, question: '' };
    }
    return this.#area.leave();
  }

  #printAbove(text: string): boolean {
    // One write for the terminal, or the prompt would flicker with every line.
    return this.#write(`${text === '' ? '' : this.#makeRoom()}${text}${this.#drawing()}`);
  }

  #drawing(): string {
    if (!this.#isEditing) return '';
    if (this.#question !== '') {
      return this.#question === this.#written.question ? '' : this.#area.draw(this.#question, noLine);
    }
    const { dialogue, line } = this.#parts;
    const prompt = this.#text.prompt === this.#written.prompt ? '' : this.#text.prompt;
    if (dialogue.asksForPassword) return this.#area.draw(prompt, noLine);
    const { beforeCursor, afterCursor } = line;
    const { text } = this.#written;
    if (afterCursor !== '' || !beforeCursor.startsWith(text)) {
      this.#written = nothing;
      return this.#area.draw(this.#text.prompt, line);
    }
    return this.#area.draw(prompt, { beforeCursor: beforeCursor.slice(text.length), afterCursor });
  }

  #write(text: string): boolean {
    return text === '' || this.#parts.streams.stdout.write(text);
  }

  /** A terminal that doesn't know its size, as on a serial line, is taken for one of the usual size. */
  #size(): ScreenSize {
    const { columns, rows } = this.#parts.streams.stdout;
    return { columns: columns || 80, rows: rows || 24 };
  }
}
