/** The tests that `npm run mutants:lobby` runs for each mutant: those of this folder, and nothing is compiled for them. */
import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['test/decisions/*.test.ts'], setupFiles: ['test/support/setup.ts'] } });
