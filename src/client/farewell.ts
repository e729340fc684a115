/**
 * How the client knows that an end was asked for.
 *
 * Owns: the server's farewell line, and whether it was the last thing the server said. Nothing else of the server's
 * wording is known to the client. A user can't fake it: users' lines start with their id.
 */

import type { LastWords } from '../../machines/clientEvents.ts';

/** The server's last line to a user who quits. */
export const farewellLine = 'Goodbye!';

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
    if (this.#end.endsWith(`\n${farewellLine}\n`) || this.#end.endsWith(`\n${farewellLine}`)) return 'farewell';
    return /\n(?![A-Za-z0-9][\w.-]*: )[^\n]*Goodbye!\n?$/.test(this.#end) ? 'goodbye' : 'none';
  }
}
