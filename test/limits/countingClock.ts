/** A virtual clock that knows how many of its timers are still to come. */
import { SimulatedClock } from 'xstate';

export class CountingClock extends SimulatedClock {
  readonly #pending = new Set<number>();

  get pending(): number {
    return this.#pending.size;
  }

  override setTimeout(callback: (...args: unknown[]) => void, delayMs: number): number {
    const timer = super.setTimeout(() => {
      this.#pending.delete(timer);
      callback();
    }, delayMs);
    this.#pending.add(timer);
    return timer;
  }

  override clearTimeout(timer: number): void {
    this.#pending.delete(timer);
    super.clearTimeout(timer);
  }
}
