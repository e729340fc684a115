/**
 * A server that an operator upgrades, as a process of its own.
 *
 * Owns: its admin socket, and that each successor ends with the test.
 */
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ask } from '../../src/operator/adminClient.ts';
import type { Answer, Request } from '../../src/operator/requests.ts';
import { eventually } from '../support/eventually.ts';
import { runProgram } from '../support/runProgram.ts';
import { ServerProcess } from '../support/serverProcess.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';

export class Upgradable {
  readonly server: ServerProcess;
  readonly #socket = join(temporaryFolder(), 'admin.sock');

  /** `program` comes before the arguments. */
  constructor(args: readonly string[] = [], program?: readonly string[]) {
    const own = ['--port', '0', '--admin-socket', this.#socket];
    this.server = new ServerProcess([...own, ...args], program && { program });
    onTestFinished(() => {
      for (const pid of this.pids) if (pid !== this.server.pid) end(pid);
    });
  }

  /** Resolves with what the operator reads when the new process has taken over, or couldn't. */
  async upgrade(): Promise<{ exitCode: unknown; said: string }> {
    const { exitCode, stdout, stderr } = await runProgram(['admin', '--socket', this.#socket, 'upgrade']);
    return { exitCode, said: stdout + stderr };
  }

  /** The same without a program of its own, and the answer as it is. */
  order(request: Request = { do: 'upgrade' }): Promise<Answer> {
    return ask(this.#socket, request);
  }

  /** How many sockets the latest process has, when the one before has ended; 0 where the system does not say. */
  async openSockets(): Promise<number> {
    const [pid, before] = this.pids.toReversed();
    await eventually(() => isRunning(before)).toBe(false);
    const folder = `/proc/${pid}/fd`;
    if (!existsSync(folder)) return 0;
    const files = readdirSync(folder).map((file) => readlinkSync(join(folder, file)));
    return files.filter((file) => file.startsWith('socket:')).length;
  }

  /** Resolves with the processes that have listened, as soon as so many have said so in the log. */
  async listened(count: number): Promise<number[]> {
    await eventually(() => this.pids.length).toBe(count);
    return this.pids;
  }

  /** The processes that have listened so far, the latest last. */
  get pids(): number[] {
    return [...this.server.log.matchAll(/"pid":(\d+).*"msg":"listening"/g)].map(([, pid]) => Number(pid));
  }
}

/** False if the process has ended. */
export function isRunning(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
