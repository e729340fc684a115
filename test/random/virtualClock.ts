/** XState's simulated clock, which also knows how many timers run. */
import { SimulatedClock } from 'xstate';

export class VirtualClock extends SimulatedClock {
  readonly #running = new Set<number>();

  override setTimeout(callback: () => void, delayMs: number): number {
    const timer = super.setTimeout(() => {
      this.#running.delete(timer);
      callback();
    }, delayMs);
    this.#running.add(timer);
    return timer;
  }

  override clearTimeout(timer: unknown): void {
    this.#running.delete(timer as number);
    super.clearTimeout(timer as number);
  }

  get running(): number {
    return this.#running.size;
  }

  /** Lets so much time pass; all timers that are due run. */
  pass(ms: number): void {
    this.increment(ms);
    // Timers that were set to 0 ms by timers.
    this.increment(0);
  }
}
