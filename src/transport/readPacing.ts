/**
 * When a socket is read: not while its user wants it to stop, and not on and on within one turn of the event loop.
 *
 * Owns: how much comes of one connection in one turn. Knows nothing of what it is. Next: `connection.ts`.
 */

/**
 * Node reads so much at once, in bytes, and where that came there may be more. It reads up to 32 times in one turn. Here
 * the next time is in the next turn, after everybody else's; one piece more may have been read by then, so two can be in a turn.
 */
const pieceBytes = 65_536;

/** What is read; a socket is one. */
interface Source {
  pause(): unknown;
  resume(): unknown;
}

export class ReadPacing {
  readonly #socket: Source;
  /** Its user wants nothing to be read. */
  #isPaused = false;
  #nextTurn: NodeJS.Immediate | undefined;

  constructor(socket: Source) {
    this.#socket = socket;
  }

  pause(): void {
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#nextTurn === undefined) this.#socket.resume();
  }

  /** So many bytes have come. */
  took(bytes: number): void {
    if (bytes < pieceBytes) return;
    this.#socket.pause();
    this.#nextTurn ??= setImmediate(() => {
      this.#nextTurn = undefined;
      if (!this.#isPaused) this.#socket.resume();
    });
  }
}
