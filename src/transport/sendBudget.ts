/**
 * What waits in all send queues of the server together.
 *
 * Owns: the sum, and who has to go when it is too much: the reader for whom most is waiting. Only send queues whose reader is
 * slow count; the others hold nothing beyond the present turn.
 */
interface Waiting {
  readonly waitingBytes: number;
  drop(trouble: 'outboxTotal'): void;
}

export class SendBudget {
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

  blocked(sendQueue: Waiting): void {
    this.#blocked.add(sendQueue);
  }

  unblocked(sendQueue: Waiting): void {
    this.#blocked.delete(sendQueue);
  }

  changed(moreBytes: number): void {
    this.#bytes += moreBytes;
    if (moreBytes <= 0 || this.#bytes <= this.#maxBytes) return;
    let largest: Waiting | undefined;
    for (const sendQueue of this.#blocked) {
      if (sendQueue.waitingBytes > (largest?.waitingBytes ?? 0)) largest = sendQueue;
    }
    largest?.drop('outboxTotal');
  }
}
