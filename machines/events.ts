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
  | 'proofPrompt'
  | 'tooManyIds'
  | 'menu'
  | 'invalidOption'
  | 'userList'
  | 'farewell'
  | 'targetPrompt'
  | 'requestRefused'
  | 'stillWaiting'
  | 'requestDenied'
  | 'neverHint'
  | 'requestExpired'
  | 'youWithdrew'
  | 'question'
  | 'howToAnswer'
  | 'askerWithdrew'
  | 'chatStarted'
  | 'chatResumed'
  | 'partnerAway'
  | 'partnerBack'
  | 'youLeftChat'
  | 'partnerLeft'
  | 'roomJoined'
  | 'youLeftRoom'
  | 'howToLeave'
  | 'lineRefused'
  | 'evicted'
  | 'removed'
  | 'serverClosing'
  | 'limitReached'
  | 'fault';

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

/** Why a line reached nobody: what the user typed was too long, or is no text. */
export type LineRefusal = 'lineTooLong' | 'lineNotUtf8';

/** The limits that end a session; how much is allowed, and what the user reads, is in `src/config/limits.ts`. */
export const sessionLimits = [
  'idTimeout',
  'idTries',
  'passwordQueue',
  'idle',
  'unterminated',
  'overhead',
  'unreachable',
  'outboxFull',
  'outboxTotal',
  'stalled',
] as const;

export type LimitName = (typeof sessionLimits)[number];

/** A chat to which a user comes back. */
export interface ResumedChat {
  partnerId: UserId;
  partnerSession: SessionId;
  pairingId: number;
  /** The partner is away themselves. */
  isPartnerAway?: true;
}

/** Updates from the lobby. They come through one queue, in order. A verdict is an update, never a return value. */
export type SessionUpdate =
  /**
   * With `isProved` its password was right, with `takesOver` another session had the id until now. With `chat` the user was
   * away from that chat, and is back in it.
   */
  | { type: 'id.granted'; id: UserId; isProved?: true; takesOver?: true; chat?: ResumedChat }
  /** Another user has the id. With `unavailable` the directory could not be asked; with `unproved` the password is wrong. */
  | { type: 'id.refused'; reason?: 'unavailable' | 'unproved' }
  /** The id is one that only its password gets. */
  | { type: 'proof.required'; id: UserId }
  | { type: 'move.granted'; to: Destination }
  | { type: 'move.refused' }
  | { type: 'request.received'; askerId: UserId; pairingId: number }
  | { type: 'request.delivered'; pairingId: number }
  | { type: 'request.refused'; reason: RefusalReason }
  /** `isRepeated` goes to the target, if they have declined this asker before. */
  | { type: 'request.declined'; pairingId: number; isRepeated?: true }
  | { type: 'request.expired'; pairingId: number }
  | { type: 'request.withdrawn'; pairingId: number }
  | { type: 'chat.started'; partnerId: UserId; partnerSession: SessionId; pairingId: number }
  | { type: 'chat.ended'; pairingId: number }
  /** The partner has lost the connection, and may come back. */
  | { type: 'partner.away'; pairingId: number }
  | { type: 'partner.back'; partnerSession: SessionId; pairingId: number }
  /** The user is away, and can't come back to the chat any more, or never could. */
  | { type: 'away.ended' }
  /** Another user has the id. With `lost` this server can't reach the directory, and another user may have the id. */
  | { type: 'session.evicted'; reason?: 'lost' }
  /** The operator has removed the user, and says why; empty if they don't. */
  | { type: 'session.removed'; why: string }
  /** With `isFinal` the server is not to come back. */
  | { type: 'server.closing'; isFinal: boolean }
  | { type: 'limit.reached'; limit: LimitName }
  /** An error of ours happened outside of this session's actor, but on its user's side. */
  | { type: 'session.failed' };

/** What the directory says: an update for a session, or something about it that only the lobby has to know. */
export type DirectoryUpdate =
  | SessionUpdate
  /** The id that this session takes is in a chat. `holder`, which has it, is asked first if anybody is still there. */
  | { type: 'take.delayed'; id: UserId; holder: SessionId }
  /** Somebody else has proved to be this user, and the connection may be lost without a word. */
  | { type: 'connection.doubted' };

/** All events that a session can get: a line from its user, the end of its connection, and updates. */
export type SessionEvent =
  /** In a state tagged `secret` the line is in `secret`, which only the check of passwords opens, and `text` is empty. */
  | { type: 'line.received'; text: string; secret?: unknown }
  | { type: 'line.refused'; reason: LineRefusal }
  | { type: 'connection.closed' }
  | SessionUpdate;

export interface SessionContext {
  /** The id that this connection was granted; empty before that. */
  userId: string;
  /** The id whose password is asked for; empty if none is. */
  claimedId: string;
  /** The id of the user whom this user asks, is asked by or chats with; empty if there is none. */
  partner: string;
  /** The number of that pairing, from the lobby; 0 if there is none. */
  pairingId: number;
  /** How many ids were refused so far; 0 once one was granted. */
  refusedIds: number;
  /** As many refused ids end the session; the server sets its own limit (`--id-tries`). */
  idTries: number;
}

/** The state of an online user as other users see it. */
export type UserState = 'menu' | 'requesting' | 'confirming' | 'chatting' | 'away' | 'commonRoom';

/** One row of the dictionaries, read-only. */
export interface UserRow {
  readonly id: UserId;
  readonly session: SessionId;
  readonly state: UserState;
  /** The id of the other user while a request or a chat links the two; undefined otherwise. */
  readonly partner: UserId | undefined;
}
