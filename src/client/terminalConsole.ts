/**
 * The console of a person at a terminal.
 *
 * Owns: the last rows of the screen, where the server's prompt and the typed text stand. What comes in is printed above
 * them; they are drawn again below, with the cursor where it was. Editing and history are readline's.
 * Knows nothing of sockets or of the dialogue; what a prompt is, `serverText.ts` knows.
 */
import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import type { Console, ConsoleHandler, Streams } from './console.ts';
import { ServerText } from './serverText.ts';

/** How many rows above the cursor readline begins to draw. Not in its documentation, and it can't be told otherwise. */
type RowCount = { prevRows: number };

export class TerminalConsole implements Console {
  readonly #streams: Streams;
  readonly #text = new ServerText();
  #readline: (Interface & RowCount) | undefined;
  #isStarted = false;

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  start(handler: ConsoleHandler): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const { stdin, stdout } = this.#streams;
    const readline = createInterface({ input: stdin, output: stdout, terminal: true, prompt: '' });
    this.#readline = readline as Interface & RowCount;
    readline
      .on('line', (line) => {
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
    this.#printAbove(this.#text.take(text), this.#streams.stdout);
  }

  note(line: string): void {
    this.#printAbove(`${line}\n`, this.#streams.stderr);
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
    moveCursor(stdout, 0, -this.#readline.getCursorPos().rows);
    cursorTo(stdout, 0);
    clearScreenDown(stdout);
    this.#readline.prevRows = 0;
  }

  #draw(): void {
    if (!this.#readline) return;
    this.#readline.setPrompt(this.#text.prompt);
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
