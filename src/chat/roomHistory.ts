/**
 * What the common room remembers: its last lines with their times, for users who come later.
 *
 * Owns: how many lines and how much text it keeps, and what a kept line looks like. Lines of private chats never get
 * here. Next: `lobby.ts`.
 */
import type { RoomHistoryEntry } from './directory/relay.ts';

/**
 * The whole history, in UTF-16 units. It is shorter than the text at which the senders to a slow reader have to wait.
 */
const maxHistoryUnits = 16_384;

export class RoomHistory {
  readonly #maxLines: number;
  readonly #now: () => number;
  /** Lines as they were read, each with its line feed and its time in ms since 1970. */
  #said: { at: number; line: string }[] = [];
  #length = 0;

  /** Keeps at most `maxLines` lines, 0 for none. `now` returns ms since 1970. */
  constructor(maxLines: number, now: () => number = Date.now) {
    this.#maxLines = maxLines;
    this.#now = now;
  }

  /** The lines with their times, oldest first, as plain data. */
  get lines(): readonly { at: number; line: string }[] {
    return this.#said;
  }

  /** Goes on where another one has stopped. */
  set lines(lines: readonly { at: number; line: string }[]) {
    this.#said = [...lines];
    this.#length = lines.reduce((length, { line }) => length + line.length, 0);
  }

  /** Adds one or more lines, each with its line feed. */
  add(lines: string, at = this.#now()): void {
    if (this.#maxLines === 0) return;
    for (const line of lines.match(/.*\n/g) ?? []) {
      this.#said.push({ at, line });
      this.#length += line.length;
    }
    while (this.#said.length > this.#maxLines || this.#length > maxHistoryUnits)
      this.#length -= this.#said.shift()?.line.length ?? 0;
  }

  /** Remembers this instead, oldest first. */
  restore(said: readonly RoomHistoryEntry[]): void {
    this.#said = [];
    this.#length = 0;
    for (const [at, lines] of said) this.add(lines, at);
  }

  /** All lines, oldest first: `[14:05 UTC+02:00] lior: hi`, with its day if that is not today. */
  get text(): string {
    const today = dayOf(this.#now());
    return this.#said
      .map(({ at, line }) => {
        const day = dayOf(at);
        return `[${day === today ? '' : `${day} `}${timeOf(at)}] ${line}`;
      })
      .join('');
  }
}

/** Returns the day in the time zone of the server. Each time shows the zone, because readers may be in another. */
function dayOf(ms: number): string {
  const date = new Date(ms);
  return `${date.getFullYear()}-${twoDigits(date.getMonth() + 1)}-${twoDigits(date.getDate())}`;
}

function timeOf(ms: number): string {
  const date = new Date(ms);
  return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())} ${offsetOf(date)}`;
}

function offsetOf(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? '-' : '+'}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
