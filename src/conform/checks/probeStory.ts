/**
 * What one check has done and read, in words.
 *
 * Owns: the names of its people, the lines of its story, and how a finding is told. Next: `probeReader.ts`.
 */
import { type Dialect, type Features, replyOf, wordingOf } from '../../protocol/dialect.ts';
import type { Sentence } from '../../protocol/sentences.ts';
import { newSuffix, withNames, withoutStrangers } from '../ids.ts';
import type { TestClient } from '../testClient.ts';
import { type Fault, Shown } from './findings.ts';

/** Other words than the dialect has for a sentence, at the place where it belongs. */
export interface OtherWords {
  readonly reply: string;
  readonly expected: string;
  readonly read: string;
}

/** What a reply says whose words docs/protocol.md leaves free. A test compares the names with the dialect. */
export const freeReplies: Readonly<Record<string, string>> = {
  idRules: 'what an ID is',
  'refused.self': 'nobody asks themselves',
  'refused.gone': 'who was asked has gone',
  youWithdrew: 'your request is withdrawn',
  roomCount: 'how many are in the room',
  farewell: 'goodbye',
  askerWithdrew: 'the asker has withdrawn',
};

export class ProbeStory {
  dialect: Dialect;
  readonly suffix = newSuffix();
  /** What was done and read, line by line. */
  readonly story: string[] = [];
  readonly otherWords: OtherWords[] = [];
  protected readonly names = new Map<TestClient, string>();

  constructor(dialect: Dialect) {
    this.dialect = dialect;
  }

  get features(): Features {
    return this.dialect.features;
  }

  id(name: string): string {
    return name + this.suffix;
  }

  /** A line of the story that is not about one line. */
  tell(client: TestClient, what: string): void {
    this.story.push(`${this.nameOf(client)} ${withNames(what, this.suffix)}`);
  }

  shown(client: TestClient, expected: string, fault?: Fault): Shown {
    return new Shown(this.nameOf(client), expected, this.rest(client), fault);
  }

  /** What was read and not expected, in words. */
  rest(client: TestClient): string {
    const text = withoutStrangers(client.unread, this.suffix).slice(0, 300);
    const end = client.hasEnded ? 'the end of the connection' : '';
    if (text === '') return end || 'nothing';
    return `${quoted(withNames(text, this.suffix))}${end && ` and ${end}`}`;
  }

  inWords(sentence: Sentence): string {
    return inWords(this.dialect, sentence, this.suffix);
  }

  nameOf(client: TestClient): string {
    return this.names.get(client) ?? client.id;
  }

  protected tellRead(client: TestClient, text: string): void {
    this.story.push(`    ${this.nameOf(client)} reads ${quoted(withNames(text, this.suffix).slice(0, 200))}`);
  }
}

export function inWords(dialect: Dialect, sentence: Sentence, suffix: string): string {
  const text = wordingOf(dialect, replyOf(sentence))
    .replace('{id}', 'id' in sentence ? sentence.id : '')
    .replace('{text}', 'text' in sentence ? sentence.text : '')
    .replace('{any}', `(any words: ${freeReplies[replyOf(sentence)] ?? replyOf(sentence)})`);
  return quoted(withNames(text, suffix));
}

export function quoted(text: string): string {
  return JSON.stringify(text);
}
