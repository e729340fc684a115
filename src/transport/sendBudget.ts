/**
 * What waits in all outboxes of the server together.
 *
 * Owns: the sum, and who has to go when it is too much: the reader for whom most is waiting. Only outboxes whose reader is
 * slow count; the others hold nothing beyond the present turn.
 */
interface Waiting {
  readonly waitingBytes: number;
  giveUp(trouble: 'outboxTotal'): void;
}

export class OutboxTotal {
  readonly #maxBytes: number;
  readonly #blocked = new Set<Waiting>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes that wait for slow readers. */
  get bytes(): number {
    return this.#bytes;
  }

  blocked(outbox: Waiting): void {
    this.#blocked.add(outbox);
  }

  unblocked(outbox: Waiting): void {
    this.#blocked.delete(outbox);
  }

  changed(moreBytes: number): void {
    this.#bytes += moreBytes;
    if (moreBytes <= 0 || this.#bytes <= this.#maxBytes) return;
    let largest: Waiting | undefined;
    for (const outbox of this.#blocked) {
      if (outbox.waitingBytes > (largest?.waitingBytes ?? 0)) largest = outbox;
    }
    largest?.giveUp('outboxTotal');
  }
}
