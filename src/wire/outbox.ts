/**
 * What one connection still has to be sent.
 *
 * Owns: the gathering. Everything for one connection within one turn of the event loop leaves in one write, in order.
 * Knows nothing of who wrote it or what it means.
 */

/** Where an outbox empties itself; a `net.Socket` is one. */
export interface ByteSink {
  write(text: string): unknown;
}

/** Runs a function once, at the end of the present turn of the event loop. */
export type AtTurnEnd = (flush: () => void) => unknown;

/** Flushes all outboxes that were written to in this turn, with one callback for all of them. */
export class OutboxFlusher {
  readonly #atTurnEnd: AtTurnEnd;
  #full: Outbox[] = [];

  constructor(atTurnEnd: AtTurnEnd = setImmediate) {
    this.#atTurnEnd = atTurnEnd;
  }

  add(outbox: Outbox): void {
    if (this.#full.push(outbox) === 1) this.#atTurnEnd(this.#flushAll);
  }

  readonly #flushAll = (): void => {
    const outboxes = this.#full;
    this.#full = [];
    for (const outbox of outboxes) outbox.flush();
  };
}

export class Outbox {
  readonly #sink: ByteSink;
  readonly #flusher: OutboxFlusher;
  #text = '';

  constructor(sink: ByteSink, flusher: OutboxFlusher) {
    this.#sink = sink;
    this.#flusher = flusher;
  }

  write(text: string): void {
    if (this.#text === '') this.#flusher.add(this);
    this.#text += text;
  }

  /** Hands over what is gathered, at once. */
  flush(): void {
    if (this.#text === '') return;
    const text = this.#text;
    this.#text = '';
    this.#sink.write(text);
  }
}
