/**
 * The directory's functions inside a real Redis, called as servers call them.
 *
 * Owns: what a call looks like, what Redis holds after it, and how time passes there without anybody waiting.
 * Next: `epochs.system.test.ts`, `joining.system.test.ts`, `holding.system.test.ts`.
 */
import { library, libraryName } from '../../src/cluster/luaLibrary.ts';
import type { FunctionName } from '../../src/cluster/redisConnection.ts';
import type { Incoming, SharedRow } from '../../src/cluster/wireTypes.ts';
import { RedisServer, type TestClient } from '../support/redisServer.ts';

const key = '{called}';

/** What a node says when it joins, beside its name and epoch. */
interface Joining {
  rows?: readonly SharedRow[];
  /** Which Redis process this is, as the node sees it. */
  run?: string;
  /** The node took part before. */
  rejoins?: boolean;
  address?: string;
  /** It holds nothing else than these rows. */
  isLast?: boolean;
  /** Each as [target, since when, what is said of it as JSON]. */
  bans?: readonly (readonly [string, number, string])[];
}

export class CalledDirectory {
  readonly #redis: RedisServer;
  readonly #client: TestClient;
  readonly #library: string;
  #renewals = 0;

  private constructor(redis: RedisServer, client: TestClient, library = libraryName) {
    this.#redis = redis;
    this.#client = client;
    this.#library = library;
  }

  static async start(): Promise<CalledDirectory> {
    const redis = await RedisServer.start();
    const client = await redis.client();
    await client.sendCommand(['FUNCTION', 'LOAD', library]);
    return new CalledDirectory(redis, client);
  }

  /** The same Redis, for nodes of another version. */
  async withOtherFunctions(): Promise<CalledDirectory> {
    const other = 'statechat_other';
    await this.command('FUNCTION', 'LOAD', library.replaceAll(libraryName, other));
    return new CalledDirectory(this.#redis, this.#client, other);
  }

  async stop(): Promise<void> {
    this.#client.destroy();
    await this.#redis.kill();
  }

  /** A command of Redis itself; `:name` stands for a key of the directory. */
  async command<Reply = unknown>(...words: (string | number)[]): Promise<Reply> {
    const named = words.map((word) => String(word).replace(/^:/, `${key}:`));
    return (await this.#client.sendCommand(named)) as Reply;
  }

  async empty(): Promise<void> {
    await this.command('FLUSHALL');
  }

  async call(name: FunctionName, ...args: (string | number)[]): Promise<string> {
    return await this.command('FCALL', `${this.#library}_${name}`, 1, key, ...args);
  }

  join(node: string, epoch: number, joining: Joining = {}): Promise<string> {
    const { rows = [], run = 'run', rejoins = false, address = '', isLast = true, bans = [] } = joining;
    const said = [Number(rejoins), address, Number(isLast), JSON.stringify(rows), JSON.stringify(bans)];
    return this.call('join', node, epoch, run, ...said);
  }

  hold(node: string, epoch: number, rows: readonly SharedRow[], isLast = true): Promise<string> {
    return this.call('hold', node, epoch, Number(isLast), JSON.stringify(rows));
  }

  batch(node: string, epoch: number, number: number, ...items: unknown[]): Promise<string> {
    return this.call('batch', node, epoch, number, JSON.stringify(items));
  }

  /** `unread` renewals are not read yet, this one included. */
  lease(node: string, epoch: number, unread = 1, readUpTo = '0-0'): Promise<string> {
    this.#renewals++;
    return this.call('lease', node, epoch, this.#renewals, this.#renewals - unread, readUpTo);
  }

  /** All of them, in the order of their ids. */
  async rows(): Promise<SharedRow[]> {
    const rows = (await this.command<string[]>('HVALS', ':rows')).map((row) => JSON.parse(row) as SharedRow);
    return rows.sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  /** Their ids, states, and whom they are paired with. */
  async states(): Promise<string[]> {
    return (await this.rows()).map(({ id, state, other }) => `${id} ${state} ${other}`.trimEnd());
  }

  /** All that stands in a node's inbox. */
  async inbox(node: string): Promise<Incoming[]> {
    return (await this.entries(node)).flatMap(({ d }) => JSON.parse(d ?? '') as Incoming[]);
  }

  /** What the updates in it say, and to which session. */
  async updates(node: string): Promise<(readonly [session: string, update: object])[]> {
    const all = await this.inbox(node);
    return all.flatMap((item) => (item[0] === 'update' ? [[item[1], item[2]] as const] : []));
  }

  /** The same as Redis has it: the fields of each entry. */
  async entries(node: string): Promise<Record<string, string>[]> {
    const entries = await this.command<[string, string[]][]>('XRANGE', `:in:${node}`, '-', '+');
    return entries.map(([, fields]) => pairs(fields));
  }

  /** Redis' clock goes so much further than the directory has seen. */
  jump(ms: number): Promise<unknown> {
    return this.command('HINCRBY', ':meta', 'seenAt', -ms);
  }

  /** So much time passes on the directory's clock; no lease ends by that. */
  async passes(ms: number): Promise<void> {
    await this.command('HINCRBY', ':meta', 'clock', ms);
    for (const node of await this.command<string[]>('ZRANGE', ':nodes', 0, -1)) {
      await this.command('ZINCRBY', ':nodes', ms, node);
    }
  }

  /** Each key without the directory's name; of a stream only how long it is. */
  async content(): Promise<Record<string, unknown>> {
    const names = (await this.command<string[]>('KEYS', `${key}:*`)).sort();
    const contents = names.map(async (name) => [name.slice(key.length + 1), await this.#valueOf(name)] as const);
    return Object.fromEntries(await Promise.all(contents));
  }

  async #valueOf(name: string): Promise<unknown> {
    const type = await this.command<string>('TYPE', name);
    if (type === 'stream') return this.command('XLEN', name);
    if (type === 'list') return this.command('LRANGE', name, 0, -1);
    if (type === 'set') return (await this.command<string[]>('SMEMBERS', name)).sort();
    if (type === 'hash') return pairs(await this.command('HGETALL', name));
    return pairs(await this.command('ZRANGE', name, 0, -1, 'WITHSCORES'));
  }
}

function pairs(flat: readonly string[]): Record<string, string> {
  return Object.fromEntries(flat.flatMap((name, at) => (at % 2 ? [] : [[name, flat[at + 1] as string]])));
}

/** A user in the menu; `more` says what is different. */
export function rowOf(id: string, session: string, more: Partial<SharedRow> = {}): SharedRow {
  return { id, session, state: 'menu', other: '', pairingId: 0, order: 1, ...more };
}

/** The same with many users of one node, all in the menu. */
export function rowsOf(node: string, count: number): SharedRow[] {
  return Array.from({ length: count }, (_, at) => rowOf(`${node}-${at}`, `${node}/${at}`));
}
