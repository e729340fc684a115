/**
 * A set of people who read the same lines: those in the common room, and those in the menu.
 *
 * Owns: the way a line takes to many. The charts decide who is in it, by their entry and exit actions.
 */
interface Reader {
  /** Must not throw: one reader's trouble is not the next one's. */
  interject(line: string): void;
}

export class Audience {
  readonly #readers = new Set<Reader>();

  add(reader: Reader): void {
    this.#readers.add(reader);
  }

  /** May be called any number of times. Answers whether the reader was in it. */
  delete(reader: Reader): boolean {
    return this.#readers.delete(reader);
  }

  /** Everybody reads the line but the one it comes from. */
  tell(line: string, from?: Reader): void {
    for (const reader of this.#readers) if (reader !== from) reader.interject(line);
  }
}
