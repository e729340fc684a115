/**
 * Users are alike but for their names: of composite states that differ only in who is who, one stands for all.
 *
 * Owns: giving every user another's name and place, everywhere in a state.
 */
import { perUser, type State, type Stores } from './messages.ts';

export class Renaming {
  /** `order[user]` is whose name and place the user gets. */
  readonly order: readonly number[];
  /** The other way round: from whose place in the old state a user's is filled. */
  readonly #source: readonly number[];
  readonly #names: readonly string[];
  readonly #stores: Stores;
  readonly #charts: number[] = [];
  readonly #ups: number[] = [];
  readonly #downs: number[] = [];
  readonly #directories: number[] = [];

  constructor(stores: Stores, names: readonly string[], order: readonly number[]) {
    this.#stores = stores;
    this.#names = names;
    this.order = order;
    this.#source = order.map((_, to) => order.indexOf(to));
  }

  /** The renamed state if it comes before `best`, else undefined. */
  apply(state: State, best: State): State | undefined {
    for (let place = 0; place < state.length; place++) {
      const difference = this.#at(state, place) - (best[place] as number);
      if (difference > 0) return undefined;
      if (difference < 0) return state.map((_, each) => this.#at(state, each));
    }
    return undefined;
  }

  /** What stands in one place of the renamed state. */
  #at(state: State, place: number): number {
    const last = state.length - 1;
    if (place === last) return this.#directories[state[last] as number] ?? this.#directory(state[last] as number);
    const part = place % perUser;
    const number = state[(this.#source[(place / perUser) | 0] as number) * perUser + part] as number;
    if (part === 0) return this.#charts[number] ?? this.#renamedCharts(number);
    if (part === 1) return this.#ups[number] ?? this.#up(number);
    return part === 2 ? (this.#downs[number] ?? this.#down(number)) : number;
  }

  #renamedCharts(number: number): number {
    const renamed = this.#stores.steps.rename(number, this.#rename);
    this.#charts[number] = renamed;
    return renamed;
  }

  #up(number: number): number {
    const renamed = this.#stores.ups.number(this.#renameAll(this.#stores.ups.value(number)));
    this.#ups[number] = renamed;
    return renamed;
  }

  #down(number: number): number {
    const renamed = this.#stores.downs.number(this.#renameAll(this.#stores.downs.value(number)));
    this.#downs[number] = renamed;
    return renamed;
  }

  #directory(number: number): number {
    const renamed = this.#stores.directory(this.#renameAll(this.#stores.directories.value(number)));
    this.#directories[number] = renamed;
    return renamed;
  }

  #renameAll<T>(value: T): T {
    return JSON.parse(this.#rename(JSON.stringify(value)));
  }

  readonly #rename = (json: string): string => {
    const names = this.#names;
    return json.replace(/\b(ann|ben|cat|dan)\b/g, (name) => names[this.order[names.indexOf(name)] as number] ?? name);
  };
}

/** All orders of the first `count` whole numbers, the natural one first. */
export function permutations(count: number): number[][] {
  if (count === 0) return [[]];
  return permutations(count - 1).flatMap((order) =>
    Array.from({ length: count }, (_, back) => order.toSpliced(order.length - back, 0, count - 1)),
  );
}
