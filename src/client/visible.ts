/**
 * The server's text, with everything visible that must not reach a screen as it is.
 *
 * Owns: one connection's text in parts of any size, and the line ends CR LF. Which characters are unsafe is said in
 * `../transport/sanitize.ts`: the server filters by the same rule, and this is the second wall, for servers that don't.
 * Knows nothing of lines or terminals.
 */
import { sanitize } from '../transport/sanitize.ts';
import { graphemesOf } from './width.ts';

/** What is kept of the text before, in UTF-16 units: longer than anything that is one character for a reader. */
const maxContextLength = 64;

export class VisibleText {
  /** The last character of the text before: the next part may begin with what belongs to it. */
  #context = '';
  /** What the next part decides: a CR that may become a line end, a joiner between two characters. */
  #held = '';

  /** Takes the next part in; returns what can be shown of it. */
  add(part: string): string {
    if (part === '') return '';
    const text = (this.#held + part).replaceAll('\r\n', '\n');
    this.#held = /[\r\u200d]$/.exec(text)?.[0] ?? '';
    return this.#visible(text.slice(0, text.length - this.#held.length));
  }

  /** What was still held back. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return this.#visible(rest);
  }

  #visible(text: string): string {
    const context = this.#context;
    const tail = (context + text).slice(-maxContextLength);
    this.#context = [...graphemesOf(tail)].at(-1) ?? '';
    return sanitize(context + text).slice(sanitize(context).length);
  }
}
