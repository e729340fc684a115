/**
 * What came from one person and has to wait, in order.
 *
 * Owns: the order, and pausing the connection while anything waits: so not much more can come than is here already. Whether the
 * next thing may be taken, and what is done with it, is its owner's business.
 */
import type { Received } from '../transport/connection.ts';
import type { LineRefusal } from '../transport/lineDecoder.ts';

/** One line, one that was refused, or the end of the input. */
export type Input = { line: string } | { refused: LineRefusal } | 'end';

export interface LineQueueOwner {
  /** False if it has to wait; the owner calls `feed` when it might not have to any more. */
  mayTake(input: Input): boolean;
  take(input: Input): void;
}

/** Where it all comes from; it stops and goes on reading. */
interface Source {
  pause(): void;
  resume(): void;
}

export class LineQueue {
  readonly #owner: LineQueueOwner;
  readonly #source: Source;
  /** Oldest first; lines that came together are kept together until their turn comes. */
  #held: Received[] = [];
  #isFeeding = false;
  #isPaused = false;

  constructor(owner: LineQueueOwner, source: Source) {
    this.#owner = owner;
    this.#source = source;
  }

  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  add(input: Received): void {
    this.#held.push(input);
    this.feed();
  }

  /** What waits, oldest first. */
  get held(): readonly Received[] {
    return this.#held;
  }

  /** Lets these wait, before anything else comes; they are taken at the next `feed`. */
  hold(received: readonly Received[]): void {
    this.#held.push(...received);
    this.#throttle();
  }

  /** Throws away what waits. */
  clear(): void {
    this.#held = [];
  }

  /** Gives away what waits, for somebody else to take, and goes on reading. */
  release(): Received[] {
    const held = this.#held;
    this.#held = [];
    this.#throttle();
    return held;
  }

  /** Hands over what may be taken, in order. */
  feed(): void {
    if (this.#isFeeding) return;
    this.#isFeeding = true;
    for (let next = this.#next(); next !== undefined && this.#owner.mayTake(next.input); next = this.#next()) {
      if (next.rest === undefined) this.#held.shift();
      else this.#held[0] = { lines: next.rest };
      this.#owner.take(next.input);
    }
    this.#isFeeding = false;
    this.#throttle();
  }

  /** What comes next, and the lines that came together with it. */
  #next(): { input: Input; rest?: string } | undefined {
    const [first] = this.#held;
    if (first === undefined) return undefined;
    if (first === 'end' || 'refused' in first) return { input: first };
    const end = first.lines.indexOf('\n');
    if (end === -1) return { input: { line: first.lines } };
    return { input: { line: first.lines.slice(0, end) }, rest: first.lines.slice(end + 1) };
  }

  /** Behind the end there is nothing to read. */
  #throttle(): void {
    const isWaiting = this.#held.length > 0 && this.#held.at(-1) !== 'end';
    if (isWaiting === this.#isPaused) return;
    this.#isPaused = isWaiting;
    if (isWaiting) this.#source.pause();
    else this.#source.resume();
  }
}
