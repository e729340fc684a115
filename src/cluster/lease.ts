/**
 * The lease by which a server process may speak for its users.
 *
 * Owns: when the lease is renewed, which renewals have no ack yet, and how long the lease lasts after an ack.
 * Knows nothing of Redis, or of what happens when a lease ends. Next: `clusterMembership.ts`.
 */
import type { Clock } from '../runtime/clock.ts';

const renewEveryMs = 500;
/** From sending a renewal until we let go of our users. In Redis the lease lasts half a second longer: `max_step_ms`. */
const leaseMs = 2500;

interface Renewal {
  readonly sentAtMs: number;
  /** The latest batch that was sent before it; 0 while batches are held back. */
  readonly batch: number;
}

export interface LeaseHandler {
  /** Sends a renewal to the directory. */
  renew(renewal: number): void;
  /** The number of the latest batch that was sent to this directory; 0 if none was since the join. */
  latestBatch(): number;
}

export class Lease {
  readonly #clock: Clock;
  readonly #handler: LeaseHandler;
  /** Renewals without an ack. */
  readonly #renewals = new Map<number, Renewal>();
  #latestRenewal = 0;
  #latestAck = 0;
  #timer: unknown;

  constructor(clock: Clock, handler: LeaseHandler) {
    this.#clock = clock;
    this.#handler = handler;
  }

  /** Renews now, and from now on every half second. */
  start(): void {
    this.stop();
    const renew = (): void => {
      this.#renew();
      this.#timer = this.#clock.setTimeout(renew, renewEveryMs);
    };
    renew();
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
  }

  /** Acks of renewals before now count for nothing: they belong to an earlier membership. */
  forget(): void {
    this.#renewals.clear();
    this.#latestAck = this.#latestRenewal;
  }

  /** The number of the latest renewal whose ack was read. */
  get latestAck(): number {
    return this.#latestAck;
  }

  /**
   * The directory has renewed the lease. Returns how long it lasts from now, in ms, and the latest batch that was sent
   * before the renewal; undefined if a later renewal was acknowledged already. `leftMs` is negative if the ack is late.
   */
  ack(number: number): { leftMs: number; batch: number } | undefined {
    const renewal = this.#renewals.get(number);
    if (renewal === undefined) return undefined;
    this.#latestAck = number;
    for (const earlier of this.#renewals.keys()) if (earlier <= number) this.#renewals.delete(earlier);
    return { leftMs: renewal.sentAtMs + leaseMs - this.#clock.now(), batch: renewal.batch };
  }

  #renew(): void {
    const renewal = ++this.#latestRenewal;
    this.#renewals.set(renewal, { sentAtMs: this.#clock.now(), batch: this.#handler.latestBatch() });
    this.#handler.renew(renewal);
  }
}
