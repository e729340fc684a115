/** Waits until something is as expected, with a deadline that a busy machine keeps. */
import { expect } from 'vitest';

export function eventually<T>(look: () => T) {
  return expect.poll(look, { timeout: 10_000, interval: 10 });
}
