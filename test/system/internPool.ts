/** Gives equal values one small number, so that whole states are compared and stored as numbers. */
export class InternPool<T> {
  readonly #numbers = new Map<string, number>();
  readonly #values: T[] = [];

  /** The number of a value; values are equal if their JSON is, or the key given instead. */
  number(value: T, key: string = JSON.stringify(value)): number {
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    // Numbers are used as 16-bit characters in the keys of composite states.
    if (this.#values.length > 0xffff) throw new Error('More than 65,536 different values to number.');
    this.#values.push(value);
    this.#numbers.set(key, this.#values.length - 1);
    return this.#values.length - 1;
  }

  value(number: number): T {
    return this.#values[number] as T;
  }

  get size(): number {
    return this.#values.length;
  }
}

/** Results by an object or text and a number; quick when the same objects come again. */
export class Memo<T> {
  readonly #results = new Map<unknown, Map<number, T>>();

  recall(what: unknown, number: number, compute: () => T): T {
    let byNumber = this.#results.get(what);
    if (byNumber === undefined) {
      byNumber = new Map();
      this.#results.set(what, byNumber);
    }
    const known = byNumber.get(number);
    if (known !== undefined) return known;
    const result = compute();
    byNumber.set(number, result);
    return result;
  }
}

/** Queues of messages as numbers; 0 is the empty one. */
export class Queues<T> {
  readonly #queues = new InternPool<readonly T[]>();
  readonly #pushed = new Memo<number>();
  readonly #shifted: number[] = [];

  constructor() {
    this.number([]);
  }

  number(queue: readonly T[]): number {
    return this.#queues.number(queue);
  }

  value(queue: number): readonly T[] {
    return this.#queues.value(queue);
  }

  push(queue: number, message: T): number {
    return this.#pushed.recall(message, queue, () => this.number([...this.value(queue), message]));
  }

  first(queue: number): T {
    return this.value(queue)[0] as T;
  }

  /** The queue without its first message. */
  shift(queue: number): number {
    const known = this.#shifted[queue];
    if (known !== undefined) return known;
    const rest = this.number(this.value(queue).slice(1));
    this.#shifted[queue] = rest;
    return rest;
  }
}
