/**
 * What a server process knows of the shared directory: its rows, as its inbox has told them so far.
 *
 * Owns: the copy. It is never asked who wins; it answers who is online. Next: `redisDirectory.ts`.
 * Why a copy: decision 27, docs/decisions/0027-every-server-has-a-copy-of-every-row.md.
 */
import type { UserRow } from '../../machines/events.ts';
import type { DirectorySnapshot } from '../chat/directory/memoryDirectory.ts';
import type { SharedRow } from './wireTypes.ts';

export class Replica {
  /** Session → row, in the order of arrival. */
  readonly #rows = new Map<string, SharedRow>();
  #roomCount = 0;
  #latestPairing = 0;

  get size(): number {
    return this.#rows.size;
  }

  get roomCount(): number {
    return this.#roomCount;
  }

  get(session: string): SharedRow | undefined {
    return this.#rows.get(session);
  }

  all(): Iterable<SharedRow> {
    return this.#rows.values();
  }

  set(row: SharedRow): void {
    this.#count(this.#rows.get(row.session), -1);
    this.#count(row, 1);
    this.#rows.set(row.session, row);
    this.#latestPairing = Math.max(this.#latestPairing, row.pairingId);
  }

  delete(session: string): void {
    this.#count(this.#rows.get(session), -1);
    this.#rows.delete(session);
  }

  clear(): void {
    this.#rows.clear();
    this.#roomCount = 0;
  }

  public(row: SharedRow): UserRow {
    return { id: row.id, session: row.session, state: row.state, partner: this.#rows.get(row.other)?.id };
  }

  /** The people whose session passes, and their partners: what a directory needs to decide for the former. */
  snapshotOf(isOurs: (session: string) => boolean): DirectorySnapshot {
    const rows = [...this.#rows.values()].filter(({ session, other }) => isOurs(session) || isOurs(other));
    return {
      lastPairingId: this.#latestPairing,
      rows: rows.map((row) => ({ ...this.public(row), pairingId: row.pairingId })),
    };
  }

  #count(row: SharedRow | undefined, by: 1 | -1): void {
    if (row?.state === 'commonRoom') this.#roomCount += by;
  }
}
