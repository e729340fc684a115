/** The test that `npm run mutants -- directory` runs for each mutant. It sees what users see, and nothing is compiled for it. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/decisions/decisions.test.ts'],
    setupFiles: ['test/support/setup.ts'],
    // On a busy machine a slow run is no fault that was noticed. Stryker itself stops what never ends.
    testTimeout: 60_000,
  },
});
