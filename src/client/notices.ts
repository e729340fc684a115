/**
 * What the client itself says, as opposed to what the server says.
 *
 * Owns: the wording of every notice. Each starts with the program's name, so that nobody takes one for the server's text.
 * Knows nothing of when they are said; `machines/client.machine.ts` decides that.
 */
import {
  closeTimeoutMs,
  connectTimeoutMs,
  greetingTimeoutMs,
  maxAttempts,
  pasteIntervalMs,
  replyTimeoutMs,
  restartLimitMs,
  retryDelayMs,
} from '../../machines/client.machine.ts';
import type { NoticeName } from '../../machines/clientEvents.ts';

/** What a notice may mention. */
export interface NoticeDetails {
  host: string;
  port: number;
  attempt: number;
  pace: number;
  /** The person's id; empty if it isn't known. */
  id: string;
  /** The operating system's code of the last failure. */
  failure: string;
  /** Without it, the server's port may be one that speaks TLS. */
  tls?: unknown;
  /** The user who was asked for a chat. */
  partner: string;
  /** What the latest command was about, and whom the person ignores. */
  argument: string;
  ignoredIds: readonly string[];
  pastedLines: readonly string[];
  sentLines: number;
}

/** One line without its line feed. */
export function noticeText(notice: NoticeName, details: NoticeDetails): string {
  return `statechat client: ${wording[notice](details)}`;
}

/** What helps, and may be shown less visibly than the others. */
export const hints: readonly NoticeName[] = ['asked'];

/** What is asked before several pasted lines are sent. */
export function pasteQuestion({ pastedLines }: Pick<NoticeDetails, 'pastedLines'>): string {
  return `statechat client: send ${pastedLines.length} lines? (y/n) `;
}

/** Said where a password is asked for while a line is being typed. */
export const draftTaken = 'statechat client: what you had typed is taken away: it is no part of the password.';

const wording: Record<NoticeName, (details: NoticeDetails) => string> = {
  unreachable,
  stillSilent: (details) => `${address(details)} has said nothing yet.${tlsHint(details)}`,
  closedUnheard: (details) => `${address(details)} closed the connection before it said anything.${tlsHint(details)}`,
  lost: ({ failure }) =>
    failure === 'ETIMEDOUT' ? 'connection lost: no sign of life from the server.' : 'connection lost.',
  retrying: ({ attempt, pace }) =>
    `Reconnecting in ${(retryDelayMs(attempt, pace) / 1000).toFixed(1)} s (attempt ${attempt} of ${maxAttempts}), Ctrl-C to stop.`,
  reconnected: ({ id }) => `connected again; the dialogue starts over${id && ` as ${id}`}.`,
  gaveUp: (details) => `${unreachable(details)} Gave up after ${details.attempt} attempts.`,
  notSent: () => 'not connected, the line was not sent.',
  noGreeting: (details) =>
    `${address(details)} accepted the connection but said nothing for ${greetingTimeoutMs / 1000} s. Is it a statechat server?${tlsHint(details)}`,
  closedByServer: () => 'the server closed the connection.',
  restarting: () => `waiting up to ${restartLimitMs / 1000} s for its return, Ctrl-C to stop.`,
  notBack: () => `the server is not back after ${restartLimitMs / 1000} s. Gave up.`,
  noAnswerToEnd: () => `the server did not end the connection within ${closeTimeoutMs / 1000} s.`,
  noReply: () => `no reply for ${replyTimeoutMs / 1000} s. The connection may be dead; Ctrl-C leaves.`,
  unconfirmed: () => 'what you have sent does not arrive. The connection may be dead; Ctrl-C leaves.',
  asked: ({ partner }) => `${partner} has been asked. exit() takes it back.`,
  pasteBegun: ({ pastedLines }) =>
    `sending ${pastedLines.length} lines, ${1000 / pasteIntervalMs} in a second; Ctrl-C stops.`,
  pasteStopped: ({ pastedLines, sentLines }) => `stopped: ${sentLines} of ${pastedLines.length} lines were sent.`,
  pasteNotSent: () => 'the pasted lines were not sent.',
  pasteTooLong: () => 'what was pasted is too long, nothing of it was sent.',
  help: () =>
    'lines that begin with / are for this client. /ignore ID hides what a user says and asks, on this screen only; ' +
    '/ignore says whom you ignore; /unignore ID ends it. exit() leaves a chat or the room. //text sends /text.',
  ignored: ({ argument }) => `${argument} is ignored: you read no line and no request of theirs. /unignore ${argument}`,
  ignoreList: ({ ignoredIds }) =>
    ignoredIds.length === 0 ? 'you ignore nobody.' : `you ignore ${ignoredIds.join(', ')}.`,
  notIgnored: ({ argument }) => (argument === '' ? 'whom? /unignore ID' : `you do not ignore ${argument}.`),
  unignored: ({ argument }) => `${argument} is not ignored any more.`,
  unknownCommand: ({ argument }) =>
    `/${argument} is no command, and nothing was sent. /help explains; //text sends /text.`,
};

/** What may be wrong if a server says nothing. */
function tlsHint({ tls }: NoticeDetails): string {
  return tls === undefined ? ' If it speaks TLS, say --tls.' : '';
}

function unreachable(details: NoticeDetails): string {
  switch (details.failure) {
    case 'ECONNREFUSED':
      return `nothing listens on ${address(details)} (connection refused). Is the server running?`;
    case 'ENOTFOUND':
      return `no host is called ${details.host}.`;
    case 'EAI_AGAIN':
      return `the name ${details.host} could not be looked up. Is this machine online?`;
    case 'ETIMEDOUT':
      return `${address(details)} did not answer within ${connectTimeoutMs / 1000} s.`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `the certificate of ${address(details)} is for another name than ${details.host}.`;
    case 'CERT_HAS_EXPIRED':
      return `the certificate of ${address(details)} has expired.`;
    case 'CERT_NOT_YET_VALID':
      return `the certificate of ${address(details)} is not valid yet. Is this machine's date right?`;
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
      return `nobody this machine trusts has signed the certificate of ${address(details)}. Name its file with --ca if you have it.`;
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
    case 'EPROTO':
      return `${address(details)} doesn't speak TLS. Leave out --tls, or ask for the right port.`;
    default:
      return `${address(details)} can't be reached (${details.failure}).`;
  }
}

function address({ host, port }: NoticeDetails): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
