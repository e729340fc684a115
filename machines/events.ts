/**
 * What goes to a session from outside of its chart, and what it can be told to say: types only.
 *
 * Owns: the closed lists of updates, reasons and sentences. Next: `session.machine.ts` (what each of them does, and when),
 * `src/protocol/replies.ts` (the wording).
 */

/** The sentences a session can be told to say; their wording is in `src/protocol/replies.ts`. */
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
  | 'serverClosing'
  | 'limitReached';

/**
 * The name of a session in the directory: unique for ever, unlike a user id. The marks make the compiler refuse one
 * where the other is meant; a plain string is taken for either.
 */
export type SessionId = string & { readonly mark?: 'session' };

/** The id that a user has given: theirs while they are online, somebody else's later. */
export type UserId = string & { readonly mark?: 'user' };

/** Where somebody who leaves the menu wants to go. */
export type Destination = 'requesting' | 'commonRoom';

/** Why a request reached nobody, or why nobody will answer it any more. */
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

/** Updates from the lobby. They come through one queue, in order; a verdict is one of them, never a return value. */
export type SessionUpdate =
  | { type: 'id.granted'; id: UserId }
  /** Somebody has it; or nobody can say, because the directory is away. */
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
  /** Somebody else has the id; or this server has lost the directory, and somebody else may have it. */
  | { type: 'session.evicted'; reason?: 'lost' }
  | { type: 'server.closing' }
  | { type: 'limit.reached'; limit: LimitName };

/** The state of an online user as far as others are concerned. */
export type UserState = 'menu' | 'requesting' | 'confirming' | 'chatting' | 'commonRoom';

/** One row of the dictionaries, to read. */
export interface UserRow {
  readonly id: UserId;
  readonly session: SessionId;
  readonly state: UserState;
  /** The other one's id while a request or a chat links the two; undefined otherwise. */
  readonly partner: UserId | undefined;
}
