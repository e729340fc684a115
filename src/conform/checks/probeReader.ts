/**
 * What the people of one check read.
 *
 * Owns: the waiting for sentences, and which other words pass for one. What comes before the question of a check throws
 * `NotJudged` if it fails; what is the question throws `Shown`. Expecting is patient: other lines in between don't count, since a
 * check asks one thing, and the suites look at every byte. Next: `probeSession.ts`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isOtherSentence, replyOf, sourceOf, withWording, wordingOf } from '../../protocol/dialect.ts';
import type { Sentence } from '../../protocol/sentences.ts';
import { withNames, withoutStrangers } from '../ids.ts';
import type { TestClient } from '../testClient.ts';
import { type Fault, NotJudged, Shown } from './findings.ts';
import { ProbeStory, quoted } from './probeStory.ts';
import { about, menu } from './says.ts';

/** How long nothing has to come before a text is taken for whole, in ms. */
const quietMs = 150;
/** How long the last line may be on its way to those who are not meant to get it, in ms. */
const settleMs = 40;
/** The same where it has to get from one server to another, in ms. */
const settleBetweenMs = 400;

export class ProbeReader extends ProbeStory {
  protected hasTwoServers = false;

  /** Long enough for what has been said to have arrived everywhere. */
  async settle(): Promise<void> {
    await sleep(this.hasTwoServers ? settleBetweenMs : settleMs);
  }

  /** Everything read up to here is no part of what comes. */
  forget(client: TestClient): void {
    client.unread = '';
  }

  /** Waits for a sentence and drops everything before it; false if it doesn't come. */
  async reads(client: TestClient, sentence: Sentence, timeoutMs?: number): Promise<boolean> {
    const source = `(?:${sourceOf(this.dialect, sentence)})`;
    const isFree = wordingOf(this.dialect, replyOf(sentence)).startsWith('{any}');
    return client.until(() => {
      client.unread = withoutStrangers(client.unread, this.suffix);
      const [begin, text] = isFree ? this.#matchFree(source, client.unread) : matchAtLine(source, client.unread);
      if (begin === -1) return false;
      client.unread = client.unread.slice(begin + text.length);
      this.tellRead(client, text);
      return true;
    }, timeoutMs);
  }

  /** Which of these sentences comes first, by its number; nothing is dropped. Undefined if none of them comes. */
  async firstOf(client: TestClient, sentences: readonly Sentence[]): Promise<number | undefined> {
    const sources = sentences.map((sentence) => `(?:${sourceOf(this.dialect, sentence)})`);
    const beginsOf = (): number[] =>
      sources.map((source) => matchAtLine(source, withoutStrangers(client.unread, this.suffix))[0]);
    if (!(await client.until(() => beginsOf().some((begin) => begin !== -1)))) return undefined;
    const begins = beginsOf();
    const first = Math.min(...begins.filter((begin) => begin !== -1));
    return begins.indexOf(first);
  }

  /** What a sentence has at `{count}`; undefined if it doesn't come. */
  async count(client: TestClient): Promise<number | undefined> {
    const before = this.story.length;
    if (!(await this.reads(client, { type: 'read.roomCount', count: 0 }))) return undefined;
    const line = this.story.slice(before).at(-1) ?? '';
    if (/nobody|alone/i.test(line)) return 1;
    const digits = /\d+/.exec(line.replace(/^\s*\w+ reads /, ''));
    return digits === null ? undefined : Number(digits[0]);
  }

  /** What comes before the question of the check. */
  async needs(client: TestClient, sentence: Sentence): Promise<void> {
    if (await this.reads(client, sentence)) return;
    throw new NotJudged(
      `${this.nameOf(client)} should read ${this.inWords(sentence)} first, and reads ${this.rest(client)}`,
    );
  }

  /** The question of the check. */
  async expect(client: TestClient, sentence: Sentence, fault?: Fault): Promise<void> {
    if (!(await this.reads(client, sentence))) throw this.shown(client, this.inWords(sentence), fault);
  }

  /**
   * The place where a sentence is said for the first time: other words at it are other words and no fault, if they look like
   * this sentence otherwise. From then on the server's own words are expected.
   */
  async hears(client: TestClient, sentence: Sentence, fault?: Fault): Promise<void> {
    if (await this.reads(client, sentence)) return;
    const text = await this.whole(client);
    const reply = replyOf(sentence);
    const learned = this.#templateOf(text, sentence);
    if (learned === undefined) throw this.shown(client, this.inWords(sentence), fault);
    this.otherWords.push({ reply, expected: wordingOf(this.dialect, reply), read: learned });
    this.dialect = withWording(this.dialect, reply, learned);
    client.unread = client.unread.slice(client.unread.indexOf(text) + text.length);
    this.tellRead(client, text);
  }

  /** Throws if this text, which was not meant for them, is anywhere in what they read. */
  readsNowhere(client: TestClient, text: string, fault?: Fault): void {
    if (client.transcript.includes(text)) {
      const line = client.transcript.split('\n').find((each) => each.includes(text)) ?? text;
      throw new Shown(this.nameOf(client), 'nothing of this', quoted(withNames(line, this.suffix)), fault);
    }
  }

  /** What stands unread, up to a pause. */
  async whole(client: TestClient): Promise<string> {
    let length = -1;
    while (length !== client.unread.length) {
      length = client.unread.length;
      await client.until(() => client.unread.length !== length, quietMs);
    }
    client.unread = withoutStrangers(client.unread, this.suffix);
    return client.unread.replace(/^\n+/, '');
  }

  /** Free words are what stands next, but for notices of who comes and goes. */
  #matchFree(source: string, text: string): [begin: number, text: string] {
    const notices = (['joinedServer', 'disconnected', 'joinedRoom', 'leftRoom'] as const).map((name) =>
      sourceOf(this.dialect, about(name, { id: '' })),
    );
    const skipped =
      new RegExp(`^(?:\\n|(?=[a-z._-]*\\d)[a-z0-9._-]+(?:${notices.join('|')}))*`, 'i').exec(text)?.[0].length ?? 0;
    const match = new RegExp(`^${source}`, 'i').exec(text.slice(skipped));
    return match === null ? [-1, ''] : [skipped, match[0]];
  }

  /** The wording that a text would be for a sentence; undefined if it looks like something else. */
  #templateOf(whole: string, sentence: Sentence): string | undefined {
    const isMenu = sentence.type === 'read.menu';
    const text = isMenu ? whole : this.#withoutMenu(whole);
    if (text === '' || isOtherSentence(this.dialect, text)) return undefined;
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    if (isMenu ? lines < 2 : lines > 3) return undefined;
    if ('id' in sentence && !text.toLowerCase().includes(sentence.id.toLowerCase())) return undefined;
    if ('text' in sentence && !text.includes(sentence.text)) return undefined;
    let template = text;
    if ('id' in sentence) template = template.replaceAll(sentence.id, '{id}');
    if ('text' in sentence) template = template.replaceAll(sentence.text, '{text}');
    if (sentence.type === 'read.roomCount') template = template.replace(/\d+/, '{count}');
    return new RegExp(this.suffix, 'i').test(template) ? '{any}\n' : template;
  }

  #withoutMenu(text: string): string {
    const match = new RegExp(sourceOf(this.dialect, menu), 'i').exec(text);
    return match === null ? text : text.slice(0, match.index);
  }
}

/** A match that begins a line, or the text. Prompts have no line end, so anything may begin behind one. */
function matchAtLine(source: string, text: string): [begin: number, text: string] {
  const match = new RegExp(`(?:^|(?<=\\n|: |\\? |> ))${source}`, 'i').exec(text);
  return match === null ? [-1, ''] : [match.index, match[0]];
}
