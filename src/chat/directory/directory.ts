/**
 * The interface of a directory: the dictionaries id → session, id → state and id → partner, the common room, and the
 * verdict when two users want the same thing at the same moment.
 *
 * Owns: the methods between the lobby and a directory; it holds no data. Commands go in and return nothing. Updates
 * come out through `notify`, in order, at once or later. Only the lobby may hold a directory.
 * Next: `memoryDirectory.ts`, the directory of a single server process.
 */

import type { DirectoryUpdate, SessionId, UserRow } from '../../../machines/events.ts';
import type { Command } from '../../../machines/lobby.machine.ts';

/** Sends a verdict or an update about one session. Calls are in order. Must not throw. */
export type Notify = (to: SessionId, update: DirectoryUpdate) => void;

/** The dictionaries, read-only. Every look-up is O(1). */
export interface DirectoryView {
  /** Returns the row of a session; undefined if the session has no id. */
  rowOf(session: SessionId): UserRow | undefined;
  /** Returns all users online, in the order in which they came. */
  rows(): Iterable<UserRow>;
  readonly onlineCount: number;
  /** How many users are in the common room. */
  readonly roomCount: number;
}

export interface Directory extends DirectoryView {
  /** Takes a command of a session. An unknown session or a command that comes too late changes nothing. */
  send(session: SessionId, command: Command): void;
  /** Ends the request of this session, whose time is over. Does nothing if there is no request any more. */
  expire(session: SessionId): void;
  /**
   * Takes a session that has ended out of every dictionary, and notifies its partner. May be called any number of
   * times.
   */
  remove(session: SessionId): void;
}
