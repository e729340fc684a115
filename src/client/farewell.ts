/**
 * How the client knows why the server ends a connection.
 *
 * Owns: which goodbye was the last thing the server said. What each of them means to the client its chart decides. A user
 * can't fake one: users' lines start with their id.
 */

import type { LastWords } from '../../machines/clientEvents.ts';

/** The server's last line to a user who quits. */
export const farewellLine = 'Goodbye!';

/** The server's last line when it is stopped, and may be started again. Before the end for good it says something else. */
export const restartLine = 'The server is shutting down. Goodbye!';

/** The server's own sentences are shorter, in UTF-16 units. */
const maxEndLength = 200;

/** Listens to one connection's text. */
export class FarewellListener {
  /** The end of what was said: the last line, if it isn't longer than any of the server's, and what is before it. */
  #end = '\n';

  read(text: string): void {
    this.#end = (this.#end + text).slice(-maxEndLength);
  }

  /** A goodbye of any kind tells that the server ended the connection on purpose. One that a user said is none. */
  get lastWords(): LastWords {
    if (this.#isLast(farewellLine)) return 'farewell';
    if (this.#isLast(restartLine)) return 'restart';
    return /\n(?![A-Za-z0-9][\w.-]*: )[^\n]*Goodbye!\n?$/.test(this.#end) ? 'goodbye' : 'none';
  }

  #isLast(line: string): boolean {
    return this.#end.endsWith(`\n${line}\n`) || this.#end.endsWith(`\n${line}`);
  }
}
