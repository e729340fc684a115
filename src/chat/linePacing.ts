/**
 * When one user's next line may be taken, for the sake of other users: not faster than the rate, and not while a reader
 * has too much to read.
 *
 * Owns: the rate, and the one thing that the next line waits for. Knows nothing of charts or of what the lines say.
 * Next: `../runtime/tokenBucket.ts`.
 */
import type { Limits } from '../config/limits.ts';
import type { Clock } from '../runtime/clock.ts';
import { TokenBucket } from '../runtime/tokenBucket.ts';
import type { SlowReader } from './directory/relay.ts';

export class LinePacing {
  readonly #clock: Clock;
  readonly #goOn: () => void;
  /** Says how many lines may be taken now; undefined if there is no rate. */
  readonly #rate: TokenBucket | undefined;
  /** What the next line waits for: its time, or a reader. */
  #waitsFor: 'time' | SlowReader | undefined;
  #timer: unknown;

  /** Calls `goOn` when a line that had to wait may be tried again. `tokens` lines may come at once; all by default. */
  constructor(
    { clock, rateLimit, rateBurst }: { clock: Clock } & Pick<Limits, 'rateLimit' | 'rateBurst'>,
    goOn: () => void,
    tokens?: number,
  ) {
    this.#clock = clock;
    this.#goOn = goOn;
    this.#rate = rateLimit > 0 ? new TokenBucket(rateLimit, rateBurst, clock, tokens) : undefined;
  }

  /** How many lines may come now; undefined for any number. */
  get tokens(): number | undefined {
    return this.#rate?.tokens;
  }

  /** Returns true, and counts so many lines, if all of them may come now. Otherwise returns false and counts none. */
  takeAtOnce(lines: number): boolean {
    return this.#rate === undefined || this.#rate.take(lines);
  }

  /** Returns true, and counts one line, if it may come now. Otherwise returns false and calls `goOn` later. */
  takeOne(): boolean {
    return this.#rate === undefined || this.#rate.take(1) || this.#waitForTime(this.#rate.waitMs);
  }

  /** Returns false, and calls `goOn` when less waits for the reader. */
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

  /** Does nothing for a reader whom the lines don't wait for any more: the partner of a chat that is over. */
  #waited(what: 'time' | SlowReader): void {
    if (this.#waitsFor !== what) return;
    this.#waitsFor = undefined;
    this.#goOn();
  }
}
