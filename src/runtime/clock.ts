/** Time as timers and rates need it: XState's clock, so that a simulated one drives everything in tests. */
export interface Clock {
  setTimeout(callback: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
  /** In ms from some moment in the past; never goes back, whatever happens to the system's date. */
  now(): number;
}

export const systemClock: Clock = {
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  now: () => performance.now(),
};
