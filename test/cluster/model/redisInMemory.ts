/**
 * A Redis in memory that runs the real Lua: what the exploration of several servers has in the place of a Redis process.
 *
 * Owns: the commands that `src/cluster/*.lua` uses, and no others, on Maps. `redisInMemory.system.test.ts` proves that
 * each call leaves here what it leaves in a real Redis. Its clock is what the test says.
 */
import { library as ourLibrary } from '../../../src/cluster/luaLibrary.ts';
import { cjson, type LuaFunction, type LuaValue, runLua, Table } from './luaInJavascript.ts';

type Entry = readonly [id: string, fields: string[]];
type Value = Map<string, string | number> | Set<string> | string[] | Entry[];
export type Content = Map<string, Value>;
type Reply = string | number | boolean | readonly (string | boolean)[];

/** A library, with the redis that its functions call at the moment. */
export interface Engine {
  at: RedisInMemory | undefined;
  readonly functions: Map<string, LuaFunction>;
}

/** Translating takes some milliseconds, so all processes of a run share one. */
export function loadLua(library = ourLibrary): Engine {
  const engine: Engine = { at: undefined, functions: new Map() };
  const redis = Table.from([]);
  redis.set('call', (name, ...args) => {
    const reply = (engine.at as RedisInMemory).command(name as string, args.map(String));
    return [Array.isArray(reply) ? Table.from(reply as LuaValue[]) : (reply as LuaValue)];
  });
  redis.set('register_function', (row) => {
    const name = (row as Table).get('function_name') as string;
    engine.functions.set(name.replace(/^.*_/, ''), (row as Table).get('callback') as LuaFunction);
    return [];
  });
  runLua(library.replace(/^#!.*\n/, '\n'), { redis, cjson });
  return engine;
}

export class RedisInMemory {
  content: Content = new Map();
  /** What the clock shows, in ms since 1970. */
  nowMs = 1_700_000_000_000;
  isFull = false;
  readonly #engine: Engine;
  #entries = 0;
  /** The time in the latest id of each stream. */
  readonly #latestMs = new Map<string, number>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Calls a function of the library. */
  call(name: string, key: string, args: readonly string[]): string {
    this.#engine.at = this;
    const called = this.#engine.functions.get(name);
    if (called === undefined) throw new Error(`no function ${name}`);
    return String(called(Table.from([key]), Table.from(args))?.[0]);
  }

  /** A stream from behind this entry on. */
  read(stream: string, after: string): readonly Entry[] {
    return (this.#get<Entry[]>(stream) ?? []).filter(([id]) => isLater(id, after));
  }

  /** What a replica would have now. */
  copy(): Content {
    return structuredClone(this.content);
  }

  #get<T extends Value>(key: string): T | undefined {
    return this.content.get(key) as T | undefined;
  }

  #hash(key: string): Map<string, string> {
    return this.#get<Map<string, string>>(key) ?? new Map();
  }

  #own<T extends Value>(key: string, empty: () => T): T {
    const found = this.#get<T>(key);
    if (found !== undefined) return found;
    const made = empty();
    this.content.set(key, made);
    return made;
  }

  command(name: string, args: string[]): Reply {
    const [key = '', ...rest] = args;
    const reply = this.#run(name, key, rest);
    const left = this.content.get(key);
    // Redis keeps no empty key, except a stream.
    const isEmpty = left !== undefined && (Array.isArray(left) ? left.length === 0 : left.size === 0);
    if (isEmpty && !key.includes(':in:')) this.content.delete(key);
    return reply;
  }

  #run(name: string, key: string, rest: string[]): Reply {
    if (name.startsWith('H')) return this.#runHash(name, key, rest);
    if (name.startsWith('Z')) return this.#runSorted(name, key, rest);
    if (name.startsWith('S')) return this.#runSet(name, key, rest);
    if (name.startsWith('X')) return this.#runStream(name, key, rest);
    const [first = '', second = ''] = rest;
    switch (name) {
      case 'TIME':
        return [String(Math.floor(this.nowMs / 1000)), String((this.nowMs % 1000) * 1000)];
      case 'INFO':
        return `\nmaxmemory:${this.isFull ? 1 : 0}\nused_memory:9\nmem_not_counted_for_evict:0\n`;
      case 'EXISTS':
        return this.content.has(key) ? 1 : 0;
      case 'RENAME':
        this.content.set(first, this.content.get(key) as Value);
        this.content.delete(key);
        return 'OK';
      case 'UNLINK':
        return [key, ...rest].filter((each) => this.content.delete(each)).length;
      case 'LPUSH':
        return this.#own<string[]>(key, () => []).unshift(...rest);
      case 'LTRIM':
        this.content.set(key, (this.#get<string[]>(key) ?? []).slice(Number(first), Number(second) + 1));
        return 'OK';
      case 'LRANGE':
        return (this.#get<string[]>(key) ?? []).slice(Number(first), second === '-1' ? undefined : Number(second) + 1);
      default:
        throw new Error(`no command ${name}`);
    }
  }

  #runHash(name: string, key: string, rest: string[]): Reply {
    const hash = this.#hash(key);
    const [field = '', value = '0'] = rest;
    switch (name) {
      case 'HGET':
        return hash.get(field) ?? false;
      case 'HMGET':
        return rest.map((each) => hash.get(each) ?? false);
      case 'HEXISTS':
        return hash.has(field) ? 1 : 0;
      case 'HGETALL':
        return [...hash].flat();
      case 'HKEYS':
        return [...hash.keys()];
      case 'HVALS':
        return [...hash.values()];
      case 'HDEL':
        return rest.filter((each) => hash.delete(each)).length;
      case 'HINCRBY': {
        const sum = Number(hash.get(field) ?? 0) + Number(value);
        this.#own(key, () => new Map()).set(field, String(sum));
        return sum;
      }
      case 'HSET': {
        const target = this.#own(key, () => new Map());
        for (let at = 0; at < rest.length; at += 2) target.set(rest[at] as string, rest[at + 1] as string);
        return rest.length / 2;
      }
      default:
        throw new Error(`no command ${name}`);
    }
  }

  #runSorted(name: string, key: string, rest: string[]): Reply {
    const scores = this.#get<Map<string, number>>(key) ?? new Map<string, number>();
    const [first = '', second = ''] = rest;
    const inOrder = (): string[] =>
      [...scores].sort(([one, a], [other, b]) => a - b || (one < other ? -1 : 1)).map(([member]) => member);
    switch (name) {
      case 'ZCARD':
        return scores.size;
      case 'ZADD':
        this.#own(key, () => new Map()).set(second, Number(first));
        return 1;
      case 'ZREM':
        return scores.delete(first) ? 1 : 0;
      case 'ZSCORE':
        return scores.has(first) ? String(scores.get(first)) : false;
      case 'ZRANK': {
        const rank = inOrder().indexOf(first);
        return rank < 0 ? false : rank;
      }
      case 'ZRANGE':
        return inOrder().slice(Number(first), second === '-1' ? undefined : Number(second) + 1);
      case 'ZRANGEBYSCORE':
        return inOrder()
          .filter((member) => (scores.get(member) as number) <= Number(second))
          .slice(0, rest[2] === 'LIMIT' ? Number(rest[4]) : undefined);
      case 'ZREMRANGEBYSCORE':
        return inOrder().filter((member) => (scores.get(member) as number) <= Number(second) && scores.delete(member))
          .length;
      case 'ZREMRANGEBYRANK':
        return inOrder()
          .slice(Number(first), Number(second) + 1 || undefined)
          .filter((member) => scores.delete(member)).length;
      default:
        throw new Error(`no command ${name}`);
    }
  }

  #runSet(name: string, key: string, rest: string[]): Reply {
    const set = this.#get<Set<string>>(key) ?? new Set<string>();
    const [first = '', second = ''] = rest;
    switch (name) {
      case 'SCARD':
        return set.size;
      case 'SISMEMBER':
        return set.has(first) ? 1 : 0;
      case 'SMEMBERS':
        return [...set];
      case 'SRANDMEMBER':
        return [...set][0] ?? false;
      case 'SPOP':
        return [...set].slice(0, Number(first)).filter((member) => set.delete(member));
      case 'SREM':
        return set.delete(first) ? 1 : 0;
      case 'SADD':
        this.#own(key, () => new Set<string>()).add(first);
        return 1;
      case 'SUNIONSTORE':
        this.content.set(key, new Set([...this.#setAt(first), ...this.#setAt(second)]));
        return 1;
      default:
        throw new Error(`no command ${name}`);
    }
  }

  #setAt(key: string): Set<string> {
    return this.#get<Set<string>>(key) ?? new Set();
  }

  #runStream(name: string, key: string, rest: string[]): Reply {
    const stream = this.#get<Entry[]>(key);
    switch (name) {
      case 'XLEN':
        return stream?.length ?? 0;
      case 'XTRIM':
        if (stream)
          this.content.set(
            key,
            stream.filter(([id]) => id === rest[1] || isLater(id, rest[1] as string)),
          );
        return 0;
      case 'XADD': {
        const isOnlyIfThere = rest[0] === 'NOMKSTREAM';
        if (isOnlyIfThere && stream === undefined) return false;
        // The ids of a stream grow, also when the clock goes back.
        const latestMs = stream === undefined ? 0 : (this.#latestMs.get(key) ?? 0);
        this.#latestMs.set(key, Math.max(latestMs, this.nowMs));
        const id = `${this.#latestMs.get(key)}-${++this.#entries}`;
        this.#own<Entry[]>(key, () => []).push([id, rest.slice(isOnlyIfThere ? 2 : 1)]);
        return id;
      }
      default:
        throw new Error(`no command ${name}`);
    }
  }
}

function isLater(id: string, than: string): boolean {
  const [ms = 0, count = 0] = id.split('-').map(Number);
  const [thanMs = 0, thanCount = 0] = than.split('-').map(Number);
  return ms > thanMs || (ms === thanMs && count > thanCount);
}
