/**
 * What the client chart hears, keeps and says.
 *
 * Owns: the client's events, its context and the names of its notices: types only. Next: `client.machine.ts`.
 */
import type { ClientCommand } from './clientCommands.ts';

/** The client's own sentences; their wording is in `src/client/notices.ts`. */
export type NoticeName =
  | 'unreachable'
  | 'stillSilent'
  | 'closedUnheard'
  | 'lost'
  | 'retrying'
  | 'reconnected'
  | 'gaveUp'
  | 'notSent'
  | 'noGreeting'
  | 'closedByServer'
  | 'restarting'
  | 'notBack'
  | 'noAnswerToEnd'
  | 'noReply'
  | 'unconfirmed'
  | 'asked'
  | 'pasteBegun'
  | 'pasteStopped'
  | 'pasteNotSent'
  | 'pasteTooLong'
  | 'help'
  | 'ignored'
  | 'ignoreList'
  | 'notIgnored'
  | 'unignored'
  | 'unknownCommand';

/**
 * What the server said last: the farewell to a user who quits, that it is being stopped and may come back, another goodbye,
 * or none of these.
 */
export type LastWords = 'farewell' | 'restart' | 'goodbye' | 'none';

export type ClientEvent =
  | { type: 'socket.connected' }
  /** The connection broke or never came about; `code` is the operating system's name for why. */
  | { type: 'socket.failed'; code: string; lastWords: LastWords }
  /** The server's system doesn't confirm what was sent. */
  | { type: 'socket.unconfirmed' }
  /** The other side ended the connection without an error. */
  | { type: 'socket.closed'; lastWords: LastWords }
  /** Text of the server has come. */
  | { type: 'server.spoke' }
  /** The server wants a password before the dialogue begins, or wants it again. */
  | { type: 'server.askedForPassword' }
  | { type: 'server.askedForId' }
  /** The person has an id: the one to have again after a reconnect. */
  | { type: 'id.accepted'; id: string }
  /** The server has to reply to a line, and has replied. */
  | { type: 'reply.awaited' | 'reply.received' }
  | { type: 'reply.overdue' }
  /** A user was asked for a chat, and what came of it. */
  | { type: 'request.sent'; partner: string }
  | { type: 'request.answered' }
  | { type: 'request.waiting' }
  /** Without the person's doing, a line means something else now: a partner has left, or a user asks for a chat. */
  | { type: 'turn.changed' }
  | { type: 'input.received'; data: string | Uint8Array }
  /** Several lines were pasted at once. */
  | { type: 'paste.received'; lines: string[] }
  /** More was pasted than anybody means to. */
  | { type: 'paste.tooLong' }
  | { type: 'paste.confirmed' | 'paste.declined' | 'paste.lineDue' }
  /** A line that could be for the client itself; `isSecret` if it answers a question for a password. */
  | (ClientCommand & { isSecret: boolean })
  /** A user who is ignored asks for a chat. */
  | { type: 'request.ignored' }
  | { type: 'input.ended' }
  | { type: 'user.interrupted' }
  /** The program that read our output is gone, as in `client | head`. */
  | { type: 'output.closed' };

export interface ClientInput {
  /** True if a person sits at the keyboard: only then is it worth trying again. */
  interactive: boolean;
  /** The id to have (`--id`), as far as it is known before the dialogue begins; empty if it isn't. */
  id: string;
  /** From 0 to 1, different for every client: many that lost the same server don't come back at the same moment. */
  pace: number;
}

export interface ClientContext extends ClientInput {
  /** Input has ended that is still to be sent. */
  inputEnded: boolean;
  /** Which attempt to reconnect this is; 0 until a connection was lost. */
  attempt: number;
  /** The code of the last failure; empty for none. */
  failure: string;
  exitCode: number;
  /** The user who was asked last for a chat; empty for nobody. */
  partner: string;
  /** How many whole lines wait for their turn: they came before the server has asked for the id. */
  pendingLines: number;
  /** The pasted lines that are sent one by one, or about which the person is asked. */
  pastedLines: readonly string[];
  /** How many of them were sent. */
  sentLines: number;
  /** The users whose lines and requests are not shown, in lower case. */
  ignoredIds: readonly string[];
  /** What the latest command was about; empty if it was about nothing. */
  argument: string;
}
