/**
 * Which tests belong to which command.
 *
 * - `npm test`: every `*.test.ts`. They need Node and nothing else. `npm run check` leaves out the longer ones.
 * - `npm run test:system`: every `*.system.test.ts`. They call other programs, and skip what this machine lacks.
 * - `npm run prove`: every `*.proof.test.ts`. They take long.
 */
import { defineConfig } from 'vitest/config';
import { deadlineMs } from './test/support/deadline.ts';
import { QuietReporter } from './test/support/quietReporter.ts';

const notOurs = '**/node_modules/**';
const notHere = [notOurs, 'test/**/*.{system,proof}.test.ts'];

/** They start the program many times, or play thousands of dialogues. */
const longer = ['test/{cli,client,conform,paths,random}/**/*.test.ts', 'test/charts/diagramFiles.test.ts'];

export default defineConfig({
  test: {
    reporters: [new QuietReporter(), 'minimal'],
    // What a test prints is shown if it fails.
    silent: 'passed-only',
    // More than cores, because many tests wait for other processes.
    maxWorkers: '150%',
    // A test may wait more than once, and its own report must come before the runner gives up.
    testTimeout: 5 * deadlineMs,
    hookTimeout: 5 * deadlineMs,
    expect: { poll: { timeout: deadlineMs, interval: 10 } },
    globalSetup: ['test/support/compileProgram.ts'],
    setupFiles: ['test/support/setup.ts'],
    // What a test replaces is as before in the next one.
    restoreMocks: true,
    unstubEnvs: true,
    // The files of one worker share what they import: to load the server anew for each takes as long as to test it.
    isolate: false,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: [...notHere, ...longer] },
      },
      { extends: true, test: { name: 'longer', include: longer, exclude: notHere } },
      { extends: true, test: { name: 'system', include: ['test/**/*.system.test.ts'], exclude: [notOurs] } },
      {
        extends: true,
        test: { name: 'proof', include: ['test/**/*.proof.test.ts'], exclude: [notOurs], testTimeout: 20 * deadlineMs },
      },
    ],
  },
});
