/**
 * The machines in `machines/`, and their drawings as `npm run draw` writes them.
 *
 * Owns: which machine each drawing is of. Next: `draw.test.ts`, `otherPrograms.system.test.ts`.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { deadlineMs } from '../support/deadline.ts';
import { worker } from './machines/actions.ts';
import { common } from './machines/common.cjs';
import { deep } from './machines/deep.ts';
import { exam } from './machines/ends.ts';
import { door } from './machines/guards.ts';
import editor from './machines/history.ts';
import { loader } from './machines/invoke.ts';
import { names } from './machines/names.ts';
import { player } from './machines/parallel.ts';
import { first, second } from './machines/plain.js';
import { nothing, oneState, withoutId } from './machines/small.ts';
import { lamp } from './machines/timed.ts';
import { listener } from './machines/wildcards.ts';

/** By the name of the drawing's files. */
export const machines: readonly (readonly [name: string, AnyStateMachine])[] = Object.entries({
  ...{ worker, common, deep, exam, door, editor, loader, player, nothing, oneState, withoutId, lamp, listener },
  ...{ odd_names_very_: names, twin: first, twin_2: second },
});

const root = fileURLToPath(new URL('../../', import.meta.url));
const inFolder = fileURLToPath(new URL('machines/', import.meta.url));

/** Runs the command in a folder. */
export function runDraw(
  args: readonly string[],
  folder: string,
): { stdout: string; stderr: string; exitCode: unknown } {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', join(root, 'tools/diagrams/draw.ts'), ...args],
    { cwd: root, env: { ...process.env, INIT_CWD: folder }, encoding: 'utf8', timeout: 2 * deadlineMs },
  );
  return { stdout, stderr, exitCode: status };
}

/** Draws all machines, once for a file of tests. */
export function drawAll(): { folder: string; names: string[]; textOf(name: string): string } {
  const folder = mkdtempSync(join(tmpdir(), 'statechat-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const files = readdirSync(inFolder).map((name) => join(inFolder, name));
  const { stderr, exitCode } = runDraw([...files, '--out', '.'], folder);
  if (exitCode !== 0) throw new Error(stderr);
  const textOf = (name: string): string => readFileSync(join(folder, name), 'utf8');
  return { folder, names: readdirSync(folder), textOf };
}
