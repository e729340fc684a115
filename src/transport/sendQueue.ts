/**
 * What one connection still has to be sent.
 *
 * Owns: the gathering (everything for one connection within one turn of the event loop leaves in one write, in order),
 * and what happens when the other side reads too slowly: what is said then is gathered until the socket has taken what it
 * got, up to a limit. Knows nothing of who wrote it or what it means. Next: `flushScheduler.ts`, `waitingBytes.ts`.
 */
import type { Clock } from '../runtime/clock.ts';
import type { FlushScheduler } from './flushScheduler.ts';
import type { SendBudget } from './sendBudget.ts';
import { WaitingBytes } from './waitingBytes.ts';

/** Where a send queue empties itself; a `net.Socket` is one. */
export interface ByteSink {
  /** False if the sink holds more than it likes to; it says `drained` when it has got rid of it. */
  write(bytes: string | Buffer): boolean;
  /** Bytes it has taken and not passed on. */
  readonly writableLength: number;
  /** It passes nothing on before the next turn, however fast the reader: TLS does. */
  readonly encrypted?: boolean;
}

/** How many bytes the system holds that the reader has not taken; undefined where nobody knows. */
export type UnsentBytes = (sink: ByteSink) => Promise<number | undefined>;

/**
 * In this many turns TLS has passed on what it can hold, about 160 KiB in each, if the reader reads.
 * Decision 26, docs/decisions/0026-tls-gets-turns-to-pass-bytes-on.md.
 */
const encryptionTurns = 32;
/** What TLS may hold meanwhile beside what may wait, in bytes: about what the system holds for a reader who isn't slow. */
const encryptionBytes = 4_194_304;
/** Without TLS: what came in one turn says nothing of its reader, who could not read meanwhile. In the second one they have. */
const readingTurns = 2;
/** From here on bytes that others get too are kept as they are, in bytes; fewer are cheaper to copy. */
const sharedFromBytes = 1024;

export type SlowReaderReason = 'outboxFull' | 'outboxTotal' | 'stalled';

export interface SendQueueOwner {
  /** This reader is too slow. Comes once; what was gathered is thrown away by then. */
  limitReached(trouble: SlowReaderReason): void;
  /** The sink has thrown an error, which is a bug; it must not keep other send queues from being emptied. */
  writeFailed(error: unknown): void;
}

export interface SendQueueOptions {
  flushScheduler: FlushScheduler;
  clock: Clock;
  /** What waits in all send queues of the server. */
  total: SendBudget;
  /** From here on a send queue asks those who fill it to wait, in bytes. */
  outboxSoftBytes: number;
  /** What may wait for a reader who is slow, in bytes. */
  outboxBytes: number;
  /** How long a reader may take nothing at all, in ms. */
  stallMs: number;
  /** Without it, who has not drained within that time has taken nothing. */
  unsentBytes?: UnsentBytes | undefined;
}

/** The part of the time to stall after which it is first looked how much there is: most readers have drained by then. */
const firstLook = 1 / 30;

export class SendQueue {
  readonly #sink: ByteSink;
  readonly #options: SendQueueOptions;
  readonly #owner: SendQueueOwner;
  #text = '';
  #shared: Buffer | undefined;
  /** What was gathered before `#text` while blocked: bytes that others get too, and text. */
  #pieces: (string | Buffer)[] = [];
  /** Bytes of both. */
  #gatheredBytes = 0;
  /** The sink has more than it likes: what comes is gathered until it has drained. */
  #isBlocked = false;
  /** What waits while blocked. */
  readonly #waiting: WaitingBytes;
  #stalling: unknown;
  /** How often it was blocked so far. */
  #blocks = 0;
  /** More waits than may, and the reader, or TLS, hasn't had their turns yet. */
  #judging: NodeJS.Immediate | undefined;
  #isInTrouble = false;
  #onceDrained: (() => void)[] = [];

  constructor(sink: ByteSink, options: SendQueueOptions, owner: SendQueueOwner) {
    this.#sink = sink;
    this.#options = options;
    this.#owner = owner;
    this.#waiting = new WaitingBytes(options.total);
  }

  /** `bytes` are the same text encoded, when many get it in this turn: they are used if there is nothing else to send. */
  write(text: string, bytes?: Buffer): void {
    if (this.#isBlocked) {
      this.#gather(text, bytes);
      return;
    }
    if (this.#shared !== undefined) this.flush();
    if (this.#text === '') {
      this.#options.flushScheduler.flush(this);
      this.#shared = bytes;
      if (bytes !== undefined) return;
    }
    this.#text += text;
  }

  /** Bytes that are no text, behind what is gathered: few, and sent even while the sink is blocked. */
  writeAtOnce(bytes: Buffer): void {
    if (this.#isInTrouble) return;
    this.flush();
    try {
      if (!this.#sink.write(bytes) && !this.#isBlocked && this.#sink.writableLength > 0) this.#block();
    } catch (error) {
      this.#owner.writeFailed(error);
    }
  }

  /** Whoever fills it because of what its own reader does, or can wait, had better wait. */
  get needsDrain(): boolean {
    return (this.#isBlocked ? this.waitingBytes : this.#text.length) >= this.#options.outboxSoftBytes;
  }

  /** Bytes that wait for a slow reader; 0 as long as the socket takes what it gets. */
  get waitingBytes(): number {
    return this.#waiting.bytes;
  }

  /** Calls once, when it isn't full any more, or will never be sent. */
  onceDrained(callback: () => void): void {
    this.#onceDrained.push(callback);
  }

  /** Hands over what is gathered, at once; nothing while the sink is blocked. */
  flush(): void {
    if (!this.#isBlocked) this.#flushNow();
  }

  /** Hands over the last words, whatever the sink says. */
  finish(): void {
    this.#flushNow();
    this.close();
  }

  /** The sink has taken everything. */
  drained(): void {
    if (!this.#isBlocked) return;
    this.#unblock();
    this.#flushNow();
    this.#callDrained();
  }

  /** Nothing will be sent any more. */
  close(): void {
    if (this.#isBlocked) this.#unblock();
    this.#isInTrouble = true;
    this.#callDrained(true);
  }

  /** This reader is too slow: what was gathered is thrown away, so that the memory is free at once. */
  drop(trouble: SlowReaderReason): void {
    if (this.#isInTrouble) return;
    this.#isInTrouble = true;
    this.#forget();
    this.#waiting.thrownAway(this.#sink.writableLength);
    this.#owner.limitReached(trouble);
  }

  /** What is gathered is somebody else's from now on. */
  takeGathered(): (string | Buffer)[] {
    const gathered = [...this.#pieces, this.#shared ?? this.#text];
    this.#forget();
    return gathered;
  }

  #forget(): void {
    if (this.#pieces.length > 0) this.#pieces = [];
    this.#shared = undefined;
    this.#text = '';
    this.#gatheredBytes = 0;
  }

  /** At each turn of each reader: nearly always with one piece only, for which no list is made. */
  #flushNow(): void {
    const pieces = this.#pieces;
    const last = this.#shared ?? this.#text;
    this.#forget();
    let isFull = false;
    try {
      for (const bytes of pieces) if (bytes.length > 0) isFull = !this.#sink.write(bytes);
      if (last.length > 0) isFull = !this.#sink.write(last);
      if (isFull && !this.#isBlocked && this.#sink.writableLength > 0) this.#block([...pieces, last]);
    } catch (error) {
      this.#owner.writeFailed(error);
    }
    if (this.#onceDrained.length > 0) this.#callDrained();
  }

  #gather(text: string, bytes?: Buffer): void {
    const { outboxBytes } = this.#options;
    // Last words find room, however much the sink holds, and however much somebody says before them.
    if (this.#isInTrouble && this.#gatheredBytes >= outboxBytes) {
      this.#forget();
      this.#waiting.thrownAway(this.#sink.writableLength);
    }
    const length = bytes?.length ?? Buffer.byteLength(text);
    this.#gatheredBytes += length;
    if (bytes !== undefined && length >= sharedFromBytes) {
      this.#pieces.push(this.#text, bytes);
      this.#text = '';
      this.#waiting.hold(bytes);
    } else this.#text += text;
    this.#waiting.count(this.#waiting.bytes + length);
    if (this.waitingBytes <= outboxBytes || this.#isInTrouble) return;
    const isEncrypted = this.#sink.encrypted === true;
    if (this.waitingBytes > outboxBytes + (isEncrypted ? encryptionBytes : outboxBytes)) this.drop('outboxFull');
    else this.#judging ??= this.#judgeAfter(isEncrypted ? encryptionTurns : readingTurns);
  }

  /** Too slow, unless it has drained by then. */
  #judgeAfter(turns: number): NodeJS.Immediate {
    return setImmediate(() => {
      if (turns > 1) this.#judging = this.#judgeAfter(turns - 1);
      else this.drop('outboxFull');
    });
  }

  /** The sink has not got rid of what it was given. */
  #block(given: readonly (string | Buffer)[] = []): void {
    this.#isBlocked = true;
    this.#options.total.blocked(this);
    this.#waiting.given(given, this.#sink.writableLength);
    this.#blocks++;
    const { clock, stallMs, unsentBytes } = this.#options;
    if (unsentBytes === undefined) this.#stalling = clock.setTimeout(() => this.drop('stalled'), stallMs);
    else this.#stalling = clock.setTimeout(() => void this.#look(unsentBytes, this.#blocks), stallMs * firstLook);
  }

  /**
   * The system wants to have got rid of a good part of its buffer before it takes more, which a steady slow reader may need
   * minutes for. So it is asked whether any byte has gone.
   */
  async #look(unsentBytes: UnsentBytes, block: number, before?: number): Promise<void> {
    const unsent = await unsentBytes(this.#sink);
    if (!this.#isBlocked || block !== this.#blocks || this.#isInTrouble) return;
    const { clock, stallMs } = this.#options;
    const isFirst = before === undefined;
    if (!isFirst && (unsent === undefined || unsent === before)) this.drop('stalled');
    else {
      const ms = isFirst ? stallMs * (1 - firstLook) : stallMs;
      this.#stalling = clock.setTimeout(() => void this.#look(unsentBytes, block, unsent ?? -1), ms);
    }
  }

  #unblock(): void {
    this.#isBlocked = false;
    this.#options.clock.clearTimeout(this.#stalling);
    clearImmediate(this.#judging);
    this.#judging = undefined;
    this.#waiting.clear();
    this.#options.total.unblocked(this);
  }

  #callDrained(always = false): void {
    if (!always && this.needsDrain) return;
    const waiting = this.#onceDrained;
    this.#onceDrained = [];
    for (const callback of waiting) callback();
  }
}
