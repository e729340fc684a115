/**
 * The link to Redis: one connection to say things, one to read the inbox.
 *
 * Owns: both connections, the library of functions over there, and the names of the ways in which a link can end. Both stand,
 * or none. What is said over a link that has ended is not said again here. Knows nothing of what is said. Next: `redisDirectory.ts`.
 */
import type { createClient } from '@redis/client';
import { ignoreError } from '../runtime/ignoreError.ts';
import { SetupError } from '../runtime/operatorError.ts';
import { withoutPassword } from '../runtime/withoutPassword.ts';
import { library, libraryName } from './luaLibrary.ts';

/** What `directory.lua` registers, each with the library's name before it. */
export type FunctionName = 'join' | 'batch' | 'lease' | 'leave';

type Client = ReturnType<typeof createClient>;

/** How long Redis may take to answer when a connection is opened, in ms. */
const openTimeoutMs = 1000;
/** How long a look into an empty inbox waits there, in ms. */
const readBlockMs = 1000;
/** Entries read at once. */
const mostEntries = 200;

const oldestVersion = [7, 0];

export interface LinkHandler {
  /** Both connections stand; `run` names the Redis process on the other side. */
  up(run: string): void;
  /** The link is gone. `isRefused` if nobody listens there, or if nobody there holds data yet. */
  down(isRefused: boolean, reason: string): void;
  /** An entry of the inbox: its id and its fields. */
  entry(id: string, fields: Readonly<Record<string, string>>): void;
}

export class RedisLink {
  readonly #url: string;
  readonly #handler: LinkHandler;
  readonly #createClient: typeof createClient;
  #clients: [commands: Client, inbox: Client] | undefined;
  #isUp = false;

  /** Loads the library that speaks Redis' protocol. Throws a `SetupError` if it isn't installed, or if the URL is none. */
  static async load(url: string, handler: LinkHandler): Promise<RedisLink> {
    if (!/^rediss?:\/\/[^/]/.test(url) || !URL.canParse(url)) {
      throw new SetupError(`"${withoutPassword(url)}" is no address of a Redis server. Write redis://HOST:PORT.`);
    }
    const { createClient } = await import('@redis/client').catch(() => {
      throw new SetupError('--redis needs the package @redis/client. Install it: npm install @redis/client');
    });
    return new RedisLink(url, handler, createClient);
  }

  private constructor(url: string, handler: LinkHandler, create: typeof createClient) {
    this.#url = url;
    this.#handler = handler;
    this.#createClient = create;
  }

  /** Opens the link, unless it is open or being opened. */
  open(): void {
    if (this.#clients !== undefined) return;
    const clients: [Client, Client] = [this.#newClient(), this.#newClient()];
    this.#clients = clients;
    void this.#connect(clients);
  }

  /** Closes at once; nothing more is heard of it. */
  close(): void {
    const clients = this.#clients;
    this.#clients = undefined;
    this.#isUp = false;
    for (const client of clients ?? []) {
      client.removeAllListeners().on('error', ignoreError);
      client.destroy();
    }
  }

  /** Calls a function over there. Rejects if the link is gone before it has answered; then nobody knows whether it has run. */
  async call(name: FunctionName, key: string, ...args: string[]): Promise<string> {
    const clients = this.#clients;
    if (clients === undefined || !this.#isUp) throw new Error('There is no link.');
    try {
      return await clients[0].sendCommand(['FCALL', `${libraryName}_${name}`, '1', key, ...args]);
    } catch (error) {
      // Also what Redis itself refuses, as a replica does: this is not the server we need.
      this.#fail(clients, error);
      throw error;
    }
  }

  /** Reads an inbox from behind this entry on. */
  follow(stream: string, after: string): void {
    if (this.#clients !== undefined) void this.#read(this.#clients, stream, after);
  }

  #newClient(): Client {
    const client: Client = this.#createClient({
      url: this.#url,
      RESP: 2,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: false, connectTimeout: openTimeoutMs, noDelay: true },
    }) as Client;
    return client.on('error', (error) => this.#fail(this.#clients, error));
  }

  async #connect(clients: [Client, Client]): Promise<void> {
    const late = setTimeout(() => this.#fail(clients, new Error('no answer')), openTimeoutMs);
    try {
      await Promise.all(clients.map((client) => client.connect()));
      const run = await this.#prepare(clients[0]);
      if (clients !== this.#clients) return;
      this.#isUp = true;
      this.#handler.up(run);
    } catch (error) {
      this.#fail(clients, error);
    } finally {
      clearTimeout(late);
    }
  }

  /** Answers the name of the Redis process. */
  async #prepare(client: Client): Promise<string> {
    const info = String(await client.sendCommand(['INFO', 'server']));
    const version = /^redis_version:(\S+)/m.exec(info)?.[1] ?? '0';
    if (isOlder(version, oldestVersion)) {
      throw new SetupError(`Redis ${version} is too old: its functions are needed, which came with version 7.0.`);
    }
    const loaded = (await client.sendCommand(['FUNCTION', 'LIST', 'LIBRARYNAME', libraryName, 'WITHCODE'])) as unknown;
    if (!JSON.stringify(loaded).includes(JSON.stringify(library))) {
      await client.sendCommand(['FUNCTION', 'LOAD', 'REPLACE', library]);
    }
    return /^run_id:(\S+)/m.exec(info)?.[1] ?? '';
  }

  async #read(clients: [Client, Client], stream: string, after: string): Promise<void> {
    let last = after;
    try {
      while (clients === this.#clients) {
        const answer = (await clients[1].sendCommand([
          ...['XREAD', 'COUNT', String(mostEntries), 'BLOCK', String(readBlockMs)],
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

  /** Each link ends once. */
  #fail(clients: [Client, Client] | undefined, error: unknown): void {
    if (clients === undefined || clients !== this.#clients) return;
    this.close();
    const { code = '', message = '' } = error as NodeJS.ErrnoException;
    this.#handler.down(code === 'ECONNREFUSED' || message.startsWith('LOADING'), message || code);
  }
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
