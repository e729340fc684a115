/**
 * Refused connections: each one reads why and is closed, at a pace that leaves the server's time to those inside.
 *
 * Owns: how many a second, how many wait for that, and how many are open for their sentence. A flood that connects again
 * when it is refused gets no faster than this pace. Knows nothing of why somebody is refused.
 * Next: `acceptor.ts`. Why they wait, and where: decision 46, docs/decisions/0046-refused-connections-are-told-at-a-pace.md.
 */
import { type Clock, systemClock } from '../runtime/clock.ts';
import { ignoreError } from '../runtime/ignoreError.ts';
import { TokenBucket } from '../runtime/tokenBucket.ts';
import { Connection, type ConnectionOptions, type Wire } from '../transport/connection.ts';

/** An eighth of a core, at some 120 µs each with all that accepting costs. */
export const refusalsPerSecond = 1000;

/** How many may be open for their sentence: fewer than the files that are kept free. So many are told at once, too. */
export const maxOpen = 16;

/** How many wait, where there are places: the last one of them for a second. Each takes some kB. */
export const maxWaiting = 1000;

export class Refusals {
  readonly #options: ConnectionOptions;
  readonly #clock: Clock;
  readonly #rate: TokenBucket;
  /** Those that are not closed yet, the oldest first. */
  readonly #open = new Set<Wire>();
  #waiting: { wire: Wire; why: string }[] = [];

  /** The clock is the system's, whatever clock the rest goes by: what is saved is the machine's time. */
  constructor(options: ConnectionOptions, clock: Clock = systemClock) {
    this.#options = options;
    this.#clock = clock;
    this.#rate = new TokenBucket(refusalsPerSecond, maxOpen, clock);
  }

  /** Says why and ends: now, or a little later if there is a place to wait. If too many wait, cuts the connection off. */
  add(wire: Wire, why: string, hasPlace: boolean): void {
    if (!hasPlace || (this.#waiting.length === 0 && this.#rate.take(1))) {
      this.#tell(wire, why);
      return;
    }
    if (this.#waiting.length >= maxWaiting) {
      wire.destroy();
      return;
    }
    wire.on('error', ignoreError);
    this.#waiting.push({ wire, why });
    if (this.#waiting.length === 1) this.#goOnLater();
  }

  /** Cuts off the one that came last, because somebody who is admitted needs its place. */
  makePlace(): void {
    this.#waiting.pop()?.wire.destroy();
  }

  /** Cuts off those that wait. */
  stop(): void {
    for (const { wire } of this.#waiting) wire.destroy();
    this.#waiting = [];
  }

  readonly #goOn = (): void => {
    while (this.#waiting.length > 0 && this.#rate.take(1)) {
      const next = this.#waiting.shift();
      if (next !== undefined && !next.wire.destroyed) this.#tell(next.wire, next.why);
    }
    if (this.#waiting.length > 0) this.#goOnLater();
  };

  #goOnLater(): void {
    this.#clock.setTimeout(this.#goOn, Math.ceil(this.#rate.waitMs));
  }

  /** If many are open, cuts off the oldest: it has read why, and each one is an open file. */
  #tell(wire: Wire, why: string): void {
    const [oldest] = this.#open;
    if (this.#open.size >= maxOpen) oldest?.destroy();
    this.#open.add(wire);
    wire.once('close', () => this.#open.delete(wire));
    const connection = new Connection(wire, this.#options);
    connection.write(why);
    connection.end();
  }
}
