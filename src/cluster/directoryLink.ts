/**
 * How a server process stands to the shared directory, for those who only look on: metrics and health checks.
 *
 * Owns: what they are told. Each look at a property says how it is then. Changes nothing.
 * Next: `clusterMembership.ts`, `../metrics/registry.ts`.
 */
import type { Clock } from '../runtime/clock.ts';
import type { ClusterMembership } from './clusterMembership.ts';
import type { LineFlows } from './lineFlows.ts';
import type { LinePlaces } from './linePlaces.ts';
import type { OutgoingBatches } from './outgoingBatches.ts';
import type { RedisConnection } from './redisConnection.ts';

export interface DirectoryLinkParts {
  membership: ClusterMembership;
  batches: OutgoingBatches;
  connection: RedisConnection;
  clock: Clock;
  lines: Pick<LinePlaces, 'isListening'>;
  flows: LineFlows;
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

  /** True while others can send us lines past the directory. */
  get hearsLines(): boolean {
    return this.#parts.lines.isListening;
  }

  /** To how many processes lines go past the directory, and to how many they go through it. */
  get lineWays(): { quick: number; slow: number } {
    return this.#parts.flows.ways;
  }

  get linesWaiting(): number {
    return this.#parts.flows.waiting;
  }

  get calls(): number {
    return this.#parts.connection.answered.calls;
  }

  get callMs(): number {
    return this.#parts.connection.answered.ms;
  }
}
