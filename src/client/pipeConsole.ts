/**
 * The console of scripts and pipes.
 *
 * Owns: bytes in from stdin, the server's text out to stdout, byte for byte as netcat would show it.
 * Knows nothing of cursors; a person at a full terminal has `terminalConsole.ts`.
 */
import type { ConsoleHandler, Streams, UserConsole } from './userConsole.ts';

const lineFeed = 0x0a;

/** The beginning of a line waits for its end up to this many bytes, longer lines go on their way in parts. */
const maxHeldBytes = 65_536;

export class PipeConsole implements UserConsole {
  readonly #streams: Streams;
  /** The beginning of a line whose LF has not come. A server may take a part that arrives alone for a line. */
  #held: Buffer = Buffer.alloc(0);
  #isStarted = false;
  #isMidRow = false;
  #stop = () => {};

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  start(handler: ConsoleHandler): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const { stdin } = this.#streams;
    const onData = (bytes: Buffer) => this.#take(bytes, handler);
    const onEnd = () => {
      if (this.#held.length > 0) handler.input(this.#held);
      handler.inputEnded();
    };
    const onDrain = () => handler.outputDrained();
    stdin.on('data', onData).on('end', onEnd).on('error', onEnd);
    this.#streams.stdout.on('drain', onDrain);
    this.#stop = () => {
      stdin.off('data', onData).off('end', onEnd);
      this.#streams.stdout.off('drain', onDrain);
    };
  }

  print(text: string): boolean {
    this.#isMidRow = !text.endsWith('\n');
    return this.#streams.stdout.write(text);
  }

  note(line: string): void {
    this.finishText();
    this.#streams.stderr.write(`${line}\n`);
  }

  /** Input isn't shown in a pipe. */
  echo(): void {}

  /** A question is only asked about pasted text, which this console doesn't tell from typed text. */
  ask(): void {}

  endQuestion(): void {}

  finishText(): void {
    // In a file the server's bytes stay as they are; on a screen the next line starts on a row of its own.
    if (this.#isMidRow && this.#streams.stdout.isTTY) this.#streams.stdout.write('\n');
    this.#isMidRow = false;
  }

  holdInput(): void {
    this.#streams.stdin.pause();
  }

  releaseInput(): void {
    this.#streams.stdin.resume();
  }

  close(): void {
    this.#stop();
    this.#streams.stdin.pause();
    this.finishText();
  }

  #take(bytes: Buffer, handler: ConsoleHandler): void {
    const data = Buffer.concat([this.#held, bytes]);
    const end = data.length > maxHeldBytes ? data.length : data.lastIndexOf(lineFeed) + 1;
    this.#held = data.subarray(end);
    if (end === 0) return;
    const whole = data.subarray(0, end);
    // Commands are a person's, who sends one line at a time, also from a terminal that can't move its cursor.
    if (!handler.command(whole.toString())) handler.input(whole);
  }
}
