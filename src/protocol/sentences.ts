/**
 * Text as it comes over the wire → the sentences of docs/protocol.md.
 *
 * Owns: how each sentence is recognised. The wordings that the page fixes are those of the dialect `statechat`; patterns for
 * the others stand here. Both are written from the page, not from `replies.ts`: a wrong wording there must not be
 * recognised here. Next: `sentenceReader.js`, which tries them.
 */
import { readFileSync } from 'node:fs';
import type { DialogueEvent } from '../../machines/protocol.machine.ts';
import { escapeRegExp } from '../runtime/escape.ts';
import { readBy, type SentencePattern, withoutUnknownLine } from './sentenceReader.js';

/** What a user can read: one sentence, a prompt or the whole menu. */
export type Sentence = Exclude<DialogueEvent, { type: 'line.typed' }>;

const id = '(?<id>[A-Za-z0-9][A-Za-z0-9._-]{0,31})';

const dialect = JSON.parse(readFileSync(new URL('./dialects/statechat.json', import.meta.url), 'utf8')) as {
  replies: Record<string, string>;
};
/** The sentence that takes several lines. */
export const menu = dialect.replies.menu ?? '';

/** Wordings that the page leaves free, as this server has them. */
const freeWordings: readonly SentencePattern[] = [
  is('read.idRules', 'A user ID is 1 to 32 of A-Z, a-z, 0-9[^\\n]*\\n'),
  is('read.idUnchecked', "User IDs can't be checked just now\\. Try again in a moment\\.\\n"),
  is('read.refused', "You can't chat with yourself\\.\\n", { reason: 'self' }),
  is('read.refused', 'User disconnected\\.\\n', { reason: 'gone' }),
  is('read.refused', 'Too many requests\\. Wait a minute\\.\\n', { reason: 'tooOften' }),
  is('read.refused', 'Nobody can be asked just now\\. Try again in a moment\\.\\n', { reason: 'unavailable' }),
  is('read.expired', 'Request expired\\.\\n'),
  is('read.youWithdrew', 'Request withdrawn\\.\\n'),
  is('read.roomCount', 'Nobody else is here yet\\.\\n', { count: 1 }),
  is('read.roomCount', '(?<count>\\d+) people are here, you included\\.\\n'),
  is('read.howToLeave', 'Type exit\\(\\) to leave\\. Nobody else has read that line\\.\\n'),
  is('read.farewell', 'Goodbye!\\n'),
  is('read.lineRefused', 'Line too long: at most \\d+ bytes\\. Nothing was sent\\.\\n'),
  is('read.lineRefused', 'That line is not valid UTF-8\\. Nothing was sent\\.\\n'),
  is('read.evicted', 'Your user ID is now used elsewhere\\. Goodbye!\\n'),
  is('read.evicted', 'This server has lost its connection to the others\\. Goodbye!\\n'),
  is('read.linesMissing', 'The connection between the servers was lost for a moment\\. Lines may be missing\\.\\n'),
  is('read.removed', 'You were removed by the operator(?:\\.|: [^\\n]*) Goodbye!\\n'),
  is('read.operator', '\\[operator\\] [^\\n]*\\n'),
  is('read.closing', 'The server is shutting down\\. Goodbye!\\n'),
  is('read.closing', 'The server is shutting down and will not be back soon\\. Goodbye!\\n', { reason: 'final' }),
  is('read.fault', 'Something went wrong on the server\\. Goodbye!\\n'),
  // The page fixes the end only: each limit has a sentence of its own.
  is('read.limit', '[A-Z][^:\\n]* Goodbye!\\n'),
  is('read.askerWithdrew', `${id} withdrew the request\\.\\n`),
];

/** Wordings without anything that changes, and then those in which only an id does: `You left the chat.` is about no user called You. */
const fixedWordings: readonly SentencePattern[] = Object.entries(dialect.replies)
  .filter(([name, text]) => !/\{(any|text|count)\}/.test(text) && !name.startsWith('userRow'))
  .sort(([, a], [, b]) => Number(a.includes('{id}')) - Number(b.includes('{id}')))
  .map(([name, text]) => {
    const [type, reason] = name.split('.');
    const source = text.split('{id}').map(escapeRegExp).join(id);
    return is(`read.${type}` as Sentence['type'], source, reason === undefined ? {} : { reason });
  });

/** All of them, as a table; the first one that matches counts. */
export const sentencePatterns: readonly SentencePattern[] = [
  ...freeWordings,
  ...fixedWordings,
  is('read.recalled', `\\[(?:\\d{4}-\\d\\d-\\d\\d )?\\d\\d:\\d\\d(?: UTC(?:[+-]\\d\\d:\\d\\d)?)?\\] ${id}: [^\\n]*\\n`),
  is('read.line', `${id}: (?<text>[^\\n]*)\\n`),
  is('read.userRow', `${id} \\((?<state>free|busy|in the common room)(?<self>, you)?\\)\\n`),
];

/** A sentence, what it looks like, and what all of its kind have in common. */
function is(type: Sentence['type'], source: string, fixed: object = {}): SentencePattern {
  return { pattern: new RegExp(source, 'y'), fixed: { type, ...fixed } };
}

/** The whole sentences at the beginning of `text`, and the rest that is none (yet). */
export function readSentences(text: string): { sentences: Sentence[]; rest: string } {
  const { found, rest } = readBy(sentencePatterns, text);
  return { sentences: found.map(({ sentence }) => sentence as Sentence), rest };
}

/** Without the first line, if it has ended and no sentence begins with it. */
export function skipUnknownLine(rest: string): string {
  return withoutUnknownLine(rest, menu);
}
