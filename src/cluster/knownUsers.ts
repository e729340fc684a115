/**
 * What a server process knows of all users: the replica of the shared directory and its counts, or a directory of its
 * own while Redis is down.
 *
 * Owns: which of the two is read, and the change from one to the other. Decides nothing itself.
 * Next: `replica.ts`, `commandRouter.ts` (who decides).
 */
import type { SessionId, UserRow } from '../../machines/events.ts';
import type { DirectoryView, Notify } from '../chat/directory/directory.ts';
import { MemoryDirectory } from '../chat/directory/memoryDirectory.ts';
import { Replica } from './replica.ts';
import type { SessionNames } from './sessionNames.ts';
import { listSize, type SharedRow } from './wireTypes.ts';

export class KnownUsers implements DirectoryView {
  readonly #names: SessionNames;
  #replica = new Replica();
  #standalone: MemoryDirectory | undefined;
  /** Partners elsewhere of our users, as they were before the latest snapshot: their process may have to join yet. */
  #formerPartners = new Map<string, SharedRow>();
  /** How many users there are in all, and in the room, by the latest entry of our inbox. */
  #counts = { online: 0, inRoom: 0 };

  constructor(names: SessionNames) {
    this.#names = names;
  }

  get onlineCount(): number {
    return this.#standalone?.onlineCount ?? (this.#isWhole ? this.#replica.size : this.#counts.online);
  }

  get roomCount(): number {
    return this.#standalone?.roomCount ?? (this.#isWhole ? this.#replica.roomCount : this.#counts.inRoom);
  }

  rowOf(session: SessionId): UserRow | undefined {
    const shared = this.#names.toShared(session);
    const row = this.#standalone ? this.#standalone.rowOf(shared) : this.#replica.publicRowOf(shared);
    return row && this.#names.toLocalRow(row);
  }

  *rows(): Iterable<UserRow> {
    const rows = this.#standalone ? this.#standalone.rows() : this.#replica.publicRows();
    for (const row of rows) yield this.#names.toLocalRow(row);
  }

  /** While not more users are online than are listed, every row is here: it is exact within an entry too. */
  get #isWhole(): boolean {
    return this.#counts.online <= listSize;
  }

  setCounts(online: number, inRoom: number): void {
    this.#counts = { online, inRoom };
  }

  /** The shared directory has a new or changed row. Who is not listed concerns us if it is our user, or a partner. */
  set(row: SharedRow, isListed: boolean): void {
    if (isListed || this.#names.isOurs(row.session) || this.#names.isOurs(row.other)) this.#replica.set(row);
    else this.#replica.delete(row.session);
  }

  /** The shared directory has removed the row of this session. */
  delete(session: string): void {
    this.#replica.delete(session);
  }

  /** The directory that decides while Redis is down; undefined while Redis decides. */
  get standalone(): MemoryDirectory | undefined {
    return this.#standalone;
  }

  /** From now on a directory in memory holds what the replica holds of our users and their partners. */
  startStandalone(notify: Notify): void {
    const isOurs = (session: string): boolean => this.#names.isOurs(session);
    if (this.#standalone === undefined) for (const row of this.#partnersElsewhere().values()) this.#replica.set(row);
    this.#standalone ??= MemoryDirectory.restore(this.#replica.snapshotOf(isOurs), notify);
  }

  /**
   * The shared directory says from now on what it knows. Of what we knew, our own rows count until it has taken them, and
   * who was paired.
   */
  startSnapshot(): void {
    const held = this.heldRows();
    this.#formerPartners = this.#partnersElsewhere();
    this.#replica = new Replica();
    this.#standalone = undefined;
    for (const row of held) this.#replica.set(row);
  }

  /** Forgets every user. From now on the replica is read. */
  clear(): void {
    this.#formerPartners.clear();
    this.#replica = new Replica();
    this.#standalone = undefined;
  }

  /** The rows of the partners elsewhere, also of those who are missing in the replica. */
  #partnersElsewhere(): Map<string, SharedRow> {
    const partners = new Map<string, SharedRow>();
    for (const { session, other } of this.#replica.all()) {
      const partner = this.#replica.get(other) ?? this.#formerPartners.get(other);
      if (partner && this.#names.isOurs(session) && !this.#names.isOurs(other)) partners.set(other, partner);
    }
    return partners;
  }

  /** The rows of our users, as the shared directory stores them. */
  heldRows(): SharedRow[] {
    const rows = this.#standalone ? sharedRowsOf(this.#standalone) : [...this.#replica.all()];
    return rows.filter(({ session }) => this.#names.isOurs(session));
  }

  /** Our users who read lines from other processes: those in the room, and those who chat with a user elsewhere. */
  readersOfOthers(): SessionId[] {
    return this.#held(
      ({ state, other }) => state === 'commonRoom' || (state === 'chatting' && !this.#names.isOurs(other)),
    );
  }

  /** Our users in the room. */
  inRoom(): SessionId[] {
    return this.#held(({ state }) => state === 'commonRoom');
  }

  #held(passes: (row: SharedRow) => boolean): SessionId[] {
    return this.heldRows()
      .filter(passes)
      .map(({ session }) => this.#names.toLocal(session));
  }
}

function sharedRowsOf(directory: MemoryDirectory): SharedRow[] {
  const { rows } = directory.snapshot();
  const sessionOf = new Map(rows.map(({ id, session }) => [id, session]));
  return rows.map(({ partner, ...row }, order) => ({
    ...row,
    order,
    other: (partner === undefined ? undefined : sessionOf.get(partner)) ?? '',
  }));
}
