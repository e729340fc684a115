/**
 * How this server process takes part in the cluster: joining, the lease, leaving.
 *
 * Owns: the actor of `machines/clusterMember.machine.ts`, what its actions do, and when batches may be sent.
 * Knows nothing of sessions, and of what batches and entries contain.
 * Next: `lease.ts`, `redisConnection.ts`, `membership.lua` (the same in Redis).
 */
import { type Actor, createActor, type SnapshotFrom } from 'xstate';
import {
  backOffMs,
  clusterMemberMachine,
  openTimeoutMs,
  startTimeoutMs,
  tryTimeoutMs,
} from '../../machines/clusterMember.machine.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { SetupError } from '../runtime/operatorError.ts';
import { Attempt } from './attempt.ts';
import type { Decider } from './commandRouter.ts';
import type { InboxReader } from './inboxReader.ts';
import { Lease } from './lease.ts';
import type { OutgoingBatches } from './outgoingBatches.ts';
import { addressWith, type Peers } from './peers.ts';
import type { ConnectionEnd, FunctionName, RedisConnection } from './redisConnection.ts';
import type { Outgoing, SharedRow } from './wireTypes.ts';

/** After a join with users, the others need so long to join too. Lines that are sent earlier would not reach them. */
const gatheringMs = 1000;

/** The directory needs a few milliseconds for so many, and all others wait that long. */
const maxRowsPerCall = 100;

const otherVersion =
  'servers of another version take part there. Stop them first, or give this one another --redis-prefix';

export interface ClusterMembershipParts {
  node: string;
  /** With what each key of the directory begins. */
  key: string;
  log: Log;
  clock: Clock;
  connection: RedisConnection;
  batches: OutgoingBatches;
  peers: Peers;
  inbox: InboxReader;
  /** Where this process listens for lines. */
  linePlace: string;
  /** The rows of our users. */
  heldRows: () => SharedRow[];
  /** The operator's bans that are known here. */
  heldBans: () => readonly (readonly [target: string, sinceMs: number, json: string])[];
  decideLocally: () => void;
  evictUsers: () => void;
  /** From now on commands are decided there. */
  onDecider: (decider: Decider) => void;
}

export class ClusterMembership {
  readonly #parts: ClusterMembershipParts;
  readonly #lease: Lease;
  readonly #inboxKey: string;
  readonly #actor: Actor<typeof clusterMemberMachine>;
  /** How often this process has sent a join. */
  #joins = 0;
  /** The number of the latest join that the directory has taken. Calls from before it change nothing there. */
  #epoch = '0';
  /** What we hold and have not said to the directory yet, in slices. */
  #unheld: SharedRow[][] = [];
  /** Batches may be sent from this time of the clock on. */
  #opensAtMs = 0;
  /** Our address as Redis sees it. */
  #host = '';
  readonly #attempt = new Attempt();
  /**
   * How this process stands to the directory: the state, why the connection ended last, when the lease was renewed last,
   * and how much of our inbox was not read then.
   */
  readonly status = { state: 'starting', reason: '', leasedAtMs: 0, inboxLength: 0 };

  constructor(parts: ClusterMembershipParts) {
    this.#parts = parts;
    this.#inboxKey = `${parts.key}:in:${parts.node}`;
    this.#lease = new Lease(parts.clock, {
      renew: (renewal) => void this.#renew(renewal),
      latestBatch: () => (parts.batches.state.isOpen ? parts.batches.state.latest : 0),
    });
    this.#actor = createActor(this.#connectMachine(), { clock: parts.clock });
  }

  /** True if the shared directory decides on every command just now. */
  get isReady(): boolean {
    return this.#actor.getSnapshot().hasTag('acceptsCommands') && this.#unheld.length === 0;
  }

  /** Joins, holding no user yet. Rejects with a `SetupError` that says why this can't be done; `url` is shown in it. */
  async start(url: string): Promise<void> {
    const { clock, onDecider } = this.#parts;
    this.#actor.subscribe((snapshot) => {
      onDecider(deciderOf(snapshot));
      const { value } = snapshot;
      const now = typeof value === 'string' ? value : Object.values(value).join();
      if (now !== this.status.state) this.#logState(now);
      this.status.state = now;
    });
    const started = this.#until((value) => value === 'failed' || value === 'left' || typeof value === 'object');
    const tooLate = clock.setTimeout(() => this.#actor.send({ type: 'node.stop' }), startTimeoutMs);
    this.#actor.start();
    const end = await started;
    clock.clearTimeout(tooLate);
    if (typeof end === 'object') return;
    throw new SetupError(`no directory at ${url}: ${this.status.reason || 'no answer'}.`);
  }

  /** Leaves, and resolves when the others know it or the time for it is over. */
  async stop(): Promise<void> {
    const left = this.#until((value) => value === 'left' || value === 'failed');
    this.#actor.send({ type: 'node.stop' });
    await left;
  }

  /** Resolves with true if the directory has refused us last. Waits for what was called after that. */
  isDown(): Promise<boolean> {
    return this.#attempt.isRefused();
  }

  connectionUp(runId: string, host: string): void {
    this.#host = host;
    this.#attempt.begin();
    this.#actor.send({ type: 'connection.up', runId });
  }

  connectionDown(how: ConnectionEnd, reason: string): void {
    this.status.reason = reason;
    this.#attempt.end(how === 'refused');
    this.#lease.stop();
    this.#parts.batches.close();
    this.#actor.send({ type: `connection.${how}` });
  }

  /** The inbox says that the directory has renewed the lease. */
  leaseAcked(renewal: number, inboxLength: number): void {
    const { batches, clock } = this.#parts;
    const lease = this.#lease.ack(renewal);
    if (lease === undefined) return;
    this.#attempt.end(false);
    Object.assign(this.status, { leasedAtMs: clock.now(), inboxLength });
    batches.applied(lease.batch);
    if (lease.leftMs > 0) this.#actor.send({ type: 'lease.granted', leftMs: lease.leftMs });
    if (!batches.state.isOpen && this.#unheld.length === 0 && clock.now() >= this.#opensAtMs) batches.open();
  }

  /** Sends a batch. Rejects if the directory doesn't have it. */
  async sendBatch(number: number, items: readonly Outgoing[]): Promise<void> {
    const { log } = this.#parts;
    const reply = await this.#call('batch', String(number), JSON.stringify(items));
    if (reply !== 'ok') log.error({ reason: reply }, 'the directory failed at an item');
  }

  #connectMachine(): typeof clusterMemberMachine {
    const { connection, batches, decideLocally, evictUsers } = this.#parts;
    const pace = Math.random();
    return clusterMemberMachine.provide({
      delays: { backOff: ({ context }) => backOffMs(context.setbacks, pace) },
      actions: {
        openConnection: () => connection.open(openTimeoutMs),
        tryConnection: () => connection.open(tryTimeoutMs),
        closeConnection: () => {
          this.#lease.stop();
          batches.close();
          connection.close();
        },
        join: ({ context }) => void this.#join(context.runId),
        resume: () => this.#resume(),
        decideLocally,
        evictUsers,
        leave: () => void this.#leave(),
        askPeers: () => void this.#askPeers(),
      },
    }) as typeof clusterMemberMachine;
  }

  /** Sends the rows of our users, and reads the inbox from then on. */
  async #join(runId: string): Promise<void> {
    const { connection, batches, clock, heldRows, heldBans, inbox, key, linePlace, node, peers } = this.#parts;
    batches.close();
    const join = ++this.#joins;
    const epoch = String(join);
    const address = addressWith(await peers.listen(this.#host), linePlace);
    if (join !== this.#joins) return;
    const [first = [], ...more] = slicesOf(heldRows());
    this.#unheld = more;
    const rejoins = inbox.hasBegun ? '1' : '0';
    const isLast = more.length === 0 ? '1' : '0';
    const rows = JSON.stringify(first);
    const bans = JSON.stringify(heldBans());
    let reply: string;
    try {
      reply = await connection.call('join', key, node, epoch, runId, rejoins, address, isLast, rows, bans);
    } catch {
      return;
    }
    if (reply !== 'ok') {
      connection.refuse(reply === 'other functions' ? otherVersion : reply);
      return;
    }
    // The connection may have ended just behind the reply.
    if (!connection.isUp || join !== this.#joins) return;
    this.#epoch = epoch;
    this.#actor.send({ type: 'node.joined' });
    this.#lease.forget();
    inbox.restart();
    this.#opensAtMs = clock.now() + (first.length > 0 ? gatheringMs : 0);
    connection.follow(this.#inboxKey, inbox.readUpTo);
    this.#lease.start();
    void this.#hold(join);
  }

  /** Says what else we hold. If the connection breaks, `#resume` goes on with what has no reply. */
  async #hold(join: number): Promise<void> {
    const { clock } = this.#parts;
    while (join === this.#joins && this.#unheld.length > 0) {
      const [rows] = this.#unheld;
      const isLast = this.#unheld.length === 1 ? '1' : '0';
      const reply = await this.#call('hold', isLast, JSON.stringify(rows)).catch(() => 'failed');
      if (reply !== 'ok' || join !== this.#joins) return;
      this.#unheld.shift();
      this.#opensAtMs = clock.now() + gatheringMs;
    }
  }

  /** Lets the directory remove some of the sessions that have to go. Our inbox says if there are more. */
  async sweep(): Promise<void> {
    await this.#call('sweep').catch(() => {});
  }

  #resume(): void {
    const { connection, batches, inbox } = this.#parts;
    connection.follow(this.#inboxKey, inbox.readUpTo);
    if (this.#unheld.length === 0) batches.open();
    else void this.#hold(this.#joins);
    this.#lease.start();
  }

  async #renew(renewal: number): Promise<void> {
    const { latestAck } = this.#lease;
    await this.#call('lease', String(renewal), String(latestAck), this.#parts.inbox.readUpTo).catch(() => {});
  }

  async #askPeers(): Promise<void> {
    this.#actor.send({ type: (await this.#parts.peers.areDown()) ? 'peers.agreed' : 'peers.disagreed' });
  }

  async #leave(): Promise<void> {
    this.#parts.peers.close();
    await this.#call('leave').catch(() => {});
    this.#actor.send({ type: 'node.left' });
  }

  /** Calls as a member of the latest epoch. Rejects if there is no reply, or if this process is no member any more. */
  async #call(name: FunctionName, ...args: string[]): Promise<string> {
    const { connection, key, node } = this.#parts;
    const reply = await connection.call(name, key, node, this.#epoch, ...args);
    if (reply !== 'unknown' && reply !== 'forgotten') return reply;
    this.#actor.send({ type: reply === 'unknown' ? 'lease.denied' : 'directory.emptied' });
    throw new Error('The directory does not know this process.');
  }

  #logState(state: string): void {
    const { log, node } = this.#parts;
    const isFine = ['joining', 'rejoining', 'healthy', 'leaving', 'left'].includes(state);
    if (isFine) log.info({ node, state }, 'cluster state');
    else log.warn({ node, state, reason: this.status.reason }, 'cluster trouble');
  }

  /** Resolves with the chart's state as soon as it passes. */
  #until(passes: (value: unknown) => boolean): Promise<unknown> {
    return new Promise((resolve) => {
      const look = (): void => {
        const { value } = this.#actor.getSnapshot();
        if (passes(value)) resolve(value);
      };
      this.#actor.subscribe({ next: look, complete: look });
      look();
    });
  }
}

function slicesOf(rows: readonly SharedRow[]): SharedRow[][] {
  const slices: SharedRow[][] = [];
  for (let at = 0; at < rows.length; at += maxRowsPerCall) slices.push(rows.slice(at, at + maxRowsPerCall));
  return slices;
}

function deciderOf(snapshot: SnapshotFrom<typeof clusterMemberMachine>): Decider {
  if (snapshot.hasTag('decidesLocally')) return 'local';
  return snapshot.hasTag('refusesClaims') ? 'none' : 'shared';
}
