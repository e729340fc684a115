/**
 * The line that a person is typing.
 *
 * Owns: its text, the cursor, the lines typed before, and what each editing command does to them. A step of the cursor
 * is what a reader takes for one character, so that an emoji of seven code points is one step.
 * Knows nothing of keys, of the screen or of the dialogue.
 *
 * Why not Node's readline: in Node 20 it mixes up a paste in the middle of a line, it steps into an emoji, and it draws by
 * itself, so that lines that come in could only be placed around it by writing to its private fields.
 */
import { graphemesOf } from './width.ts';

/** Lines that the arrow up brings back. */
const maxHistoryLines = 1000;

/** How far a command reaches from the cursor. */
export type Reach = 'characterLeft' | 'characterRight' | 'wordLeft' | 'wordRight' | 'home' | 'end';

/** The same in UTF-16 units, negative to the left. */
const lengthOf: Record<Reach, (before: string, after: string) => number> = {
  characterLeft: (before) => -([...graphemesOf(before)].at(-1) ?? '').length,
  characterRight: (_, after) => (graphemesOf(after).next().value ?? '').length,
  wordLeft: (before) => -(/\S*\s*$/u.exec(before)?.[0] ?? '').length,
  wordRight: (_, after) => (/^\s*\S*/u.exec(after)?.[0] ?? '').length,
  home: (before) => -before.length,
  end: (_, after) => after.length,
};

export class LineEditor {
  #text = '';
  /** In UTF-16 units. */
  #cursor = 0;
  /** The newest last. */
  readonly #history: string[] = [];
  /** The line of the history that is shown; at its length the person's own. */
  #historyIndex = 0;
  /** The person's own line, while one of the history is shown. */
  #draft = '';
  /** What was removed last, if it was more than a character. */
  #removed = '';

  get text(): string {
    return this.#text;
  }

  get beforeCursor(): string {
    return this.#text.slice(0, this.#cursor);
  }

  get afterCursor(): string {
    return this.#text.slice(this.#cursor);
  }

  insert(text: string): void {
    this.#set(this.beforeCursor + text, this.afterCursor);
  }

  /** Puts another text in place of what stands before the cursor. */
  replaceBefore(text: string): void {
    this.#set(text, this.afterCursor);
  }

  move(reach: Reach): void {
    this.#cursor += lengthOf[reach](this.beforeCursor, this.afterCursor);
  }

  remove(reach: Reach): void {
    const [before, after] = [this.beforeCursor, this.afterCursor];
    const length = lengthOf[reach](before, after);
    const isLeft = length < 0;
    if (!reach.startsWith('character')) this.#removed = isLeft ? before.slice(length) : after.slice(0, length);
    this.#set(isLeft ? before.slice(0, length) : before, isLeft ? after : after.slice(length));
  }

  /** Inserts what was removed last. */
  putBack(): void {
    this.insert(this.#removed);
  }

  /** Shows an earlier line (-1) or a later one (1) of the history. */
  step(direction: -1 | 1): void {
    const index = this.#historyIndex + direction;
    if (index < 0 || index > this.#history.length) return;
    if (this.#historyIndex === this.#history.length) this.#draft = this.#text;
    this.#historyIndex = index;
    this.#set(this.#history[index] ?? this.#draft, '');
  }

  /** Empties the line and returns it. It is remembered, unless it is a secret or the same as the one before. */
  take({ isSecret = false } = {}): string {
    const line = this.#text;
    if (!isSecret && line !== '' && line !== this.#history.at(-1)) this.#history.push(line);
    if (this.#history.length > maxHistoryLines) this.#history.shift();
    this.#historyIndex = this.#history.length;
    this.#set('', '');
    return line;
  }

  #set(before: string, after: string): void {
    this.#text = before + after;
    this.#cursor = before.length;
  }
}
