/** The program `statechat` from its source, run to its end. */
import { execFile } from 'node:child_process';
import { deadlineMs } from './deadline.ts';

export interface ProgramRun {
  stdout: string;
  stderr: string;
  exitCode: unknown;
}

/** `env` adds to its environment. */
export function runProgram(args: readonly string[], env: Record<string, string> = {}): Promise<ProgramRun> {
  const command = ['--import', 'tsx', 'src/cli/main.ts', ...args];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      command,
      { env: { ...process.env, ...env }, timeout: deadlineMs },
      (error, stdout, stderr) => {
        resolve({ stdout, stderr, exitCode: error === null ? 0 : error.code });
      },
    );
  });
}
