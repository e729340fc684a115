/**
 * A set of users who read the same lines: those in the common room, or those in the menu.
 *
 * Owns: how one line reaches many readers. The lines of one turn of the event loop are kept in one list, in the same
 * order for all readers, and are encoded once: all readers of the whole list get the same bytes. The session charts
 * decide which users are in a broadcast, by their entry and exit actions.
 * Why at the end of the turn: decision 9, docs/decisions/0009-lines-to-many-are-sent-at-the-end-of-the-turn.md.
 */
import type { FlushScheduler } from '../transport/flushScheduler.ts';

export interface Reader {
  /** The broadcast that may still hold lines for this reader. It is flushed before anything else is shown to them. */
  broadcast: Broadcast | undefined;
  /** Shows lines. `bytes` are the same lines, encoded, if other readers get them too. Must not throw. */
  deliver(lines: string, bytes?: Buffer): void;
}

export class Broadcast {
  readonly #flushScheduler: FlushScheduler;
  /**
   * For each reader, how many of this turn's lines are done: they were delivered, or were sent before the reader came.
   */
  readonly #readers = new Map<Reader, number>();
  #lines: string[] = [];
  /** The user who sent each line, who doesn't get it back. */
  #speakers: (Reader | undefined)[] = [];

  constructor(flushScheduler: FlushScheduler) {
    this.#flushScheduler = flushScheduler;
  }

  add(reader: Reader): void {
    this.#readers.set(reader, this.#lines.length);
    reader.broadcast = this;
  }

  /**
   * Delivers what was sent before. May be called any number of times. Returns true if the reader was in the broadcast.
   */
  delete(reader: Reader): boolean {
    if (!this.#readers.has(reader)) return false;
    this.flushTo(reader);
    reader.broadcast = undefined;
    return this.#readers.delete(reader);
  }

  get size(): number {
    return this.#readers.size;
  }

  /** Sends a line to all readers except the one that it comes from. */
  send(line: string, from?: Reader): void {
    this.#lines.push(line);
    this.#speakers.push(from);
    if (this.#lines.length === 1) this.#flushScheduler.beforeFlush(this.#flush);
  }

  /** Delivers the lines that a reader has not got yet. */
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
