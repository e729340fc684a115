/**
 * The lines of private chats between this server process and one other, in both directions.
 *
 * Owns: the number of each message, which of them the other side has not read yet, and the order in which those from
 * there are read. A message goes the quick way (`quickWay.ts`) while that is known to work, else through the directory.
 * It is kept until the other side says that it was read; if that takes too long, it goes through the directory again.
 * So nothing is lost with a connection or a Redis, and what comes twice or too early is noticed by its number.
 * Knows nothing of sessions. Next: `lineFlows.ts` (all flows of this process).
 */
import type { Clock } from '../runtime/clock.ts';
import { type Publish, QuickWay } from './quickWay.ts';
import type { ChatItem, FlowItem } from './wireTypes.ts';

/** How long a message may go unread before it is sent through the directory. The other side says it twice as often. */
const resendMs = 1500;
/** So much text makes us say at once that we have read it, in UTF-16 code units. */
const readAfterCodeUnits = 16_384;
/** A node that a new directory doesn't name is given up after so long: by then it is back, or has let go of its users. */
const forgetMs = 6000;

export interface FlowWays {
  readonly node: string;
  readonly clock: Clock;
  readonly publish: Publish;
  /** Sends through the directory. False if that can't be done now. */
  readonly pass: (node: string, text: string) => boolean;
  readonly deliver: (item: ChatItem) => void;
  /** So much text waits less. */
  readonly drained: (codeUnits: number) => void;
}

interface Message {
  readonly number: number;
  readonly items: ChatItem[];
  readonly codeUnits: number;
  /** Undefined if there was no way. */
  sentAtMs: number | undefined;
}

export class LineFlow {
  readonly way: QuickWay;
  readonly #to: string;
  readonly #ways: FlowWays;
  #gathered: ChatItem[] = [];
  #gatheredCodeUnits = 0;
  /** The number of the latest message that was sent. */
  #latest = 0;
  /** What the other side has not read, as far as we know. */
  #kept: Message[] = [];
  #unknownSinceMs: number;
  /** The number of the latest message from there that was read; there is none missing before it. */
  #read = 0;
  /** Messages that came before one with a smaller number. The other side has a limit for them. */
  readonly #early = new Map<number, ChatItem[]>();
  #unsaidCodeUnits = 0;
  #mustSayRead = false;

  constructor(to: string, ways: FlowWays) {
    this.#to = to;
    this.#ways = ways;
    this.#unknownSinceMs = ways.clock.now();
    this.way = new QuickWay({ node: ways.node, to, clock: ways.clock, publish: ways.publish });
  }

  /** The number of the latest message from there that was read, with all before it. */
  get read(): number {
    return this.#read;
  }

  /** How many messages the other side has not read, as far as we know. */
  get waiting(): number {
    return this.#kept.length;
  }

  /** True while something has to be done at the next tick. */
  get isBusy(): boolean {
    return this.#kept.length > 0 || this.#mustSayRead;
  }

  /** Takes text that is sent at the next `flush`. */
  add(item: ChatItem): void {
    this.#gathered.push(item);
    this.#gatheredCodeUnits += lengthOf(item);
  }

  /** The directory doesn't name the other side just now. */
  unknown(): void {
    if (this.way.place !== undefined) this.#unknownSinceMs = this.#ways.clock.now();
    this.way.known(undefined);
  }

  /** The other side is gone, or we are: nobody waits for what is under way. */
  clear(): void {
    this.#ways.drained(this.#gatheredCodeUnits + this.#kept.reduce((sum, { codeUnits }) => sum + codeUnits, 0));
    this.#gathered = [];
    this.#gatheredCodeUnits = 0;
    this.#kept = [];
    this.#early.clear();
    this.way.shut();
    this.#mustSayRead = false;
  }

  /** Sends what was gathered. */
  flush(): void {
    if (this.#gathered.length === 0) return;
    const message = {
      ...{ number: ++this.#latest, items: this.#gathered, codeUnits: this.#gatheredCodeUnits },
      sentAtMs: undefined,
    };
    this.#gathered = [];
    this.#gatheredCodeUnits = 0;
    this.#kept.push(message);
    this.#send(message);
  }

  /** Sends what was gathered. The number of the latest message, if the other side may not have read it. */
  mark(): number | undefined {
    this.flush();
    return this.#kept.at(-1)?.number;
  }

  /** From now on the quick way is known not to work. What may be lost there goes through the directory. */
  shut(): void {
    if (!this.way.isOpen) return;
    this.way.shut();
    this.#sendAgain();
  }

  /** Some time has passed: says what was read, and sends again what was not. */
  tick(): void {
    const { clock } = this.#ways;
    if (this.#mustSayRead) this.#sayRead();
    const [oldest] = this.#kept;
    if (oldest === undefined) return;
    if (this.way.place === undefined && clock.now() - this.#unknownSinceMs >= forgetMs) this.clear();
    else if (oldest.sentAtMs === undefined || clock.now() - oldest.sentAtMs >= resendMs) {
      if (this.way.isOpen) this.shut();
      else this.#sendAgain();
    }
  }

  take(item: FlowItem): void {
    switch (item[0]) {
      case 'flow':
        this.#takeMessage(item);
        break;
      case 'read':
        this.#wasRead(item[2]);
        break;
      case 'shut':
        this.shut();
        break;
      case 'probe':
        this.#say(['tried', this.#ways.node, item[2], this.#read]);
        break;
      case 'tried':
        this.way.tried(item[2]);
        this.#wasRead(item[3]);
        break;
    }
  }

  #takeMessage([, , number, oldest, read, items]: Extract<FlowItem, ['flow', ...unknown[]]>): void {
    this.#wasRead(read);
    this.#mustSayRead = true;
    // Those between are not kept any more: we were gone meanwhile, as the other side saw it.
    if (oldest - 1 > this.#read) this.#read = oldest - 1;
    if (number <= this.#read) return;
    this.#early.set(number, items);
    for (let next = this.#early.get(this.#read + 1); next; next = this.#early.get(this.#read + 1)) {
      this.#early.delete(++this.#read);
      for (const each of next) {
        this.#unsaidCodeUnits += lengthOf(each);
        this.#ways.deliver(each);
      }
    }
    for (const each of this.#early.keys()) if (each <= this.#read) this.#early.delete(each);
    if (this.#unsaidCodeUnits >= readAfterCodeUnits) this.#sayRead();
  }

  #wasRead(number: number): void {
    let drained = 0;
    while (this.#kept[0] !== undefined && this.#kept[0].number <= number) {
      drained += (this.#kept.shift() as Message).codeUnits;
    }
    if (drained > 0) this.#ways.drained(drained);
  }

  #sayRead(): void {
    if (this.#say(['read', this.#ways.node, this.#read])) this.#hasSaidRead();
  }

  #hasSaidRead(): void {
    this.#mustSayRead = false;
    this.#unsaidCodeUnits = 0;
  }

  #send(message: Message): void {
    const { node, clock } = this.#ways;
    const { number } = this.#kept[0] as Message;
    if (!this.#say(['flow', node, message.number, number, this.#read, message.items])) return;
    message.sentAtMs = clock.now();
    this.#hasSaidRead();
  }

  #sendAgain(): void {
    for (const message of this.#kept) {
      message.sentAtMs = undefined;
      this.#send(message);
    }
  }

  /** False if there is no way. */
  #say(item: FlowItem): boolean {
    const text = JSON.stringify(item);
    if (this.way.send(text)) return true;
    this.shut();
    this.way.try();
    return this.#ways.pass(this.#to, text);
  }
}

/** The text that speakers may have to wait for. */
export function lengthOf(item: ChatItem): number {
  return item[0] === 'line' ? item[3].length : 0;
}
