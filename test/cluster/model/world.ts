/**
 * Three servers, their Redis and three users in one process, with a clock and a network that only move when told.
 *
 * Owns: what can happen (`moves`), how it happens (`make`), what must hold after each of them (`violation`), and the calm
 * after which everybody must have got somewhere (`calm`). The servers are the real ones, `src/cluster/` with its chart;
 * the functions inside Redis are the real Lua. Sockets, processes and time are not.
 * Next: `explore.ts` (which moves are tried).
 */
import { setImmediate as turn } from 'node:timers/promises';
import { defaultPrefix, directoryKeyOf } from '../../../src/cluster/luaLibrary.ts';
import { type Peers, replyTimeoutMs } from '../../../src/cluster/peers.ts';
import type { RedisConnection } from '../../../src/cluster/redisConnection.ts';
import type { RedisDirectory } from '../../../src/cluster/redisDirectory.ts';
import { nodeOf } from '../../../src/cluster/sessionNames.ts';
import type { SharedRow } from '../../../src/cluster/wireTypes.ts';
import { createLog } from '../../../src/runtime/log.ts';
import { LineOrder } from './lineOrder.ts';
import { ModelConnection } from './modelConnection.ts';
import { ModelLines } from './modelLines.ts';
import { ModelRedis } from './modelRedis.ts';
import { type Act, Person } from './person.ts';
import type { Engine } from './redisInMemory.ts';
import { VirtualClock } from './virtualClock.ts';

const key = directoryKeyOf(defaultPrefix);
const nodes = ['one', 'two', 'three'] as const;
/** Two who meet, and a third who wants the id of the first. */
const people = [
  { id: 'ann', asks: 'ben' },
  { id: 'ben', asks: 'ann' },
  { id: 'Ann', asks: 'ben' },
];

/** More than this at one moment is no end of it. */
const mostInOneMoment = 2000;

export interface Server {
  readonly node: string;
  readonly directory: RedisDirectory;
  readonly connection: ModelConnection;
  readonly person: Person;
  isDead: boolean;
  state: string;
}

/** One thing that happened, for a sequence diagram. */
export type Note = { from: string; to?: string; text: string };

export interface WorldParts {
  engine: Engine;
  /** The classes whose servers are tried. */
  Directory: typeof RedisDirectory;
  PeersClass: typeof Peers;
  /** Gets all that happens. */
  note?: (note: Note) => void;
}

export class World {
  readonly redis: ModelRedis;
  readonly clock = new VirtualClock();
  readonly servers: Server[] = [];
  readonly lines = new ModelLines();
  readonly #order = new LineOrder();
  readonly #parts: WorldParts;
  readonly #replies = new Map<string, () => Promise<string>>();
  #jumpMs = 0;
  #wrong: string | undefined;
  /** Who has lost the id; undefined if nobody has. */
  letGo: string | undefined;

  private constructor(parts: WorldParts) {
    this.#parts = parts;
    this.redis = new ModelRedis(parts.engine);
  }

  static async start(parts: WorldParts): Promise<World> {
    const world = new World(parts);
    for (const [index, node] of nodes.entries()) world.servers.push(await world.#startServer(node, index));
    await world.wait(600);
    return world;
  }

  async #startServer(node: string, index: number): Promise<Server> {
    let connection: ModelConnection | undefined;
    const note = (text: string, isDown = false) =>
      this.#parts.note?.(isDown ? { from: 'Redis', to: node, text } : { from: node, to: 'Redis', text });
    const joining = this.#parts.Directory.join(
      { node, url: '', log: createLog('silent'), clock: this.clock },
      {
        load: async (_, itsKey, handler) => {
          connection = new ModelConnection(itsKey, handler, this.redis, this.clock, note);
          return connection as unknown as RedisConnection;
        },
        peersOf: (name, isDownHere) => this.#peersOf(name, isDownHere),
        linesOf: ({ read }) => this.lines.of(node, read),
      },
    );
    for (let isJoined = false; !isJoined; ) {
      void joining.then(() => {
        isJoined = true;
      });
      await turn();
      connection?.carry();
    }
    const directory = await joining;
    let person: Person;
    directory.attach((to, update) => {
      if (to !== person.session) return;
      this.#parts.note?.({ from: node, to: person.id, text: update.type });
      if (update.type === 'session.evicted') this.letGo ??= `${person.id} is let go`;
      const isEnd = update.type === 'chat.ended' && person.state === 'chatting';
      if (isEnd) this.#wrong ??= this.#order.ends(update.pairingId, node);
      person.take(update);
      if (update.type === 'chat.started')
        person.readEarly((line) => this.#readLine(node, `chat ${person.pairingId}`, line));
    });
    const relay = directory.attachRelay({
      deliverToRoom: (line) => person.state === 'room' && this.#readLine(node, 'room', line),
      deliverToPartner: (to, pairingId, line) => {
        if (to !== person.session) return undefined;
        if (person.state === 'chatting' && person.pairingId === pairingId)
          this.#readLine(node, `chat ${pairingId}`, line);
        else person.early.push({ pairingId, line });
        return undefined;
      },
      linesMissing: () => this.#order.gap(node),
      deliverToMenu: () => {},
      restoreHistory: () => {},
      lostElsewhere: () => {},
    });
    const { id, asks } = people[index] as (typeof people)[number];
    person = new Person(id, asks, directory, relay, (wrong) => {
      this.#wrong ??= wrong;
    });
    person.leaves = (pairingId, lines, partner) => {
      if (directory.link.state !== 'standalone') this.#order.leaves(pairingId, id, lines, nodeOf(partner));
    };
    return { node, directory, connection: connection as ModelConnection, person, isDead: false, state: '' };
  }

  #readLine(node: string, where: string, line: string): void {
    this.#wrong ??= this.#order.read(node, where, line);
  }

  #peersOf(node: string, isDownHere: () => Promise<boolean>): Peers {
    const ask = async (_: string, port: number) => {
      const server = this.servers[port] as Server;
      if (server.isDead) return { text: '', isRefused: true };
      const late = new Promise<string>((resolve) => this.clock.setTimeout(() => resolve(''), replyTimeoutMs));
      const text = await Promise.race([(this.#replies.get(server.node) as () => Promise<string>)(), late]);
      return { text, isRefused: false };
    };
    const { PeersClass } = this.#parts;
    const peers = new (class extends PeersClass {
      override async listen(): Promise<string> {
        return `model ${(nodes as readonly string[]).indexOf(node)}`;
      }
    })(node, isDownHere, ask);
    this.#replies.set(node, () => peers.reply());
    return peers;
  }

  get #alive(): Server[] {
    return this.servers.filter(({ isDead }) => !isDead);
  }

  /** Carries all that can be carried, until nothing happens any more. */
  async settle(): Promise<void> {
    let carried = 0;
    for (let quiet = 0; quiet < 3; quiet++) {
      await turn();
      for (const { connection } of this.#alive) {
        while (connection.carry() && ++carried < mostInOneMoment) quiet = 0;
      }
      while (this.lines.carry() && ++carried < mostInOneMoment) quiet = 0;
      if (carried < mostInOneMoment) continue;
      this.#wrong ??= 'the servers never come to rest';
      break;
    }
    for (const server of this.#alive) {
      const { state } = server.directory.link;
      if (state !== server.state) this.#parts.note?.({ from: server.node, text: state });
      server.state = state;
      if (state === 'fenced') this.#order.lost(server.person.id);
    }
  }

  /** Time passes, and at each moment all that can be carried is carried. */
  async wait(ms: number): Promise<void> {
    const endMs = this.clock.now() + ms;
    await this.settle();
    while (this.clock.nextMs <= endMs) await this.#moveTo(this.clock.nextMs);
    await this.#moveTo(endMs);
  }

  async #moveTo(ms: number): Promise<void> {
    this.redis.memory.nowMs += ms - this.clock.now();
    this.clock.moveTo(ms);
    await this.settle();
  }

  /** All that may happen now. Of the three servers, only the first two have trouble of their own. */
  moves(): string[] {
    const moves: string[] = [];
    for (const { person, isDead } of this.servers) {
      if (!isDead) moves.push(...person.acts.map((act) => `${person.id}: ${act}`));
    }
    for (const { connection, node, isDead } of this.servers.slice(0, 2)) {
      if (isDead) continue;
      if (connection.path !== 'open') moves.push(`${node}: open`);
      else moves.push(...['deaf', 'mute', 'refused'].map((path) => `${node}: ${path}`));
      if (connection.isUp) moves.push(`${node}: cut`, `${node}: cut, calls stray`);
      if (connection.strays.length > 0) moves.push(`${node}: a stray arrives`);
      if (node === 'two') moves.push(`${node}: dies`);
    }
    moves.push(
      ...(['open', 'late', 'lost'] as const).flatMap((mode) => (this.lines.mode === mode ? [] : [`lines: ${mode}`])),
    );
    const { mode, isLagging } = this.redis;
    if (mode === 'up')
      moves.push(
        'Redis: down',
        'Redis: frozen',
        'Redis: readonly',
        'Redis: emptied',
        'Redis: jumps',
        'Redis: jumps back',
      );
    else if (mode !== 'down') moves.push('Redis: up');
    if (!isLagging && mode === 'up') moves.push('Redis: its replica lags');
    if (mode !== 'frozen') moves.push('Redis: replaced by its replica');
    if (mode === 'down') moves.push('Redis: starts empty');
    return [...moves, 'wait 600', 'wait 1300', 'wait 2600'];
  }

  async make(move: string): Promise<void> {
    const [who = '', what = ''] = move.split(': ');
    const server = this.servers.find(({ node }) => node === who);
    const speaker = this.servers.find(({ person }) => person.id === who);
    if (speaker) this.#parts.note?.({ from: who, to: speaker.node, text: what });
    else this.#parts.note?.({ from: who === '' || move.startsWith('wait') ? 'Redis' : who, text: what || move });
    if (move.startsWith('wait')) return this.wait(Number(move.split(' ')[1]));
    if (speaker) speaker.person.act(what as Act);
    else if (server) this.#trouble(server, what);
    else if (who === 'lines') this.lines.mode = what as ModelLines['mode'];
    else this.#troubleRedis(what);
    await this.settle();
  }

  #trouble(server: Server, what: string): void {
    const { connection } = server;
    if (what === 'cut') connection.cut(false);
    else if (what === 'cut, calls stray') connection.cut(true);
    else if (what === 'a stray arrives') {
      const stray = connection.strays.shift();
      if (stray && /^(up|readonly)$/.test(this.redis.mode)) this.redis.call(stray.name, key, stray.args);
    } else if (what === 'dies') {
      server.isDead = true;
      this.lines.remove(server.node);
      this.#order.lost(server.person.id);
      connection.close();
    } else connection.path = what as ModelConnection['path'];
  }

  #troubleRedis(what: string): void {
    const { redis } = this;
    if (what === 'starts empty') redis.startEmpty();
    else if (what === 'replaced by its replica') redis.promote();
    else if (what === 'its replica lags') redis.lag();
    else if (what === 'emptied') redis.flush();
    else if (what.startsWith('jumps')) {
      const stepMs = what === 'jumps' ? 10_000 : -10_000;
      this.#jumpMs += stepMs;
      redis.memory.nowMs += stepMs;
    } else redis.mode = what as ModelRedis['mode'];
  }

  /** What does not hold; undefined if all does. */
  violation(): string | undefined {
    if (this.#wrong !== undefined) return this.#wrong;
    const owners = new Map<string, Server>();
    for (const server of this.#alive) {
      const { person, node } = server;
      if (!person.holdsId) continue;
      const other = owners.get(person.id.toLowerCase());
      if (other) return `${person.id} is the id of users at ${other.node} and at ${node}`;
      owners.set(person.id.toLowerCase(), server);
    }
    return undefined;
  }

  /** All trouble ends, and time passes. Returns who has not got anywhere. */
  async calm(): Promise<string | undefined> {
    const { redis } = this;
    this.#parts.note?.({ from: 'Redis', text: 'all trouble ends' });
    if (redis.mode === 'down') redis.startEmpty();
    redis.mode = 'up';
    this.lines.mode = 'open';
    for (const { connection } of this.servers) connection.path = 'open';
    await this.wait(9000);
    const wrong = this.violation() ?? this.#unsettled();
    if (wrong !== undefined) return wrong;
    // Who has no id gets one, unless it is taken.
    for (const { person } of this.#alive) person.act('claim');
    await this.wait(100);
    return this.violation() ?? this.#unsettled() ?? this.#unserved();
  }

  #unsettled(): string | undefined {
    const rows = this.rows();
    for (const { person, state, node, directory } of this.#alive) {
      if (state !== 'healthy') return `${node} is ${state} after a calm`;
      if (directory.link.batchesWaiting > 0) return `${node} still waits for its batches`;
      if (directory.link.linesWaiting > 0) return `${node} still waits for its lines to be read`;
      if (person.waits) return `${person.id} is ${person.state}, and gets no answer`;
      const row = rows.find(({ session }) => session === `${node}/${person.session}`);
      const held = row === undefined ? 'new' : row.state === 'commonRoom' ? 'room' : row.state;
      if (held !== person.state) return `${person.id} is ${person.state}, and ${held} in the directory`;
      const other = rows.find(({ session }) => session === row?.other);
      if (row && row.other !== '' && other?.other !== row.session) return `${person.id} is half of a pair`;
      if (row && row.other !== '' && row.pairingId !== person.pairingId) return `${person.id} is in an old pair`;
    }
    const living = this.#alive.map(({ node, person }) => `${node}/${person.session}`);
    const ghost = rows.find(({ session }) => !living.includes(session));
    return ghost && `${ghost.id} belongs to nobody any more`;
  }

  #unserved(): string | undefined {
    const taken = new Set(this.rows().map(({ id }) => id.toLowerCase()));
    const unserved = this.#alive.find(({ person }) => !taken.has(person.id.toLowerCase()));
    return unserved && `${unserved.person.id} gets no id`;
  }

  rows(): SharedRow[] {
    const rows = this.redis.memory.content.get(`${key}:rows`) as Map<string, string> | undefined;
    return [...(rows?.values() ?? [])].map((row) => JSON.parse(row) as SharedRow);
  }

  /** States of the same shape are taken as one: times are rounded, numbers left out. */
  shape(): string {
    const { redis } = this;
    const { content } = redis.memory;
    const meta = content.get(`${key}:meta`) as Map<string, string> | undefined;
    const now = Number(meta?.get('clock') ?? 0);
    const left = (until: number): number => Math.max(-1, Math.ceil((until - now) / 500));
    const leases = [...((content.get(`${key}:nodes`) as Map<string, number> | undefined) ?? [])];
    const servers = this.servers.map(({ isDead, connection, directory, state, person }) => {
      const { leaseAgeMs, batchesWaiting } = directory.link;
      return isDead ? 'dead' : [connection.shape, state, Math.floor(leaseAgeMs / 300), batchesWaiting, person.state];
    });
    const rows = this.rows().map(
      ({ session, state, other }) => `${session.replace(/\d+$/, '')} ${state} ${other !== ''}`,
    );
    const holding = [...((content.get(`${key}:holding`) as Set<string> | undefined) ?? [])];
    const directory = [rows.sort(), leases.map(([node, until]) => [node, left(until)]).sort(), holding];
    const grace = left(Number(meta?.get('graceUntil') ?? 0));
    return JSON.stringify([
      servers,
      directory,
      grace,
      redis.mode,
      redis.isLagging,
      Math.sign(this.#jumpMs),
      this.lines.mode,
      this.lines.isLate,
    ]);
  }
}
