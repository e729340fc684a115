/**
 * What waits in all send queues of the server together.
 *
 * Owns: the sum, and who has to go when it is too much: the reader for whom most is waiting. Only send queues whose reader is
 * slow count; the others hold nothing beyond the present turn. Bytes that wait for many readers are in memory once, and
 * count once.
 */
interface Waiting {
  readonly waitingBytes: number;
  drop(trouble: 'outboxTotal'): void;
}

export class SendBudget {
  readonly #maxBytes: number;
  readonly #blocked = new Set<Waiting>();
  /** For how many readers each of them waits. */
  readonly #shared = new Map<Buffer, number>();
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

  /** One more reader waits for these bytes. */
  hold(bytes: Buffer): void {
    const readers = this.#shared.get(bytes) ?? 0;
    this.#shared.set(bytes, readers + 1);
    if (readers === 0) this.changed(bytes.length);
  }

  /** One reader fewer waits for them. */
  release(bytes: Buffer): void {
    const readers = this.#shared.get(bytes) ?? 0;
    if (readers > 1) this.#shared.set(bytes, readers - 1);
    else if (this.#shared.delete(bytes)) this.changed(-bytes.length);
  }

  /** The bytes of one reader alone have become so many more. */
  changed(moreBytes: number): void {
    this.#bytes += moreBytes;
    if (moreBytes <= 0 || this.#bytes <= this.#maxBytes) return;
    let largest: Waiting | undefined;
    for (const sendQueue of this.#blocked) {
      if (sendQueue.waitingBytes > (largest?.waitingBytes ?? 0)) largest = sendQueue;
    }
    if (largest === undefined) return;
    // Their last words may still wait, but they can't be dropped twice.
    this.#blocked.delete(largest);
    largest.drop('outboxTotal');
  }
}
