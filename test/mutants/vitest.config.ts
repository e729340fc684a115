/** How `hunt.ts` is run: with the sources that have all faults in them. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { deadlineMs } from '../support/deadline.ts';

const folder = process.env.STATECHAT_MUTANTS_FOLDER as string;
const sources = JSON.parse(readFileSync(`${folder}/sources.json`, 'utf8')) as Record<string, string>;

export default defineConfig({
  plugins: [
    {
      name: 'faults',
      enforce: 'pre',
      transform: (_, id) => sources[relative(process.cwd(), id)],
    },
  ],
  test: {
    include: ['test/mutants/start.ts'],
    setupFiles: ['test/support/setup.ts'],
    runner: 'test/mutants/hunt.ts',
    // The time zone, which tests set, is a process's.
    pool: 'forks',
    isolate: false,
    restoreMocks: true,
    unstubEnvs: true,
    silent: true,
    // What a fault leaves behind may fail later, when nobody looks.
    dangerouslyIgnoreUnhandledErrors: true,
    teardownTimeout: 1000,
    // On a busy machine a slow exploration is no fault that was noticed.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: deadlineMs, interval: 10 } },
  },
});
