/**
 * Does anybody notice a fault of the chart? The dialogues come from the true chart, the faulty chart runs, and only what
 * users read counts.
 *
 * Owns: running a suite against a mutant, and the proof that a mutant nobody notices can't be noticed: an exploration of
 * the true and the faulty system side by side, every move made in both, in which all users always read the same.
 */
import type { sessionMachine } from '../../machines/session.machine.ts';
import { Composite, type CompositeOptions, type Move } from '../system/composite.ts';
import type { State } from '../system/messages.ts';
import { type Dialogue, multiUserOptions } from './multiUserPaths.ts';

export interface Verdict {
  /** A user read something else than from the true chart. */
  killed: boolean;
  /** What they read breaks the protocol, or users' views don't fit together: known without the true chart. */
  killedByJudge: boolean;
  /** The dialogue that killed it. */
  by: Dialogue | undefined;
}

/** Runs dialogues with a faulty chart until it is certain whether somebody notices. */
export function hunt(machine: typeof sessionMachine, dialogues: readonly Dialogue[]): Verdict {
  const race = new Race(machine, multiUserOptions);
  let verdict: Verdict = { killed: false, killedByJudge: false, by: undefined };
  for (const dialogue of dialogues) {
    let at = race.start();
    if (at === undefined) return { killed: true, killedByJudge: true, by: dialogue };
    for (const move of dialogue.moves) {
      const next = race.make(at, move);
      if (next.judged) return { killed: true, killedByJudge: true, by: verdict.by ?? dialogue };
      if (next.differs && !verdict.killed) verdict = { killed: true, killedByJudge: false, by: dialogue };
      if (!next.states) break;
      at = next.states;
    }
  }
  return verdict;
}

/** The first difference in all that two users can do, or in how many states they are never told apart. */
export function compare(machine: typeof sessionMachine): { moves: Move[] } | { equalStates: number } {
  // Everybody sticks to one id here: contested ones only add who is who.
  const race = new Race(machine, { ...multiUserOptions, contestedIds: false });
  const start = race.start();
  if (start === undefined) return { moves: [] };
  const seen = new Set<string>();
  const queue: { states: States; from: number; move: Move | undefined }[] = [
    { states: start, from: -1, move: undefined },
  ];
  for (let at = 0; at < queue.length; at++) {
    const { states } = queue[at] as { states: States };
    for (const move of race.moves(states)) {
      const next = race.make(states, move);
      if (next.differs || next.judged) {
        const moves = [move];
        for (let back = at; queue[back]?.move; back = queue[back]?.from ?? 0) moves.unshift(queue[back]?.move as Move);
        return { moves };
      }
      if (!next.states) continue;
      const key = String.fromCharCode(...next.states.right, ...next.states.wrong);
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push({ states: next.states, from: at, move });
    }
  }
  return { equalStates: queue.length };
}

interface States {
  right: State;
  wrong: State;
}

/** The true chart and a faulty one, side by side. */
class Race {
  readonly #right: Composite;
  readonly #wrong: Composite;

  constructor(machine: typeof sessionMachine, options: CompositeOptions) {
    this.#right = truthFor(options);
    this.#wrong = new Composite({ ...options, machine });
  }

  start(): States | undefined {
    const [right, wrong] = [this.#right.initial(), this.#wrong.initial()];
    if (wrong.violation || String(right.read) !== String(wrong.read)) return undefined;
    return { right: right.state, wrong: wrong.state };
  }

  /** What can be done in either system. */
  moves({ right, wrong }: States): Move[] {
    const moves = new Map<string, Move>();
    for (const move of this.#right.moves(right)) moves.set(JSON.stringify(move), move);
    for (const move of this.#wrong.moves(wrong)) moves.set(JSON.stringify(move), move);
    return [...moves.values()];
  }

  make(at: States, move: Move): { states: States | undefined; differs: boolean; judged: boolean } {
    const right = attempt(this.#right, at.right, move);
    const wrong = attempt(this.#wrong, at.wrong, move);
    if (right === 'fails') throw new Error('the true chart fails');
    if (wrong === 'fails') return { states: undefined, differs: true, judged: true };
    const blamed = (wrong.violation ?? this.#wrong.judge(wrong.state)) !== undefined;
    const judged = blamed && (right.violation ?? this.#right.judge(right.state)) === undefined;
    const differs = String(right.read) !== String(wrong.read);
    return { states: { right: right.state, wrong: wrong.state }, differs, judged };
  }
}

const truths = new Map<string, Composite>();

/** The system with the true chart, which remembers its steps from one mutant to the next. */
function truthFor(options: CompositeOptions): Composite {
  const key = JSON.stringify(options);
  const known = truths.get(key) ?? new Composite(options);
  truths.set(key, known);
  return known;
}

/** A move that is impossible at the moment changes nothing: nothing is taken from an empty way, a held line waits. */
function attempt(composite: Composite, state: State, move: Move) {
  const unchanged = { state, read: composite.names.map(() => ''), violation: undefined };
  if (!composite.isPossible(state, move)) return unchanged;
  try {
    return composite.make(state, move) ?? unchanged;
  } catch {
    return 'fails' as const;
  }
}
