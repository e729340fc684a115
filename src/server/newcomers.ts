/**
 * Connections that have just come, and wait while another process takes over.
 *
 * Owns: who waits, unread. Knows nothing of what becomes of them. Next: `acceptor.ts`.
 */
import type { Socket } from 'node:net';

/** How the dialogue is spoken at a port. */
export type Spoken = 'plain' | 'tls';

interface Newcomer {
  speaks: Spoken;
  socket: Socket;
}

export class Newcomers {
  readonly #onArrival: (newcomer: Newcomer) => void;
  /** Undefined while nobody has to wait. */
  #waiting: Newcomer[] | undefined;

  constructor(onArrival: (newcomer: Newcomer) => void) {
    this.#onArrival = onArrival;
  }

  /** Takes one who has not been read yet. */
  arrived(speaks: Spoken, socket: Socket): void {
    if (this.#waiting === undefined) this.#onArrival({ speaks, socket });
    else this.#waiting.push({ speaks, socket });
  }

  /** From now on they wait. */
  hold(): void {
    this.#waiting ??= [];
  }

  /** Those who have waited come in, and all others again. */
  letIn(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const newcomer of waiting) this.#onArrival(newcomer);
  }

  /** Those who have waited, for another process to let them in. */
  take(): Newcomer[] {
    return this.#waiting?.splice(0) ?? [];
  }
}
