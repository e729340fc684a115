/**
 * The server as a program of its own, compiled by default.
 *
 * Owns: its command line, its two outputs, signals and how it ended. It is killed when the test ends.
 * Next: `transcript.ts`.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { TestRunner } from 'vitest';
import { atEnd } from './atEnd.ts';
import { program as compiledProgram } from './program.ts';
import { Transcript } from './transcript.ts';

interface ServerProcessOptions {
  uid?: number;
  env?: Record<string, string>;
  openFiles?: number;
  program?: readonly string[];
}

const serve = [...compiledProgram, 'serve'];

export class ServerProcess {
  readonly stdout: Transcript;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #closed: Promise<unknown[]>;
  #stderr = '';

  /**
   * `uid` runs it as another user, `env` adds to its environment, `openFiles` is how many files it may have open,
   * `program` comes before its arguments.
   */
  constructor(args: readonly string[], { uid, env, openFiles, program = serve }: ServerProcessOptions = {}) {
    const command = [...program, ...args];
    const [file = '', ...rest] =
      openFiles === undefined ? command : ['sh', '-c', `ulimit -n ${openFiles}; exec "$@"`, 'sh', ...command];
    this.#child = spawn(file, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      ...(uid !== undefined && { uid, gid: uid }),
    });
    this.stdout = new Transcript(this.#child.stdout, 'standard output');
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#closed = once(this.#child, 'close');
    atEnd(() => {
      this.#child.kill('SIGKILL');
    });
  }

  /** Waits for the one line that says where it listens. */
  async listening(): Promise<{ host: string; port: number; tlsPort: number | undefined }> {
    const line = await this.stdout.readThrough('\n');
    const form = /listening on (\S+):(\d+)(?:( with TLS)|, with TLS on \S+:(\d+))?\n$/;
    const [, host = '', port = '', isOnlyTls, tlsPort = isOnlyTls && port] = form.exec(line) ?? [];
    if (port === '') throw new Error(`No address in ${JSON.stringify(line)}`);
    return { host, port: Number(port), tlsPort: tlsPort === undefined ? undefined : Number(tlsPort) };
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Returns what it has logged so far. */
  get log(): string {
    return this.#stderr;
  }

  /** Waits until a line of the log is like this. */
  async logged(line: RegExp): Promise<void> {
    while (!line.test(this.#stderr)) await once(this.#child.stderr, 'data');
  }

  /** Windows has no signals: there the test ends here, as skipped. */
  signal(name: NodeJS.Signals): void {
    if (process.platform === 'win32') TestRunner.getCurrentTest()?.context.skip('Windows has no signals');
    this.#child.kill(name);
  }

  /** Waits for its end. Resolves with how it ended and what it wrote that the test has not read yet. */
  async ended(): Promise<{ exitCode: unknown; signal: unknown; stdout: string; stderr: string }> {
    const [exitCode, signal] = await this.#closed;
    return { exitCode, signal, stdout: this.stdout.takeUnread(), stderr: this.#stderr };
  }
}
