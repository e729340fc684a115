/**
 * Which tests belong to which command.
 *
 * - `npm test`: every `*.test.ts`. They need Node and nothing else. `npm run check` leaves out the longer ones.
 * - `npm run test:system`: every `*.system.test.ts`. They call other programs, and skip what this machine lacks. One of them
 *   runs alone, after the others.
 * - `npm run prove`: every `*.proof.test.ts`. They take long.
 */
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { deadlineMs } from './test/support/deadline.ts';
import { QuietReporter } from './test/support/quietReporter.ts';

const notOurs = '**/node_modules/**';
const notHere = [notOurs, 'test/**/*.{system,proof}.test.ts'];

/** They start the program many times, or play thousands of dialogues. */
const longer = ['test/{cli,client,conform,draw,paths,random,restart}/**/*.test.ts', 'test/charts/diagramFiles.test.ts'];

/** They start the program, which is compiled for them first. */
const withProgram = { globalSetup: ['test/support/compileProgram.ts'] };
/** A server that does not hear the others for 400 ms lets its users go, and so it should: nothing else is to keep them waiting. */
const alone = 'test/cluster/places.system.test.ts';
/** They compute for minutes. */
const explorations = 'test/{cluster,paths,random,system}/**/*.proof.test.ts';
const proof = { testTimeout: 20 * deadlineMs };

export default defineConfig({
  test: {
    reporters: [new QuietReporter(), 'minimal'],
    // What a test prints is shown if it fails.
    silent: 'passed-only',
    // With more than cores, those who wait for a terminal wait in vain now and then.
    maxWorkers: '100%',
    // A test may wait more than once, and its own report must come before the runner gives up.
    testTimeout: 5 * deadlineMs,
    hookTimeout: 5 * deadlineMs,
    expect: { poll: { timeout: deadlineMs, interval: 10 } },
    setupFiles: ['test/support/setup.ts'],
    // What a test replaces is as before in the next one.
    restoreMocks: true,
    unstubEnvs: true,
    // The files of one worker share what they import: to load the server anew for each takes as long as to test it.
    isolate: false,
    projects: [
      project('unit', { ...withProgram, include: ['test/**/*.test.ts'], exclude: [...notHere, ...longer] }),
      project('longer', { ...withProgram, include: longer, exclude: notHere }),
      project('system', { ...withProgram, include: ['test/**/*.system.test.ts'], exclude: [notOurs, alone] }),
      project('alone', { ...withProgram, include: [alone] }),
      project('proof', {
        ...{ ...withProgram, ...proof },
        ...{ include: ['test/**/*.proof.test.ts'], exclude: [notOurs, explorations] },
      }),
      project('exploration', {
        ...{ ...proof, include: [explorations] },
        // Node's own imports: through Vite's every use of an imported name is a look-up, and an exploration takes half as
        // long again.
        ...{ experimental: { viteModuleRunner: false, nodeLoader: false }, execArgv: ['--import', 'tsx'] },
      }),
    ],
  },
});

type Config = NonNullable<TestProjectInlineConfiguration['test']>;

/** What all have in common, and this. */
function project(name: string, test: Config): TestProjectInlineConfiguration {
  return { extends: true, test: { name, ...test } };
}
