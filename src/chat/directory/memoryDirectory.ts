/**
 * The directory of a single server process: all data in memory, every look-up and update O(1), every verdict at once.
 *
 * Owns: which users are online, in which state, in which pairing, and which user wins. The dictionaries of ids are one
 * Map of rows, so that no id can be in one of them and missing in another. Knows nothing of connections, sentences or
 * time.
 * Why one Map: decision 2, docs/decisions/0002-one-map-of-rows.md.
 */

import type { Destination, SessionId, UserRow, UserState } from '../../../machines/events.ts';
import type { Command } from '../../../machines/lobby.machine.ts';
import type { Directory, Notify } from './directory.ts';

interface Row {
  readonly id: string;
  readonly session: SessionId;
  state: UserState;
  other: Row | undefined;
  /** The number of the pairing, the same for both users; 0 without one. */
  pairingId: number;
}

/** The whole content of a directory, as plain data. */
export interface DirectorySnapshot {
  lastPairingId: number;
  rows: { id: string; session: SessionId; state: UserState; partner: string | undefined; pairingId: number }[];
}

export class MemoryDirectory implements Directory {
  readonly #notify: Notify;
  /** Lower-case id → row. */
  readonly #ids = new Map<string, Row>();
  /** Session → row, for sessions that have an id. */
  readonly #sessions = new Map<SessionId, Row>();
  #lastPairingId = 0;
  #roomCount = 0;

  constructor(notify: Notify) {
    this.#notify = notify;
  }

  /** Returns a directory with the content of a snapshot. */
  static restore(snapshot: DirectorySnapshot, notify: Notify, directoryClass = MemoryDirectory): MemoryDirectory {
    const directory = new directoryClass(notify);
    directory.#lastPairingId = snapshot.lastPairingId;
    for (const { id, session, state, pairingId } of snapshot.rows) {
      const row: Row = { id, session, state: 'menu', other: undefined, pairingId };
      directory.#ids.set(id.toLowerCase(), row);
      directory.#sessions.set(session, row);
      directory.#place(row, state);
    }
    for (const { session, partner } of snapshot.rows) {
      const row = directory.#sessions.get(session);
      if (row && partner !== undefined) row.other = directory.#ids.get(partner.toLowerCase());
    }
    return directory;
  }

  snapshot(): DirectorySnapshot {
    const rows = [...this.#ids.values()];
    return {
      lastPairingId: this.#lastPairingId,
      rows: rows.map(({ id, session, state, other, pairingId }) => ({
        id,
        session,
        state,
        partner: other?.id,
        pairingId,
      })),
    };
  }

  get onlineCount(): number {
    return this.#ids.size;
  }

  get roomCount(): number {
    return this.#roomCount;
  }

  rowOf(session: SessionId): UserRow | undefined {
    return publicRow(this.#sessions.get(session));
  }

  *rows(): Iterable<UserRow> {
    for (const row of this.#ids.values()) yield publicRow(row) as UserRow;
  }

  send(session: SessionId, command: Command): void {
    if (command.type === 'id.claim') {
      this.#claim(session, command.id);
      return;
    }
    const row = this.#sessions.get(session);
    if (row === undefined) return;
    switch (command.type) {
      case 'menu.leave':
        this.#leaveMenu(row, command.to);
        break;
      case 'menu.return':
        this.#returnToMenu(row);
        break;
      case 'request.make':
        this.#request(row, command.target);
        break;
      case 'request.withdraw':
        this.#endRequest(row, 'request.withdrawn');
        break;
      case 'request.accept':
        this.#accept(row, command.pairingId);
        break;
      case 'request.decline':
        this.#decline(row, command.pairingId);
        break;
      case 'chat.leave':
        this.#leaveChat(row, command.pairingId);
        break;
    }
  }

  expire(session: SessionId): void {
    const row = this.#sessions.get(session);
    if (row !== undefined) this.#endRequest(row, 'request.expired');
  }

  remove(session: SessionId): void {
    const row = this.#sessions.get(session);
    if (row === undefined) return;
    const { other, pairingId, state } = row;
    this.#sessions.delete(session);
    this.#ids.delete(row.id.toLowerCase());
    this.#place(row, 'menu');
    if (other === undefined) return;
    this.#unpair(other);
    if (state === 'chatting') this.#notify(other.session, { type: 'chat.ended', pairingId });
    else if (state === 'requesting') this.#notify(other.session, { type: 'request.withdrawn', pairingId });
    else this.#notify(other.session, { type: 'request.refused', reason: 'gone' });
  }

  #claim(session: SessionId, id: string): void {
    const key = id.toLowerCase();
    if (this.#sessions.has(session) || this.#ids.has(key)) {
      this.#notify(session, { type: 'id.refused' });
      return;
    }
    const row: Row = { id, session, state: 'menu', other: undefined, pairingId: 0 };
    this.#ids.set(key, row);
    this.#sessions.set(session, row);
    this.#notify(session, { type: 'id.granted', id });
  }

  #leaveMenu(row: Row, to: Destination): void {
    if (row.state !== 'menu') {
      this.#notify(row.session, { type: 'move.refused' });
      return;
    }
    this.#place(row, to);
    this.#notify(row.session, { type: 'move.granted', to });
  }

  /** Needs no verdict: a user who names a target or is in the room is moved by nobody else. */
  #returnToMenu(row: Row): void {
    if (row.other === undefined) this.#place(row, 'menu');
  }

  #request(row: Row, targetId: string): void {
    if (row.state !== 'requesting' || row.other !== undefined) return;
    const target = this.#ids.get(targetId.toLowerCase());
    if (target?.state !== 'menu') {
      this.#place(row, 'menu');
      const reason = target === undefined ? 'unknown' : target === row ? 'self' : 'busy';
      this.#notify(row.session, { type: 'request.refused', reason });
      return;
    }
    const pairingId = ++this.#lastPairingId;
    this.#place(target, 'confirming');
    row.other = target;
    target.other = row;
    row.pairingId = target.pairingId = pairingId;
    this.#notify(target.session, { type: 'request.received', askerId: row.id, pairingId });
    this.#notify(row.session, { type: 'request.delivered', pairingId });
  }

  #endRequest(row: Row, how: 'request.withdrawn' | 'request.expired'): void {
    const { other, pairingId } = row;
    if (row.state !== 'requesting' || other === undefined) return;
    this.#unpair(row);
    this.#unpair(other);
    this.#notify(other.session, { type: how, pairingId });
    this.#notify(row.session, { type: how, pairingId });
  }

  #accept(row: Row, pairingId: number): void {
    const { other } = row;
    if (row.state !== 'confirming' || other === undefined || row.pairingId !== pairingId) return;
    this.#place(row, 'chatting');
    this.#place(other, 'chatting');
    this.#notify(other.session, { type: 'chat.started', partnerId: row.id, partnerSession: row.session, pairingId });
    this.#notify(row.session, { type: 'chat.started', partnerId: other.id, partnerSession: other.session, pairingId });
  }

  #decline(row: Row, pairingId: number): void {
    const { other } = row;
    if (row.state !== 'confirming' || other === undefined || row.pairingId !== pairingId) return;
    this.#unpair(row);
    this.#unpair(other);
    this.#notify(other.session, { type: 'request.declined', pairingId });
    this.#notify(row.session, { type: 'request.declined', pairingId });
  }

  #leaveChat(row: Row, pairingId: number): void {
    const { other } = row;
    if (row.state !== 'chatting' || other === undefined || row.pairingId !== pairingId) return;
    this.#unpair(row);
    this.#unpair(other);
    this.#notify(other.session, { type: 'chat.ended', pairingId });
    this.#notify(row.session, { type: 'chat.ended', pairingId });
  }

  /** Changes a row's state. Every change goes through here, so that the room's count is always right. */
  #place(row: Row, state: UserState): void {
    if (row.state === 'commonRoom') this.#roomCount--;
    if (state === 'commonRoom') this.#roomCount++;
    row.state = state;
  }

  #unpair(row: Row): void {
    this.#place(row, 'menu');
    row.other = undefined;
    row.pairingId = 0;
  }
}

function publicRow(row: Row | undefined): UserRow | undefined {
  return row && { id: row.id, session: row.session, state: row.state, partner: row.other?.id };
}
