/**
 * A TCP connection in front of TLS: what its other side sends is passed on in small pieces, and counted.
 *
 * Owns: how many bytes TLS gets in one turn of the event loop, and how many may be TLS's own. A change of keys costs a
 * hundred times as much as the 27 bytes that ask for it, TLS itself takes any number, and code that only sees lines
 * notices none. Knows nothing of lines. Next: `tlsHandshakes.ts`.
 */
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import type { Clock } from '../runtime/clock.ts';
import { TokenBucket } from '../runtime/tokenBucket.ts';

/** What TLS gets of one connection in one turn, in bytes; the longest record is not much longer. */
const bytesPerTurn = 16_384;
/** The same as long as it makes no text of what it gets: some seventy changes of keys, which take a millisecond or two. */
const bytesPerTurnWithoutText = 2_048;

export interface MeteredOptions {
  clock: Clock;
  /** Bytes per second that may be TLS's own, and twice as many at once; 0 for any number. */
  overheadRate: number;
}

export class MeteredSocket extends Duplex {
  readonly raw: Socket;
  /** How many bytes TLS has made text of so far. */
  textBytes = (): number => 0;
  readonly #onFlood: () => void;
  readonly #overhead: TokenBucket | undefined;
  #waiting: Buffer[] = [];
  #hasEnded = false;
  #isRequested = false;
  #turn: NodeJS.Immediate | undefined;
  #passedBytes = 0;
  #countedBytes = 0;
  /** How many bytes of text there were before the last piece. */
  #textBytesBefore = 0;

  constructor(raw: Socket, { clock, overheadRate }: MeteredOptions, onFlood: () => void) {
    super({ allowHalfOpen: false });
    this.raw = raw;
    this.#onFlood = onFlood;
    this.#overhead = overheadRate > 0 ? new TokenBucket(overheadRate, 2 * overheadRate, clock) : undefined;
    raw.on('data', (chunk: Buffer) => {
      this.#waiting.push(chunk);
      raw.pause();
      this.#pass();
    });
    raw.on('end', () => {
      this.#hasEnded = true;
      this.#pass();
    });
    raw.on('error', (error) => this.destroy(error));
    raw.on('close', () => this.destroy());
    // It comes paused.
    raw.resume();
  }

  override _read(): void {
    this.#isRequested = true;
    this.#pass();
  }

  override _write(chunk: Buffer, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.raw.write(chunk, encoding, done);
  }

  override _final(done: () => void): void {
    this.raw.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearImmediate(this.#turn);
    this.#waiting = [];
    this.raw.destroy();
    done(error);
  }

  /** One piece, if there is one and this turn has not had its piece. */
  #pass(): void {
    if (!this.#isRequested || this.#turn !== undefined || this.destroyed) return;
    if (this.#isFlood()) {
      this.#onFlood();
      this.destroy();
      return;
    }
    const [first] = this.#waiting;
    if (first === undefined) {
      if (this.#hasEnded) this.push(null);
      else this.raw.resume();
      return;
    }
    const textBytes = this.textBytes();
    const most = textBytes > this.#textBytesBefore ? bytesPerTurn : bytesPerTurnWithoutText;
    this.#textBytesBefore = textBytes;
    if (first.length > most) this.#waiting[0] = first.subarray(most);
    else this.#waiting.shift();
    const piece = first.subarray(0, most);
    this.#isRequested = false;
    this.#passedBytes += piece.length;
    this.#turn = setImmediate(() => {
      this.#turn = undefined;
      this.#pass();
    });
    this.push(piece);
  }

  /**
   * A record that has not come whole counts until it has; what was counted once doesn't count again. What TLS has not taken yet,
   * because the text is not read, says nothing: newer versions of Node let 64 KiB of it wait.
   */
  #isFlood(): boolean {
    const ownBytes = this.#passedBytes - this.readableLength - this.textBytes();
    const more = ownBytes - this.#countedBytes;
    if (more <= 0) return false;
    this.#countedBytes = ownBytes;
    return this.#overhead?.take(more) === false;
  }
}
