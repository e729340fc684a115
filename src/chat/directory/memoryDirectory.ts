/**
 * The directory of a single server process: all data in memory, every look-up and update O(1), every verdict at once.
 *
 * Owns: which users are online, in which state, in which pairing, and who gets an id or may leave the menu. What becomes
 * of a pairing is decided by its chart (`pairingDecisions.ts`). The dictionaries of ids are one Map of rows, so that no
 * id can be in one of them and missing in another. Knows nothing of connections or sentences, and of time only what
 * `requestMemory.ts` keeps.
 * Why one Map: decision 2, docs/decisions/0002-one-map-of-rows.md.
 */

import type {
  Destination,
  RefusalReason,
  ResumedChat,
  SessionId,
  SessionUpdate,
  UserRow,
  UserState,
} from '../../../machines/events.ts';
import type { Command } from '../../../machines/lobby.machine.ts';
import type { PairingRole, Remembered } from '../../../machines/pairing.machine.ts';
import type { Directory, Notify } from './directory.ts';
import {
  type PairingDecision,
  type PairingDecisions,
  type PairingState,
  pairingDecisions,
  type Told,
} from './pairingDecisions.ts';
import { type AskedBefore, type AskRules, noAskRules, RequestMemory } from './requestMemory.ts';

interface Row {
  readonly id: string;
  readonly session: SessionId;
  state: UserState;
  other: Row | undefined;
  /** The number of the pairing, the same for both users; 0 without one. */
  pairingId: number;
  /** What counts as the address of one person; empty if others may have the same. */
  readonly network: string;
  /** Whose requests this user refuses, by the names of `namesOf`. They end with the session. */
  refuses: readonly string[];
}

/** So many names can one user refuse; then the oldest is forgotten. The row goes to other servers, and has to stay small. */
const maxRefused = 50;

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
  away: { pairing: 'chatting', role: 'asker' },
};

/** What one of the two does, or what happens to them. */
type Happening =
  | ('accept' | 'decline' | 'declineAgain' | 'refuse' | 'withdraw' | 'expire')
  | ('leave' | 'lost' | 'back' | 'gone');

/** A row as plain data. Who refuses nobody has no list of that, and who shares an address no network. */
interface RowSnapshot {
  id: string;
  session: SessionId;
  state: UserState;
  partner: string | undefined;
  pairingId: number;
  network?: string;
  refuses?: readonly string[];
}

/** The whole content of a directory, as plain data. */
export interface DirectorySnapshot {
  lastPairingId: number;
  rows: RowSnapshot[];
  /** Missing if nothing is kept in mind. */
  askedBefore?: AskedBefore;
}

export interface MemoryDirectoryOptions {
  /** Those of our pairing chart by default. */
  decisions?: PairingDecisions;
  /** No limit by default. */
  askRules?: AskRules;
}

export class MemoryDirectory implements Directory {
  readonly #notify: Notify;
  readonly #decisions: PairingDecisions;
  readonly #memory: RequestMemory;
  /** Lower-case id → row. */
  readonly #ids = new Map<string, Row>();
  /** Session → row, for sessions that have an id. */
  readonly #sessions = new Map<SessionId, Row>();
  #lastPairingId = 0;
  #roomCount = 0;

  constructor(
    notify: Notify,
    { decisions = pairingDecisions, askRules = noAskRules }: MemoryDirectoryOptions = {},
    askedBefore?: AskedBefore,
  ) {
    this.#notify = notify;
    this.#decisions = decisions;
    this.#memory = new RequestMemory(askRules, askedBefore);
  }

  /** Returns a directory with the content of a snapshot. */
  static restore(
    snapshot: DirectorySnapshot,
    notify: Notify,
    directoryClass = MemoryDirectory,
    options: MemoryDirectoryOptions = {},
  ): MemoryDirectory {
    const directory = new directoryClass(notify, options, snapshot.askedBefore);
    directory.#lastPairingId = snapshot.lastPairingId;
    for (const { id, session, state, pairingId, network = '', refuses = [] } of snapshot.rows) {
      const row: Row = { id, session, state: 'menu', other: undefined, pairingId, network, refuses };
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
    const askedBefore = this.#memory.snapshot();
    return {
      lastPairingId: this.#lastPairingId,
      rows: rows.map(({ id, session, state, other, pairingId, network, refuses }) => ({
        ...{ id, session, state, partner: other?.id, pairingId },
        ...(network !== '' && { network }),
        ...(refuses.length > 0 && { refuses }),
      })),
      ...(askedBefore.asked.length + askedBefore.declined.length > 0 && { askedBefore }),
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
    if (command.type === 'id.claim' || command.type === 'id.take') {
      this.#claim(session, command);
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
        this.#happens(row, this.#isDeclinedAgain(row) ? 'declineAgain' : 'decline', command.pairingId);
        break;
      case 'asker.refuse':
        this.#happens(row, 'refuse', command.pairingId);
        break;
      case 'chat.leave':
        this.#happens(row, 'leave', command.pairingId);
        break;
      case 'chat.suspend':
        this.#happens(row, 'lost', command.pairingId);
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

  /**
   * With `id.take` whoever has the id gives it up, and their partner is notified before it is granted. Who is in a chat is
   * doubted first.
   */
  #claim(session: SessionId, command: Extract<Command, { type: 'id.claim' | 'id.take' }>): void {
    const { id, network = '' } = command;
    const isProved = command.type === 'id.take';
    const doubted = isProved ? command.doubted : undefined;
    const key = id.toLowerCase();
    const owner = this.#ids.get(key);
    if (this.#sessions.has(session) || (owner !== undefined && !isProved)) {
      this.#notify(session, { type: 'id.refused' });
      return;
    }
    if (owner !== undefined) {
      if (owner.state === 'chatting' && doubted !== owner.session) {
        this.#notify(owner.session, { type: 'connection.doubted' });
        this.#notify(session, { type: 'take.delayed', id, holder: owner.session });
        return;
      }
      this.#notify(owner.session, { type: 'session.evicted' });
      if (owner.state === 'away' && owner.other !== undefined) {
        this.#comeBack(owner, owner.other, session, network);
        return;
      }
      this.remove(owner.session);
    }
    const row: Row = { id, session, state: 'menu', other: undefined, pairingId: 0, network, refuses: [] };
    this.#ids.set(key, row);
    this.#sessions.set(session, row);
    const takesOver = owner !== undefined && ({ takesOver: true } as const);
    this.#notify(session, { type: 'id.granted', id, ...(isProved && { isProved }), ...takesOver });
  }

  /** A user is back in the chat that another session of theirs was away from, by the id that the partner knows. */
  #comeBack(away: Row, other: Row, session: SessionId, network: string): void {
    const row: Row = { ...away, session, network };
    const { id, pairingId } = row;
    this.#sessions.delete(away.session);
    this.#ids.delete(id.toLowerCase());
    this.#ids.set(id.toLowerCase(), row);
    this.#sessions.set(session, row);
    other.other = row;
    const chat: ResumedChat = { partnerId: other.id, partnerSession: other.session, pairingId };
    if (other.state === 'away') chat.isPartnerAway = true;
    this.#notify(session, { type: 'id.granted', id, isProved: true, chat });
    this.#happens(row, 'back');
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
    const found = standingOf(target, row, this.#memory);
    const decision = this.#decisions.get('named')?.get(`target.${found}`);
    if (decision === undefined) return;
    const pairingId = decision.isOver ? 0 : ++this.#lastPairingId;
    this.#carryOut(decision, { asker: row, target: found === 'free' ? target : undefined }, pairingId);
  }

  #isDeclinedAgain({ id, other }: Row): boolean {
    return other !== undefined && this.#memory.hasDeclined(id.toLowerCase(), other.id.toLowerCase());
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
  #carryOut(decision: PairingDecision, pair: Pair, pairingId: number): void {
    const { places, updates, remembers, isOver } = decision;
    const { asker, target } = pair;
    this.#place(asker, places.asker ?? asker.state);
    link(asker, isOver ? undefined : target, isOver ? 0 : pairingId);
    if (target !== undefined) {
      this.#place(target, places.target ?? target.state);
      link(target, isOver ? undefined : asker, isOver ? 0 : pairingId);
      for (const what of remembers) this.#remember(what, target, asker);
    }
    for (const told of updates) {
      const [to, partner] = told.whom === 'asker' ? [asker, target] : [target, asker];
      if (to !== undefined) this.#notify(to.session, updateOf(told, partner as Row, pairingId));
    }
  }

  #remember(what: Remembered, target: Row, asker: Row): void {
    const names = namesOf(asker);
    const id = target.id.toLowerCase();
    if (what === 'asked') this.#memory.noteAsked(id);
    else if (what === 'declined') this.#memory.noteDeclined(id, names);
    else target.refuses = [...target.refuses, ...names].slice(-maxRefused);
  }

  /** Changes a row's state. Every change goes through here, so that the room's count is always right. */
  #place(row: Row, state: UserState): void {
    if (row.state === 'commonRoom') this.#roomCount--;
    if (state === 'commonRoom') this.#roomCount++;
    row.state = state;
  }
}

function link(row: Row, other: Row | undefined, pairingId: number): void {
  row.other = other;
  row.pairingId = pairingId;
}

/** An update in full. Only one who could not be asked is no partner, and a refusal says nothing about them. */
function updateOf({ update: type, reason, isRepeated }: Told, partner: Row, pairingId: number): SessionUpdate {
  switch (type) {
    case 'request.refused':
      return { type, reason: reason as RefusalReason };
    case 'request.received':
      return { type, askerId: partner.id, pairingId };
    case 'chat.started':
      return { type, partnerId: partner.id, partnerSession: partner.session, pairingId };
    case 'partner.back':
      return { type, partnerSession: partner.session, pairingId };
    case 'request.declined':
      return { type, pairingId, ...(isRepeated && { isRepeated }) };
    default:
      return { type, pairingId };
  }
}

/** The names by which somebody is declined and refused: their id, and their address if nobody else has it. No id has an @. */
function namesOf({ id, network }: Row): readonly string[] {
  return network === '' ? [id.toLowerCase()] : [id.toLowerCase(), `@${network}`];
}

/** How a target stands to an asker, in the words of the pairing chart. */
function standingOf(target: Row | undefined, asker: Row, memory: RequestMemory): string {
  if (target === undefined) return 'unknown';
  if (target === asker) return 'self';
  if (target.state !== 'menu') return 'busy';
  const names = namesOf(asker);
  const id = target.id.toLowerCase();
  if (names.some((name) => target.refuses.includes(name))) return 'refusing';
  if (memory.isResting(id, names)) return 'resting';
  return memory.isAskedTooOften(id) ? 'askedTooOften' : 'free';
}

function publicRow(row: Row | undefined): UserRow | undefined {
  return row && { id: row.id, session: row.session, state: row.state, partner: row.other?.id };
}
