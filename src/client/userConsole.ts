/**
 * Where the person, or the script, is.
 *
 * Owns: the meeting point of the two ways to talk to them, `terminalConsole.ts` for a person at a terminal and
 * `pipeConsole.ts` for everything else, and the choice between them. Knows nothing of sockets or of the chart.
 */
import type { Readable } from 'node:stream';
import type { WriteStream } from 'node:tty';

export interface Streams {
  stdin: Readable & { isTTY?: boolean };
  stdout: WriteStream;
  stderr: NodeJS.WritableStream;
}

export interface ConsoleHandler {
  /** Typed or piped input, to be sent as it is: whole lines but for the very last one. */
  input(data: string | Uint8Array): void;
  inputEnded(): void;
  interrupted(): void;
}

/** What is known of the dialogue, for those who draw it. */
export interface DialogueInfo {
  /** The person's own id; empty if it isn't known. */
  readonly id: string;
  /** What is typed now must not be seen. */
  readonly asksForPassword: boolean;
  /** Lines go to other people now. */
  readonly isTalking: boolean;
  completions(beginning: string): string[];
}

export interface UserConsole {
  /** Begins to read input. A second call does nothing. */
  start(handler: ConsoleHandler): void;
  /** Shows the server's text; its last line may be unfinished, a prompt. */
  print(text: string): void;
  /** Shows one line of the client's own. */
  note(line: string): void;
  /** Shows a line as if it had been typed. */
  echo(line: string): void;
  /** No text will complete the prompt that stands: the connection is over. */
  finishText(): void;
  holdInput(): void;
  releaseInput(): void;
  /** Leaves the terminal as it was found. */
  close(): void;
}

/** True if screen and keyboard are a terminal that can move its cursor. */
export function isFullTerminal({ stdin, stdout }: Streams): boolean {
  return stdin.isTTY === true && stdout.isTTY && process.env.TERM !== 'dumb';
}
