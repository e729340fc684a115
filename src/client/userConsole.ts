/**
 * Where the person, or the script, is.
 *
 * Owns: the meeting point of the two ways to talk to them, `terminalConsole.ts` for a person at a terminal and
 * `pipeConsole.ts` for everything else, and the choice between them. Knows nothing of sockets or of the chart.
 */
import type { Readable } from 'node:stream';
import type { WriteStream } from 'node:tty';

export interface Streams {
  stdin: Readable & { isTTY?: boolean; setRawMode?(isRaw: boolean): unknown };
  stdout: WriteStream;
  stderr: NodeJS.WritableStream;
}

export interface ConsoleHandler {
  /** Takes a line that is for the client itself. False if it is for the server. */
  command(line: string): boolean;
  /** Typed or piped input, to be sent as it is: whole lines, except the very last one. */
  input(data: string | Uint8Array): void;
  inputEnded(): void;
  interrupted(): void;
  /** Several lines were pasted at once. They are sent only if the chart says so. */
  pasted(lines: string[]): void;
  pasteTooLong(): void;
  /** How the person answered the question of `ask`. */
  confirmed(): void;
  declined(): void;
  /** The output takes text again, after `print` returned false. */
  outputDrained(): void;
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
  /** Shows the server's text; its last line may be unfinished, a prompt. False if the output doesn't keep up. */
  print(text: string): boolean;
  /** Shows one line of the client's own; a hint only helps, and may be less visible. */
  note(line: string, options?: { isHint?: boolean }): void;
  /** Shows a line as if it had been typed. */
  echo(line: string): void;
  /** Asks a question in place of the prompt. The next key answers it. */
  ask(question: string): void;
  /** Takes the question away, answered or not. */
  endQuestion(): void;
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
