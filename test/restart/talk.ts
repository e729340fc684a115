/** One user who talks to another without a break: each line has to be read, once and in order. */
import type { User } from '../support/user.ts';

/** How many lines are under way at once. */
const linesAhead = 100;

export class Talk {
  /** How many lines were read. */
  lines = 0;
  readonly #speaker: User;
  readonly #reader: User;
  #said = 0;
  #isOver = false;
  readonly #ended: Promise<void>;

  constructor(speaker: User, reader: User) {
    this.#speaker = speaker;
    this.#reader = reader;
    this.#ended = this.#talk();
    this.#ended.catch(() => {});
  }

  /** Rejects if anything else was read than what was said. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#ended;
    await this.#reader.expectSilence();
  }

  async #talk(): Promise<void> {
    while (!this.#isOver || this.lines < this.#said) {
      while (!this.#isOver && this.#said < this.lines + linesAhead) this.#speaker.say(`line ${++this.#said}`);
      await this.#reader.expect(`${this.#speaker.name}: line ${++this.lines}\n`);
    }
  }
}
