/**
 * What one connection still has to be sent.
 *
 * Owns: the gathering. Everything for one connection within one turn of the event loop leaves in one write, in order.
 * Knows nothing of who wrote it or what it means.
 */

/** Where an outbox empties itself; a `net.Socket` is one. */
export interface ByteSink {
  write(bytes: string | Buffer): unknown;
}

/** Runs a function once, at the end of the present turn of the event loop. */
export type AtTurnEnd = (run: () => void) => unknown;

/** What has to happen at the end of a turn, with one callback for all of it: first what still fills outboxes, then their flushing. */
export class TurnEnd {
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

  flush(outbox: { flush(): void }): void {
    this.#flushing.push(outbox);
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
    for (const outbox of flushing) outbox.flush();
  };
}

export class Outbox {
  readonly #sink: ByteSink;
  readonly #turnEnd: TurnEnd;
  #text = '';
  #shared: Buffer | undefined;

  constructor(sink: ByteSink, turnEnd: TurnEnd) {
    this.#sink = sink;
    this.#turnEnd = turnEnd;
  }

  /** `bytes` are the same text encoded, when many get it in this turn: they are used if there is nothing else to send. */
  write(text: string, bytes?: Buffer): void {
    if (this.#shared !== undefined) this.flush();
    if (this.#text === '') {
      this.#turnEnd.flush(this);
      this.#shared = bytes;
      if (bytes !== undefined) return;
    }
    this.#text += text;
  }

  /** Hands over what is gathered, at once. */
  flush(): void {
    const bytes = this.#shared ?? this.#text;
    this.#shared = undefined;
    this.#text = '';
    if (bytes.length > 0) this.#sink.write(bytes);
  }
}
