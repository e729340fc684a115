/**
 * A set of people who read the same lines: those in the common room, and those in the menu.
 *
 * Owns: the way a line takes to many. All lines of a turn of the event loop are kept in one list, in one order for
 * everybody, and encoded once: whoever gets the whole list gets the same bytes. The charts decide who is in a broadcast, by
 * their entry and exit actions.
 * Why at the end of the turn: decision 9, docs/decisions/0009-lines-to-many-are-sent-at-the-end-of-the-turn.md.
 */
import type { FlushScheduler } from '../transport/flushScheduler.ts';

export interface Reader {
  /** Whom to ask for lines that were told but not handed over yet, before anything else is shown. */
  broadcast: Broadcast | undefined;
  /** Shows lines; `bytes` are the same lines encoded, if others get them too. Must not throw. */
  deliver(lines: string, bytes?: Buffer): void;
}

export class Broadcast {
  readonly #flushScheduler: FlushScheduler;
  /** How many of this turn's lines each reader has got, or is not to get since they came later. */
  readonly #readers = new Map<Reader, number>();
  #lines: string[] = [];
  /** Whom each line comes from: they don't get it back. */
  #speakers: (Reader | undefined)[] = [];

  constructor(flushScheduler: FlushScheduler) {
    this.#flushScheduler = flushScheduler;
  }

  add(reader: Reader): void {
    this.#readers.set(reader, this.#lines.length);
    reader.broadcast = this;
  }

  /** What was told before is still handed over. May be called any number of times; answers whether the reader was in it. */
  delete(reader: Reader): boolean {
    if (!this.#readers.has(reader)) return false;
    this.flushTo(reader);
    reader.broadcast = undefined;
    return this.#readers.delete(reader);
  }

  get size(): number {
    return this.#readers.size;
  }

  /** Everybody reads the line but the one it comes from. */
  send(line: string, from?: Reader): void {
    this.#lines.push(line);
    this.#speakers.push(from);
    if (this.#lines.length === 1) this.#flushScheduler.beforeFlush(this.#flush);
  }

  /** Hands over what a reader has not got yet. */
  flushTo(reader: Reader): void {
    const next = this.#readers.get(reader) ?? 0;
    if (next === this.#lines.length) return;
    this.#readers.set(reader, this.#lines.length);
    let lines = '';
    for (let line = next; line < this.#lines.length; line++) {
      if (this.#speakers[line] !== reader) lines += this.#lines[line];
    }
    if (lines !== '') reader.deliver(lines);
  }

  readonly #flush = (): void => {
    const lines = this.#lines.join('');
    let bytes: Buffer | undefined;
    for (const [reader, next] of this.#readers) {
      if (next > 0 || this.#speakers.includes(reader)) this.flushTo(reader);
      else {
        bytes ??= Buffer.from(lines);
        reader.deliver(lines, bytes);
      }
    }
    this.#lines = [];
    this.#speakers = [];
    for (const [reader, next] of this.#readers) if (next > 0) this.#readers.set(reader, 0);
  };
}
