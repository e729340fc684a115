/** A text that nobody may see by accident: in the log, in a message, in what `--print-config` and `console.log` show. */
import { inspect } from 'node:util';

export class Secret {
  readonly #value: string;
  readonly #shown: string;

  /** `shown` is what stands for it wherever it is printed. */
  constructor(value: string, shown = '***') {
    this.#value = value;
    this.#shown = shown;
  }

  /** The text itself, for the one place that needs it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return this.#shown;
  }

  toJSON(): string {
    return this.#shown;
  }

  [inspect.custom](): string {
    return this.#shown;
  }
}
