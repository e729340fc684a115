/**
 * How much waits for one slow reader, and what of it the server's sum has to count.
 *
 * Owns: the counting. Bytes that others may wait for too are held: the sum counts each of them once, however many wait.
 * Knows nothing of who waits, or of when it is too much. Next: `sendBudget.ts`.
 */
import type { SendBudget } from './sendBudget.ts';

export class WaitingBytes {
  readonly #total: SendBudget;
  #bytes = 0;
  /** First those in the sink, then those that were gathered. */
  #held: Buffer[] = [];
  #heldInSink = 0;
  #heldBytes = 0;
  /** What only this reader waits for. */
  #ownBytes = 0;

  constructor(total: SendBudget) {
    this.#total = total;
  }

  /** All that waits, those in the sink included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** It is so much now. */
  count(bytes: number): void {
    this.#bytes = bytes;
    const ownBytes = Math.max(0, bytes - this.#heldBytes);
    const more = ownBytes - this.#ownBytes;
    this.#ownBytes = ownBytes;
    this.#total.changed(more);
  }

  /** These bytes are kept for other readers too. */
  hold(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    this.#total.hold(bytes);
  }

  /** The sink has been given these, and keeps so many bytes in all. */
  given(pieces: readonly (string | Buffer)[], bytes: number): void {
    for (const piece of pieces) if (typeof piece !== 'string') this.hold(piece);
    this.#heldInSink = this.#held.length;
    this.count(bytes);
  }

  /** Only the sink keeps anything: so many bytes. */
  thrownAway(bytes: number): void {
    this.#release(this.#heldInSink);
    this.count(bytes);
  }

  /** Nothing waits any more. */
  clear(): void {
    this.#heldInSink = 0;
    this.#release(0);
    this.count(0);
  }

  #release(first: number): void {
    for (const bytes of this.#held.splice(first)) {
      this.#heldBytes -= bytes.length;
      this.#total.release(bytes);
    }
  }
}
