/**
 * What one connection still has to be sent.
 *
 * Owns: the gathering (everything for one connection within one turn of the event loop leaves in one write, in order),
 * and what happens when the other side reads too slowly: what is said then is gathered until the socket has taken what it
 * got, up to a limit. Knows nothing of who wrote it or what it means. Next: `sendBudget.ts`.
 */
import type { Clock } from '../runtime/clock.ts';
import type { OutboxTotal } from './sendBudget.ts';

/** Where an outbox empties itself; a `net.Socket` is one. */
export interface ByteSink {
  /** False if the sink holds more than it likes to; it says `drained` when it has got rid of it. */
  write(bytes: string | Buffer): boolean;
  /** Bytes it has taken and not passed on. */
  readonly writableLength: number;
  /** It passes nothing on before the next turn, however fast the reader: TLS does. */
  readonly encrypted?: boolean;
}

/** In so many turns TLS has passed on what it can hold, about 160 KiB in each, if the reader reads. */
const encryptionTurns = 32;
/** What TLS may hold meanwhile beside what may wait, in bytes: about what the system holds for a reader who isn't slow. */
const encryptionBytes = 4_194_304;

/** Runs a function once, at the end of the present turn of the event loop. */
export type AtTurnEnd = (run: () => void) => unknown;

/** What has to happen at the end of a turn, with one callback for all of it: first what still fills outboxes, then their flushing. */
export class TurnEnd {
  readonly #atTurnEnd: AtTurnEnd;
  #isDue = false;
  #filling: (() => void)[] = [];
  #flushing: { flush(): void }[] = [];

  constructor(atTurnEnd: AtTurnEnd = setImmediate) {
    this.#atTurnEnd = atTurnEnd;
  }

  beforeFlush(fill: () => void): void {
    this.#filling.push(fill);
    this.#plan();
  }

  flush(outbox: { flush(): void }): void {
    this.#flushing.push(outbox);
    this.#plan();
  }

  #plan(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#atTurnEnd(this.#run);
  }

  readonly #run = (): void => {
    const filling = this.#filling;
    this.#filling = [];
    for (const fill of filling) fill();
    const flushing = this.#flushing;
    this.#flushing = [];
    this.#isDue = false;
    for (const outbox of flushing) outbox.flush();
  };
}

export type OutboxTrouble = 'outboxFull' | 'outboxTotal' | 'stalled';

export interface OutboxOwner {
  /** This reader is too slow. Comes once; what was gathered is thrown away by then. */
  troubled(trouble: OutboxTrouble): void;
  /** The sink has thrown an error, which is a bug; it must not keep other outboxes from being emptied. */
  writeFailed(error: unknown): void;
}

export interface OutboxOptions {
  turnEnd: TurnEnd;
  clock: Clock;
  /** What waits in all outboxes of the server. */
  total: OutboxTotal;
  /** From here on an outbox asks those who fill it to wait, in bytes. */
  outboxSoftBytes: number;
  /** What may wait for a reader who is slow, in bytes. */
  outboxBytes: number;
  /** How long a reader may take nothing at all, in ms. */
  stallMs: number;
}

export class Outbox {
  readonly #sink: ByteSink;
  readonly #options: OutboxOptions;
  readonly #owner: OutboxOwner;
  #text = '';
  #shared: Buffer | undefined;
  /** The sink has more than it likes: what comes is gathered until it has drained. */
  #isBlocked = false;
  /** Bytes that wait while blocked, those in the sink included. */
  #waitingBytes = 0;
  #stalling: unknown;
  /** More waits than may, and TLS hasn't had its turns yet. */
  #encrypting: NodeJS.Immediate | undefined;
  #isInTrouble = false;
  #whenRoom: (() => void)[] = [];

  constructor(sink: ByteSink, options: OutboxOptions, owner: OutboxOwner) {
    this.#sink = sink;
    this.#options = options;
    this.#owner = owner;
  }

  /** `bytes` are the same text encoded, when many get it in this turn: they are used if there is nothing else to send. */
  write(text: string, bytes?: Buffer): void {
    if (this.#isBlocked) {
      this.#gather(text, bytes);
      return;
    }
    if (this.#shared !== undefined) this.flush();
    if (this.#text === '') {
      this.#options.turnEnd.flush(this);
      this.#shared = bytes;
      if (bytes !== undefined) return;
    }
    this.#text += text;
  }

  /** Whoever fills it because of what its own reader does, or can wait, had better wait. */
  get isFull(): boolean {
    return (this.#isBlocked ? this.#waitingBytes : this.#text.length) >= this.#options.outboxSoftBytes;
  }

  /** Bytes that wait for a slow reader; 0 as long as the socket takes what it gets. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Calls once, when it isn't full any more, or will never be sent. */
  whenRoom(callback: () => void): void {
    this.#whenRoom.push(callback);
  }

  /** Hands over what is gathered, at once; nothing while the sink is blocked. */
  flush(): void {
    if (!this.#isBlocked) this.#handOver();
  }

  /** Hands over the last words, whatever the sink says. */
  finish(): void {
    this.#handOver();
    this.close();
  }

  /** The sink has taken everything. */
  drained(): void {
    if (!this.#isBlocked) return;
    this.#unblock();
    this.#handOver();
    this.#tellRoom();
  }

  /** Nothing will be sent any more. */
  close(): void {
    if (this.#isBlocked) this.#unblock();
    this.#isInTrouble = true;
    this.#tellRoom(true);
  }

  /** This reader is too slow: what was gathered is thrown away, so that the memory is free at once. */
  giveUp(trouble: OutboxTrouble): void {
    if (this.#isInTrouble) return;
    this.#isInTrouble = true;
    this.#throwAway();
    this.#owner.troubled(trouble);
  }

  #throwAway(): void {
    this.#text = '';
    this.#count(this.#sink.writableLength);
  }

  #handOver(): void {
    const bytes = this.#shared ?? this.#text;
    this.#shared = undefined;
    this.#text = '';
    try {
      if (bytes.length > 0 && !this.#sink.write(bytes) && this.#sink.writableLength > 0) this.#block();
    } catch (error) {
      this.#owner.writeFailed(error);
    }
    if (this.#whenRoom.length > 0) this.#tellRoom();
  }

  #gather(text: string, bytes?: Buffer): void {
    // Last words find room, however much the sink holds, and however much somebody says before them.
    if (this.#isInTrouble && this.#text.length >= this.#options.outboxBytes) this.#throwAway();
    this.#text += text;
    this.#count(this.#waitingBytes + (bytes?.length ?? Buffer.byteLength(text)));
    if (this.#waitingBytes > this.#options.outboxBytes) this.#tooMuchWaits();
  }

  #tooMuchWaits(): void {
    if (!this.#sink.encrypted || this.#waitingBytes > this.#options.outboxBytes + encryptionBytes) {
      this.giveUp('outboxFull');
    } else this.#encrypting ??= this.#afterTurns(encryptionTurns);
  }

  /** Too slow, unless it has drained by then. */
  #afterTurns(turns: number): NodeJS.Immediate {
    return setImmediate(() => {
      if (turns > 1) this.#encrypting = this.#afterTurns(turns - 1);
      else this.giveUp('outboxFull');
    });
  }

  #block(): void {
    this.#isBlocked = true;
    this.#options.total.blocked(this);
    this.#count(this.#sink.writableLength);
    const { clock, stallMs } = this.#options;
    this.#stalling = clock.setTimeout(() => this.giveUp('stalled'), stallMs);
  }

  #unblock(): void {
    this.#isBlocked = false;
    this.#options.clock.clearTimeout(this.#stalling);
    clearImmediate(this.#encrypting);
    this.#encrypting = undefined;
    this.#count(0);
    this.#options.total.unblocked(this);
  }

  #count(bytes: number): void {
    const more = bytes - this.#waitingBytes;
    this.#waitingBytes = bytes;
    this.#options.total.changed(more);
  }

  #tellRoom(always = false): void {
    if (!always && this.isFull) return;
    const waiting = this.#whenRoom;
    this.#whenRoom = [];
    for (const callback of waiting) callback();
  }
}
