/** Tests that need something this machine may not have: without it they are skipped, and their number is said aloud. */
import { describe, TestRunner } from 'vitest';

export function describeNeeding(what: string, isThere: boolean, title: string, define: () => void): void {
  describe.skipIf(!isThere)(title, () => {
    define();
    if (isThere) return;
    console.warn(`SKIPPED: ${TestRunner.getCurrentSuite().tasks.length} tests of "${title}", for want of ${what}.`);
  });
}
