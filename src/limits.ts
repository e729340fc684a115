/**
 * The limits an operator may care about, each with its unit and the reason for its value.
 *
 * Owns: the defaults. Options may change those that `options.ts` lists. Numbers that are part of the protocol stand where
 * they are used: ids (`machines/session.ts`), framing, marks (`wire/`) and the length of a list of users (`chat/replies.ts`).
 */
export const limits = {
  /** A terminal in line mode hands over at most 4,095 typed bytes and the line feed. */
  maxLineBytes: 4096,
  /** Long enough to read a question and think, short enough that nobody waits for someone who has walked away. */
  requestTimeoutMs: 60_000,
  /** A join or leave is told to everybody in the menu: with N users that costs N² lines as the server fills. */
  announceLimit: 100,
  /** A peer that got our FIN and doesn't answer within this is gone or doesn't want to go. */
  lingerMs: 5_000,
  /** On shutdown, how long the last words may take to reach everybody before the rest is cut off. */
  drainMs: 5_000,
};

export type Limits = typeof limits;
