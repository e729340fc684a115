/**
 * The connection to Redis: one client that calls functions, one that reads the inbox.
 *
 * Owns: both clients, which are open together or not at all; the functions inside Redis; and how the end of a
 * connection is reported. A call whose connection has ended is not repeated here. Knows nothing of what calls and
 * entries mean.
 * Next: `redisPlace.ts` (where it connects to), `clusterMembership.ts`.
 */
import type { createClient, ErrorReply } from '@redis/client';
import { ignoreError } from '../runtime/ignoreError.ts';
import { SetupError } from '../runtime/operatorError.ts';
import { type RedisAddress, type RedisPlace, readRedisAddress } from '../runtime/redisAddress.ts';
import type { Secret } from '../runtime/secret.ts';
import { library, libraryName } from './luaLibrary.ts';
import { type Client, clientOptions, findPlace } from './redisPlace.ts';

/** What `membership.lua` registers, each with the library's name before it. */
export type FunctionName = 'join' | 'hold' | 'batch' | 'lease' | 'sweep' | 'leave';

/** What is used of the package. */
interface RedisPackage {
  createClient: typeof createClient;
  ErrorReply: typeof ErrorReply;
}

/** How long a read of an empty inbox waits inside Redis. */
const readBlockMs = 1000;
const maxEntriesPerRead = 200;

const minRedisVersion = [7, 0];

/** What one connection consists of. */
interface Link {
  /** All that was opened for it, also to those who were asked where Redis is. */
  readonly clients: Client[];
  commands?: Client;
  inbox?: Client;
}

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
  readonly #key: string;
  readonly #handler: RedisConnectionHandler;
  readonly #redis: RedisPackage;
  #link: Link | undefined;
  #isUp = false;
  /** Calls that were answered, and the time that they took together. */
  readonly answered = { calls: 0, ms: 0 };

  /**
   * Loads the package that speaks Redis' protocol. Rejects with a `SetupError` if it isn't installed, or if `url` is no
   * address of Redis. `key` is that of the directory.
   */
  static async load(url: string | Secret, key: string, handler: RedisConnectionHandler): Promise<RedisConnection> {
    const address = addressOf(url);
    const redis = await import('@redis/client').catch(() => {
      throw new SetupError('--redis needs the package @redis/client. Install it: npm install @redis/client');
    });
    return new RedisConnection(address, key, handler, redis);
  }

  private constructor(address: RedisAddress, key: string, handler: RedisConnectionHandler, redis: RedisPackage) {
    this.#address = address;
    this.#key = key;
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
    if (this.#link !== undefined) return;
    const link: Link = { clients: [] };
    this.#link = link;
    void this.#connect(link, timeoutMs);
  }

  /** Closes at once; the handler is not called for this connection again. */
  close(): void {
    const clients = this.#link?.clients ?? [];
    this.#link = undefined;
    this.#isUp = false;
    for (const client of clients) {
      client.removeAllListeners().on('error', ignoreError);
      if (client.isOpen) client.destroy();
    }
  }

  /** Calls a function inside Redis. Rejects if the connection ends before the reply; the function may have run then. */
  async call(name: FunctionName, key: string, ...args: string[]): Promise<string> {
    const link = this.#link;
    if (link?.commands === undefined || !this.#isUp) throw new Error('There is no connection.');
    const sentAtMs = performance.now();
    try {
      const reply: string = await link.commands.sendCommand(['FCALL', `${libraryName}_${name}`, '1', key, ...args]);
      this.answered.calls++;
      this.answered.ms += performance.now() - sentAtMs;
      return reply;
    } catch (error) {
      // An error reply ends the connection too: a replica refuses to write, and is not the server we need.
      this.#fail(link, error);
      throw error;
    }
  }

  /** The reply to a call says that we can't take part. */
  refuse(reason: string): void {
    this.#fail(this.#link, new SetupError(reason));
  }

  /** Reads an inbox, beginning with the entry after this one. */
  follow(stream: string, after: string): void {
    if (this.#link?.inbox !== undefined) void this.#read(this.#link, this.#link.inbox, stream, after);
  }

  /** `failed` hears of what goes wrong between two calls. */
  #newClient(
    link: Link,
    place: RedisPlace,
    timeoutMs: number,
    asUser: boolean,
    failed: (error: Error) => void,
  ): Client {
    const client = this.#redis.createClient(clientOptions(this.#address, place, timeoutMs, asUser)) as Client;
    link.clients.push(client);
    return client.on('error', failed);
  }

  async #connect(link: Link, timeoutMs: number): Promise<void> {
    const late = setTimeout(() => this.#fail(link, new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    try {
      const place = await findPlace(this.#address, this.#key, (each, asUser) =>
        this.#newClient(link, each, timeoutMs, asUser, ignoreError),
      );
      if (link !== this.#link) return;
      const open = (): Client => this.#newClient(link, place, timeoutMs, true, (error) => this.#fail(link, error));
      const [commands, inbox] = [open(), open()];
      Object.assign(link, { commands, inbox });
      await Promise.all([commands.connect(), inbox.connect()]);
      // Asked at the same time: each question on its own would cost a round trip.
      const [runId, host] = await Promise.all([this.#prepare(commands), hostOf(commands, place)]);
      if (link !== this.#link) return;
      this.#isUp = true;
      this.#handler.up(runId, host);
    } catch (error) {
      this.#fail(link, error);
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

  async #read(link: Link, inbox: Client, stream: string, after: string): Promise<void> {
    let last = after;
    try {
      while (link === this.#link) {
        const answer = (await inbox.sendCommand([
          ...['XREAD', 'COUNT', String(maxEntriesPerRead), 'BLOCK', String(readBlockMs)],
          ...['STREAMS', stream, last],
        ])) as unknown as [string, [id: string, fields: string[]][]][] | null;
        for (const [id, fields] of answer?.[0]?.[1] ?? []) {
          if (link !== this.#link) return;
          last = id;
          this.#handler.entry(id, recordOf(fields));
        }
      }
    } catch (error) {
      this.#fail(link, error);
    }
  }

  /** Reports the end of a connection once. */
  #fail(link: Link | undefined, error: unknown): void {
    if (link === undefined || link !== this.#link) return;
    this.close();
    const { code = '', message = '', syscall } = error as NodeJS.ErrnoException;
    // Redis removes its Unix socket when it ends.
    const isNobodyThere = code === 'ECONNREFUSED' || (code === 'ENOENT' && syscall === 'connect');
    const isRefused = isNobodyThere || writesNothing.test(message);
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

export function addressOf(url: string | Secret): RedisAddress {
  try {
    return readRedisAddress(typeof url === 'string' ? url : url.reveal());
  } catch (error) {
    throw error instanceof SetupError ? new SetupError(`The address of Redis is wrong. ${error.message}`) : error;
  }
}

/** Our address as Redis sees it; empty if it doesn't say. All that use one Unix socket are on one machine. */
async function hostOf(client: Client, place: RedisPlace): Promise<string> {
  if ('path' in place) return '127.0.0.1';
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
