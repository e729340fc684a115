/**
 * When what was written leaves: once, at the end of the present turn of the event loop.
 *
 * Owns: the order at the end of a turn. Knows nothing of sockets or texts. Next: `sendQueue.ts`.
 */

/** Runs a function once, at the end of the present turn of the event loop. */
export type AtTurnEnd = (run: () => void) => unknown;

/** What has to happen at the end of a turn, with one callback for all of it: first what still fills send queues, then their flushing. */
export class FlushScheduler {
  readonly #atTurnEnd: AtTurnEnd;
  #isDue = false;
  #filling: (() => void)[] = [];
  #flushing: { flush(): void }[] = [];

  constructor(atTurnEnd: AtTurnEnd = setImmediate) {
    this.#atTurnEnd = atTurnEnd;
  }

  beforeFlush(fill: () => void): void {
    this.#filling.push(fill);
    this.#plan();
  }

  flush(sendQueue: { flush(): void }): void {
    this.#flushing.push(sendQueue);
    this.#plan();
  }

  #plan(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#atTurnEnd(this.#run);
  }

  readonly #run = (): void => {
    const filling = this.#filling;
    this.#filling = [];
    for (const fill of filling) fill();
    const flushing = this.#flushing;
    this.#flushing = [];
    this.#isDue = false;
    for (const sendQueue of flushing) sendQueue.flush();
  };
}
