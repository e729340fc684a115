/**
 * What a server process says to the shared directory: gathered by the turn, numbered, kept until its effect is known.
 *
 * Owns: the order, the numbers, and how much may be under way. A batch is carried out as a whole or not at all, and once,
 * however often it is sent. It is forgotten when an entry of our inbox shows that it was carried out: only then does our
 * picture of the directory contain it. Knows nothing of what the items mean, but that some are lines. Next: `redisDirectory.ts`.
 * Why not when Redis has answered: decision 29, docs/decisions/0029-a-batch-is-kept-until-the-inbox-shows-it.md.
 */

import type { SlowReader } from '../chat/directory/relay.ts';
import type { Outgoing } from './wireTypes.ts';

/** Items in one batch: what the directory does in about 2 ms, which everybody else's decisions wait for. */
const maxItemsPerBatch = 200;
/** OutgoingBatches that have no answer yet; what comes meanwhile is gathered. */
const maxBatchesInFlight = 8;
/** UTF-16 units of text that may wait before those who speak have to wait too. */
const maxWaitingCodeUnits = 1_048_576;

interface Batch {
  readonly number: number;
  items: readonly Outgoing[];
  isAnswered: boolean;
}

/** Sends one batch; answers when the directory has. */
export type SendBatch = (number: number, items: readonly Outgoing[]) => Promise<void>;

export class OutgoingBatches implements SlowReader {
  readonly #send: SendBatch;
  #isOpen = false;
  #gathered: Outgoing[] = [];
  #kept: Batch[] = [];
  #latest = 0;
  #isDue = false;
  /** Text gathered or without an answer. */
  #waitingCodeUnits = 0;
  #onceDrained: (() => void)[] = [];

  constructor(send: SendBatch) {
    this.#send = send;
  }

  add(item: Outgoing): void {
    this.#gathered.push(item);
    this.#waitingCodeUnits += lengthOf(item);
    this.#plan();
  }

  /** Sends what has no answer, then what was gathered, and from now on what comes. */
  open(): void {
    this.#isOpen = true;
    for (const batch of this.#kept) {
      if (batch.isAnswered) this.#count(batch, 1);
      batch.isAnswered = false;
      this.#dispatch(batch);
    }
    this.#plan();
  }

  close(): void {
    this.#isOpen = false;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The number of the latest batch there is. */
  get latest(): number {
    return this.#latest;
  }

  /** Our picture of the directory contains every batch up to this one. */
  seen(number: number): void {
    while (this.#kept[0] !== undefined && this.#kept[0].number <= number) this.#answered(this.#kept.shift() as Batch);
    this.#plan();
  }

  /** Takes out everything of which the effect is not known, but lines; in order. */
  takeCommands(): Outgoing[] {
    const commands = [...this.#kept.flatMap(({ items }) => items), ...this.#gathered].filter((item) => !isLine(item));
    for (const batch of this.#kept) batch.items = batch.items.filter(isLine);
    this.#gathered = this.#gathered.filter(isLine);
    return commands;
  }

  /** Forgets everything. */
  clear(): void {
    this.#kept = [];
    this.#gathered = [];
    this.#waitingCodeUnits = 0;
    this.#callDrained();
  }

  get needsDrain(): boolean {
    return this.#waitingCodeUnits >= maxWaitingCodeUnits;
  }

  onceDrained(callback: () => void): void {
    this.#onceDrained.push(callback);
  }

  #plan(): void {
    if (this.#isDue || !this.#isOpen || this.#gathered.length === 0) return;
    this.#isDue = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#isDue = false;
    let inFlight = this.#kept.reduce((count, { isAnswered }) => count + (isAnswered ? 0 : 1), 0);
    while (this.#isOpen && this.#gathered.length > 0 && inFlight++ < maxBatchesInFlight) {
      const batch = { number: ++this.#latest, items: this.#gathered.splice(0, maxItemsPerBatch), isAnswered: false };
      this.#kept.push(batch);
      this.#dispatch(batch);
    }
  }

  #dispatch(batch: Batch): void {
    this.#send(batch.number, batch.items).then(
      () => {
        this.#answered(batch);
        this.#plan();
      },
      // The connection has ended: `open` sends the batch again.
      () => {},
    );
  }

  #answered(batch: Batch): void {
    if (batch.isAnswered) return;
    batch.isAnswered = true;
    this.#count(batch, -1);
    this.#callDrained();
  }

  #count({ items }: Batch, by: 1 | -1): void {
    for (const item of items) this.#waitingCodeUnits += by * lengthOf(item);
  }

  #callDrained(): void {
    if (this.needsDrain) return;
    const callbacks = this.#onceDrained;
    this.#onceDrained = [];
    for (const callback of callbacks) callback();
  }
}

function isLine([kind]: Outgoing): boolean {
  return kind === 'line' || kind === 'room' || kind === 'menu';
}

function lengthOf(item: Outgoing): number {
  return typeof item[4] === 'string' ? item[4].length : item[0] === 'room' ? item[2].length : 0;
}
