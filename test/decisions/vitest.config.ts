/** The tests that `npm run mutants -- directory` runs for each mutant. They see what users see; nothing is compiled for them. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/decisions/decisions.test.ts', 'test/lobby/peace.test.ts', 'test/lobby/handOver.test.ts'],
    setupFiles: ['test/support/setup.ts'],
    // On a busy machine a slow run is no fault that was noticed. Stryker itself stops what never ends.
    testTimeout: 60_000,
  },
});
