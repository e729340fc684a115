/**
 * All that one user, one address and everybody together may take of the server, each with its unit and the reason for its
 * value. At each there is a stated consequence; docs/protocol.md has what the user reads.
 *
 * Owns: the defaults. All but the last two, which are the time for the end, are options (`../cli/serveOptions.ts`). Numbers
 * that are part of the protocol stand where they are used: ids (`machines/session.machine.ts`), framing and marks
 * (`../transport/`), and the length of a list of users (`../protocol/replies.ts`).
 */
export const limits = {
  /** Connections at once; as many as the system's limit of open files allows, if that is less. Ten thousand cost about 100 MB. */
  maxConnections: 10_000,
  /** Connections from one address (one /64 network for IPv6) at once, this machine's own excepted; 0 for any number. A family behind one router fits. */
  maxPerAddress: 16,
  /** From the connection to an accepted id, in ms: long enough to think of one, and a line that says nothing costs a place for no longer. */
  idTimeoutMs: 60_000,
  /** Ids that are refused before the connection ends: typing errors fit, trying out a list of names doesn't. */
  idTries: 5,
  /** From the connection to the end of its TLS handshake, in ms: three lost packets fit, and who says nothing holds a place for no longer. */
  handshakeMs: 10_000,
  /** Wrong passwords before the connection ends: typing errors fit, guessing doesn't. */
  passwordTries: 3,
  /** Passwords that are checked at the same time: each keeps a core and 32 MB busy for about 0.3 s, and the chat needs a core too. */
  passwordChecks: 1,
  /** Passwords that may wait for their check: with one password in the file, half a minute of work, and who waits has a minute. */
  passwordQueue: 100,
  /** A terminal in line mode hands over at most 4,095 typed bytes and the line feed. */
  maxLineBytes: 4096,
  /** Bytes without a line feed before the connection ends: whoever pastes a page is told and goes on, whoever sends no lines at all isn't a chat client. */
  maxUnterminatedBytes: 65_536,
  /** Lines per second from one person, in the long run; 0 for any number. Nobody types faster, and nobody reads faster. The rest waits in the socket. */
  rateLimit: 10,
  /** Lines from one person that may come at once: a pasted paragraph. */
  rateBurst: 40,
  /** Chat requests per minute from one person; 0 for any number. Each one interrupts somebody. */
  requestsPerMinute: 10,
  /** Long enough to read a question and think, short enough that nobody waits for someone who has walked away. */
  requestTimeoutMs: 60_000,
  /** Bytes waiting for a reader from which on those who cause more have to wait: about what a terminal shows in a second. */
  outboxSoftBytes: 65_536,
  /** Bytes that may wait for one slow reader, on top of some MB in the system's socket; what is over drops the reader. */
  outboxBytes: 262_144,
  /** Bytes that may wait for all slow readers together; what is over drops the slowest. A thousand slow readers fit. */
  outboxTotalBytes: 268_435_456,
  /** How long a reader may take nothing while something waits, in ms: a phone in a tunnel comes back within it. */
  stallMs: 30_000,
  /** How long a person may type nothing, in ms; 0 for ever. Who only reads the room is a guest too, and netcat can't answer a ping. */
  idleMs: 0,
  /** How long a connection may be silent before the system asks whether the other side is still there, in ms. */
  keepAliveMs: 60_000,
  /** A join or leave is told to everybody in the menu: with N users that costs N² lines as the server fills. */
  announceLimit: 100,
  /** Lines that the common room remembers for those who enter it, 16 KiB at most; 0 for none. A screenful: enough to see what the talk is about. */
  roomHistory: 20,
  /** A peer that got our FIN and doesn't answer within this is gone or doesn't want to go. */
  lingerMs: 5_000,
  /** On shutdown, how long the last words may take to reach everybody before the rest is cut off. */
  drainMs: 5_000,
};

export type Limits = typeof limits;
