/**
 * The directory and the relay of many server processes, on Redis.
 *
 * Owns: this process' part: what it says to the shared directory and what it makes of what comes back. While Redis holds the
 * directory, `directory.lua` decides; while Redis is down, a directory in memory with the people of this process does. Which of
 * the two it is, `machines/clusterMember.machine.ts` says. Nothing is ever taken from the answer to a call: verdicts, updates and
 * lines come through this process' inbox, in one order.
 * Next: `directory.lua` (who wins), `outgoingBatches.ts` (on the way up), `replica.ts` (who is online), `redisConnection.ts` (the wire).
 */
import { type Actor, createActor } from 'xstate';
import { clusterMemberMachine, startTimeoutMs } from '../../machines/clusterMember.machine.ts';
import type { SessionId, SessionUpdate, UserRow } from '../../machines/events.ts';
import type { Command } from '../../machines/lobby.machine.ts';
import type { Directory, Notify } from '../chat/directory/directory.ts';
import { MemoryDirectory } from '../chat/directory/memoryDirectory.ts';
import type { Partner, Relay, RelayHandler, SlowReader } from '../chat/directory/relay.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { SetupError } from '../runtime/operatorError.ts';
import { withoutPassword } from '../runtime/withoutPassword.ts';
import { directoryKey } from './luaLibrary.ts';
import { OutgoingBatches } from './outgoingBatches.ts';
import { RedisConnection } from './redisConnection.ts';
import { RemoteFlowControl } from './remoteFlowControl.ts';
import { Replica } from './replica.ts';
import type { Incoming, Outgoing, SharedRow } from './wireTypes.ts';

/** How often the lease is renewed, in ms. */
const renewMs = 500;
/** When we let go, in ms after the last renewal was sent; over there the lease lasts half a second longer. */
const leaseMs = 2500;
/** After another Redis has taken over, how long we wait for the others to join it too before we say anything, in ms: else they would miss it. */
const gatheringMs = 1000;

/** Who decides on a command: the shared directory; this process; nobody, if only the shared directory could. */
type Decider = 'shared' | 'local' | 'none';

export interface RedisDirectoryOptions {
  /** redis://[USER:PASSWORD@]HOST:PORT[/DATABASE] */
  url: string;
  /** This process among the others: never used again after its end. */
  node: string;
  log: Log;
  clock: Clock;
}

export class RedisDirectory implements Directory, Relay {
  readonly node: string;
  readonly reachesOthers = true;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #connection: RedisConnection;
  readonly #actor: Actor<typeof clusterMemberMachine>;
  readonly #batches: OutgoingBatches;
  readonly #flowControl: RemoteFlowControl;
  #replica = new Replica();
  /** Who decides while Redis doesn't. */
  #fallback: MemoryDirectory | undefined;
  /** What the cluster member chart says of commands that come now. */
  #decider: Decider = 'shared';
  #notify: Notify = ignore;
  #handler: RelayHandler | undefined;
  #renewing: unknown;
  /** Renewals under way: the time of each, and the latest batch before it. */
  readonly #renewals = new Map<number, { sentAt: number; batch: number }>();
  #latestRenewal = 0;
  #readUpTo = '0';
  /** When batches may go again, on the clock. */
  #opensAt = 0;
  /** From each process, the number of its latest batch with lines: they are never shown twice. */
  readonly #latestLineBatch = new Map<string, number>();
  #lastFailure = '';

  /**
   * Takes part in the directory, holding nobody yet. Rejects with a `SetupError` that says what is missing: the package, the
   * server, its version. `load` makes the connection.
   */
  static async join(
    options: RedisDirectoryOptions,
    load: typeof RedisConnection.load = RedisConnection.load,
  ): Promise<RedisDirectory> {
    const connection = await load(options.url, {
      up: (runId) => directory.#actor.send({ type: 'connection.up', runId }),
      down: (isRefused, reason) => directory.#down(isRefused, reason),
      entry: (id, fields) => directory.#read(id, fields),
    });
    const directory = new RedisDirectory(connection, options);
    await directory.#start(withoutPassword(options.url));
    return directory;
  }

  private constructor(connection: RedisConnection, { node, log, clock }: RedisDirectoryOptions) {
    this.node = node;
    this.#log = log;
    this.#clock = clock;
    this.#connection = connection;
    this.#batches = new OutgoingBatches((number, items) => this.#sendBatch(number, items));
    this.#flowControl = new RemoteFlowControl((item) => this.#batches.add(item), this.#batches);
    this.#actor = createActor(this.#connectMachine(), { clock });
  }

  /** Where verdicts and updates go. */
  attach(notify: Notify): this {
    this.#notify = notify;
    return this;
  }

  /** Where what is said goes. */
  attachRelay(handler: RelayHandler): this {
    this.#handler = handler;
    return this;
  }

  /** The actor of the cluster member chart. */
  get actor(): Actor<typeof clusterMemberMachine> {
    return this.#actor;
  }

  /** True if everything can be asked just now. */
  get isReady(): boolean {
    return this.#actor.getSnapshot().hasTag('acceptsCommands');
  }

  /** Says goodbye. Those who have an id here lose it; call it when they are gone. */
  async stop(): Promise<void> {
    this.#notify = ignore;
    this.#handler = undefined;
    const left = this.#until((value) => value === 'left' || value === 'failed');
    this.#actor.send({ type: 'node.stop' });
    await left;
  }

  // What the lobby asks (Directory).

  get onlineCount(): number {
    return this.#fallback?.onlineCount ?? this.#replica.size;
  }

  get roomCount(): number {
    return this.#fallback?.roomCount ?? this.#replica.roomCount;
  }

  rowOf(session: SessionId): UserRow | undefined {
    const shared = this.#shared(session);
    if (this.#fallback) {
      const decided = this.#fallback.rowOf(shared);
      return decided && this.#named(decided);
    }
    const row = this.#replica.get(shared);
    return row && this.#named(this.#replica.public(row));
  }

  *rows(): Iterable<UserRow> {
    if (this.#fallback) for (const row of this.#fallback.rows()) yield this.#named(row);
    else for (const row of this.#replica.all()) yield this.#named(this.#replica.public(row));
  }

  send(session: SessionId, command: Command): void {
    const item = outgoing(this.#shared(session), command);
    if (this.#decider !== 'none' || !this.#refuse(item)) this.#submit(item);
  }

  expire(session: SessionId): void {
    this.#submit(['request.expire', this.#shared(session)]);
  }

  remove(local: SessionId): void {
    const session = this.#shared(local);
    this.#flowControl.delete(session);
    this.#submit(['gone', session]);
  }

  // What the lobby says (Relay).

  toRoom(lines: string, from: SessionId, isSaid: boolean): void {
    const isDeliveredHere = this.#decider === 'local';
    this.#batches.add(['room', this.#shared(from), lines, isSaid, isDeliveredHere]);
    if (isDeliveredHere) this.#handler?.deliverToRoom(lines, from, isSaid);
  }

  toMenu(line: string, from: SessionId): void {
    this.#batches.add(['menu', this.#shared(from), line]);
  }

  partnerElsewhere(of: SessionId, partner: SessionId): Partner {
    return this.#flowControl.between(this.#shared(of), partner);
  }

  get roomReader(): SlowReader {
    return this.#batches;
  }

  // What the cluster member chart's actions do.

  #connectMachine(): typeof clusterMemberMachine {
    return clusterMemberMachine.provide({
      actions: {
        openConnection: () => this.#connection.open(),
        closeConnection: () => {
          this.#stopRenewing();
          this.#connection.close();
        },
        join: ({ context }) => void this.#join(context.runId),
        resume: () => {
          this.#connection.follow(inboxOf(this.node), this.#readUpTo);
          this.#batches.open();
          this.#startRenewing();
        },
        decideLocally: () => this.#decideLocally(),
        evictUsers: () => this.#evictUsers(),
        leave: () => void this.#leave(),
      },
    }) as typeof clusterMemberMachine;
  }

  async #start(url: string): Promise<void> {
    let state = 'starting';
    this.#actor.subscribe((snapshot) => {
      this.#decider = snapshot.hasTag('decidesLocally')
        ? 'local'
        : snapshot.hasTag('refusesClaims')
          ? 'none'
          : 'shared';
      const { value } = snapshot;
      const now = typeof value === 'string' ? value : Object.values(value).join();
      if (now !== state) this.#logState(now);
      state = now;
    });
    const started = this.#until((value) => value === 'failed' || value === 'left' || typeof value === 'object');
    const tooLate = this.#clock.setTimeout(() => this.#actor.send({ type: 'node.stop' }), startTimeoutMs);
    this.#actor.start();
    const end = await started;
    this.#clock.clearTimeout(tooLate);
    if (typeof end === 'object') return;
    throw new SetupError(`no directory at ${url}: ${this.#lastFailure || 'no answer'}.`);
  }

  #logState(state: string): void {
    const isFine = ['joining', 'healthy', 'leaving', 'left'].includes(state);
    if (isFine) this.#log.info({ node: this.node, state }, 'cluster state');
    else this.#log.warn({ node: this.node, state, reason: this.#lastFailure }, 'cluster trouble');
  }

  #until(isIt: (value: unknown) => boolean): Promise<unknown> {
    return new Promise((resolve) => {
      const look = (): void => {
        const { value } = this.#actor.getSnapshot();
        if (isIt(value)) resolve(value);
      };
      this.#actor.subscribe({ next: look, complete: look });
      look();
    });
  }

  /** Says what we hold, and reads from then on. */
  async #join(runId: string): Promise<void> {
    this.#batches.close();
    const held = this.#held();
    const rejoins = this.#readUpTo === '0' ? '0' : '1';
    try {
      await this.#connection.call('join', directoryKey, this.node, runId, rejoins, JSON.stringify(held));
    } catch {
      return;
    }
    this.#renewals.clear();
    this.#readUpTo = '0-0';
    this.#opensAt = this.#clock.now() + (held.length > 0 ? gatheringMs : 0);
    this.#connection.follow(inboxOf(this.node), '0');
    this.#startRenewing();
  }

  #held(): SharedRow[] {
    if (!this.#fallback) return [...this.#replica.all()].filter(({ session }) => this.#isOurs(session));
    const rows = this.#fallback.snapshot().rows;
    const sessionOf = new Map(rows.map(({ id, session }) => [id, session]));
    return rows
      .filter(({ session }) => this.#isOurs(session))
      .map(({ id, session, state, partner, pairingId }, order) => ({
        ...{ id, session, state, pairingId, order },
        other: (partner === undefined ? undefined : sessionOf.get(partner)) ?? '',
      }));
  }

  #startRenewing(): void {
    this.#stopRenewing();
    const renew = (): void => {
      void this.#renew();
      this.#renewing = this.#clock.setTimeout(renew, renewMs);
    };
    renew();
  }

  #stopRenewing(): void {
    this.#clock.clearTimeout(this.#renewing);
  }

  async #renew(): Promise<void> {
    const renewal = ++this.#latestRenewal;
    this.#renewals.set(renewal, { sentAt: this.#clock.now(), batch: this.#batches.latest });
    const answer = this.#connection.call('lease', directoryKey, this.node, String(renewal), this.#readUpTo);
    if ((await answer.catch(() => '')) === 'unknown') this.#actor.send({ type: 'lease.denied' });
  }

  async #leave(): Promise<void> {
    await this.#connection.call('leave', directoryKey, this.node).catch(() => {});
    this.#actor.send({ type: 'node.left' });
  }

  #down(isRefused: boolean, reason: string): void {
    this.#lastFailure = reason;
    this.#stopRenewing();
    this.#batches.close();
    this.#actor.send({ type: isRefused ? 'connection.refused' : 'connection.failed' });
  }

  /** Our picture of the directory, and what was asked since, become a directory of our own. */
  #decideLocally(): void {
    this.#decider = 'local';
    this.#fallback ??= MemoryDirectory.restore(
      this.#replica.snapshotOf((session) => this.#isOurs(session)),
      (to, update) => {
        if (this.#isOurs(to)) this.#notifyLocal(to, update);
      },
    );
    for (const item of this.#batches.takeCommands()) this.#decide(item);
  }

  #evictUsers(): void {
    this.#decider = 'none';
    const rows = this.#held();
    const commands = this.#batches.takeCommands();
    this.#fallback = undefined;
    this.#replica = new Replica();
    for (const { session } of rows) this.#notifyLocal(session, { type: 'session.evicted', reason: 'lost' });
    for (const item of commands) this.#refuse(item);
    // Also what their going has said: the others hear of it from the directory.
    this.#batches.clear();
  }

  // On the way up.

  #submit(item: Outgoing): void {
    if (this.#decider === 'local') this.#decide(item);
    else this.#batches.add(item);
  }

  async #sendBatch(number: number, items: readonly Outgoing[]): Promise<void> {
    const answer = await this.#connection.call('batch', directoryKey, this.node, String(number), JSON.stringify(items));
    if (answer === 'unknown') {
      this.#actor.send({ type: 'lease.denied' });
      throw new Error('The directory does not know this process.');
    }
    if (answer !== 'ok') this.#log.error({ reason: answer }, 'the directory failed at an item');
  }

  /** Answers who wants what only the shared directory can give; true if it was that. */
  #refuse([kind, session]: Outgoing): boolean {
    if (kind === 'id.claim') this.#notifyLocal(session, { type: 'id.refused', reason: 'unavailable' });
    else if (kind === 'request.make') {
      this.#submit(['menu.return', session]);
      this.#notifyLocal(session, { type: 'request.refused', reason: 'unavailable' });
    } else return false;
    return true;
  }

  #decide(item: Outgoing): void {
    const [kind, session, argument] = item;
    if (this.#fallback === undefined || this.#refuse(item)) return;
    if (kind === 'gone') this.#fallback.remove(session);
    else if (kind === 'request.expire') this.#fallback.expire(session);
    else this.#fallback.send(session, commandOf(kind as Command['type'], argument));
  }

  // On the way down.

  #read(id: string, fields: Readonly<Record<string, string>>): void {
    this.#readUpTo = id;
    const { d = '[]', s: source = '', k = '0' } = fields;
    const number = Number(k);
    const isRepeated = source !== '' && number <= (this.#latestLineBatch.get(source) ?? 0);
    for (const item of JSON.parse(d) as Incoming[]) {
      if (isRepeated && isSaid(item)) continue;
      this.#take(item);
    }
    if (source === '') return;
    if (!isRepeated) this.#latestLineBatch.set(source, number);
    if (source === this.node) this.#batches.seen(number);
  }

  #take(item: Incoming): void {
    const handler = this.#handler;
    switch (item[0]) {
      case 'row':
        this.#replica.set(item[1]);
        break;
      case 'gone': {
        const [, session, id, state, isLost] = item;
        this.#replica.delete(session);
        if (isLost && !this.#isOurs(session)) handler?.lostElsewhere(id, state === 'commonRoom');
        break;
      }
      case 'update':
        this.#notifyLocal(item[1], item[2]);
        break;
      case 'line': {
        const [, to, pairingId, lines, from] = item;
        const reader = handler?.deliverToPartner(this.#local(to), pairingId, lines);
        this.#flowControl.read(to, from, pairingId, lines.length, reader);
        break;
      }
      case 'ack':
        this.#flowControl.ack(item[1], item[3]);
        break;
      case 'room': {
        const [, lines, from, isByPerson, isDeliveredThere] = item;
        if (!isDeliveredThere || !this.#isOurs(from)) handler?.deliverToRoom(lines, this.#local(from), isByPerson);
        break;
      }
      case 'menu':
        handler?.deliverToMenu(item[1], this.#local(item[2]));
        break;
      case 'snapshot':
        this.#loadSnapshot();
        break;
      case 'leaseAck':
        this.#leaseAcked(item[1]);
        break;
    }
  }

  /** The directory shows itself to us for the first time, or again: our own picture of it is worth nothing any more. */
  #loadSnapshot(): void {
    const readers = [...this.#replica.all()]
      .filter(({ session, state, other }) => {
        const isSpokenToElsewhere = state === 'chatting' && !this.#isOurs(other);
        return this.#isOurs(session) && (state === 'commonRoom' || isSpokenToElsewhere);
      })
      .map(({ session }) => this.#local(session));
    this.#replica = new Replica();
    this.#fallback = undefined;
    this.#flowControl.forgetUnacknowledged();
    if (readers.length > 0) this.#handler?.linesMissing(readers);
  }

  #leaseAcked(number: number): void {
    const renewal = this.#renewals.get(number);
    if (renewal === undefined) return;
    for (const earlier of this.#renewals.keys()) if (earlier <= number) this.#renewals.delete(earlier);
    this.#batches.seen(renewal.batch);
    const leftMs = renewal.sentAt + leaseMs - this.#clock.now();
    if (leftMs > 0) this.#actor.send({ type: 'lease.granted', leftMs });
    if (!this.#batches.isOpen && this.#clock.now() >= this.#opensAt) this.#batches.open();
  }

  #notifyLocal(to: string, update: SessionUpdate): void {
    if (update.type !== 'chat.started') this.#notify(this.#local(to), update);
    else this.#notify(this.#local(to), { ...update, partnerSession: this.#local(update.partnerSession) });
  }

  /** A row as the lobby knows it. */
  #named(row: UserRow): UserRow {
    return { ...row, session: this.#local(row.session) };
  }

  #isOurs(session: string): boolean {
    return session.startsWith(`${this.node}/`);
  }

  #shared(session: SessionId): string {
    return `${this.node}/${session}`;
  }

  /** What the lobby calls a session; those of other processes by their whole name. */
  #local(session: string): SessionId {
    return this.#isOurs(session) ? session.slice(this.node.length + 1) : session;
  }
}

function ignore(): void {}

function inboxOf(node: string): string {
  return `${directoryKey}:in:${node}`;
}

function isSaid([kind]: Incoming): boolean {
  return kind === 'line' || kind === 'room' || kind === 'menu';
}

function outgoing(session: string, command: Command): Outgoing {
  const { type, ...rest } = command;
  const [argument] = Object.values(rest) as (string | number)[];
  if (argument === undefined) return [type, session];
  // Names are compared in lower case, and what that is for letters beyond ASCII is not for Lua to say.
  return [type, session, type === 'request.make' ? String(argument).toLowerCase() : argument];
}

/** The other way round. */
function commandOf(type: Command['type'], argument: unknown): Command {
  const name = { 'id.claim': 'id', 'menu.leave': 'to', 'request.make': 'target' }[type as string] ?? 'pairingId';
  return (argument === undefined ? { type } : { type, [name]: argument }) as Command;
}
