/** A clock that stands still until it is moved, and knows which timer is next. */
import type { Clock } from '../../../src/runtime/clock.ts';

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

export class VirtualClock implements Clock {
  #nowMs = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#nowMs;
  }

  setTimeout(callback: () => void, delayMs: number): Timer {
    const timer = { atMs: this.#nowMs + delayMs, callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as Timer);
  }

  /** When the next timer ends; Infinity if there is none. */
  get nextMs(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { atMs } of this.#timers) next = Math.min(next, atMs);
    return next;
  }

  /** Goes on to this time. Only the timers that end at it are called, in the order in which they were set. */
  moveTo(ms: number): void {
    this.#nowMs = ms;
    for (const timer of [...this.#timers]) {
      if (timer.atMs > ms || !this.#timers.delete(timer)) continue;
      timer.callback();
    }
  }
}
