/**
 * What the lobby asks of a directory: the dictionaries id → session, id → state and id → partner, the common room,
 * and the verdict when two people want the same thing at the same moment.
 *
 * Owns: the words between the lobby and a directory; holds nothing itself. Commands go in and are not answered; updates come out through `notify`, in order, perhaps at once, perhaps later.
 * Only the lobby may hold a directory. Next: `memoryDirectory.ts`, the directory of a single server process.
 */

import type { SessionId, SessionUpdate, UserRow } from '../../../machines/events.ts';
import type { Command } from '../../../machines/lobby.machine.ts';

/** The way down: verdicts and updates for one session, in order. Must not throw. */
export type Notify = (to: SessionId, update: SessionUpdate) => void;

/** The dictionaries, to read. Every look-up is O(1). */
export interface DirectoryView {
  /** The row of a session that has an id. */
  rowOf(session: SessionId): UserRow | undefined;
  /** Everybody online, in the order of arrival. */
  rows(): Iterable<UserRow>;
  readonly onlineCount: number;
  /** How many are in the common room. */
  readonly roomCount: number;
}

export interface Directory extends DirectoryView {
  /** Hands in a command of a session. Unknown sessions and commands that are out of date change nothing. */
  send(session: SessionId, command: Command): void;
  /** The request of this session has waited long enough. Nothing happens if it waits no more. */
  expire(session: SessionId): void;
  /** The session has ended: out of every dictionary, and the partner is told. May be called any number of times. */
  remove(session: SessionId): void;
}
