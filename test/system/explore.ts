/**
 * Breadth-first through every composite state.
 *
 * Owns: the search, the way back to a violation, and the proof that everybody can always get back to the menu.
 */
import { Composite } from './composite.ts';
import type { State } from './messages.ts';
import type { CompositeOptions, Move } from './moves.ts';
import { StateTable } from './stateTable.ts';
import type { Outcome } from './systemModel.ts';

export interface Exploration {
  states: number;
  steps: number;
  complete: boolean;
  /** The first violation found, with the shortest dialogue that leads to it. */
  violation: { what: string; moves: Move[] } | undefined;
  /** The transitions of the session chart that were taken. */
  branches: ReadonlySet<string>;
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
  const initial = composite.representative(composite.initial().state).state;
  const states = new StateTable(initial.length);
  /** The state that each was found from. */
  const cameFrom: number[] = [-1];
  const edges = new Edges();
  const branchLists = new Set<readonly string[]>();
  let violation: { what: string; moves: Move[] } | undefined;
  let steps = 0;

  states.add(initial);
  let at = 0;
  for (; at < states.length && states.length <= maxStates && !violation; at++) {
    const state = states.get(at);
    edges.beginState();
    for (const move of composite.moves(state)) {
      const outcome = composite.make(state, move);
      if (!outcome) continue;
      steps++;
      branchLists.add(outcome.branches);
      const before = states.length;
      const { state: next, renaming } = composite.representative(outcome.state);
      const number = states.add(next);
      if (number === before) cameFrom.push(at);
      if (number !== at) edges.add(number, renaming);
      const what = wrongIn(outcome) ?? (number === before ? composite.judge(next) : undefined);
      if (what) {
        violation = shortestViolation(composite, states, cameFrom, at);
        break;
      }
    }
    if (at % 50_000 === 0 && at > 0) options.onProgress?.(states.length);
  }
  const complete = at === states.length && !violation;
  const stuck = complete ? countStuck(composite, states, edges) : 0;
  const branches = new Set([...branchLists].flat());
  return { states: states.length, steps, complete, violation, branches, stuck, ms: performance.now() - started };
}

/** The moves on a shortest way to a state and the one that breaks a promise there, found again by making them. */
function shortestViolation(
  composite: Composite,
  states: StateTable,
  cameFrom: readonly number[],
  to: number,
): { what: string; moves: Move[] } {
  const way: State[] = [];
  for (let at = to; cameFrom[at] !== -1; at = cameFrom[at] as number) way.unshift(states.get(at));
  const moves: Move[] = [];
  // The states on the way stand for others that differ in who is who, so the way is walked by users who keep their names.
  let actual = composite.initial().state;
  const walk = (isRight: (next: State, violation: string | undefined) => boolean): void => {
    for (const move of composite.moves(actual)) {
      const outcome = composite.make(actual, move);
      if (!outcome || !isRight(outcome.state, wrongIn(outcome))) continue;
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

/** What is wrong with the step itself. */
function wrongIn({ violation, afterEnd }: Outcome): string | undefined {
  return violation ?? afterEnd;
}

/** Steps from state to state, in little room: there are tens of millions. Added in the order of where they begin. */
class Edges {
  /** The first edge of each state. */
  readonly #starts: number[] = [];
  #length = 0;
  /** Target and renaming in one number; there are at most 24 renamings. */
  #to = new Int32Array(1 << 20);

  /** All edges added from now on, up to the next call, begin in the next state. */
  beginState(): void {
    this.#starts.push(this.#length);
  }

  add(to: number, renaming: number): void {
    if (this.#length === this.#to.length) {
      const larger = new Int32Array(this.#to.length * 2);
      larger.set(this.#to);
      this.#to = larger;
    }
    this.#to[this.#length++] = to * 32 + renaming;
  }

  /** The numbers of a state's edges: from the first up to, not including, the second. */
  of(state: number): [first: number, end: number] {
    return [this.#starts[state] as number, this.#starts[state + 1] ?? this.#length];
  }

  to(edge: number): number {
    return (this.#to[edge] as number) >> 5;
  }

  renaming(edge: number): number {
    return (this.#to[edge] as number) & 31;
  }
}

/** In how many states somebody is who can't reach one where they are in the menu. */
function countStuck(composite: Composite, states: StateTable, edges: Edges): number {
  const users = composite.names.length;
  const everybody = (1 << users) - 1;
  // For each state who can get back, a bit for each user.
  const free = new Uint8Array(states.length);
  for (let number = 0; number < states.length; number++) {
    const state = states.get(number);
    for (let user = 0; user < users; user++) {
      if (composite.isInMenu(state, user)) free[number] = (free[number] as number) | (1 << user);
    }
  }
  const before = renamedBack(composite);
  for (let isNews = true; isNews; ) {
    isNews = false;
    for (let number = states.length - 1; number >= 0; number--) {
      const known = free[number] as number;
      if (known === everybody) continue;
      let mask = known;
      const [first, end] = edges.of(number);
      for (let edge = first; edge < end && mask !== everybody; edge++) {
        mask |= before[edges.renaming(edge)]?.[free[edges.to(edge)] as number] as number;
      }
      if (mask === known) continue;
      free[number] = mask;
      isNews = true;
    }
  }
  let stuck = 0;
  for (const mask of free) for (let user = 0; user < users; user++) stuck += 1 - ((mask >> user) & 1);
  return stuck;
}

/** For each renaming and each set of users after it, a bit for each, the set of who they were before. */
function renamedBack(composite: Composite): number[][] {
  const users = composite.names.map((_, user) => user);
  return Array.from({ length: composite.renamingCount }, (_, renaming) =>
    Array.from({ length: 1 << users.length }, (_, after) =>
      users.reduce((mask, user) => mask | (((after >> composite.renamed(user, renaming)) & 1) << user), 0),
    ),
  );
}
