/**
 * How much may be said in the common room: more than any reader can take makes those wait who speak, not those who read.
 *
 * Owns: the bytes per second of all speakers together, and that they take turns, one line each, while not all may speak.
 * No reader has any influence on it, so nobody who reads slowly delays anybody.
 * Why not by readers: decision 36, docs/decisions/0036-the-room-paces-those-who-speak.md. Next: `linePacing.ts`.
 */
import type { Limits } from '../config/limits.ts';
import type { Clock } from '../runtime/clock.ts';
import { TokenBucket } from '../runtime/tokenBucket.ts';
import type { SlowReader } from './directory/relay.ts';

/** The part of a second's bytes that may be said at once, and so in one turn of the event loop. */
const burst = 1 / 4;

export class RoomPacing implements SlowReader {
  readonly #clock: Clock;
  /** Says how many bytes may be said now; undefined if there is no limit. */
  readonly #bytes: TokenBucket | undefined;
  /** Where the lines go from here; undefined if nobody has to wait there. */
  readonly #relay: SlowReader | undefined;
  /** Those whose lines wait, in the order of their turns. */
  #waiting: (() => void)[] = [];
  /** The one who has their turn may say one line. */
  #hasTurn = false;
  #timer: unknown;

  constructor({ clock, roomRate }: { clock: Clock } & Pick<Limits, 'roomRate'>, relay?: SlowReader) {
    this.#clock = clock;
    this.#relay = relay;
    this.#bytes = roomRate > 0 ? new TokenBucket(roomRate, Math.max(1, roomRate * burst), clock) : undefined;
  }

  get needsDrain(): boolean {
    if (this.#relay?.needsDrain) return true;
    return !this.#hasTurn && (this.#waiting.length > 0 || this.#bytes?.has(1) === false);
  }

  onceDrained(callback: () => void): void {
    if (this.#relay?.needsDrain) this.#relay.onceDrained(callback);
    else {
      this.#waiting.push(callback);
      this.#timer ??= this.#nextTurns();
    }
  }

  /** So much was said, here or elsewhere. */
  said(lines: string): void {
    this.#hasTurn = false;
    this.#bytes?.spend(Buffer.byteLength(lines));
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #nextTurns(): unknown {
    return this.#clock.setTimeout(() => this.#takeTurns(), Math.ceil(this.#bytes?.waitMs ?? 0));
  }

  #takeTurns(): void {
    while (this.#waiting.length > 0 && this.#bytes?.has(1) !== false) {
      this.#hasTurn = true;
      this.#waiting.shift()?.();
      this.#hasTurn = false;
    }
    this.#timer = this.#waiting.length > 0 ? this.#nextTurns() : undefined;
  }
}
