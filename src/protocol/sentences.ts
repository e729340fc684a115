/**
 * Text as it comes over the wire → the sentences of docs/protocol.md.
 *
 * Owns: how each sentence is recognised. Written from the protocol page, not from `replies.ts`: a wrong wording
 * there must not be recognised here.
 */
import type { DialogueEvent } from '../../machines/protocol.machine.ts';

/** What a person can read: one sentence, a prompt or the whole menu. */
export type Sentence = Exclude<DialogueEvent, { type: 'line.typed' }>;

const menu = 'Menu:\n1) Connect to user\n2) Quit\n3) Common room\n4) Who is online\n';
const id = '([A-Za-z0-9][A-Za-z0-9._-]{0,31})';

/** Order matters only where one pattern could match the beginning of another's text. */
const patterns: [RegExp, (match: RegExpExecArray) => Sentence][] = [
  [/Enter your user ID: /y, () => ({ type: 'read.idPrompt' })],
  [/A user ID is 1 to 32 of A-Z, a-z, 0-9[^\n]*\n/y, () => ({ type: 'read.idRules' })],
  [/User ID taken\. Choose another user ID: /y, () => ({ type: 'read.idTaken' })],
  [/User IDs can't be checked just now\. Try again in a moment\.\n/y, () => ({ type: 'read.idUnchecked' })],
  [new RegExp(menu.replaceAll(')', '\\)'), 'y'), () => ({ type: 'read.menu' })],
  [/Invalid option\.\n/y, () => ({ type: 'read.invalidOption' })],
  [/Enter user ID: /y, () => ({ type: 'read.targetPrompt' })],
  [/User not found\.\n/y, () => ({ type: 'read.refused', reason: 'unknown' })],
  [/User busy\.\n/y, () => ({ type: 'read.refused', reason: 'busy' })],
  [/You can't chat with yourself\.\n/y, () => ({ type: 'read.refused', reason: 'self' })],
  [/User disconnected\.\n/y, () => ({ type: 'read.refused', reason: 'gone' })],
  [/Too many requests\. Wait a minute\.\n/y, () => ({ type: 'read.refused', reason: 'tooOften' })],
  [
    /Nobody can be asked just now\. Try again in a moment\.\n/y,
    () => ({ type: 'read.refused', reason: 'unavailable' }),
  ],
  [/Waiting for response\.\.\.\n/y, () => ({ type: 'read.stillWaiting' })],
  [/Request denied\.\n/y, () => ({ type: 'read.denied' })],
  [/Request expired\.\n/y, () => ({ type: 'read.expired' })],
  [/Request withdrawn\.\n/y, () => ({ type: 'read.youWithdrew' })],
  [/You left the chat\.\n/y, () => ({ type: 'read.youLeftChat' })],
  [/Joined common room\. Type exit\(\) to leave\.\n/y, () => ({ type: 'read.roomJoined' })],
  [/Nobody else is here yet\.\n/y, () => ({ type: 'read.roomCount', count: 1 })],
  [/(\d+) people are here, you included\.\n/y, ([, n]) => ({ type: 'read.roomCount', count: Number(n) })],
  [/You left the common room\.\n/y, () => ({ type: 'read.youLeftRoom' })],
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
  [/No user ID was given in time\. Goodbye!\n/y, () => ({ type: 'read.limit' })],
  [/Too many attempts\. Goodbye!\n/y, () => ({ type: 'read.limit' })],
  [/You were idle for too long\. Goodbye!\n/y, () => ({ type: 'read.limit' })],
  [/Too many bytes that are no text\. Goodbye!\n/y, () => ({ type: 'read.limit' })],
  [/Too much text without a line feed\. Goodbye!\n/y, () => ({ type: 'read.limit' })],
  [/You read too slowly, and too much was waiting for you\. Goodbye!\n/y, () => ({ type: 'read.limit' })],
  [/You stopped reading\. Goodbye!\n/y, () => ({ type: 'read.limit' })],
  [/Too much is waiting to be read on this server\. Goodbye!\n/y, () => ({ type: 'read.limit' })],
  [about(`${id} wants to chat with you\\. Accept\\? \\(y/n\\): `), named('read.question')],
  [about(`${id} withdrew the request\\.\\n`), named('read.askerWithdrew')],
  [about(`Chat started with ${id}\\. Type exit\\(\\) to leave\\.\\n`), named('read.chatStarted')],
  [about(`${id} left the chat\\.\\n`), named('read.partnerLeft')],
  [about(`${id} joined the server\\.\\n`), named('read.joinedServer')],
  [about(`${id} disconnected\\.\\n`), named('read.disconnected')],
  [about(`${id} joined the common room\\.\\n`), named('read.joinedRoom')],
  [about(`${id} left the common room\\.\\n`), named('read.leftRoom')],
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
