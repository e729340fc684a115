/** The program `statechat`, run to its end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { deadlineMs } from './deadline.ts';
import { program } from './program.ts';

export interface ProgramRun {
  stdout: string;
  stderr: string;
  exitCode: unknown;
}

interface ProgramOptions {
  /** Adds to its environment. */
  env?: Record<string, string>;
  /** All of its standard input. */
  input?: string;
}

export async function runProgram(
  args: readonly string[],
  { env, input = '' }: ProgramOptions = {},
): Promise<ProgramRun> {
  const [node, file] = program;
  const child = spawn(node, [file, ...args], { env: { ...process.env, ...env }, timeout: deadlineMs });
  const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
  // It may end without reading it.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [exitCode] = await once(child, 'close');
  const [stdout, stderr] = await outputs;
  return { stdout, stderr, exitCode };
}
