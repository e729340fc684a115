/**
 * The directory and the relay of many server processes, on Redis: one process' part.
 *
 * Owns: how the parts in this folder are put together, and what the lobby sees of them. Decides nothing itself: while
 * Redis holds the directory, `directory.lua` decides; while Redis is down, a directory in memory decides for the users
 * of this process.
 * Next: `clusterMembership.ts` (when which), `commandRouter.ts` (commands up), `inboxReader.ts` (items down),
 * `redisRelay.ts` (lines), `actRelay.ts` (operators), `knownUsers.ts` (who is online), `redisConnection.ts` (the wire).
 */
import type { SessionId, UserRow } from '../../machines/events.ts';
import type { Command } from '../../machines/lobby.machine.ts';
import type { Ban, OperatorAct } from '../../machines/operatorActs.ts';
import type { Directory, Notify } from '../chat/directory/directory.ts';
import type { Relay, RelayHandler } from '../chat/directory/relay.ts';
import { noAskRules } from '../chat/directory/requestMemory.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Secret } from '../runtime/secret.ts';
import { type ActHandler, ActRelay, sharedBan } from './actRelay.ts';
import { ClusterMembership } from './clusterMembership.ts';
import { type AskLimits, CommandRouter, type NotifyShared } from './commandRouter.ts';
import { DirectoryLink } from './directoryLink.ts';
import { InboxReader } from './inboxReader.ts';
import { KnownUsers } from './knownUsers.ts';
import { LinePlaces, type LinePlacesParts } from './linePlaces.ts';
import { defaultPrefix, directoryKeyOf } from './luaLibrary.ts';
import { OutgoingBatches } from './outgoingBatches.ts';
import { Peers } from './peers.ts';
import { RedisConnection } from './redisConnection.ts';
import { RedisRelay } from './redisRelay.ts';
import { SessionNames } from './sessionNames.ts';

export interface RedisDirectoryOptions {
  /** As `../runtime/redisAddress.ts` reads it. */
  url: string | Secret;
  /** What each key in Redis begins with: servers with another prefix there share nothing with this one. */
  prefix?: string | undefined;
  /** Redis processes for lines between servers, with blanks between; the directory's own by default. */
  lines?: string | Secret | undefined;
  /** The name of this process among the others. No other process may ever have the same. */
  node: string;
  log: Log;
  clock: Clock;
  /** No limit by default. */
  askLimits?: AskLimits | undefined;
  /** All that is remembered here of the operator's bans; nothing by default. */
  bans?: (() => readonly Ban[]) | undefined;
}

/** The ways out of this process. */
export interface Network {
  load: typeof RedisConnection.load;
  peersOf: (node: string, isDownHere: () => Promise<boolean>) => Peers;
  linesOf: (parts: LinePlacesParts) => Lines;
}

/** The quick way of lines. */
export type Lines = Pick<LinePlaces, 'own' | 'isListening' | 'start' | 'stop' | 'publish'>;

const ofTcp: Omit<Network, 'load'> = {
  peersOf: (node, isDownHere) => new Peers(node, isDownHere),
  linesOf: (parts) => new LinePlaces(parts),
};

export class RedisDirectory implements Directory {
  readonly node: string;
  readonly #names: SessionNames;
  readonly #users: KnownUsers;
  readonly #router: CommandRouter;
  readonly #relay: RedisRelay;
  readonly #lines: Lines;
  readonly #acts: ActRelay;
  readonly #inbox: InboxReader;
  readonly #membership: ClusterMembership;
  /** How this process stands to the shared directory, for the metrics and health checks. */
  readonly link: DirectoryLink;
  #notify: Notify = ignore;

  /**
   * Joins the cluster, holding no user yet. Rejects with a `SetupError` that says what is missing: the package, the
   * server, its version. `load` makes the connection.
   */
  static async join(
    options: RedisDirectoryOptions,
    { load = RedisConnection.load, ...network }: Partial<Network> = {},
  ): Promise<RedisDirectory> {
    const connection = await load(options.url, directoryKeyOf(options.prefix ?? defaultPrefix), {
      up: (runId, host) => directory.#membership.connectionUp(runId, host),
      down: (how, reason) => directory.#membership.connectionDown(how, reason),
      entry: (id, fields) => directory.#inbox.read(id, fields),
    });
    const directory = new RedisDirectory(connection, options, { ...ofTcp, ...network });
    await directory.#membership.start(connection.shown);
    directory.#lines.start();
    return directory;
  }

  private constructor(
    connection: RedisConnection,
    options: RedisDirectoryOptions,
    { peersOf, linesOf }: Omit<Network, 'load'>,
  ) {
    const { node, prefix, log, clock, bans, askLimits = noAskRules } = options;
    this.node = node;
    const names = new SessionNames(node);
    const users = new KnownUsers(names);
    const batches = new OutgoingBatches((number, items) => this.#membership.sendBatch(number, items));
    const notify: NotifyShared = (to, update) => this.#notify(names.toLocal(to), names.toLocalUpdate(update));
    const router = new CommandRouter({ names, users, batches, notify, askLimits });
    const key = directoryKeyOf(prefix ?? defaultPrefix);
    const relay: RedisRelay = new RedisRelay({
      ...{ node, names, batches, clock },
      publish: (place, to, text) => lines.publish(place, to, text),
      isStandalone: () => router.decider === 'local',
    });
    const lines = linesOf({
      ...{ node, key, log, directory: options.url, lines: options.lines },
      read: (text) => relay.flows.read(text),
      deaf: () => relay.flows.deaf(),
      mute: (place) => relay.flows.mute(place),
    });
    const acts = new ActRelay(names, batches);
    const peers = peersOf(node, () => this.#membership.isDown());
    const leaseAcked = (renewal: number, length: number): void => this.#membership.leaseAcked(renewal, length);
    const sweep = (): void => void this.#membership.sweep();
    const inbox = new InboxReader({ node, users, batches, peers, relay, acts, notify, leaseAcked, sweep });
    this.#membership = new ClusterMembership({
      ...{ key, node, log, clock, connection, batches, peers, inbox, linePlace: lines.own },
      heldRows: () => users.heldRows(),
      heldBans: () => (bans?.() ?? []).map(sharedBan),
      decideLocally: () => {
        // The lines that were on their way come before all that happens from now on; then, once, that others are missing.
        relay.startStandalone(users.standalone === undefined ? users.inRoom() : []);
        router.decideLocally();
        batches.release();
      },
      evictUsers: () => {
        router.evictUsers();
        relay.flows.clear();
      },
      onDecider: (decider) => {
        router.decider = decider;
      },
    });
    this.link = new DirectoryLink({
      membership: this.#membership,
      batches,
      connection,
      clock,
      lines,
      flows: relay.flows,
    });
    this.#names = names;
    this.#users = users;
    this.#router = router;
    this.#relay = relay;
    this.#lines = lines;
    this.#acts = acts;
    this.#inbox = inbox;
  }

  /** From now on verdicts and updates go there. */
  attach(notify: Notify): Directory {
    this.#notify = notify;
    return this;
  }

  /** From now on lines go there. */
  attachRelay(handler: RelayHandler): Relay {
    this.#relay.handler = handler;
    return this.#relay;
  }

  /** From now on what operators do at other servers goes there. */
  attachOperator(handler: ActHandler): void {
    this.#acts.attach(handler);
  }

  /** Tells the other servers what an operator has done here. */
  tellOthers(act: OperatorAct): void {
    this.#acts.send(act);
  }

  /** True if the shared directory decides on every command just now. */
  get isReady(): boolean {
    return this.#membership.isReady;
  }

  /** Leaves the cluster. Users who still have an id here lose it, so call it when they are gone. */
  async stop(): Promise<void> {
    this.#notify = ignore;
    this.#relay.handler = undefined;
    await this.#membership.stop();
    this.#relay.flows.stop();
    this.#lines.stop();
  }

  get onlineCount(): number {
    return this.#users.onlineCount;
  }

  get roomCount(): number {
    return this.#users.roomCount;
  }

  rowOf(session: SessionId): UserRow | undefined {
    return this.#users.rowOf(session);
  }

  rows(): Iterable<UserRow> {
    return this.#users.rows();
  }

  send(session: SessionId, command: Command): void {
    const shared = this.#names.toShared(session);
    if (command.type === 'chat.leave') this.#markEnd(shared);
    this.#router.send(shared, command);
  }

  expire(session: SessionId): void {
    this.#router.expire(this.#names.toShared(session));
  }

  remove(session: SessionId): void {
    const shared = this.#names.toShared(session);
    this.#markEnd(shared);
    this.#relay.forget(shared);
    this.#router.remove(shared);
  }

  /** What is decided here reaches nobody elsewhere in order. */
  #markEnd(session: string): void {
    if (this.#router.decider !== 'local') this.#relay.markEnd(session);
  }
}

function ignore(): void {}
