/**
 * How the dialogue of a check can end, but for well.
 *
 * Owns: faults, and what is thrown where one has been seen or nothing can be said. Knows nothing of sockets.
 */

export interface Fault {
  /** What is wrong, in words of a teacher. */
  readonly name: string;
  /** What to look for in the server's source. */
  readonly hint: string;
}

/** The dialogue has shown that the fault is there, or another one, whose name is given. */
export class Shown extends Error {
  readonly who: string;
  readonly expected: string;
  readonly read: string;
  /** Another fault than the check's own. */
  readonly fault: Fault | undefined;

  constructor(who: string, expected: string, read: string, fault?: Fault) {
    super(`${who} should read ${expected}, and reads ${read}`);
    this.who = who;
    this.expected = expected;
    this.read = read;
    this.fault = fault;
  }
}

/** The dialogue has not got as far as the question of the check. */
export class NotJudged extends Error {}

/** The kit itself was too slow for what it wanted to try: again. */
export class TooSlow extends Error {}
