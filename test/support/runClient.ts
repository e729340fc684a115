/**
 * The bundled client as a child process with pipes.
 *
 * Owns: its command line, its input and what it wrote until it ended.
 */
import { spawn } from 'node:child_process';
import { deadlineMs } from './deadline.ts';
import { program } from './program.ts';

/** The command that starts the client. */
export function clientCommand(...args: (string | number)[]): string[] {
  return [...program, 'connect', ...args.map(String)];
}

export interface ClientRun {
  stdout: string;
  stderr: string;
  exitCode: number | null;
}

/**
 * Runs the client to its end with this as its whole input; `null` keeps the input open and sends nothing. With `until`
 * the client is ended as soon as it has written this text to standard error.
 */
export function runClient(
  args: (string | number)[],
  input: string | null = '',
  { until }: { until?: string } = {},
): Promise<ClientRun> {
  const [command = '', ...rest] = clientCommand(...args);
  const child = spawn(command, rest, { timeout: deadlineMs });
  const result: ClientRun = { stdout: '', stderr: '', exitCode: null };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    result.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    result.stderr += text;
    if (until !== undefined && result.stderr.includes(until)) child.kill();
  });
  child.stdin.on('error', () => {});
  if (input !== null) child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (exitCode) => resolve({ ...result, exitCode }));
  });
}
