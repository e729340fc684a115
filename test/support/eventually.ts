/** Waits until something is as expected. */
import { expect } from 'vitest';

export function eventually<T>(look: () => T) {
  return expect.poll(look);
}
