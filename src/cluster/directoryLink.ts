/**
 * How a server process stands to the shared directory, for those who only look on: metrics and health checks.
 *
 * Owns: what they are told. Each look at a property says how it is then. Changes nothing.
 * Next: `clusterMembership.ts`, `../metrics/registry.ts`.
 */
import type { Clock } from '../runtime/clock.ts';
import type { ClusterMembership } from './clusterMembership.ts';
import type { OutgoingBatches } from './outgoingBatches.ts';
import type { RedisConnection } from './redisConnection.ts';

export interface DirectoryLinkParts {
  membership: ClusterMembership;
  batches: OutgoingBatches;
  connection: RedisConnection;
  clock: Clock;
}

export class DirectoryLink {
  readonly #parts: DirectoryLinkParts;

  constructor(parts: DirectoryLinkParts) {
    this.#parts = parts;
  }

  get state(): string {
    return this.#parts.membership.status.state;
  }

  /** The state, and what ended the connection last, in one line. */
  get trouble(): string {
    const { state, reason } = this.#parts.membership.status;
    return [state, reason].filter(Boolean).join(', ').replace(/\s+/g, ' ');
  }

  get leaseAgeMs(): number {
    return this.#parts.clock.now() - this.#parts.membership.status.leasedAtMs;
  }

  get batchesWaiting(): number {
    return this.#parts.batches.state.waiting;
  }

  get inboxLength(): number {
    return this.#parts.membership.status.inboxLength;
  }

  get calls(): number {
    return this.#parts.connection.answered.calls;
  }

  get callMs(): number {
    return this.#parts.connection.answered.ms;
  }
}
