/**
 * A real Redis server for tests: on a free port of this machine, with nothing on disk.
 *
 * Owns: its process, which is killed when the test ends, or the file whose `beforeAll` has started it.
 * Next: `describeNeeding.ts`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { isInstalled } from './describeNeeding.ts';

export const hasRedis = isInstalled('redis-server');

export type TestClient = Awaited<ReturnType<RedisServer['client']>>;

export class RedisServer {
  readonly port: number;
  /** A folder of its own, so that it doesn't begin with the data of another one. */
  readonly #folder: string;
  #child: ChildProcess;

  private constructor(port: number, folder: string, child: ChildProcess) {
    this.port = port;
    this.#folder = folder;
    this.#child = child;
  }

  static async start(): Promise<RedisServer> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'statechat-redis-'));
    return new RedisServer(port, folder, await run(port, folder));
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Kills it, and waits for its end. */
  async kill(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGKILL');
      await once(this.#child, 'exit');
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Starts it again on the same port, empty. */
  async restart(): Promise<void> {
    await this.kill();
    mkdirSync(this.#folder);
    this.#child = await run(this.port, this.#folder);
  }

  /** Resolves with a connection for the test itself, to be closed with `destroy`. */
  async client() {
    const client = createClient({ url: this.url, RESP: 2, socket: { reconnectStrategy: false } });
    client.on('error', () => {});
    await client.connect();
    return client;
  }
}

async function run(port: number, folder: string): Promise<ChildProcess> {
  const settings = { port: String(port), bind: '127.0.0.1', save: '', appendonly: 'no' };
  // A replica doesn't have to wait for others that want a copy, too.
  const replication = { 'repl-diskless-sync-delay': '0' };
  const args = Object.entries({ ...settings, ...replication }).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'ignore'], cwd: folder });
  let output = '';
  for await (const text of child.stdout) {
    output += text;
    if (output.includes('Ready to accept connections')) break;
  }
  if (!output.includes('Ready to accept')) throw new Error(`redis-server did not start: ${output}`);
  return child;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
