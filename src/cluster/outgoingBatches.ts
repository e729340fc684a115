/**
 * What a server process sends to the shared directory: items in numbered batches.
 *
 * Owns: the order, the numbers, and how much may be in flight. The directory applies a batch as a whole or not at all,
 * and once, however often it is sent. A batch is forgotten when an entry of our inbox shows that it was applied: only
 * then does our replica contain it. Knows nothing of what the items mean, except that some only pass through.
 * Next: `clusterMembership.ts` (sends batches), `commandRouter.ts` and `redisRelay.ts` (add items).
 * Why so late: decision 29, docs/decisions/0029-a-batch-is-kept-until-the-inbox-shows-it.md.
 */
import type { SlowReader } from '../chat/directory/relay.ts';
import { isRelayed, type Outgoing } from './wireTypes.ts';

/** The directory needs about 2 ms for so many items, and all other decisions wait that long. */
const maxItemsPerBatch = 200;
/** Batches without a reply; items that come meanwhile are gathered. */
const maxBatchesInFlight = 8;
/** Text without a reply, in UTF-16 code units, from which on speakers have to wait. */
const maxWaitingCodeUnits = 1_048_576;
/** Text that the users here have read and others may read later. Nobody waits for it: the older half is dropped. */
const maxDeliveredCodeUnits = 1_048_576;

interface Batch {
  readonly number: number;
  items: readonly Outgoing[];
  hasReply: boolean;
}

/** Sends one batch. Resolves when the directory has it; rejects if nobody can know whether it has. */
export type SendBatch = (number: number, items: readonly Outgoing[]) => Promise<void>;

export class OutgoingBatches implements SlowReader {
  readonly #send: SendBatch;
  #isOpen = false;
  #gathered: Outgoing[] = [];
  #kept: Batch[] = [];
  #latest = 0;
  #isDue = false;
  /** Text that is gathered or has no reply. */
  #waitingCodeUnits = 0;
  /** Text of gathered room lines that the users here have read. */
  #deliveredCodeUnits = 0;
  #onceDrained: (() => void)[] = [];

  constructor(send: SendBatch) {
    this.#send = send;
  }

  add(item: Outgoing): void {
    this.#gathered.push(item);
    this.#waitingCodeUnits += waitingLengthOf(item);
    this.#deliveredCodeUnits += deliveredLengthOf(item);
    if (this.#deliveredCodeUnits > maxDeliveredCodeUnits) this.#dropOlderHalf();
    this.#plan();
  }

  /** Sends the kept batches again, then the gathered items, and from now on every new item. */
  open(): void {
    this.#isOpen = true;
    for (const batch of this.#kept) {
      if (batch.hasReply) this.#count(batch, 1);
      batch.hasReply = false;
      this.#dispatch(batch);
    }
    this.#plan();
  }

  close(): void {
    this.#isOpen = false;
  }

  /** Whether batches are sent, the number of the latest one, and how many our replica doesn't contain. */
  get state(): { isOpen: boolean; latest: number; waiting: number } {
    const waiting = this.#kept.length + Math.ceil(this.#gathered.length / maxItemsPerBatch);
    return { isOpen: this.#isOpen, latest: this.#latest, waiting };
  }

  /** Our replica contains every batch up to this one. */
  applied(number: number): void {
    while (this.#kept[0] !== undefined && this.#kept[0].number <= number) this.#replied(this.#kept.shift() as Batch);
    this.#plan();
  }

  /** Takes out the commands whose effect is unknown, in order. Lines and what operators did stay. */
  takeCommands(): Outgoing[] {
    const commands = [...this.#kept.flatMap(({ items }) => items), ...this.#gathered].filter(
      (item) => !isRelayed(item),
    );
    for (const batch of this.#kept) batch.items = batch.items.filter(isRelayed);
    this.#gathered = this.#gathered.filter(isRelayed);
    return commands;
  }

  /**
   * The room lines that the users here have not read: their inbox hasn't shown them. Returns them in order. From now on
   * they are sent as lines that were read here, and no speaker has to wait for them.
   */
  takeUndeliveredRoomLines(): RoomItem[] {
    const undelivered: RoomItem[] = [];
    const deliver = (item: Outgoing): Outgoing => {
      if (!isRoomItem(item) || item[4]) return item;
      undelivered.push(item);
      return ['room', item[1], item[2], item[3], true];
    };
    for (const batch of this.#kept) batch.items = batch.items.map(deliver);
    this.#gathered = this.#gathered.map(deliver);
    this.#recount();
    return undelivered;
  }

  /** Forgets all items. */
  clear(): void {
    this.#kept = [];
    this.#gathered = [];
    this.#recount();
    this.release();
  }

  get needsDrain(): boolean {
    return this.#waitingCodeUnits >= maxWaitingCodeUnits;
  }

  onceDrained(callback: () => void): void {
    this.#onceDrained.push(callback);
  }

  /** Every speaker who waits looks again whether that is necessary. */
  release(): void {
    const callbacks = this.#onceDrained;
    this.#onceDrained = [];
    for (const callback of callbacks) callback();
  }

  #plan(): void {
    if (this.#isDue || !this.#isOpen || this.#gathered.length === 0) return;
    this.#isDue = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#isDue = false;
    let inFlight = this.#kept.reduce((count, { hasReply }) => count + (hasReply ? 0 : 1), 0);
    while (this.#isOpen && this.#gathered.length > 0 && inFlight++ < maxBatchesInFlight) {
      const batch = { number: ++this.#latest, items: this.#gathered.splice(0, maxItemsPerBatch), hasReply: false };
      for (const item of batch.items) this.#deliveredCodeUnits -= deliveredLengthOf(item);
      this.#kept.push(batch);
      this.#dispatch(batch);
    }
  }

  #dispatch(batch: Batch): void {
    this.#send(batch.number, batch.items).then(
      () => {
        this.#replied(batch);
        this.#plan();
      },
      // The connection has ended: `open` sends the batch again.
      () => {},
    );
  }

  #replied(batch: Batch): void {
    if (batch.hasReply) return;
    batch.hasReply = true;
    this.#count(batch, -1);
    if (!this.needsDrain) this.release();
  }

  #count({ items }: Batch, by: 1 | -1): void {
    for (const item of items) this.#waitingCodeUnits += by * waitingLengthOf(item);
  }

  #recount(): void {
    this.#waitingCodeUnits = 0;
    this.#deliveredCodeUnits = 0;
    for (const batch of this.#kept) if (!batch.hasReply) this.#count(batch, 1);
    for (const item of this.#gathered) {
      this.#waitingCodeUnits += waitingLengthOf(item);
      this.#deliveredCodeUnits += deliveredLengthOf(item);
    }
  }

  /** Drops the older half of the room lines that the users here have read. The others are told that lines are missing. */
  #dropOlderHalf(): void {
    let excess = this.#deliveredCodeUnits - maxDeliveredCodeUnits / 2;
    this.#gathered = this.#gathered.filter((item) => {
      const length = deliveredLengthOf(item);
      if (length === 0 || excess <= 0) return true;
      excess -= length;
      return false;
    });
    this.#recount();
  }
}

type RoomItem = Extract<Outgoing, ['room', ...unknown[]]>;

function isRoomItem(item: Outgoing): item is RoomItem {
  return item[0] === 'room';
}

/** The text that speakers may have to wait for. */
function waitingLengthOf(item: Outgoing): number {
  return isRoomItem(item) && !item[4] ? item[2].length : 0;
}

/** The text that the users here have read. */
function deliveredLengthOf(item: Outgoing): number {
  return isRoomItem(item) && item[4] ? item[2].length : 0;
}
