/**
 * The directory of a single server process: all data in memory, every look-up and update O(1), every verdict at once.
 *
 * Owns: which users are online, in which state, in which pairing, and who gets an id or may leave the menu. What becomes
 * of a pairing is decided by its chart (`pairingDecisions.ts`). The dictionaries of ids are one Map of rows, so that no
 * id can be in one of them and missing in another. Knows nothing of connections, sentences or time.
 * Why one Map: decision 2, docs/decisions/0002-one-map-of-rows.md.
 */

import type {
  Destination,
  RefusalReason,
  SessionId,
  SessionUpdate,
  UserRow,
  UserState,
} from '../../../machines/events.ts';
import type { Command } from '../../../machines/lobby.machine.ts';
import type { PairingRole, PairingUpdate } from '../../../machines/pairing.machine.ts';
import type { Directory, Notify } from './directory.ts';
import {
  type PairingDecision,
  type PairingDecisions,
  type PairingState,
  pairingDecisions,
} from './pairingDecisions.ts';

interface Row {
  readonly id: string;
  readonly session: SessionId;
  state: UserState;
  other: Row | undefined;
  /** The number of the pairing, the same for both users; 0 without one. */
  pairingId: number;
}

/** The two users of a pairing; a target that can't be asked is not in it. */
interface Pair {
  asker: Row;
  target: Row | undefined;
}

/**
 * In which state a pairing is, and whose part a user has in it, by the user's state. Who has asked makes no difference in
 * a chat, and no row says it.
 */
const parts: Partial<Record<UserState, { pairing: PairingState; role: PairingRole }>> = {
  requesting: { pairing: 'asked', role: 'asker' },
  confirming: { pairing: 'asked', role: 'target' },
  chatting: { pairing: 'chatting', role: 'asker' },
};

/** What one of the two does, or what happens to them. */
type Happening = 'accept' | 'decline' | 'withdraw' | 'expire' | 'leave' | 'gone';

/** The whole content of a directory, as plain data. */
export interface DirectorySnapshot {
  lastPairingId: number;
  rows: { id: string; session: SessionId; state: UserState; partner: string | undefined; pairingId: number }[];
}

export class MemoryDirectory implements Directory {
  readonly #notify: Notify;
  readonly #decisions: PairingDecisions;
  /** Lower-case id → row. */
  readonly #ids = new Map<string, Row>();
  /** Session → row, for sessions that have an id. */
  readonly #sessions = new Map<SessionId, Row>();
  #lastPairingId = 0;
  #roomCount = 0;

  constructor(notify: Notify, decisions: PairingDecisions = pairingDecisions) {
    this.#notify = notify;
    this.#decisions = decisions;
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
        this.#happens(row, 'withdraw');
        break;
      case 'request.accept':
        this.#happens(row, 'accept', command.pairingId);
        break;
      case 'request.decline':
        this.#happens(row, 'decline', command.pairingId);
        break;
      case 'chat.leave':
        this.#happens(row, 'leave', command.pairingId);
        break;
    }
  }

  expire(session: SessionId): void {
    const row = this.#sessions.get(session);
    if (row !== undefined) this.#happens(row, 'expire');
  }

  remove(session: SessionId): void {
    const row = this.#sessions.get(session);
    if (row === undefined) return;
    this.#sessions.delete(session);
    this.#ids.delete(row.id.toLowerCase());
    this.#happens(row, 'gone');
    this.#place(row, 'menu');
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

  /** Only a user who is about to name a target can ask. The chart says what becomes of it. */
  #request(row: Row, targetId: string): void {
    if (row.state !== 'requesting' || row.other !== undefined) return;
    const target = this.#ids.get(targetId.toLowerCase());
    const found =
      target === undefined ? 'unknown' : target === row ? 'self' : target.state === 'menu' ? 'free' : 'busy';
    const decision = this.#decisions.get('named')?.get(`target.${found}`);
    if (decision === undefined) return;
    const pairingId = decision.isOver ? 0 : ++this.#lastPairingId;
    this.#carryOut(decision, { asker: row, target: found === 'free' ? target : undefined }, pairingId);
  }

  /** Something happens to the pairing that a user is in, or is meant for an older one. The chart says what it means. */
  #happens(row: Row, what: Happening, pairingId = row.pairingId): void {
    const { other } = row;
    const part = parts[row.state];
    if (other === undefined || part === undefined || row.pairingId !== pairingId) return;
    const decision = this.#decisions.get(part.pairing)?.get(`${part.role}.${what}`);
    const pair = part.role === 'asker' ? { asker: row, target: other } : { asker: other, target: row };
    if (decision !== undefined) this.#carryOut(decision, pair, pairingId);
  }

  /** First the rows, then the updates: whoever hears of it finds the dictionaries as they are from now on. */
  #carryOut({ places, updates, isOver }: PairingDecision, pair: Pair, pairingId: number): void {
    const { asker, target } = pair;
    this.#place(asker, places.asker ?? asker.state);
    this.#link(asker, isOver ? undefined : target, isOver ? 0 : pairingId);
    if (target !== undefined) {
      this.#place(target, places.target ?? target.state);
      this.#link(target, isOver ? undefined : asker, isOver ? 0 : pairingId);
    }
    for (const { whom, update, reason } of updates) {
      const [to, partner] = whom === 'asker' ? [asker, target] : [target, asker];
      if (to !== undefined) this.#notify(to.session, updateOf(update, reason, partner as Row, pairingId));
    }
  }

  #link(row: Row, other: Row | undefined, pairingId: number): void {
    row.other = other;
    row.pairingId = pairingId;
  }

  /** Changes a row's state. Every change goes through here, so that the room's count is always right. */
  #place(row: Row, state: UserState): void {
    if (row.state === 'commonRoom') this.#roomCount--;
    if (state === 'commonRoom') this.#roomCount++;
    row.state = state;
  }
}

/** An update in full. Only one who could not be asked is no partner, and a refusal says nothing about them. */
function updateOf(
  type: PairingUpdate,
  reason: RefusalReason | undefined,
  partner: Row,
  pairingId: number,
): SessionUpdate {
  switch (type) {
    case 'request.refused':
      return { type, reason: reason as RefusalReason };
    case 'request.received':
      return { type, askerId: partner.id, pairingId };
    case 'chat.started':
      return { type, partnerId: partner.id, partnerSession: partner.session, pairingId };
    default:
      return { type, pairingId };
  }
}

function publicRow(row: Row | undefined): UserRow | undefined {
  return row && { id: row.id, session: row.session, state: row.state, partner: row.other?.id };
}
