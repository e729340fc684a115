/**
 * Hides what ignored users say and ask.
 *
 * Owns: which part of the server's text is shown. While nobody is ignored, all of it is, as it comes. What a line is,
 * `src/protocol/sentences.ts` says. A request that is hidden is reported: somebody has to answer it.
 * Next: `client.ts`, `machines/client.machine.ts` (`request.ignored`).
 */
import { menu, readSentences } from '../protocol/sentences.ts';

const menuLines = menu.split(/(?<=\n)/);

/** What follows a hidden question, and is hidden with it: the reply to our no, or what was faster; then the menu. */
const ends = ['read.denied', 'read.askerWithdrew', 'read.expired'];

export class IgnoreFilter {
  readonly #ignoredIds: () => readonly string[];
  readonly #onRequest: () => void;
  /** The beginning of a line or a question that may be one of an ignored user. */
  #held = '';
  /** A hidden question is still to end. */
  #isEndDue = false;
  /** Lines of the menu that are hidden after that. */
  #menuLinesDue = 0;

  constructor(ignoredIds: () => readonly string[], onRequest: () => void) {
    this.#ignoredIds = ignoredIds;
    this.#onRequest = onRequest;
  }

  /**
   * Takes the server's next text, and returns what may be shown. `isFree`: before it, the person was in the menu. If not,
   * they have chosen something, and have to read that it came to nothing.
   */
  read(text: string, isFree: boolean): string {
    const isIdle = this.#held === '' && !this.#isEndDue && this.#menuLinesDue === 0;
    if (isIdle && this.#ignoredIds().length === 0) return text;
    this.#held += text;
    let shown = '';
    for (let end = this.#held.indexOf('\n'); end >= 0; end = this.#held.indexOf('\n')) {
      const line = this.#held.slice(0, end + 1);
      this.#held = this.#held.slice(end + 1);
      if (!this.#hides(line)) shown += line;
    }
    if (this.#isIgnoredQuestion()) {
      this.#held = '';
      if (!this.#isEndDue) this.#onRequest();
      this.#isEndDue = isFree || this.#isEndDue;
    } else if (!this.#mayBeIgnored()) {
      shown += this.#held;
      this.#held = '';
    }
    return shown;
  }

  #hides(line: string): boolean {
    const [sentence] = readSentences(line).sentences;
    const isSaid = sentence?.type === 'read.line' || sentence?.type === 'read.recalled';
    if (isSaid) return this.#isIgnored(sentence.id);
    if (this.#menuLinesDue > 0) {
      const isDue = line === menuLines[menuLines.length - this.#menuLinesDue];
      this.#menuLinesDue = isDue ? this.#menuLinesDue - 1 : 0;
      return isDue;
    }
    if (!this.#isEndDue) return false;
    // It only moves a line behind the question to a row of its own, and the question isn't there.
    if (line === '\n') return true;
    if (sentence === undefined || !ends.includes(sentence.type)) return false;
    this.#isEndDue = false;
    this.#menuLinesDue = menuLines.length;
    return true;
  }

  #isIgnoredQuestion(): boolean {
    const [sentence] = readSentences(this.#held).sentences;
    return sentence?.type === 'read.question' && this.#isIgnored(sentence.id);
  }

  #mayBeIgnored(): boolean {
    // No prompt but the question itself comes before its end, and before the menu behind it.
    if (this.#held === '' || this.#isEndDue || this.#menuLinesDue > 0) return true;
    // A remembered line of the room, with its time in front.
    if (this.#held.startsWith('[')) return this.#ignoredIds().length > 0;
    const held = this.#held.toLowerCase();
    return this.#ignoredIds().some((each) => {
      const [said, asks] = [`${each}: `, `${each} wants to chat with you. Accept? (y/n): `].map((text) =>
        text.toLowerCase(),
      );
      return [said, asks].some((text = '') => text.startsWith(held) || (text === said && held.startsWith(text)));
    });
  }

  #isIgnored(id: string): boolean {
    return this.#ignoredIds().some((each) => each.toLowerCase() === id.toLowerCase());
  }
}
