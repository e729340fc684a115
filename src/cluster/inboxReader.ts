/**
 * What comes down: the entries of this process' inbox, in one order.
 *
 * Owns: how far the inbox is read, which lines are repetitions, and which part each item is for. Nothing is ever taken
 * from the reply to a call: updates, rows, lines and acks come through here.
 * Next: `wireTypes.ts` (the items), `clusterMembership.ts` (which inbox is read, and when).
 */
import type { ActRelay } from './actRelay.ts';
import type { NotifyShared } from './commandRouter.ts';
import type { KnownUsers } from './knownUsers.ts';
import type { OutgoingBatches } from './outgoingBatches.ts';
import { linePlaceIn, type Peers } from './peers.ts';
import type { RedisRelay } from './redisRelay.ts';
import { type Incoming, isRelayed } from './wireTypes.ts';

/** The place before the first entry. */
const beginning = '0-0';

export interface InboxReaderParts {
  node: string;
  users: KnownUsers;
  batches: OutgoingBatches;
  peers: Peers;
  relay: RedisRelay;
  acts: ActRelay;
  notify: NotifyShared;
  /** `length`: the entries of our inbox that were not read then. */
  leaseAcked: (renewal: number, length: number) => void;
  /** Sessions have to be removed from the directory, and it is our turn to ask for it. */
  sweep: () => void;
}

export class InboxReader {
  readonly #parts: InboxReaderParts;
  /** For each process, the number of its latest batch that we have read: nothing of it is shown or done twice. */
  readonly #latestBatches = new Map<string, number>();
  #readUpTo: string | undefined;

  constructor(parts: InboxReaderParts) {
    this.#parts = parts;
  }

  /** True if an inbox was ever read. */
  get hasBegun(): boolean {
    return this.#readUpTo !== undefined;
  }

  /** The id of the latest entry that was read. */
  get readUpTo(): string {
    return this.#readUpTo ?? beginning;
  }

  /** A new inbox is read from its beginning. */
  restart(): void {
    this.#readUpTo = beginning;
  }

  /** Takes the items of one entry. `fields` are explained in `directory.lua`. */
  read(id: string, fields: Readonly<Record<string, string>>): void {
    this.#readUpTo = id;
    const { d = '[]', n = '0', r = '0', s: source = '', k = '0' } = fields;
    const number = Number(k);
    this.#parts.users.setCounts(Number(n), Number(r));
    const isRepeated = source !== '' && number <= (this.#latestBatches.get(source) ?? 0);
    for (const item of JSON.parse(d) as Incoming[]) {
      if (isRepeated && isRelayed(item)) continue;
      this.#take(item);
    }
    if (source === '') return;
    if (!isRepeated) this.#latestBatches.set(source, number);
    if (source === this.#parts.node) this.#parts.batches.applied(number);
  }

  #take(item: Incoming): void {
    const { users, peers, relay, acts, notify, leaseAcked, sweep } = this.#parts;
    switch (item[0]) {
      case 'row':
        users.set(item[1], item[2]);
        break;
      case 'gone':
        users.delete(item[1]);
        relay.userGone(item);
        break;
      case 'update':
        // It has no row, or the id belongs to another one: nothing will be said of its end.
        if (item[2].type === 'session.evicted') {
          users.delete(item[1]);
          relay.flows.updates.releaseFor(item[1]);
        }
        relay.flows.updates.inOrder(item[1], () => notify(item[1], item[2]));
        break;
      case 'flow':
      case 'read':
      case 'probe':
      case 'tried':
      case 'shut':
      case 'mark':
        relay.flows.take(item);
        break;
      case 'room':
      case 'menu':
        relay.deliver(item);
        break;
      case 'act':
      case 'ban':
        acts.deliver(item);
        break;
      case 'snapshot':
        this.#loadSnapshot();
        break;
      case 'peer':
        peers.set(item[1], item[2]);
        relay.flows.known(item[1], linePlaceIn(item[2]));
        break;
      case 'peerGone':
        peers.delete(item[1]);
        relay.flows.gone(item[1]);
        break;
      case 'history':
        relay.restoreHistory(item[1]);
        break;
      case 'sweep':
        sweep();
        break;
      case 'leaseAck':
        leaseAcked(item[1], item[2]);
        break;
    }
  }

  /** The directory says after this item what it knows: what we knew of others counts for nothing. */
  #loadSnapshot(): void {
    const readers = this.#parts.users.readersOfOthers();
    this.#parts.users.startSnapshot();
    this.#parts.peers.clear();
    this.#parts.relay.flows.startSnapshot();
    this.#parts.relay.linesMissing(readers);
  }
}
