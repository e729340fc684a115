/**
 * When one user's next line may be taken, as far as others are concerned: not faster than the rate, and not while a reader
 * who should not be overrun has too much to read.
 *
 * Owns: the rate, and the one thing that is waited for. Knows nothing of charts or of what the lines say. Next: `../runtime/tokenBucket.ts`.
 */
import type { Limits } from '../config/limits.ts';
import type { Clock } from '../runtime/clock.ts';
import { TokenBucket } from '../runtime/tokenBucket.ts';
import type { SlowReader } from './directory/relay.ts';

export class LinePacing {
  readonly #clock: Clock;
  readonly #goOn: () => void;
  /** How many lines may be taken now; undefined if any number. */
  readonly #rate: TokenBucket | undefined;
  /** What the next line waits for, its time or somebody who reads; then it is looked at again. */
  #waitsFor: 'time' | SlowReader | undefined;
  #timer: unknown;

  /** `goOn` is called when a line that had to wait may be tried again. */
  constructor(
    { clock, rateLimit, rateBurst }: { clock: Clock } & Pick<Limits, 'rateLimit' | 'rateBurst'>,
    goOn: () => void,
  ) {
    this.#clock = clock;
    this.#goOn = goOn;
    this.#rate = rateLimit > 0 ? new TokenBucket(rateLimit, rateBurst, clock) : undefined;
  }

  /** Takes so many lines out of the rate, if they may come now; otherwise takes none and returns false. */
  takeAtOnce(lines: number): boolean {
    return this.#rate === undefined || this.#rate.take(lines);
  }

  /** Takes one line out of the rate; if it has to wait, returns false and calls `goOn` later. */
  takeOne(): boolean {
    return this.#rate === undefined || this.#rate.take(1) || this.#waitForTime(this.#rate.waitMs);
  }

  /** Calls `goOn` when the reader has room again. */
  waitFor(reader: SlowReader): false {
    if (this.#waitsFor !== reader) reader.onceDrained(() => this.#waited(reader));
    this.#waitsFor = reader;
    return false;
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
  }

  #waitForTime(ms: number): false {
    if (this.#waitsFor !== 'time') {
      this.#clock.clearTimeout(this.#timer);
      this.#timer = this.#clock.setTimeout(() => this.#waited('time'), Math.ceil(ms));
    }
    this.#waitsFor = 'time';
    return false;
  }

  /** Nothing happens for somebody whom the lines don't wait for any more: a partner of a chat that is over. */
  #waited(what: 'time' | SlowReader): void {
    if (this.#waitsFor !== what) return;
    this.#waitsFor = undefined;
    this.#goOn();
  }
}
