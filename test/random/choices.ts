/**
 * The choices that decide everything in a simulated world: a list of integers, one for each move.
 *
 * Owns: how such a list is drawn from fast-check's randomness and how it shrinks. A move reads nothing but its own
 * integer, so a list with moves left out is still a story. Knows nothing of worlds.
 */
import fc from 'fast-check';

export type Choices = Int32Array;

/** The state of the search for a shorter list: the shortest prefix that may fail, or the size and place of a cut. */
type Progress = { prefix: number } | { cut: number; at: number; improved: boolean };

/** So many choices. They shrink by losing their end first, then smaller and smaller parts. */
export class ChoicesArbitrary extends fc.Arbitrary<Choices> {
  readonly #count: number;

  constructor(count: number) {
    super();
    this.#count = count;
  }

  generate(random: fc.Random): fc.Value<Choices> {
    const dice = new Dice();
    dice.start(random.nextInt(1, 0x7fffffff));
    return new fc.Value(
      Int32Array.from({ length: this.#count }, () => dice.next()),
      undefined,
    );
  }

  canShrinkWithoutContext(value: unknown): value is Choices {
    return value instanceof Int32Array;
  }

  shrink(value: Choices, context: unknown): fc.Stream<fc.Value<Choices>> {
    return new fc.Stream(shorter(value, (context as Progress | undefined) ?? { prefix: 0 }));
  }
}

function* shorter(value: Choices, from: Progress): IterableIterator<fc.Value<Choices>> {
  const { length } = value;
  if ('prefix' in from) {
    for (let tooShort = from.prefix; tooShort < length; ) {
      const candidate = tooShort + Math.floor((length - tooShort) / 2);
      yield new fc.Value(value.slice(0, candidate), { prefix: tooShort });
      tooShort = candidate + 1;
    }
  }
  const start = 'cut' in from ? from : { cut: Math.max(1, length >> 1), at: Number.POSITIVE_INFINITY, improved: false };
  let { improved } = start;
  for (let cut = start.cut; cut >= 1; cut >>= 1) {
    for (let at = Math.min(cut === start.cut ? start.at : length, length - cut); at >= 0; at -= cut) {
      yield without(value, cut, at, improved || cut === 1);
    }
  }
  // A move that was needed before may not be needed any more, because later ones are gone.
  if (improved) {
    improved = false;
    for (let at = length - 1; at >= 0; at--) yield without(value, 1, at, true);
  }
}

function without(value: Choices, cut: number, at: number, improved: boolean): fc.Value<Choices> {
  const rest = new Int32Array(value.length - cut);
  rest.set(value.subarray(0, at));
  rest.set(value.subarray(at + cut), at);
  return new fc.Value(rest, { cut, at: at - cut, improved } satisfies Progress);
}

/** Takes as many small decisions out of one integer as a move needs. */
export class Dice {
  #state = 1;

  start(seed: number): void {
    this.#state = seed === 0 ? 1 : seed;
    this.next();
  }

  /** A positive integer of 31 bits. */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x & 0x7fffffff;
  }

  /** 0 to count - 1. */
  of(count: number): number {
    return this.next() % count;
  }

  /** True in one of so many cases. */
  oneIn(count: number): boolean {
    return this.next() % count === 0;
  }

  from<T>(list: readonly T[]): T {
    return list[this.next() % list.length] as T;
  }
}
