/**
 * What has to be ended: when the test ends, or before, when a part of it does.
 *
 * Owns: the parts of a test that start servers and end them before the next part begins.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { onTestFinished } from 'vitest';

type End = () => unknown;

const parts = new AsyncLocalStorage<End[]>();

/** Calls this when the part is over in which it is said, or else the test. */
export function atEnd(end: End): void {
  const ends = parts.getStore();
  if (ends !== undefined) ends.push(end);
  else
    onTestFinished(async () => {
      await end();
    });
}

/** Runs a part of a test. What was started there is ended before this resolves, the latest first. */
export async function asPart<T>(run: () => Promise<T>): Promise<T> {
  const ends: End[] = [];
  try {
    return await parts.run(ends, run);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
