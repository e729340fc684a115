/**
 * A clock that can stand still.
 *
 * Owns: what would have happened meanwhile, which happens when it goes on. Only timers stand still: `now` goes on.
 */
import type { Clock } from './clock.ts';

export class PausableClock implements Clock {
  readonly #clock: Clock;
  /** What would have happened since it was paused, in order; undefined while it goes. */
  #due: Set<Timer> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    const timer = new Timer(callback);
    timer.inner = this.#clock.setTimeout(() => {
      if (this.#due === undefined) callback();
      else this.#due.add(timer);
    }, delayMs);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    if (timer === undefined) return;
    this.#due?.delete(timer as Timer);
    this.#clock.clearTimeout((timer as Timer).inner);
  }

  now(): number {
    return this.#clock.now();
  }

  pause(): void {
    this.#due ??= new Set();
  }

  resume(): void {
    const due = this.#due ?? [];
    this.#due = undefined;
    for (const { callback } of due) callback();
  }
}

class Timer {
  readonly callback: () => void;
  inner: unknown;

  constructor(callback: () => void) {
    this.callback = callback;
  }

  unref(): void {
    (this.inner as { unref?(): void }).unref?.();
  }
}
