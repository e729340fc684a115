/**
 * Every sentence the server says. The wording is the wire format: see docs/protocol.md.
 *
 * Owns: the wording. Decides nothing.
 *
 * A text that doesn't end with a line feed ends with a prompt. To add a reply: its name in `machines/events.ts`
 * (`ReplyName`), its wording here, its row in docs/protocol.md.
 */

import { assertEvent } from 'xstate';
import type { LineRefusal, RefusalReason, ReplyName, UserId, UserRow, UserState } from '../../machines/events.ts';
import type { PasswordGateEvent, PasswordGateReply } from '../../machines/passwordGate.machine.ts';
import type { SessionEvent } from '../../machines/session.machine.ts';
import { sentenceOf } from '../config/limits.ts';

/** What a sentence can be about. */
export interface Facts {
  userId: UserId;
  partner: UserId;
  /** The event that makes the session say it. */
  event: SessionEvent;
  /** All users who are online, also the reader. */
  online: { rows(): Iterable<UserRow>; readonly onlineCount: number; readonly roomCount: number };
  /** What was said in the room earlier. */
  roomHistory: { readonly text: string };
  maxLineBytes: number;
}

/** What a sentence of the password gate can be about. */
export interface PasswordGateFacts {
  event: PasswordGateEvent;
  /** True if the server is not to come back when it has stopped. */
  endsForGood: boolean;
  maxLineBytes: number;
}

/** How many users the answer to "Who is online" names at most: nobody reads a longer list. */
const maxUsersListed = 500;

export const menuText = 'Menu:\n1) Connect to user\n2) Quit\n3) Common room\n4) Who is online\n';

const idPrompt = 'Enter your user ID: ';
const wrongPassword = 'Wrong password.\n';

const refusals: Record<RefusalReason, string> = {
  unknown: 'User not found.\n',
  busy: 'User busy.\n',
  self: "You can't chat with yourself.\n",
  gone: 'User disconnected.\n',
  tooOften: 'Too many requests. Wait a minute.\n',
  unavailable: 'Nobody can be asked just now. Try again in a moment.\n',
};

const idRefusals = {
  taken: 'User ID taken. Choose another user ID: ',
  unavailable: `User IDs can't be checked just now. Try again in a moment.\n${idPrompt}`,
  unproved: `${wrongPassword}${idPrompt}`,
};

const stateNames: Record<UserState, string> = {
  menu: 'free',
  requesting: 'busy',
  confirming: 'busy',
  chatting: 'busy',
  away: 'busy',
  commonRoom: 'in the common room',
};

export const replies: Record<ReplyName, (facts: Facts) => string> = {
  idPrompt: () => idPrompt,
  idNotAcceptable: () =>
    'A user ID is 1 to 32 of A-Z, a-z, 0-9, dots, hyphens or underscores, starts with one of A-Z, a-z, 0-9, ' +
    `and is not a reserved word.\n${idPrompt}`,
  idTaken: ({ event }) => {
    assertEvent(event, 'id.refused');
    return idRefusals[event.reason ?? 'taken'];
  },
  proofPrompt: ({ event }) => {
    assertEvent(event, 'proof.required');
    return `Password for ${event.id}: `;
  },
  tooManyIds: () => sentenceOf('idTries'),
  menu: () => menuText,
  invalidOption: () => 'Invalid option.\n',
  userList,
  farewell: () => 'Goodbye!\n',
  targetPrompt: () => 'Enter user ID: ',
  requestRefused: ({ event }) => {
    assertEvent(event, 'request.refused');
    return refusals[event.reason];
  },
  stillWaiting: () => 'Waiting for response...\n',
  requestDenied: () => 'Request denied.\n',
  neverHint: ({ partner }) => `The answer never also refuses all that ${partner} asks later.\n`,
  requestExpired: () => 'Request expired.\n',
  youWithdrew: () => 'Request withdrawn.\n',
  question: ({ partner }) => `${partner} wants to chat with you. Accept? (y/n): `,
  howToAnswer: ({ partner }) => `Answer y or n; never also refuses all that ${partner} asks later.\n`,
  askerWithdrew: ({ partner }) => `${partner} withdrew the request.\n`,
  chatStarted: ({ partner }) => `Chat started with ${partner}. Type exit() to leave.\n`,
  chatResumed: ({ partner }) => `You are back in the chat with ${partner}. Type exit() to leave.\n`,
  partnerAway: ({ partner }) => `${partner} lost the connection and may come back. What you say is kept.\n`,
  partnerBack: ({ partner }) => `${partner} is back.\n`,
  youLeftChat: () => 'You left the chat.\n',
  partnerLeft: ({ partner }) => `${partner} left the chat.\n`,
  roomJoined: ({ online: { roomCount }, roomHistory }) =>
    `Joined common room. Type exit() to leave.\n${roomHistory.text}${
      roomCount <= 1 ? 'Nobody else is here yet.' : `${roomCount} people are here, you included.`
    }\n`,
  youLeftRoom: () => 'You left the common room.\n',
  howToLeave: () => 'Type exit() to leave. Nobody else has read that line.\n',
  lineRefused: ({ event, maxLineBytes }) => {
    assertEvent(event, 'line.refused');
    return connectionNotices[event.reason](maxLineBytes);
  },
  evicted: ({ event }) => {
    assertEvent(event, 'session.evicted');
    return event.reason === 'lost'
      ? 'This server has lost its connection to the others. Goodbye!\n'
      : 'Your user ID is now used elsewhere. Goodbye!\n';
  },
  removed: ({ event }) => {
    assertEvent(event, 'session.removed');
    return `You were removed by the operator${event.why === '' ? '.' : `: ${ended(event.why)}`} Goodbye!\n`;
  },
  serverClosing: ({ event }) => {
    assertEvent(event, 'server.closing');
    return connectionNotices[event.isFinal ? 'serverEnding' : 'serverClosing']();
  },
  limitReached: ({ event }) => {
    assertEvent(event, 'limit.reached');
    return sentenceOf(event.limit);
  },
  fault: () => connectionNotices.fault(),
};

/** What is said before the session, if the server has a password. */
export const passwordGateReplies: Record<PasswordGateReply, (facts: PasswordGateFacts) => string> = {
  passwordPrompt: () => 'Password: ',
  wrongPassword: () => wrongPassword,
  lineRefused: ({ event, maxLineBytes }) => {
    assertEvent(event, 'line.refused');
    return connectionNotices[event.reason](maxLineBytes);
  },
  passwordTries: () => sentenceOf('passwordTries'),
  passwordQueue: () => sentenceOf('passwordQueue'),
  idTimeout: () => sentenceOf('idTimeout'),
  serverClosing: ({ endsForGood }) => connectionNotices[endsForGood ? 'serverEnding' : 'serverClosing'](),
  limitReached: ({ event }) => {
    assertEvent(event, 'limit.reached');
    return sentenceOf(event.limit);
  },
  fault: () => connectionNotices.fault(),
};

/** Lines about and from other users, for the readers of a relay or a broadcast. */
export const notices = {
  joinedServer: (id: string) => `${id} joined the server.\n`,
  disconnected: (id: string) => `${id} disconnected.\n`,
  joinedRoom: (id: string) => `${id} joined the common room.\n`,
  leftRoom: (id: string) => `${id} left the common room.\n`,
  linesMissing: () => 'The connection between the servers was lost for a moment. Lines may be missing.\n',
  /** No user's line can begin like this: an id has no brackets. */
  operator: (text: string) => `[operator] ${text}\n`,
  drain: (forMs: number) =>
    notices.operator(`The server will shut down in ${roughly(forMs)}. You can go on until then.`),
  /** `text` is one or more lines, separated by line feeds. */
  said: (id: string, text: string) =>
    text.includes('\n') ? `${id}: ${text.replaceAll('\n', `\n${id}: `)}\n` : `${id}: ${text}\n`,
};

/** Lines about the connection itself. */
export const connectionNotices = {
  lineTooLong: (maxLineBytes: number) => `Line too long: at most ${maxLineBytes} bytes. Nothing was sent.\n`,
  lineNotUtf8: () => 'That line is not valid UTF-8. Nothing was sent.\n',
  fault: () => 'Something went wrong on the server. Goodbye!\n',
  /** Clients come back after the first of these, and not after the second. */
  serverClosing: () => 'The server is shutting down. Goodbye!\n',
  serverEnding: () => 'The server is shutting down and will not be back soon. Goodbye!\n',
  serverFull: () => sentenceOf('serverFull'),
  addressFull: () => sentenceOf('addressFull'),
  connectRate: () => sentenceOf('connectRate'),
  banned: () => 'The operator lets nobody in from your address. Goodbye!\n',
  lockdown: () => 'The operator lets nobody new in just now. Try again later. Goodbye!\n',
} satisfies Record<
  | LineRefusal
  | ('fault' | 'serverFull' | 'addressFull' | 'connectRate')
  | ('banned' | 'lockdown' | 'serverClosing' | 'serverEnding'),
  (maxLineBytes: number) => string
>;

/** With a full stop, if the operator has put nothing of that kind at the end. */
function ended(reason: string): string {
  return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}

function roughly(ms: number): string {
  const [count, unit] = ms < 90_000 ? [Math.ceil(ms / 1000), 'second'] : [Math.round(ms / 60_000), 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function userList({ online, userId }: Facts): string {
  let text = '';
  let listed = 0;
  for (const { id, state } of online.rows()) {
    if (listed === maxUsersListed) break;
    listed++;
    text += `${id} (${stateNames[state]}${id === userId ? ', you' : ''})\n`;
  }
  if (online.onlineCount > listed) text += `... and ${online.onlineCount - listed} more\n`;
  return text;
}
