/**
 * The server that `--run` starts, in whatever language it is written.
 *
 * Owns: its process and everything that it starts itself, its port, and the last lines of its standard error.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError } from '../runtime/operatorError.ts';

/** How long it may take until it listens, and how long it may take to end, in ms. */
const [maxStartMs, maxEndMs] = [15_000, 1000];
const maxStderrChars = 4000;

export class ServerProcess {
  readonly port: number;
  readonly #command: string;
  #child: ChildProcess | undefined;
  #stderr = '';
  #starts = 0;

  private constructor(command: string, port: number) {
    this.#command = command.replaceAll('{port}', String(port));
    this.port = port;
  }

  /** Throws a `SetupError` if it ends, or doesn't listen in time. */
  static async start(command: string): Promise<ServerProcess> {
    if (!command.includes('{port}'))
      throw new SetupError('--run needs {port} in its command, where the port has to stand.');
    const server = new ServerProcess(command, await freePort());
    if (await server.#start()) return server;
    await server.stop();
    throw new SetupError(
      `"${server.#command}" listens on no port ${server.port}.${server.stderr && `\n${server.stderr}`}`,
    );
  }

  /** True if it had ended and listens again. */
  async revive(): Promise<boolean> {
    await this.stop();
    return this.#start();
  }

  /** How often it had to be started again. */
  get restarts(): number {
    return this.#starts - 1;
  }

  /** The last lines of what it has written to standard error. */
  get stderr(): string {
    return this.#stderr.trimEnd();
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined) return;
    this.#child = undefined;
    signal(child.pid, 'SIGTERM');
    if (child.exitCode === null && child.signalCode === null)
      await Promise.race([once(child, 'exit'), sleep(maxEndMs)]);
    signal(child.pid, 'SIGKILL');
  }

  async #start(): Promise<boolean> {
    this.#starts++;
    const child = spawn(this.#command, { shell: true, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child = child;
    child.stderr.on('data', (bytes: Buffer) => {
      this.#stderr = (this.#stderr + bytes.toString()).slice(-maxStderrChars);
    });
    let hasEnded = false;
    child.on('exit', () => {
      hasEnded = true;
    });
    const deadline = performance.now() + maxStartMs;
    while (!hasEnded && performance.now() < deadline) {
      if (await listens(this.port)) return true;
      await sleep(50);
    }
    return false;
  }
}

/** To everything that it has started too. */
function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-pid, name);
  } catch {
    // It has ended already.
  }
}

async function listens(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.end();
    socket.resume();
    socket.on('error', () => {});
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
