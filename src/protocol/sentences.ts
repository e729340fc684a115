/**
 * Text as it comes over the wire → the sentences of docs/protocol.md.
 *
 * Owns: how each sentence is recognised. The wordings that the page fixes are those of the dialect `statechat`; patterns for
 * the others stand here. Both are written from the page, not from `replies.ts`: a wrong wording there must not be
 * recognised here.
 */
import { readFileSync } from 'node:fs';
import type { DialogueEvent } from '../../machines/protocol.machine.ts';
import { escapeRegExp } from '../runtime/escape.ts';

/** What a user can read: one sentence, a prompt or the whole menu. */
export type Sentence = Exclude<DialogueEvent, { type: 'line.typed' }>;

type Pattern = [RegExp, (match: RegExpExecArray) => Sentence];

const id = '([A-Za-z0-9][A-Za-z0-9._-]{0,31})';

const dialect = JSON.parse(readFileSync(new URL('./dialects/statechat.json', import.meta.url), 'utf8')) as {
  replies: Record<string, string>;
};
const menu = dialect.replies.menu ?? '';

/** Wordings that the page leaves free, as this server has them. */
const freeWordings: readonly Pattern[] = [
  [/A user ID is 1 to 32 of A-Z, a-z, 0-9[^\n]*\n/y, () => ({ type: 'read.idRules' })],
  [/User IDs can't be checked just now\. Try again in a moment\.\n/y, () => ({ type: 'read.idUnchecked' })],
  [/You can't chat with yourself\.\n/y, () => ({ type: 'read.refused', reason: 'self' })],
  [/User disconnected\.\n/y, () => ({ type: 'read.refused', reason: 'gone' })],
  [/Too many requests\. Wait a minute\.\n/y, () => ({ type: 'read.refused', reason: 'tooOften' })],
  [
    /Nobody can be asked just now\. Try again in a moment\.\n/y,
    () => ({ type: 'read.refused', reason: 'unavailable' }),
  ],
  [/Request expired\.\n/y, () => ({ type: 'read.expired' })],
  [/Request withdrawn\.\n/y, () => ({ type: 'read.youWithdrew' })],
  [/Nobody else is here yet\.\n/y, () => ({ type: 'read.roomCount', count: 1 })],
  [/(\d+) people are here, you included\.\n/y, ([, n]) => ({ type: 'read.roomCount', count: Number(n) })],
  [/Type exit\(\) to leave\. Nobody else has read that line\.\n/y, () => ({ type: 'read.howToLeave' })],
  [/Goodbye!\n/y, () => ({ type: 'read.farewell' })],
  [/Line too long: at most \d+ bytes\. Nothing was sent\.\n/y, () => ({ type: 'read.lineRefused' })],
  [/That line is not valid UTF-8\. Nothing was sent\.\n/y, () => ({ type: 'read.lineRefused' })],
  [/Your user ID is now used elsewhere\. Goodbye!\n/y, () => ({ type: 'read.evicted' })],
  [/This server has lost its connection to the others\. Goodbye!\n/y, () => ({ type: 'read.evicted' })],
  [
    /The connection between the servers was lost for a moment\. Lines may be missing\.\n/y,
    () => ({ type: 'read.linesMissing' }),
  ],
  [/The server is shutting down\. Goodbye!\n/y, () => ({ type: 'read.closing' })],
  [/Something went wrong on the server\. Goodbye!\n/y, () => ({ type: 'read.fault' })],
  // The page fixes the end only: each limit has a sentence of its own.
  [/[A-Z][^:\n]* Goodbye!\n/y, () => ({ type: 'read.limit' })],
  [about(`${id} withdrew the request\\.\\n`), named('read.askerWithdrew')],
];

/** Wordings without anything that changes, and then those in which only an id does: `You left the chat.` is about no user called You. */
const fixedWordings: readonly Pattern[] = Object.entries(dialect.replies)
  .filter(([name, text]) => !/\{(any|text|count)\}/.test(text) && !name.startsWith('userRow'))
  .sort(([, a], [, b]) => Number(a.includes('{id}')) - Number(b.includes('{id}')))
  .map(([name, text]) => [
    about(text.split('{id}').map(escapeRegExp).join(id)),
    ([, who]) => {
      const [type, reason] = name.split('.');
      return { type: `read.${type}`, ...(reason && { reason }), ...(who && { id: who }) } as Sentence;
    },
  ]);

/** The first one that matches counts. */
const patterns: readonly Pattern[] = [
  ...freeWordings,
  ...fixedWordings,
  [
    about(`\\[(?:\\d{4}-\\d\\d-\\d\\d )?\\d\\d:\\d\\d(?: UTC(?:[+-]\\d\\d:\\d\\d)?)?\\] ${id}: [^\\n]*\\n`),
    named('read.recalled'),
  ],
  [about(`${id}: ([^\\n]*)\\n`), ([, who, text]) => ({ type: 'read.line', id: who ?? '', text: text ?? '' })],
  [
    about(`${id} \\((free|busy|in the common room)(, you)?\\)\\n`),
    ([, who, state, self]) => ({ type: 'read.userRow', id: who ?? '', state: state ?? '', isSelf: self !== undefined }),
  ],
];

function about(pattern: string): RegExp {
  return new RegExp(pattern, 'y');
}

function named<T extends Extract<Sentence, { id: string }>['type']>(type: T): (match: RegExpExecArray) => Sentence {
  return ([, who]) => ({ type, id: who ?? '' }) as Sentence;
}

/**
 * The whole sentences at the beginning of `text`, and the rest that is none (yet).
 * A line feed that only moves an interrupted prompt to a line of its own belongs to no sentence.
 */
export function readSentences(text: string): { sentences: Sentence[]; rest: string } {
  const sentences: Sentence[] = [];
  let at = 0;
  while (at < text.length) {
    const found = sentenceAt(text, at);
    if (found === undefined) {
      if (text[at] !== '\n') break;
      at++;
      continue;
    }
    sentences.push(found.sentence);
    at = found.end;
  }
  return { sentences, rest: text.slice(at) };
}

/** Without the first line, if it has ended and no sentence begins with it. */
export function skipUnknownLine(rest: string): string {
  const end = rest.indexOf('\n');
  return end === -1 || menu.startsWith(rest) ? rest : rest.slice(end + 1);
}

function sentenceAt(text: string, at: number): { sentence: Sentence; end: number } | undefined {
  for (const [pattern, make] of patterns) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return { sentence: make(match), end: pattern.lastIndex };
  }
  return undefined;
}
