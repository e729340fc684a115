/** A cable that can be cut: the server is not told, and its system gets no answer any more. See `cable.py`. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { isInstalled } from './describeNeeding.ts';

/** It needs Linux, which lets everybody throw away what comes to their own socket. */
export const hasCable = process.platform === 'linux' && isInstalled('python3');

export class Cable {
  /** Where the near end of it is. */
  readonly port: number;
  readonly #program: ChildProcessWithoutNullStreams;
  readonly #said: AsyncIterableIterator<string>;

  private constructor(port: number, program: ChildProcessWithoutNullStreams, said: AsyncIterableIterator<string>) {
    this.port = port;
    this.#program = program;
    this.#said = said;
  }

  /** Lays one to the server on this port. */
  static async to(port: number): Promise<Cable> {
    const program = spawn('python3', ['-B', 'test/support/cable.py', String(port)]);
    program.stdin.on('error', () => {});
    onTestFinished(async () => {
      if (program.exitCode === null && program.kill('SIGKILL')) await once(program, 'exit');
    });
    const said = createInterface(program.stdout)[Symbol.asyncIterator]();
    const { value } = await said.next();
    return new Cable(Number(value), program, said);
  }

  async cut(): Promise<void> {
    this.#program.stdin.write('cut\n');
    await this.#said.next();
  }
}
