/**
 * The console of a person at a terminal.
 *
 * Owns: the last rows of the screen, where the server's prompt and the typed text stand. What comes in is printed above
 * them; they are drawn again below, with the cursor where it was. Editing and history are readline's.
 * Knows nothing of sockets or of the dialogue; what a prompt is, `promptSplitter.ts` knows.
 */
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import type { LineStyler } from './lineStyler.ts';
import { PromptSplitter } from './promptSplitter.ts';
import type { ConsoleHandler, DialogueInfo, Streams, UserConsole } from './userConsole.ts';

/** How many rows above the cursor readline begins to draw. Not in its documentation, and it can't be told otherwise. */
type RowCount = { prevRows: number };
/** What readline lets others change, but its types don't tell. */
type Editor = { -readonly [key in 'line' | 'cursor']: Interface[key] } & { history: string[] };

export class TerminalConsole implements UserConsole {
  readonly #streams: Streams;
  readonly #text = new PromptSplitter();
  #readline: (Interface & RowCount) | undefined;
  readonly #styler: LineStyler;
  readonly #dialogue: DialogueInfo;
  #isStarted = false;

  constructor(streams: Streams, styler: LineStyler, dialogue: DialogueInfo) {
    this.#streams = streams;
    this.#styler = styler;
    this.#dialogue = dialogue;
  }

  start(handler: ConsoleHandler): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const { stdin, stdout } = this.#streams;
    const readline = createInterface({
      ...{ input: stdin, output: this.#withoutPasswords(), terminal: true, prompt: '' },
      completer: (typed: string) => [this.#dialogue.completions(typed), typed],
    });
    this.#readline = readline as Interface & RowCount;
    readline
      .on('line', (line) => {
        if (this.#dialogue.asksForPassword) this.#hideEntered();
        else if (this.#dialogue.isTalking) this.#dimEntered(line);
        this.#text.answer();
        readline.setPrompt('');
        handler.input(`${line}\n`);
      })
      .on('SIGINT', () => handler.interrupted())
      .on('SIGCONT', () => this.#onResumed())
      .on('close', () => {
        // Only Ctrl-D gets here: close() below takes the listener off first.
        this.#readline = undefined;
        stdout.write(this.#text.prompt === '' ? '' : '\n');
        this.#text.answer();
        handler.inputEnded();
      });
    // Both run before readline's own listeners, which draw.
    stdin.prependListener('keypress', this.#countRows);
    stdout.prependListener('resize', this.#countRows);
    this.#draw();
  }

  print(text: string): void {
    const { stdout } = this.#streams;
    const standing = this.#text.prompt;
    const lines = this.#text.take(text);
    this.#printAbove(this.#styler.lines(lines, stdout.columns, this.#dialogue.id), stdout);
    if (this.#text.prompt !== standing && this.#styler.ringsFor(this.#text.prompt)) stdout.write('\x07');
  }

  note(line: string): void {
    this.#printAbove(`${this.#styler.note(line, this.#streams.stdout.columns)}\n`, this.#streams.stderr);
  }

  echo(line: string): void {
    const row = `${this.#text.prompt}${line}\n`;
    this.#erase();
    this.#text.answer();
    this.#streams.stdout.write(row);
    this.#draw();
  }

  finishText(): void {
    this.#erase();
    this.#streams.stdout.write(this.#text.finish());
    this.#draw();
  }

  holdInput(): void {
    this.#readline?.pause();
  }

  releaseInput(): void {
    this.#readline?.resume();
  }

  close(): void {
    const readline = this.#readline;
    const lastRow = this.#text.prompt + (readline?.line ?? '');
    this.#erase();
    this.#readline = undefined;
    if (lastRow !== '') this.#streams.stdout.write(`${lastRow}\n`);
    this.#text.answer();
    readline?.removeAllListeners('close').close();
    this.#streams.stdin.off('keypress', this.#countRows);
    this.#streams.stdout.off('resize', this.#countRows);
  }

  /** What readline may write to: nothing while it would be a password. */
  #withoutPasswords(): Streams['stdout'] {
    const { stdout } = this.#streams;
    const write = (...args: Parameters<typeof stdout.write>): boolean =>
      this.#dialogue.asksForPassword || stdout.write(...args);
    return Object.create(stdout, { write: { value: write } });
  }

  /** A password was entered: it is nowhere to be seen, also not with the arrow up. */
  #hideEntered(): void {
    (this.#readline as Editor | undefined)?.history.shift();
    this.#streams.stdout.write('\n');
  }

  /** A line for others was entered, and stands above the cursor as it was typed. */
  #dimEntered(line: string): void {
    const { stdout } = this.#streams;
    if (this.#readline === undefined) return;
    const editor = this.#readline as unknown as Editor;
    Object.assign(editor, { line, cursor: line.length });
    const { rows, cols } = this.#readline.getCursorPos();
    Object.assign(editor, { line: '', cursor: 0 });
    // Whether the terminal has begun a new row behind a full one, terminals don't agree.
    if (cols === 0 || rows + 1 >= stdout.rows) return;
    moveCursor(stdout, 0, -(rows + 1));
    cursorTo(stdout, 0);
    clearScreenDown(stdout);
    stdout.write(`${this.#styler.own(line, stdout.columns)}\n`);
  }

  #printAbove(text: string, stream: NodeJS.WritableStream): void {
    const { stdout } = this.#streams;
    // One write for the terminal, or the prompt would flicker with every line.
    stdout.cork();
    this.#erase();
    if (stream === stdout) stdout.write(text);
    stdout.uncork();
    if (stream !== stdout) stream.write(text);
    this.#draw();
  }

  /** Takes prompt and typed text off the screen; the cursor stands where they began. */
  #erase(): void {
    if (!this.#readline) return;
    const { stdout } = this.#streams;
    if (!this.#dialogue.asksForPassword) moveCursor(stdout, 0, -this.#readline.getCursorPos().rows);
    cursorTo(stdout, 0);
    clearScreenDown(stdout);
    this.#readline.prevRows = 0;
  }

  #draw(): void {
    if (!this.#readline) return;
    this.#readline.setPrompt(this.#text.prompt);
    if (this.#dialogue.asksForPassword) {
      this.#streams.stdout.write(this.#text.prompt);
      return;
    }
    if (this.#text.prompt !== '' || this.#readline.line !== '') this.#readline.prompt(true);
  }

  /**
   * Tells readline in which row the cursor is. It loses count when a pasted text wraps, and when the terminal has a new
   * width and has wrapped everything anew; it would then draw over the rows above, or leave some of its own.
   */
  readonly #countRows = () => {
    if (this.#readline) this.#readline.prevRows = this.#readline.getCursorPos().rows;
  };

  /** Back from Ctrl-Z: the shell has written below our rows, so drawing begins where the cursor is. */
  #onResumed(): void {
    if (!this.#readline) return;
    this.#readline.prevRows = 0;
    this.#readline.prompt(true);
  }
}
