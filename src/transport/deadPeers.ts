/**
 * Who is gone without a word, and who only reads slowly: the system knows, and says so on Linux.
 *
 * Owns: when the system is asked, which is rarely, and only while somebody has been written to and has not been heard of
 * since. Knows nothing of what is said to whom. Next: `kernelQueues.ts`.
 */
import type { Clock } from '../runtime/clock.ts';
import { type Endpoints, type KernelQueue, keyOf, readKernelQueues } from './kernelQueues.ts';

/** How often the system is asked while somebody is suspicious, in ms. */
export const lookMs = 10_000;

/** Between two questions of the system to the other side, in ms, while a connection is probed. */
const askMs = 1000;
/** After that two questions had a second each for their answer, also if the last byte has just come. */
const probeMs = 2300;
/** So many questions without an answer, or bytes sent again so often, and nobody is there. */
const unanswered = 2;

/** A connection that the system can ask about; where it can't be told when to, it does so as ever. */
export interface Probeable extends Endpoints {
  /** Whether the system asks the other side after so much silence, in ms. */
  setKeepAlive?(isOn: boolean, afterMs: number): unknown;
}

export interface Watched {
  readonly endpoints: Probeable;
  /** It was written to, and nothing has come from it since. */
  readonly isUnheard: boolean;
  /** Nothing was acknowledged for too long, although it was sent again and again. Comes at most once for each silence. */
  limitReached(limit: 'unreachable'): void;
}

interface Silence {
  since: number;
  retries: number;
}

export class DeadPeers {
  readonly #clock: Clock;
  readonly #goneMs: number;
  readonly #keepAliveMs: number;
  readonly #read: () => Promise<ReadonlyMap<string, KernelQueue>>;
  readonly #watched = new Map<Watched, Silence | undefined>();
  #timer: unknown;
  /** Those who are probed, each with its timer. */
  readonly #probed = new Map<Watched, unknown>();

  /**
   * Somebody is gone when nothing was acknowledged for `goneMs`. After `keepAliveMs` of silence the system asks anybody. 0 for
   * never.
   */
  constructor(clock: Clock, goneMs: number, keepAliveMs: number, read = readKernelQueues) {
    this.#clock = clock;
    this.#goneMs = goneMs;
    this.#keepAliveMs = keepAliveMs;
    this.#read = read;
  }

  add(watched: Watched): void {
    if (this.#goneMs <= 0) return;
    this.#watched.set(watched, undefined);
    if (this.#watched.size === 1) this.#plan();
  }

  /**
   * Finds out within three seconds if anybody is still there, while nothing has to be said. Whoever can't be asked, or gives
   * any answer, is.
   */
  probe(watched: Watched): void {
    if (this.#probed.has(watched)) return;
    watched.endpoints.setKeepAlive?.(true, askMs);
    this.#probed.set(
      watched,
      this.#clock.setTimeout(() => void this.#lookAt(watched), probeMs),
    );
  }

  delete(watched: Watched): void {
    this.#clock.clearTimeout(this.#probed.get(watched));
    this.#probed.delete(watched);
    if (this.#watched.delete(watched) && this.#watched.size === 0) this.#clock.clearTimeout(this.#timer);
  }

  #plan(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => void this.#look(), Math.min(lookMs, this.#goneMs));
  }

  async #lookAt(watched: Watched): Promise<void> {
    const queue = (await this.#read()).get(keyOf(watched.endpoints));
    // Who has left meanwhile is not looked at any more.
    if (!this.#probed.delete(watched)) return;
    if (queue !== undefined && queue.retries >= unanswered) watched.limitReached('unreachable');
    else watched.endpoints.setKeepAlive?.(this.#keepAliveMs > 0, this.#keepAliveMs);
  }

  async #look(): Promise<void> {
    const isAnySuspicious = [...this.#watched.keys()].some(({ isUnheard }) => isUnheard);
    const queues = isAnySuspicious ? await this.#read() : undefined;
    const now = this.#clock.now();
    // Who leaves meanwhile is not looked at any more.
    for (const [watched, silence] of this.#watched) {
      const queue = watched.isUnheard ? queues?.get(keyOf(watched.endpoints)) : undefined;
      if (queue === undefined || queue.retries === 0) this.#watched.set(watched, undefined);
      else if (silence === undefined || queue.retries < silence.retries) {
        this.#watched.set(watched, { since: now, retries: queue.retries });
      } else if (now - silence.since >= this.#goneMs) {
        this.#watched.set(watched, undefined);
        watched.limitReached('unreachable');
      } else silence.retries = queue.retries;
    }
    if (this.#watched.size > 0) this.#plan();
  }
}
