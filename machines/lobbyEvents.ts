/**
 * What the lobby's chart gets and looks at, and what sessions may want of it: types only.
 *
 * Owns: the complete lists of commands and of the lobby's events. Next: `lobby.machine.ts` (what each of them does, and
 * when).
 */
import type { DoneActorEvent, ErrorActorEvent } from 'xstate';
import type { Destination, DirectoryUpdate, SessionId, UserId } from './events.ts';
import type { OperatorAct } from './operatorActs.ts';

/** What a session may want from the directory. */
export type Command =
  /** `network` is what counts as the address of one person; empty or not given if others may have the same. */
  | { type: 'id.claim'; id: string; network?: string }
  /**
   * The id is this user's: whoever has it gives it up. Only the lobby asks so, after a right password. The connection of
   * `doubted` was asked if anybody is still there, and had the time to find out.
   */
  | { type: 'id.take'; id: string; network?: string; doubted?: SessionId }
  | { type: 'menu.leave'; to: Destination }
  | { type: 'menu.return' }
  | { type: 'request.make'; target: string }
  | { type: 'request.withdraw' }
  | { type: 'request.accept'; pairingId: number }
  | { type: 'request.decline'; pairingId: number }
  /** Declines, and refuses all that this asker wants later. */
  | { type: 'asker.refuse'; pairingId: number }
  | { type: 'chat.leave'; pairingId: number }
  /** The connection is lost. Whoever takes the id with its password comes back to the chat. */
  | { type: 'chat.suspend'; pairingId: number };

/** A password for an id, which the lobby has checked. */
export interface Proof {
  type: 'id.prove';
  id: string;
  password: unknown;
}

/** A command or a proof, and the session it comes from. */
export type Request = (Command | Proof) & { session: SessionId };

export interface ProofRight {
  type: 'proof.right';
  session: SessionId;
  id: UserId;
}

/** The connection of whoever has the id had its time. */
export interface TakeTimedOut {
  type: 'take.timedOut';
  session: SessionId;
  id: UserId;
  doubted: SessionId;
}

/** What the directory says to a session. Where the lobby has something to decide itself, it comes under a type of its own. */
export type DirectoryEvent = { session: SessionId } & (
  | { type: 'directory.granted'; update: Update<'id.granted'> }
  | { type: 'directory.delayed'; update: Update<'take.delayed'> }
  | { type: 'directory.doubted'; update: Update<'connection.doubted'> }
  | {
      type: 'directory.updated';
      update: Exclude<DirectoryUpdate, Update<'id.granted' | 'take.delayed' | 'connection.doubted'>>;
    }
);

type Update<Type> = Extract<DirectoryUpdate, { type: Type }>;

export type LobbyEvent =
  /** `idTimeLeftMs` is given if a part of the time to give an id is over already. */
  | { type: 'connection.opened'; session: SessionId; connection: unknown; idTimeLeftMs?: number | undefined }
  /** Another process of this server had the session. Its user has `timeLeftMs` to give an id or to wait. */
  | {
      type: 'session.handedOver';
      session: SessionId;
      connection: unknown;
      state: unknown;
      timeLeftMs: number | undefined;
    }
  | { type: 'id.timedOut'; session: SessionId }
  | { type: 'idle.timedOut'; session: SessionId }
  | Request
  /** The verdict about the password that came with a proof. */
  | ProofRight
  | { type: 'proof.wrong'; session: SessionId; id: UserId }
  /** Too many passwords wait for their check. */
  | { type: 'proof.refused'; session: SessionId }
  | { type: 'request.timedOut'; session: SessionId }
  | { type: 'away.timedOut'; session: SessionId }
  | TakeTimedOut
  | DirectoryEvent
  /** An error of ours happened on this user's side, outside of the session's actor. */
  | { type: 'session.failed'; session: SessionId }
  /** A user of another server is gone together with that server, which can't say so itself. */
  | { type: 'user.lost'; id: UserId; wasInRoom: boolean }
  | OperatorAct
  | { type: 'drain.timedOut' }
  | { type: 'server.stop' }
  | DoneActorEvent
  | ErrorActorEvent;

/**
 * What the guards look at and the lobby's chart doesn't keep itself: as it is at that moment, and read-only. A copy in the
 * context would cost more for each connection, the more there are.
 */
export interface LobbyView {
  readonly sessionCount: number;
  /** How many users have an id, on all servers that share their users. */
  readonly onlineCount: number;
  /** True if this session has not been removed. */
  hasSession(session: SessionId): boolean;
  /** True if besides its actor runs, so that it can be told something. */
  isRunning(session: SessionId): boolean;
  /** True if its user has an id. */
  hasId(session: SessionId): boolean;
  /** True if besides they wait for an answer. */
  hasAsked(session: SessionId): boolean;
  /** True if its user has an id, and others may have read of them. */
  isVisible(session: SessionId): boolean;
  /** True if the operator lets nobody in from there. */
  isBannedConnection(connection: unknown): boolean;
  /** True if this session must not have this id, or be here at all. */
  isBanned(session: SessionId, id: UserId): boolean;
  /** True if only its password gets this id. */
  needsProof(id: UserId): boolean;
  /** True if this session has its id by a password. */
  isProved(session: SessionId): boolean;
  /** How many requests this session may make now. */
  requestsLeft(session: SessionId): number;
  /** For how long the user has typed nothing. */
  silentMs(session: SessionId): number;
}

export interface LobbyInput {
  requestTimeoutMs: number;
  idTimeoutMs: number;
  /** 0 for no limit. */
  idleMs: number;
  /** How long a user with a proved id may be away from a chat; 0 for nobody. */
  resumeMs: number;
  /** Users in the menu read who comes and goes while at most this many are online. */
  announceLimit: number;
  view: LobbyView;
}

export interface LobbyContext extends LobbyInput {
  /** True from an operator's `drain` on: the server is not to come back, and users read so. */
  endsForGood: boolean;
}
