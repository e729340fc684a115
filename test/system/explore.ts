/**
 * Breadth-first through every composite state.
 *
 * Owns: the search, the way back to a violation, and the proof that everybody can always get back to the menu.
 */
import { Composite, type CompositeOptions, type Move } from './composite.ts';
import type { State } from './messages.ts';

export interface Exploration {
  states: number;
  steps: number;
  complete: boolean;
  /** The first violation found, with the shortest dialogue that leads to it. */
  violation: { what: string; moves: Move[] } | undefined;
  /** How often each transition of the session chart was taken. */
  branches: Map<string, number>;
  /** States from which somebody can't get back to the menu. */
  stuck: number;
  ms: number;
}

export interface ExploreOptions extends CompositeOptions {
  maxStates?: number;
  onProgress?: (states: number) => void;
}

export function explore(options: ExploreOptions): Exploration {
  const started = performance.now();
  const maxStates = options.maxStates ?? Number.POSITIVE_INFINITY;
  const composite = new Composite(options);
  const found = new Map<string, number>();
  const states: State[] = [];
  const cameFrom: number[] = [];
  const edges = new Edges();
  const branches = new Map<string, number>();
  let violation: { what: string; moves: Move[] } | undefined;
  let steps = 0;

  const visit = (state: State, from: number): number => {
    const key = String.fromCharCode.apply(null, state as never);
    const known = found.get(key);
    if (known !== undefined) return known;
    const number = states.length;
    found.set(key, number);
    states.push(state);
    cameFrom.push(from);
    return number;
  };

  visit(composite.representative(composite.initial().state).state, -1);
  let at = 0;
  for (; at < states.length && states.length <= maxStates && !violation; at++) {
    const state = states[at] as State;
    for (const move of composite.moves(state)) {
      const outcome = composite.make(state, move);
      if (!outcome) continue;
      steps++;
      for (const branch of outcome.branches) branches.set(branch, (branches.get(branch) ?? 0) + 1);
      const before = states.length;
      const { state: next, renaming } = composite.representative(outcome.state);
      const number = visit(next, at);
      if (number !== at) edges.add(at, number, renaming);
      const what = outcome.violation ?? (number === before ? composite.judge(next) : undefined);
      if (what) {
        violation = shortestViolation(composite, states, cameFrom, at);
        break;
      }
    }
    if (at % 50_000 === 0 && at > 0) options.onProgress?.(states.length);
  }
  const complete = at === states.length && !violation;
  const stuck = complete ? countStuck(composite, states, edges) : 0;
  return { states: states.length, steps, complete, violation, branches, stuck, ms: performance.now() - started };
}

/** The moves on a shortest way to a state and the one that breaks a promise there, found again by making them. */
function shortestViolation(
  composite: Composite,
  states: readonly State[],
  cameFrom: readonly number[],
  to: number,
): { what: string; moves: Move[] } {
  const way: State[] = [];
  for (let at = to; cameFrom[at] !== -1; at = cameFrom[at] as number) way.unshift(states[at] as State);
  const moves: Move[] = [];
  // The states on the way stand for others that differ in who is who, so the way is walked by users who keep their names.
  let actual = composite.initial().state;
  const walk = (isRight: (next: State, violation: string | undefined) => boolean): void => {
    for (const move of composite.moves(actual)) {
      const outcome = composite.make(actual, move);
      if (!outcome || !isRight(outcome.state, outcome.violation)) continue;
      moves.push(move);
      actual = outcome.state;
      return;
    }
  };
  for (const next of way) walk((state) => String(composite.representative(state).state) === String(next));
  let what = '';
  walk((state, violation) => {
    what = violation ?? composite.judge(state) ?? '';
    return what !== '';
  });
  return { what, moves };
}

/** Steps from state to state, in little room: there are tens of millions. */
class Edges {
  length = 0;
  #from = new Int32Array(1 << 20);
  /** Target and renaming in one number; there are at most 24 renamings. */
  #to = new Int32Array(1 << 20);

  add(from: number, to: number, renaming: number): void {
    if (this.length === this.#from.length) {
      this.#from = grown(this.#from);
      this.#to = grown(this.#to);
    }
    this.#from[this.length] = from;
    this.#to[this.length++] = to * 32 + renaming;
  }

  from(edge: number): number {
    return this.#from[edge] as number;
  }

  to(edge: number): number {
    return (this.#to[edge] as number) >> 5;
  }

  renaming(edge: number): number {
    return (this.#to[edge] as number) & 31;
  }
}

function grown(numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}

/** In how many states somebody is who can't reach one where they are in the menu: backwards from all of those. */
function countStuck(composite: Composite, states: readonly State[], edges: Edges): number {
  const users = composite.names.length;
  const incoming = new Int32Array(states.length + 1);
  const add = (counts: Int32Array, index: number, more: number): number => {
    const before = counts[index] as number;
    counts[index] = before + more;
    return before;
  };
  for (let edge = 0; edge < edges.length; edge++) add(incoming, edges.to(edge) + 1, 1);
  for (let state = 0; state < states.length; state++) add(incoming, state + 1, incoming[state] as number);
  const fill = incoming.slice();
  const byTarget = new Int32Array(edges.length);
  for (let edge = 0; edge < edges.length; edge++) byTarget[add(fill, edges.to(edge), 1)] = edge;

  // A user may be renamed on the way, so what is reached is a user in a state.
  const reached = new Uint8Array(states.length * users);
  const queue: number[] = [];
  const reach = (place: number): void => {
    if (reached[place]) return;
    reached[place] = 1;
    queue.push(place);
  };
  states.forEach((state, number) => {
    for (let user = 0; user < users; user++) {
      if (composite.charts(state, user).dialogue.matches('menu')) reach(number * users + user);
    }
  });
  for (let place = queue.pop(); place !== undefined; place = queue.pop()) {
    const target = Math.floor(place / users);
    for (let index = incoming[target] as number; index < (incoming[target + 1] as number); index++) {
      const edge = byTarget[index] as number;
      for (let user = 0; user < users; user++) {
        if (composite.renamed(user, edges.renaming(edge)) === place % users) reach(edges.from(edge) * users + user);
      }
    }
  }
  return reached.reduce((stuck, one) => stuck + (1 - one), 0);
}
