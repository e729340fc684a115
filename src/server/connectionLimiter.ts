/**
 * How many connections there may be at once, and how many from one address.
 *
 * Owns: the count of connections. Those from this machine count for the first limit only. Knows nothing of chat.
 */

import { readFileSync } from 'node:fs';
import type { Limits } from '../config/limits.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { TokenBucket } from '../runtime/tokenBucket.ts';
import { networkOf } from '../transport/address.ts';

export { networkOf };

export type ConnectionRefusal = 'serverFull' | 'addressFull' | 'connectRate';

/** How many files the server needs besides its connections: the listening socket, the log, those of the event loop. */
const filesKept = 64;

/** How many seconds' worth of connections may come at once. */
const arrivalsAtOnce = 10;
/** How many addresses of recent connections are kept, at most; each takes some hundred bytes. */
const maxArrivals = 10_000;

type Limited = Pick<Limits, 'maxConnections' | 'maxPerAddress'> & Partial<Pick<Limits, 'connectRate'>>;

export class ConnectionLimiter {
  readonly maxConnections: number;
  readonly #maxPerAddress: number;
  readonly #perAddress = new Map<string, number>();
  readonly #connectRate: number;
  readonly #clock: Clock;
  /** By address, how many connections may come now; only for addresses of recent connections. */
  readonly #arrivals = new Map<string, TokenBucket>();
  #connections = 0;

  constructor({ maxConnections, maxPerAddress, connectRate = 0 }: Limited, clock: Clock = systemClock) {
    this.#connectRate = connectRate;
    this.#clock = clock;
    this.maxConnections = Math.max(1, Math.min(maxConnections, openFilesLimit() - filesKept));
    this.#maxPerAddress = maxPerAddress;
  }

  /**
   * Counts a connection, or returns why it is refused; one that another process `hasAdmitted` never is. Each one that was
   * counted needs one call of `leave`.
   */
  enter(remoteAddress: string, hasAdmitted = false): ConnectionRefusal | undefined {
    if (this.#connections >= this.maxConnections && !hasAdmitted) return 'serverFull';
    const network = networkOf(remoteAddress);
    const others = this.#perAddress.get(network) ?? 0;
    if (!hasAdmitted && !isLoopback(network)) {
      if (!this.#mayArrive(network)) return 'connectRate';
      if (this.#maxPerAddress > 0 && others >= this.#maxPerAddress) return 'addressFull';
    }
    this.#connections++;
    this.#perAddress.set(network, others + 1);
    return undefined;
  }

  #mayArrive(network: string): boolean {
    const rate = this.#connectRate;
    if (rate <= 0) return true;
    const burst = arrivalsAtOnce * rate;
    // Who has not come for so long that all may come at once again needs no place.
    if (this.#arrivals.size >= maxArrivals) {
      for (const [each, bucket] of this.#arrivals) if (bucket.has(burst)) this.#arrivals.delete(each);
      if (this.#arrivals.size >= maxArrivals) this.#arrivals.clear();
    }
    const arrivals = this.#arrivals.get(network) ?? new TokenBucket(rate, burst, this.#clock);
    this.#arrivals.set(network, arrivals);
    return arrivals.take(1);
  }

  leave(remoteAddress: string): void {
    this.#connections--;
    const network = networkOf(remoteAddress);
    const others = (this.#perAddress.get(network) ?? 0) - 1;
    if (others > 0) this.#perAddress.set(network, others);
    else this.#perAddress.delete(network);
  }
}

function isLoopback(network: string): boolean {
  return network.startsWith('127.') || network === '::1';
}

/** Returns how many files this process may have open; infinity if there is no limit, or if it can't be read. */
function openFilesLimit(): number {
  try {
    const [, soft = ''] = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return /^\d+$/.test(soft) ? Number(soft) : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
