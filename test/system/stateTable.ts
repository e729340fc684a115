/**
 * The states that were found, each once, with a number in the order in which they were found.
 *
 * Owns: a hash table in flat arrays of numbers, because millions of states as text would take most of the time and memory.
 * Knows nothing of what the numbers of a state mean.
 */

/** Numbers of a state fit in 16 bits: `internPool.ts` sees to it. */
type Words = Uint16Array<ArrayBuffer>;

export class StateTable {
  readonly #width: number;
  #length = 0;
  /** All states one after the other. */
  #words: Words;
  /** At the place that a state's hash leads to, or at the next free one: its number and 1, so that 0 is free. */
  #slots = new Int32Array(1 << 16);

  constructor(width: number) {
    this.#width = width;
    this.#words = new Uint16Array(width << 15);
  }

  get length(): number {
    return this.#length;
  }

  /** The number of a state; it equals the length before the call if the state is new. */
  add(state: readonly number[]): number {
    const mask = this.#slots.length - 1;
    let slot = hashOf(state) & mask;
    for (let entry = this.#slots[slot] as number; entry !== 0; entry = this.#slots[slot] as number) {
      if (this.#isAt(entry - 1, state)) return entry - 1;
      slot = (slot + 1) & mask;
    }
    this.#append(state);
    this.#slots[slot] = this.#length;
    if (this.#length * 2 > this.#slots.length) this.#rehash();
    return this.#length - 1;
  }

  get(number: number): number[] {
    const state: number[] = [];
    const start = number * this.#width;
    for (let place = 0; place < this.#width; place++) state.push(this.#words[start + place] as number);
    return state;
  }

  #isAt(number: number, state: readonly number[]): boolean {
    const start = number * this.#width;
    for (let place = 0; place < this.#width; place++) {
      if (this.#words[start + place] !== state[place]) return false;
    }
    return true;
  }

  #append(state: readonly number[]): void {
    const start = this.#length * this.#width;
    if (start === this.#words.length) {
      const larger = new Uint16Array(this.#words.length * 2);
      larger.set(this.#words);
      this.#words = larger;
    }
    for (let place = 0; place < this.#width; place++) this.#words[start + place] = state[place] as number;
    this.#length++;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#length; number++) {
      let slot = hashOf(this.get(number)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }
}

/** Spreads states that differ in one small number over the whole table. */
function hashOf(state: readonly number[]): number {
  let hash = 0;
  for (let place = 0; place < state.length; place++)
    hash = Math.imul(hash ^ (state[place] as number), 0x9e3779b1) + (hash >>> 15);
  return (hash ^ (hash >>> 16)) >>> 0;
}
