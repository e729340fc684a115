/**
 * How often something may happen: so many times at once, and after that so many times a second.
 *
 * Owns: the counting. Knows nothing of what happens, or of what a user does who has to wait.
 */
import type { Clock } from './clock.ts';

/** Time is counted in fractions of ms: this much must not make a token missing. */
const roundingError = 1e-6;

export class TokenBucket {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #clock: Pick<Clock, 'now'>;
  #tokens: number;
  #countedAt: number;

  /** It begins with `tokens`; full by default. */
  constructor(perSecond: number, burst: number, clock: Pick<Clock, 'now'>, tokens = burst) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#clock = clock;
    this.#tokens = Math.min(burst, tokens);
    this.#countedAt = clock.now();
  }

  /** Returns true, and counts it, if it may happen this many times now. */
  take(count: number): boolean {
    if (!this.has(count)) return false;
    this.#tokens -= count;
    return true;
  }

  /** Counts what has happened, also if it was more than may: then that much longer nothing may happen. */
  spend(count: number): void {
    this.#tokens -= count;
  }

  /** True if it may happen this many times now. */
  has(count: number): boolean {
    this.#fill();
    return this.#tokens >= count - roundingError;
  }

  /** How many times it may happen now: whole times only. */
  get left(): number {
    this.#fill();
    return Math.floor(this.#tokens + roundingError);
  }

  /** How many times it may happen now; a fraction, too. */
  get tokens(): number {
    this.has(0);
    return this.#tokens;
  }

  /** How many ms it takes until it may happen once. */
  get waitMs(): number {
    return Math.max(0, (1 - this.#tokens) / this.#perMs);
  }

  #fill(): void {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#countedAt) * this.#perMs);
    this.#countedAt = now;
  }
}
