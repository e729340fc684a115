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
  | 'evicted'
  | 'serverClosing'
  | 'limitReached';

/** The name of a session in the directory: unique for ever, unlike a user id. */
export type SessionId = string;

/** Where somebody who leaves the menu wants to go. */
export type Destination = 'requesting' | 'commonRoom';

/** Why a request reached nobody, or why nobody will answer it any more. */
export type RefusalReason = 'unknown' | 'busy' | 'self' | 'gone' | 'tooOften' | 'unavailable';

/** A limit that ends a session; how much is allowed is in `src/config/limits.ts`. */
export type LimitName = 'idTimeout' | 'idTries' | 'idle' | 'unterminated' | 'outboxFull' | 'outboxTotal' | 'stalled';

/** Updates from the lobby. They come through one queue, in order; a verdict is one of them, never a return value. */
export type SessionUpdate =
  | { type: 'id.granted'; id: string }
  /** Somebody has it; or nobody can say, because the directory is away. */
  | { type: 'id.refused'; reason?: 'unavailable' }
  | { type: 'move.granted'; to: Destination }
  | { type: 'move.refused' }
  | { type: 'request.received'; from: string; pairing: number }
  | { type: 'request.delivered'; pairing: number }
  | { type: 'request.refused'; reason: RefusalReason }
  | { type: 'request.declined'; pairing: number }
  | { type: 'request.expired'; pairing: number }
  | { type: 'request.withdrawn'; pairing: number }
  | { type: 'chat.started'; partner: string; session: SessionId; pairing: number }
  | { type: 'chat.ended'; pairing: number }
  /** Somebody else has the id; or this server has lost the directory, and somebody else may have it. */
  | { type: 'session.evicted'; reason?: 'lost' }
  | { type: 'server.closing' }
  | { type: 'limit.reached'; limit: LimitName };
