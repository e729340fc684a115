/**
 * Keys and pasted text from a terminal.
 *
 * Owns: raw mode, bracketed paste, what is one key and what is one paste, and the stop of Ctrl-Z: the terminal is given
 * back as it was, the whole process group stops, and after `fg` the keys are read again.
 * Knows nothing of what a key does. Node's `emitKeypressEvents` tells the keys apart.
 */
import { emitKeypressEvents } from 'node:readline';
import type { Streams } from './userConsole.ts';

export interface Key {
  /** What it types, if it types anything. */
  text: string;
  /** Its name with its modifiers: `a`, `ctrl-a`, `alt-b`, `left`, `ctrl-left`. */
  name: string;
}

export interface KeyHandler {
  key(key: Key): void;
  /** Text that was pasted: lines end with LF, and there are no other control characters except tabs. */
  paste(text: string): void;
  /** More was pasted than is taken. */
  pasteTooLong(): void;
  /** The terminal is gone. */
  ended(): void;
  /** The terminal is about to be given back to the shell. */
  suspending(): void;
  /** The terminal is ours again. */
  resumed(): void;
}

/** What Node tells about a key. */
interface Keypress {
  sequence?: string;
  name?: string | undefined;
  ctrl?: boolean;
  meta?: boolean;
}

/** In UTF-16 units. A person who pastes more has taken the wrong text. */
const maxPasteLength = 1_000_000;

/** After this the process group has stopped, unless the system doesn't let it. */
const stopDelayMs = 50;

const [bracketedPasteOn, bracketedPasteOff] = ['\x1b[?2004h', '\x1b[?2004l'];
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const control = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

export class KeyReader {
  readonly #streams: Streams;
  readonly #handler: KeyHandler;
  /** The pasted text so far; undefined outside of a paste. */
  #paste: string | undefined;
  #isReading = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(streams: Streams, handler: KeyHandler) {
    this.#streams = streams;
    this.#handler = handler;
  }

  start(): void {
    const { stdin } = this.#streams;
    emitKeypressEvents(stdin);
    stdin.on('keypress', this.#onKeypress).on('end', this.#handler.ended).on('error', this.#handler.ended);
    process.on('SIGCONT', this.#onContinued).on('SIGTSTP', this.#onStopSignal);
    this.#takeTerminal();
  }

  /** Leaves the terminal as it was found. A second call does nothing. */
  stop(): void {
    this.#streams.stdin.off('keypress', this.#onKeypress).off('end', this.#handler.ended);
    process.off('SIGCONT', this.#onContinued).off('SIGTSTP', this.#onStopSignal);
    clearTimeout(this.#timer);
    this.#giveTerminal();
  }

  /** Ctrl-Z: stops everything that the shell started with us, as `npm run` does, or the shell wouldn't come back. */
  suspend(): void {
    this.#stopProcesses(0);
  }

  readonly #onStopSignal = (): void => this.#stopProcesses(process.pid);

  #stopProcesses(target: number): void {
    if (process.platform === 'win32') return;
    this.#handler.suspending();
    this.#giveTerminal();
    process.off('SIGTSTP', this.#onStopSignal);
    process.kill(target, 'SIGTSTP');
    // Where no shell could continue us, the system ignores the signal: then this is what goes on.
    this.#timer = setTimeout(this.#onContinued, stopDelayMs);
  }

  /** The shell may have changed the terminal's mode, also when we were stopped by a signal that nobody can catch. */
  readonly #onContinued = (): void => {
    clearTimeout(this.#timer);
    if (this.#isReading) this.#handler.suspending();
    else process.on('SIGTSTP', this.#onStopSignal);
    this.#streams.stdin.setRawMode?.(false);
    this.#takeTerminal();
  };

  #takeTerminal(): void {
    this.#isReading = true;
    this.#streams.stdin.setRawMode?.(true);
    this.#streams.stdin.resume();
    this.#streams.stdout.write(bracketedPasteOn);
    this.#handler.resumed();
  }

  #giveTerminal(): void {
    if (!this.#isReading) return;
    this.#isReading = false;
    const { stdin, stdout } = this.#streams;
    stdout.write(bracketedPasteOff);
    stdin.setRawMode?.(false);
    stdin.pause();
  }

  readonly #onKeypress = (text: string | undefined, key: Keypress): void => {
    const name = nameOf(key);
    if (name === 'paste-start') this.#paste = '';
    else if (this.#paste === undefined) this.#handler.key({ text: typedBy(text, key), name });
    else if (name === 'paste-end') this.#endPaste(this.#paste);
    else if (name === 'ctrl-c') {
      // A terminal that never says that the paste is over must not shut the person in.
      this.#paste = undefined;
      this.#handler.key({ text: '', name });
    } else if (this.#paste.length <= maxPasteLength) this.#paste += key.sequence ?? text ?? '';
  };

  #endPaste(text: string): void {
    this.#paste = undefined;
    if (text.length > maxPasteLength) this.#handler.pasteTooLong();
    else this.#handler.paste(text.replace(/\r\n?/g, '\n').replace(control, ''));
  }
}

function nameOf({ name = '', ctrl = false, meta = false }: Keypress): string {
  return `${ctrl ? 'ctrl-' : ''}${meta ? 'alt-' : ''}${name}`;
}

function typedBy(text = '', { ctrl = false, meta = false }: Keypress): string {
  return ctrl || meta || text.search(control) !== -1 ? '' : text;
}
