/**
 * A real Redis with the directory's functions, and servers that are names only: nobody reads their inboxes.
 *
 * Owns: the calls that such servers make, and the longest of them. What a call takes is counted in the time that the
 * first thread of Redis computes, so other work on the machine doesn't count, and on the clock too, where it does.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { library, libraryName } from '../src/cluster/luaLibrary.ts';
import type { FunctionName } from '../src/cluster/redisConnection.ts';
import type { SharedRow } from '../src/cluster/wireTypes.ts';
import { Child } from './child.ts';
import { freePort, redisProgram } from './servers.ts';

const key = '{bench}';
/** As many as a server sends (`clusterMembership.ts`). */
const rowsPerCall = 100;

export interface Longest {
  /** The time that Redis computed for the longest call, and how long the longest one took on the clock. */
  readonly cpuMs: number;
  readonly clockMs: number;
  /** What all calls together took on the clock. */
  readonly allMs: number;
}

export class SimulatedServers {
  readonly #redis: Child;
  readonly #client: Awaited<ReturnType<typeof connected>>;
  readonly #epochs = new Map<string, number>();
  readonly #batches = new Map<string, number>();
  #longestCpuMs = 0;
  #longestClockMs = 0;

  static async start(): Promise<SimulatedServers> {
    const folder = mkdtempSync(joinPath(tmpdir(), 'statechat-bench-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    const port = await freePort();
    const redis = new Child(redisProgram, ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder]);
    await sleep(500);
    return new SimulatedServers(redis, await connected(port));
  }

  private constructor(redis: Child, client: Awaited<ReturnType<typeof connected>>) {
    this.#redis = redis;
    this.#client = client;
  }

  async stop(): Promise<void> {
    this.#client.destroy();
    await this.#redis.stop();
  }

  get redis(): Child {
    return this.#redis;
  }

  async command(...words: (string | number)[]): Promise<unknown> {
    return this.#client.sendCommand(
      words.map((word) => (typeof word === 'string' && word[0] === ':' ? key + word : `${word}`)),
    );
  }

  async empty(): Promise<void> {
    await this.command('FLUSHALL');
    this.#batches.clear();
  }

  /** All begin to join, and say in turns what they hold, as after a restart of Redis. */
  async joinAll(held: ReadonlyMap<string, number>, runId: string): Promise<void> {
    for (const [server, users] of held) await this.#begin(server, users, runId);
    await this.keepAlive([...held.keys()]);
    const most = Math.max(...held.values());
    for (let at = rowsPerCall; at < most; at += rowsPerCall) {
      for (const [server, users] of held) if (at < users) await this.#hold(server, at, users);
      await this.#readAll([...held.keys()]);
    }
  }

  /** Nobody is taken for dead: the directory's clock goes on by half a second at most with each renewal. */
  async keepAlive(names: readonly string[]): Promise<void> {
    const far = Date.now() * 2;
    await this.command('ZADD', ':nodes', 'XX', ...names.flatMap((name) => [far, name]));
  }

  /** The server's lease is over; another one that lives removes its users. */
  async die(dead: string, living: string): Promise<void> {
    await this.command('ZADD', ':nodes', 1, dead);
    await this.#call('lease', living, this.#epochOf(living), 1, 1, '0-0');
    while (Number(await this.command('SCARD', ':dying')) > 0) {
      await this.#call('sweep', living, this.#epochOf(living));
    }
  }

  async batch(server: string, items: unknown[]): Promise<void> {
    const number = (this.#batches.get(server) ?? 0) + 1;
    this.#batches.set(server, number);
    await this.#call('batch', server, this.#epochOf(server), number, JSON.stringify(items));
  }

  async pairingIds(sessions: readonly string[]): Promise<number[]> {
    const rows = (await this.command('HMGET', ':rows', ...sessions)) as string[];
    return rows.map((row) => (JSON.parse(row) as SharedRow).pairingId);
  }

  /** As if these servers had read their inboxes. */
  async #readAll(servers: readonly string[]): Promise<void> {
    for (const server of servers) await this.read(server);
  }

  async read(server: string): Promise<void> {
    await this.command('XTRIM', `:in:${server}`, 'MAXLEN', 0);
  }

  async longest(run: () => Promise<unknown>): Promise<Longest> {
    this.#longestCpuMs = this.#longestClockMs = 0;
    const begin = performance.now();
    await run();
    const allMs = performance.now() - begin;
    return { cpuMs: this.#longestCpuMs, clockMs: this.#longestClockMs, allMs };
  }

  async #begin(server: string, users: number, runId: string): Promise<void> {
    this.#epochs.set(server, this.#epochOf(server) + 1);
    const isLast = Number(users <= rowsPerCall);
    await this.#call('join', server, this.#epochOf(server), runId, 0, '', isLast, rowsOf(server, 0, users), '[]');
  }

  async #hold(server: string, at: number, users: number): Promise<void> {
    const isLast = Number(at + rowsPerCall >= users);
    await this.#call('hold', server, this.#epochOf(server), isLast, rowsOf(server, at, users));
  }

  #epochOf(server: string): number {
    return this.#epochs.get(server) ?? 0;
  }

  async #call(name: FunctionName, ...args: (string | number)[]): Promise<void> {
    const [cpu, begin] = [this.#redis.firstThreadMs(), performance.now()];
    await this.#client.sendCommand(['FCALL', `${libraryName}_${name}`, '1', key, ...args.map(String)]);
    this.#longestClockMs = Math.max(this.#longestClockMs, performance.now() - begin);
    this.#longestCpuMs = Math.max(this.#longestCpuMs, this.#redis.firstThreadMs() - cpu);
  }
}

async function connected(port: number) {
  const client = createClient({ url: `redis://127.0.0.1:${port}`, RESP: 2 });
  await client.connect();
  await client.sendCommand(['FUNCTION', 'LOAD', library]);
  return client;
}

/** As much as one call takes of what a server with so many users holds, as JSON. */
function rowsOf(server: string, from: number, users: number): string {
  const rows: SharedRow[] = [];
  for (let at = from; at < Math.min(from + rowsPerCall, users); at++) {
    rows.push({ id: `${server}-${at}`, session: `${server}/${at}`, state: 'menu', other: '', pairingId: 0, order: 0 });
  }
  return JSON.stringify(rows);
}
