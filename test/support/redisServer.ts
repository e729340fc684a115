/**
 * A real Redis server for tests: on a free port of this machine, with nothing on disk.
 *
 * Owns: its process, which is killed when the test ends, or the file whose `beforeAll` has started it.
 * Next: `describeNeeding.ts`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@redis/client';
import { isInstalled } from './describeNeeding.ts';

/** Another server of the same commands can be tried, as Valkey's. */
const program = process.env.STATECHAT_REDIS_SERVER ?? 'redis-server';

export const hasRedis = isInstalled(program);

/** Settings of redis.conf. */
type Settings = Readonly<Record<string, string>>;

export type TestClient = Awaited<ReturnType<RedisServer['client']>>;

export class RedisServer {
  readonly port: number;
  /** A folder of its own, so that it doesn't begin with the data of another one. */
  readonly folder: string;
  readonly #settings: Settings;
  #child: ChildProcess;

  private constructor(port: number, folder: string, settings: Settings, child: ChildProcess) {
    this.port = port;
    this.folder = folder;
    this.#settings = settings;
    this.#child = child;
  }

  static async start(settings: Settings = {}): Promise<RedisServer> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'statechat-redis-'));
    return new RedisServer(port, folder, settings, await run(port, folder, settings));
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
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Starts it again on the same port, empty. */
  async restart(): Promise<void> {
    await this.kill();
    mkdirSync(this.folder);
    this.#child = await run(this.port, this.folder, this.#settings);
  }

  /** Resolves with a connection for the test itself, to be closed with `destroy`. */
  async client() {
    const client = createClient({ url: this.url, RESP: 2, socket: { reconnectStrategy: false } });
    client.on('error', () => {});
    await client.connect();
    return client;
  }
}

async function run(port: number, folder: string, more: Settings): Promise<ChildProcess> {
  const settings = { port: String(port), bind: '127.0.0.1', save: '', appendonly: 'no' };
  // A replica doesn't have to wait for others that want a copy, too.
  const replication = { 'repl-diskless-sync-delay': '0' };
  const args = Object.entries({ ...settings, ...replication, ...more }).flatMap(([name, value]) => [
    `--${name}`,
    value,
  ]);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], cwd: folder });
  let output = '';
  for await (const text of child.stdout) {
    output += text;
    if (output.includes('Ready to accept connections')) break;
  }
  if (!output.includes('Ready to accept')) throw new Error(`${program} did not start: ${output}`);
  return child;
}

/** A Sentinel that watches this primary, calls it `chat`, and has found a replica of it. Resolves with its port. */
export async function startSentinel(primary: RedisServer): Promise<{ port: number; child: ChildProcess }> {
  const port = await freePort();
  const file = join(primary.folder, 'sentinel.conf');
  const watch = [
    ...[`monitor chat 127.0.0.1 ${primary.port} 1`, 'down-after-milliseconds chat 500', 'failover-timeout chat 3000'],
  ];
  writeFileSync(file, [`port ${port}`, 'bind 127.0.0.1', ...watch.map((each) => `sentinel ${each}`)].join('\n'));
  const child = spawn(program, [file, '--sentinel'], { stdio: 'ignore', cwd: primary.folder });
  for (;;) {
    const client = createClient({ RESP: 2, socket: { host: '127.0.0.1', port, reconnectStrategy: false } });
    const replicas = await client
      .on('error', () => {})
      .connect()
      .then(() => client.sendCommand(['SENTINEL', 'REPLICAS', 'chat']))
      .catch(() => '');
    if (client.isOpen) client.destroy();
    if (JSON.stringify(replicas).includes('"master-link-status","ok"')) return { port, child };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
