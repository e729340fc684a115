/**
 * The connection of a server to the Redis of the exploration, in the place of `src/cluster/redisConnection.ts`.
 *
 * Owns: what the network does to calls, replies and entries: it carries them, holds them back, or loses them with the
 * connection. Nothing is carried before `carry` is called. Next: `world.ts` (says when).
 */
import type { ConnectionEnd, RedisConnectionHandler } from '../../../src/cluster/redisConnection.ts';
import type { Clock } from '../../../src/runtime/clock.ts';
import type { ModelRedis } from './modelRedis.ts';

/**
 * `deaf`: what the server sends stays on its way. `mute`: what Redis sends does. `still`: both. `refused`: nobody listens,
 * as far as this server can tell.
 */
export type Path = 'open' | 'deaf' | 'mute' | 'still' | 'refused';

interface Call {
  readonly name: string;
  readonly args: readonly string[];
  readonly resolve: (reply: string) => void;
  readonly reject: (error: Error) => void;
  /** What Redis has replied; it may be on its way still. */
  reply: string | undefined;
}

const writesNothing = /^(READONLY|LOADING) /;

export class ModelConnection {
  path: Path = 'open';
  readonly shown = 'redis://model';
  readonly answered = { calls: 0, ms: 0 };
  /** Calls that are on their way though their connection has ended, the oldest first. */
  readonly strays: Pick<Call, 'name' | 'args'>[] = [];
  readonly #key: string;
  readonly #handler: RedisConnectionHandler;
  readonly #redis: ModelRedis;
  readonly #clock: Clock;
  readonly #note: (what: string, isDown?: boolean) => void;
  #state: 'closed' | 'opening' | 'up' = 'closed';
  #timer: unknown;
  #calls: Call[] = [];
  #inbox: { stream: string; last: string } | undefined;
  /** The Redis process at the other end. */
  #generation = 0;

  constructor(
    key: string,
    handler: RedisConnectionHandler,
    redis: ModelRedis,
    clock: Clock,
    note: (what: string) => void,
  ) {
    this.#key = key;
    this.#handler = handler;
    this.#redis = redis;
    this.#clock = clock;
    this.#note = note;
  }

  get isUp(): boolean {
    return this.#state === 'up';
  }

  /** What is under way, for the name of a state. */
  get shape(): string {
    const calls = this.#calls.map(({ name, reply }) => (reply ? name.toUpperCase() : name));
    return `${this.path} ${this.#state} ${[...new Set(calls)]} ${this.strays.map(({ name }) => name)}`;
  }

  open(timeoutMs: number): void {
    if (this.#state !== 'closed') return;
    this.#state = 'opening';
    this.#timer = this.#clock.setTimeout(() => this.#fail('failed', 'no answer'), timeoutMs);
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer);
    const calls = this.#calls;
    this.#state = 'closed';
    this.#calls = [];
    this.#inbox = undefined;
    for (const { reject } of calls) reject(new Error('closed'));
  }

  async call(name: string, key: string, ...args: string[]): Promise<string> {
    if (this.#state !== 'up' || key !== this.#key) throw new Error('There is no connection.');
    return new Promise((resolve, reject) => {
      this.#calls.push({ name, args, resolve, reject, reply: undefined });
    });
  }

  refuse(reason: string): void {
    this.#fail('denied', reason);
  }

  follow(stream: string, after: string): void {
    if (this.#state === 'up') this.#inbox = { stream, last: after };
  }

  /** The connection breaks. With `strays`, calls that were on their way arrive later. */
  cut(strays: boolean): void {
    if (this.#state !== 'up') return;
    if (strays) this.strays.push(...this.#calls.filter(({ reply }) => reply === undefined).slice(-2));
    this.#fail('failed', 'ECONNRESET');
  }

  /** Does all that can happen at this moment. Returns true if anything did. */
  carry(): boolean {
    const { mode } = this.#redis;
    if (this.#state === 'closed' || mode === 'frozen') return false;
    const isNobodyThere = mode === 'down' || (this.path === 'refused' && this.#state === 'opening');
    if (this.#state === 'opening') return this.#carryOpening(isNobodyThere);
    const isOver = mode === 'down' || this.#generation !== this.#redis.generation || this.path === 'refused';
    if (isOver && (this.path === 'open' || this.path === 'refused')) {
      this.#fail('failed', 'ECONNRESET');
      return true;
    }
    if (isOver) return false;
    return this.#carryReply() || this.#carryCall() || this.#carryEntry();
  }

  #carryOpening(isNobodyThere: boolean): boolean {
    if (isNobodyThere) this.#fail('refused', 'ECONNREFUSED');
    else if (this.path !== 'open') return false;
    else if (this.#redis.mode === 'readonly') this.#fail('refused', 'READONLY ');
    else {
      this.#clock.clearTimeout(this.#timer);
      this.#state = 'up';
      this.#generation = this.#redis.generation;
      this.#handler.up(`run${this.#generation}`, '127.0.0.1');
    }
    return true;
  }

  #carryReply(): boolean {
    const call = this.#calls.find(({ reply }) => reply !== undefined);
    if (call === undefined || this.path === 'mute' || this.path === 'still') return false;
    const { reply = '', resolve, reject } = call;
    this.#calls = this.#calls.filter((each) => each !== call);
    if (writesNothing.test(reply)) {
      this.#fail('refused', reply);
      reject(new Error(reply));
    } else resolve(reply);
    return true;
  }

  #carryCall(): boolean {
    const call = this.#calls.find(({ reply }) => reply === undefined);
    if (call === undefined || this.path === 'deaf' || this.path === 'still') return false;
    call.reply = this.#redis.call(call.name, this.#key, call.args);
    if (call.name !== 'lease' || call.reply !== 'ok') this.#note(`${call.name} ${describe(call.args)}: ${call.reply}`);
    return true;
  }

  #carryEntry(): boolean {
    const inbox = this.#inbox;
    if (inbox === undefined || this.path === 'mute' || this.path === 'still') return false;
    const entry = this.#redis.read(inbox.stream, inbox.last)[0];
    if (entry === undefined) return false;
    const [id, fields] = entry;
    inbox.last = id;
    const record = Object.fromEntries(fields.flatMap((name, at) => (at % 2 ? [] : [[name, fields[at + 1] as string]])));
    const items = (JSON.parse(record.d ?? '[]') as string[][]).filter(([kind]) => kind !== 'leaseAck');
    if (items.length > 0) this.#note(items.map((item) => describe(item)).join(' + '), true);
    this.#handler.entry(id, record);
    return true;
  }

  #fail(how: ConnectionEnd, reason: string): void {
    if (this.#state === 'closed') return;
    this.close();
    this.#handler.down(how, reason);
  }
}

function describe(parts: readonly unknown[]): string {
  return JSON.stringify(parts)
    .replace(/[[\]"\\{}]/g, '')
    .replace(/\d{10,}/g, (digits) => digits.slice(-3))
    .slice(0, 110);
}
