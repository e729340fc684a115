/**
 * What a session gets from outside of its chart, and the names of what it can say: types only.
 *
 * Owns: the complete lists of updates, reasons and sentences. Next: `session.machine.ts` (what each of them does, and
 * when), `src/protocol/replies.ts` (the wording).
 */

/** The names of the sentences that a session can say; their wording is in `src/protocol/replies.ts`. */
export type ReplyName =
  | 'idPrompt'
  | 'idNotAcceptable'
  | 'idTaken'
  | 'menu'
  | 'invalidOption'
  | 'userList'
  | 'farewell'
  | 'targetPrompt'
  | 'requestRefused'
  | 'stillWaiting'
  | 'requestDenied'
  | 'requestExpired'
  | 'youWithdrew'
  | 'question'
  | 'askerWithdrew'
  | 'chatStarted'
  | 'youLeftChat'
  | 'partnerLeft'
  | 'roomJoined'
  | 'youLeftRoom'
  | 'howToLeave'
  | 'evicted'
  | 'removed'
  | 'serverClosing'
  | 'limitReached';

/**
 * The name of a session in the directory. Unlike a user id, it never comes back. The marks make the compiler refuse
 * one id where the other is meant; it accepts a plain string as either.
 */
export type SessionId = string & { readonly mark?: 'session' };

/** The id that a user has given. It is theirs while they are online; later another user may have it. */
export type UserId = string & { readonly mark?: 'user' };

/** Where a user who leaves the menu wants to go. */
export type Destination = 'requesting' | 'commonRoom';

/** Why a request reached no target, or why no answer to it will come. */
export type RefusalReason = 'unknown' | 'busy' | 'self' | 'gone' | 'tooOften' | 'unavailable';

/** The limits that end a session; how much is allowed, and what the user reads, is in `src/config/limits.ts`. */
export const sessionLimits = [
  'idTimeout',
  'idTries',
  'idle',
  'unterminated',
  'overhead',
  'unreachable',
  'outboxFull',
  'outboxTotal',
  'stalled',
] as const;

export type LimitName = (typeof sessionLimits)[number];

/** Updates from the lobby. They come through one queue, in order. A verdict is an update, never a return value. */
export type SessionUpdate =
  | { type: 'id.granted'; id: UserId }
  /** Another user has the id. With `unavailable` the directory could not be asked. */
  | { type: 'id.refused'; reason?: 'unavailable' }
  | { type: 'move.granted'; to: Destination }
  | { type: 'move.refused' }
  | { type: 'request.received'; askerId: UserId; pairingId: number }
  | { type: 'request.delivered'; pairingId: number }
  | { type: 'request.refused'; reason: RefusalReason }
  | { type: 'request.declined'; pairingId: number }
  | { type: 'request.expired'; pairingId: number }
  | { type: 'request.withdrawn'; pairingId: number }
  | { type: 'chat.started'; partnerId: UserId; partnerSession: SessionId; pairingId: number }
  | { type: 'chat.ended'; pairingId: number }
  /** Another user has the id. With `lost` this server can't reach the directory, and another user may have the id. */
  | { type: 'session.evicted'; reason?: 'lost' }
  /** The operator has removed the user, and says why; empty if they don't. */
  | { type: 'session.removed'; why: string }
  | { type: 'server.closing' }
  | { type: 'limit.reached'; limit: LimitName };

/** The state of an online user as other users see it. */
export type UserState = 'menu' | 'requesting' | 'confirming' | 'chatting' | 'commonRoom';

/** One row of the dictionaries, read-only. */
export interface UserRow {
  readonly id: UserId;
  readonly session: SessionId;
  readonly state: UserState;
  /** The id of the other user while a request or a chat links the two; undefined otherwise. */
  readonly partner: UserId | undefined;
}
