/**
 * The connection to Redis: one client that calls functions, one that reads the inbox.
 *
 * Owns: both clients, which are open together or not at all; the functions inside Redis; and how the end of a
 * connection is reported. A call whose connection has ended is not repeated here. Knows nothing of what calls and
 * entries mean.
 * Next: `clusterMembership.ts`.
 */
import type { createClient, ErrorReply } from '@redis/client';
import { ignoreError } from '../runtime/ignoreError.ts';
import { SetupError } from '../runtime/operatorError.ts';
import { type RedisAddress, readRedisAddress } from '../runtime/redisAddress.ts';
import type { Secret } from '../runtime/secret.ts';
import { library, libraryName } from './luaLibrary.ts';

/** What `membership.lua` registers, each with the library's name before it. */
export type FunctionName = 'join' | 'hold' | 'batch' | 'lease' | 'sweep' | 'leave';

type Client = ReturnType<typeof createClient>;

/** What is used of the package. */
interface RedisPackage {
  createClient: typeof createClient;
  ErrorReply: typeof ErrorReply;
}

/** How long a read of an empty inbox waits inside Redis. */
const readBlockMs = 1000;
const maxEntriesPerRead = 200;

const minRedisVersion = [7, 0];

/** Error replies of a Redis that refuses to write: what was called has changed nothing. */
const writesNothing = /^(LOADING|READONLY|NOREPLICAS|MISCONF|OOM|MASTERDOWN|CLUSTERDOWN) /;

/**
 * `refused`: nobody listens there, or Redis says that it carries out nothing that writes. `denied`: another error, or no
 * Redis that we can use. `failed`: anything else, so nobody knows.
 */
export type ConnectionEnd = 'refused' | 'denied' | 'failed';

export interface RedisConnectionHandler {
  /** Both clients are connected. `runId` names the Redis process; `host` is our address as Redis sees it. */
  up(runId: string, host: string): void;
  /** The connection has ended. */
  down(how: ConnectionEnd, reason: string): void;
  /** An entry of the inbox: its id and its fields. */
  entry(id: string, fields: Readonly<Record<string, string>>): void;
}

export class RedisConnection {
  readonly #address: RedisAddress;
  readonly #handler: RedisConnectionHandler;
  readonly #redis: RedisPackage;
  #clients: [commands: Client, inbox: Client] | undefined;
  #isUp = false;
  /** Calls that were answered, and the time that they took together. */
  readonly answered = { calls: 0, ms: 0 };

  /**
   * Loads the package that speaks Redis' protocol. Rejects with a `SetupError` if it isn't installed, or if `url` is no
   * address of Redis.
   */
  static async load(url: string | Secret, handler: RedisConnectionHandler): Promise<RedisConnection> {
    const address = addressOf(url);
    const redis = await import('@redis/client').catch(() => {
      throw new SetupError('--redis needs the package @redis/client. Install it: npm install @redis/client');
    });
    return new RedisConnection(address, handler, redis);
  }

  private constructor(address: RedisAddress, handler: RedisConnectionHandler, redis: RedisPackage) {
    this.#address = address;
    this.#handler = handler;
    this.#redis = redis;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** The address, for messages: without the password. */
  get shown(): string {
    return this.#address.shown;
  }

  /** Opens the connection, unless it is open or being opened. `up` or `down` is called in this time. */
  open(timeoutMs: number): void {
    if (this.#clients !== undefined) return;
    const clients: [Client, Client] = [this.#newClient(timeoutMs), this.#newClient(timeoutMs)];
    this.#clients = clients;
    void this.#connect(clients, timeoutMs);
  }

  /** Closes at once; the handler is not called for this connection again. */
  close(): void {
    const clients = this.#clients;
    this.#clients = undefined;
    this.#isUp = false;
    for (const client of clients ?? []) {
      client.removeAllListeners().on('error', ignoreError);
      client.destroy();
    }
  }

  /** Calls a function inside Redis. Rejects if the connection ends before the reply; the function may have run then. */
  async call(name: FunctionName, key: string, ...args: string[]): Promise<string> {
    const clients = this.#clients;
    if (clients === undefined || !this.#isUp) throw new Error('There is no connection.');
    const sentAtMs = performance.now();
    try {
      const reply: string = await clients[0].sendCommand(['FCALL', `${libraryName}_${name}`, '1', key, ...args]);
      this.answered.calls++;
      this.answered.ms += performance.now() - sentAtMs;
      return reply;
    } catch (error) {
      // An error reply ends the connection too: a replica refuses to write, and is not the server we need.
      this.#fail(clients, error);
      throw error;
    }
  }

  /** The reply to a call says that we can't take part. */
  refuse(reason: string): void {
    this.#fail(this.#clients, new SetupError(reason));
  }

  /** Reads an inbox, beginning with the entry after this one. */
  follow(stream: string, after: string): void {
    if (this.#clients !== undefined) void this.#read(this.#clients, stream, after);
  }

  #newClient(timeoutMs: number): Client {
    const { isSecure, host, port, username, password, database } = this.#address;
    const client: Client = this.#redis.createClient({
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password: password.reveal() }),
      database,
      RESP: 2,
      disableOfflineQueue: true,
      socket: {
        ...{ host, port, reconnectStrategy: false, connectTimeout: timeoutMs, noDelay: true },
        ...(isSecure && { tls: true, servername: host }),
      },
    }) as Client;
    return client.on('error', (error) => this.#fail(this.#clients, error));
  }

  async #connect(clients: [Client, Client], timeoutMs: number): Promise<void> {
    const late = setTimeout(() => this.#fail(clients, new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    try {
      await Promise.all(clients.map((client) => client.connect()));
      // Asked at the same time: each question on its own would cost a round trip.
      const [runId, host] = await Promise.all([this.#prepare(clients[0]), hostOf(clients[0])]);
      if (clients !== this.#clients) return;
      this.#isUp = true;
      this.#handler.up(runId, host);
    } catch (error) {
      this.#fail(clients, error);
    } finally {
      clearTimeout(late);
    }
  }

  /**
   * Loads the functions unless they are there, and returns the run id of the Redis process. A Redis that refuses to write
   * refuses `probe` too: then this is no connection.
   */
  async #prepare(client: Client): Promise<string> {
    const probed = client.sendCommand(['FCALL', `${libraryName}_probe`, '0']).then(
      () => undefined,
      (error: Error) => error,
    );
    const info = String(await client.sendCommand(['INFO']));
    // What it is that has no functions, the version says better.
    refuseUnfit(info);
    const error = await probed;
    if (error?.message.startsWith('ERR Function not found')) {
      await client.sendCommand(['FUNCTION', 'LOAD', 'REPLACE', library]);
    } else if (error) throw error;
    return /^run_id:(\S+)/m.exec(info)?.[1] ?? '';
  }

  async #read(clients: [Client, Client], stream: string, after: string): Promise<void> {
    let last = after;
    try {
      while (clients === this.#clients) {
        const answer = (await clients[1].sendCommand([
          ...['XREAD', 'COUNT', String(maxEntriesPerRead), 'BLOCK', String(readBlockMs)],
          ...['STREAMS', stream, last],
        ])) as unknown as [string, [id: string, fields: string[]][]][] | null;
        for (const [id, fields] of answer?.[0]?.[1] ?? []) {
          if (clients !== this.#clients) return;
          last = id;
          this.#handler.entry(id, recordOf(fields));
        }
      }
    } catch (error) {
      this.#fail(clients, error);
    }
  }

  /** Reports the end of a connection once. */
  #fail(clients: [Client, Client] | undefined, error: unknown): void {
    if (clients === undefined || clients !== this.#clients) return;
    this.close();
    const { code = '', message = '' } = error as NodeJS.ErrnoException;
    const isRefused = code === 'ECONNREFUSED' || writesNothing.test(message);
    const isDenied = error instanceof this.#redis.ErrorReply || error instanceof SetupError;
    this.#handler.down(isRefused ? 'refused' : isDenied ? 'denied' : 'failed', message || code);
  }
}

/** Throws a `SetupError` that says why the directory can't be held there. */
function refuseUnfit(info: string): void {
  const version = /^redis_version:(\S+)/m.exec(info)?.[1] ?? '0';
  if (isOlder(version, minRedisVersion)) {
    throw new SetupError(`Redis ${version} is too old: its functions are needed, which came with version 7.0.`);
  }
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? 'noeviction';
  if (policy !== 'noeviction') {
    throw new SetupError(`Redis may evict what it holds: set its maxmemory-policy to noeviction, not ${policy}`);
  }
}

function addressOf(url: string | Secret): RedisAddress {
  try {
    return readRedisAddress(typeof url === 'string' ? url : url.reveal());
  } catch (error) {
    throw error instanceof SetupError ? new SetupError(`The address of Redis is wrong. ${error.message}`) : error;
  }
}

/** Our address as Redis sees it; empty if it doesn't say. */
async function hostOf(client: Client): Promise<string> {
  const info = await client.sendCommand(['CLIENT', 'INFO']).catch(() => '');
  return /(?:^| )addr=\[?(\S+?)\]?:\d+ /.exec(String(info))?.[1] ?? '';
}

function isOlder(version: string, than: readonly number[]): boolean {
  const parts = version.split('.').map(Number);
  for (const [index, needed] of than.entries()) {
    if ((parts[index] ?? 0) !== needed) return (parts[index] ?? 0) < needed;
  }
  return false;
}

function recordOf(fields: readonly string[]): Record<string, string> {
  const record: Record<string, string> = {};
  for (let at = 0; at + 1 < fields.length; at += 2) record[fields[at] as string] = fields[at + 1] as string;
  return record;
}
