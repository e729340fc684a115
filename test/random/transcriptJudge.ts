/**
 * What one connection's user reads, judged: are these sentences, are they allowed now, and does every relayed line come
 * exactly once and in order?
 *
 * Owns: bytes → text → sentences, the prompts that stand, and the merge of what was typed into what is read. A typed
 * line counts from the moment the server took it, which is given as the place in the text the server had said by then.
 * Knows nothing of sockets or of the server's inside.
 */
import { StringDecoder } from 'node:string_decoder';
import { afterReading, afterTyping, type Place, type Read, read, start } from './dialogueTable.ts';

/** What may be said while a prompt stands, and doesn't answer it. */
const interjections = [
  ...['lineRefused', 'operator', 'line', 'joinedServer', 'disconnected', 'joinedRoom', 'leftRoom'],
].map((name) => `read.${name}`);

export class TranscriptJudge {
  place: Place = start;
  /** The first rule that was broken; undefined as long as all is well. */
  violation: string | undefined;
  /** What the user typed and read so far, for a report. */
  onScreen: ((kind: 'typed' | 'read', text: string) => void) | undefined;
  readonly #decoder = new StringDecoder('utf8');
  /** Text that has arrived and is no whole sentence yet, and where it stands in all that was said. */
  #text = '';
  #at = 0;
  readonly #typed: { at: number; text: string }[] = [];
  /** What others said that this user has to read, as `<id>: <text>`, oldest first. */
  readonly #expected: string[] = [];
  #prompt: Read | undefined;
  #promptIsDue = false;

  /** Notes a line that the server took after it had said so many characters. */
  type(at: number, text: string): void {
    this.#typed.push({ at, text });
    if (at === this.#at) this.#advance();
  }

  receive(bytes: Buffer): void {
    this.#text += this.#decoder.write(bytes);
    this.#advance();
  }

  /** Notes a line of another user that this user has to read. */
  expect(line: string): void {
    this.#expected.push(line);
  }

  /** Returns what is wrong if nothing more is under way to this user. */
  get incomplete(): string | undefined {
    if (this.#text !== '') return `reads ${JSON.stringify(this.#text)}, which is no sentence of the protocol`;
    if (this.#typed.length > 0) return 'did not read all that was said before the server took a line';
    if (this.#promptIsDue) return 'does not read the prompt again that was interrupted';
    const [missing] = this.#expected;
    return missing && `never reads ${JSON.stringify(missing)}`;
  }

  #advance(): void {
    for (;;) {
      const next = this.#typed[0];
      if (next?.at === this.#at) {
        this.#typed.shift();
        this.#takeTyped(next.text);
        continue;
      }
      if (this.#text === '') return;
      const bounded = next !== undefined && next.at - this.#at <= this.#text.length;
      const part = bounded ? this.#text.slice(0, next.at - this.#at) : this.#text;
      const { reads, rest } = read(part);
      for (const one of reads) this.#takeRead(one);
      const taken = part.length - rest.length;
      this.onScreen?.('read', part.slice(0, taken));
      if (bounded && rest !== '') this.violation ??= `is interrupted in the middle of ${JSON.stringify(rest)}`;
      if (taken === 0) return;
      this.#text = this.#text.slice(taken);
      this.#at += taken;
    }
  }

  #takeTyped(text: string): void {
    this.onScreen?.('typed', text);
    this.#prompt = undefined;
    this.place = afterTyping(this.place, text.trim());
  }

  #takeRead(one: Read): void {
    const { sentence } = one;
    if (this.#promptIsDue) {
      this.#promptIsDue = false;
      if (one.key !== this.#prompt?.key) this.violation ??= `reads ${one.key} where the prompt should come again`;
      return;
    }
    const next = afterReading(this.place, one);
    if (next === undefined) this.violation ??= `reads ${JSON.stringify(sentence)}, forbidden in ${this.place.state}`;
    else this.place = next;
    if (sentence.type === 'read.line') this.#takeLine(`${sentence.id}: ${sentence.text}`);
    if (interjections.includes(sentence.type)) this.#promptIsDue = this.#prompt !== undefined;
    else this.#prompt = one.isPrompt ? one : undefined;
  }

  #takeLine(text: string): void {
    const due = this.#expected.shift();
    if (due !== text) this.violation ??= `reads ${JSON.stringify(text)}, but should read ${JSON.stringify(due)}`;
  }
}
