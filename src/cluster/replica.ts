/**
 * The replica of the shared directory in a server process: the rows that this process has to know, as far as it has read
 * its inbox.
 *
 * Owns: the copy. It is read to find out who is online, and never decides. Next: `knownUsers.ts`.
 * Which rows: decision 27, docs/decisions/0027-a-row-goes-to-those-who-need-it.md.
 */
import type { UserRow } from '../../machines/events.ts';
import type { DirectorySnapshot } from '../chat/directory/memoryDirectory.ts';
import type { SharedRow } from './wireTypes.ts';

export class Replica {
  /** Session → row, in the order of arrival if `#isInOrder`. */
  #rows = new Map<string, SharedRow>();
  #isInOrder = true;
  #latestOrder = 0;
  #roomCount = 0;
  #lastPairingId = 0;

  get size(): number {
    return this.#rows.size;
  }

  get roomCount(): number {
    return this.#roomCount;
  }

  all(): Iterable<SharedRow> {
    return this.#rows.values();
  }

  get(session: string): SharedRow | undefined {
    return this.#rows.get(session);
  }

  set(row: SharedRow): void {
    this.#count(this.#rows.get(row.session), -1);
    this.#count(row, 1);
    if ((this.#rows.get(row.session)?.order ?? row.order) !== row.order) this.#isInOrder = false;
    if (!this.#rows.has(row.session) && row.order < this.#latestOrder) this.#isInOrder = false;
    this.#latestOrder = Math.max(this.#latestOrder, row.order);
    this.#rows.set(row.session, row);
    this.#lastPairingId = Math.max(this.#lastPairingId, row.pairingId);
  }

  delete(session: string): void {
    this.#count(this.#rows.get(session), -1);
    this.#rows.delete(session);
  }

  publicRowOf(session: string): UserRow | undefined {
    const row = this.#rows.get(session);
    return row && this.#public(row);
  }

  /** In the order of arrival. */
  *publicRows(): Iterable<UserRow> {
    if (!this.#isInOrder) {
      this.#rows = new Map([...this.#rows].sort(([, one], [, other]) => one.order - other.order));
      this.#isInOrder = true;
    }
    for (const row of this.#rows.values()) yield this.#public(row);
  }

  /** The users whose session passes, and their partners: what a directory needs to decide for the former. */
  snapshotOf(isOurs: (session: string) => boolean): DirectorySnapshot {
    const rows = [...this.#rows.values()].filter(({ session, other }) => isOurs(session) || isOurs(other));
    return {
      lastPairingId: this.#lastPairingId,
      rows: rows.map(({ other, order: _, ...row }) => ({ ...row, partner: this.#rows.get(other)?.id })),
    };
  }

  #public(row: SharedRow): UserRow {
    return { id: row.id, session: row.session, state: row.state, partner: this.#rows.get(row.other)?.id };
  }

  #count(row: SharedRow | undefined, by: 1 | -1): void {
    if (row?.state === 'commonRoom') this.#roomCount += by;
  }
}
