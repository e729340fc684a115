/**
 * The server's text, split into what is finished and the prompt that stands.
 *
 * Owns: where the standing prompt begins, and that it isn't shown twice when the server repeats it after a line that
 * came in between. Knows nothing of terminals, and of the dialogue only that a prompt is a short line without its LF.
 */

/** A longer unfinished line isn't a prompt but the first part of a line whose rest is on its way. In UTF-16 units. */
const maxPromptLength = 200;

/** A line without an end is broken here, or a broken server would fill our memory. In UTF-16 units. */
const maxLineLength = 65_536;

export class PromptSplitter {
  /** What came after the last LF. */
  #tail = '';

  /** The unfinished line to show in front of what is typed; empty for none. */
  get prompt(): string {
    return this.#tail.length <= maxPromptLength ? this.#tail : '';
  }

  /** Takes the next text in; returns the lines it completes, with their LFs. */
  take(chunk: string): string {
    const standing = this.#tail;
    const text = standing + chunk;
    const end = text.lastIndexOf('\n') + 1;
    this.#tail = text.slice(end);
    if (this.#tail.length > maxLineLength) return `${text.slice(0, end)}${this.finish()}`;
    // A line in between starts with the LF that takes it off the prompt, and the same prompt follows it. Only the
    // second one is shown. Without the second, the first was a line whose LF came late, and nothing may be dropped.
    const isRepeated = standing !== '' && chunk.startsWith('\n') && this.#tail === standing;
    return text.slice(isRepeated ? standing.length + 1 : 0, end);
  }

  /** The person pressed Enter behind the prompt: the server's next text starts on a new row. */
  answer(): void {
    if (this.prompt !== '') this.#tail = '';
  }

  /** Nothing will complete the last line any more: returns it as one. */
  finish(): string {
    const line = this.#tail === '' ? '' : `${this.#tail}\n`;
    this.#tail = '';
    return line;
  }
}
