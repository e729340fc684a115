/**
 * How often each limit was reached, and by whom the last times.
 *
 * Owns: the counts, and for each limit the addresses that reached it last. Knows nothing of what a limit is about.
 * Next: `../config/limits.ts`, `operator.ts` (`limits`).
 */
import type { CountedLimit } from '../config/limits.ts';
import type { Clock } from '../runtime/clock.ts';
import { networkOf } from '../transport/address.ts';

/** Who stands out is among them; each limit has so many places. */
const maxAddresses = 20;

export interface ReachedBy {
  /** As limits count: of IPv6 the network. */
  address: string;
  /** The id that the connection had the last time; undefined if it had none. */
  id: string | undefined;
  times: number;
  /** On the clock. */
  lastAtMs: number;
}

export class LimitsReached {
  /** Limits that were never reached are missing. */
  readonly counts = new Map<CountedLimit, number>();
  /** For each limit by address, the latest last. */
  readonly #by = new Map<CountedLimit, Map<string, ReachedBy>>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `address` is undefined where nobody knows it. */
  add(limit: CountedLimit, address?: string, id?: string): void {
    this.counts.set(limit, (this.counts.get(limit) ?? 0) + 1);
    if (address === undefined) return;
    const network = networkOf(address);
    const all = this.#by.get(limit) ?? new Map<string, ReachedBy>();
    const times = (all.get(network)?.times ?? 0) + 1;
    all.delete(network);
    all.set(network, { address: network, id, times, lastAtMs: this.#clock.now() });
    const [oldest] = all.keys();
    if (all.size > maxAddresses && oldest !== undefined) all.delete(oldest);
    this.#by.set(limit, all);
  }

  /** Who reached it, the latest first. */
  by(limit: CountedLimit): readonly ReachedBy[] {
    return [...(this.#by.get(limit)?.values() ?? [])].reverse();
  }
}
