/**
 * The connections of browsers that have not come to the dialogue yet: they ask for the page, or for nothing at all.
 *
 * Owns: how many there may be, and for how long; so nobody can keep others from the page, or fill the server's open files.
 * Knows nothing of what they ask for.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../runtime/clock.ts';

/** A page needs up to six at once, for a second. */
export const maxVisitors = 128;
/** From the connection to its end, whatever is asked for on it, in ms: the page in a slow network fits. */
const visitMs = 60_000;

export class VisitorPool {
  readonly #clock: Clock;
  /** From the oldest on: how many answers each one waits for, and when it has to be gone. */
  readonly #visitors = new Map<Socket, { answers: number; deadline: unknown }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#visitors.size;
  }

  /** If there are too many, the oldest makes room, at first of those that wait for no answer. */
  add(socket: Socket): void {
    if (this.#visitors.size >= maxVisitors) {
      const [oldest] = this.#visitors.keys();
      const idle = [...this.#visitors].find(([, { answers }]) => answers === 0)?.[0] ?? oldest;
      idle?.destroy();
      if (idle !== undefined) this.release(idle);
    }
    const deadline = this.#clock.setTimeout(() => socket.destroy(), visitMs);
    this.#visitors.set(socket, { answers: 0, deadline });
    socket.once('close', () => this.release(socket));
  }

  /** It waits for one answer more, or less. */
  count(socket: Socket, change: 1 | -1): void {
    const visitor = this.#visitors.get(socket);
    if (visitor !== undefined) visitor.answers += change;
  }

  /** It is no visitor any more: it has come to the dialogue, or is closed. */
  release(socket: Socket): void {
    this.#clock.clearTimeout(this.#visitors.get(socket)?.deadline);
    this.#visitors.delete(socket);
  }

  /** Cuts all of them. */
  stop(): void {
    for (const socket of [...this.#visitors.keys()]) socket.destroy();
  }
}
