/**
 * Finds out if users notice a fault of the chart. The dialogues come from the true chart, the faulty chart runs, and
 * only what users read counts.
 *
 * Owns: running a suite against a mutant, and the proof that a mutant nobody notices can't be noticed: an exploration
 * of the true and the faulty system side by side, every move made in both, in which all users always read the same.
 */
import type { sessionMachine } from '../../machines/session.machine.ts';
import { Composite } from '../system/composite.ts';
import { explore } from '../system/explore.ts';
import type { State } from '../system/messages.ts';
import type { CompositeOptions, Move } from '../system/moves.ts';
import { StateTable } from '../system/stateTable.ts';
import { type Dialogue, multiUserOptions } from './multiUserPaths.ts';

export interface Verdict {
  /** A user has read something else than with the true chart. */
  killed: boolean;
  /** What they read breaks the protocol, or what two users read doesn't fit: known without the true chart. */
  killedByJudge: boolean;
  /** The dialogue that killed it. */
  by: Dialogue | undefined;
}

/** Runs dialogues with a faulty chart until it is certain if a user notices the fault. */
export function hunt(mutant: Composite, dialogues: readonly Dialogue[]): Verdict {
  const race = new Race(truthFor(multiUserOptions), mutant);
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

/** Two users whose ids have passwords: the dialogues of two users have none. */
export const nameOptions: CompositeOptions = {
  ...{ users: 2, underWay: 1, evictions: false, contestedIds: true, names: true },
};

/** Two in a chat with passwords, and one of them comes back to it. */
export const returnOptions: CompositeOptions = { users: 3, underWay: 1, evictions: false, returns: true };

/** True if an exploration of every state of this system finds the chart out, as `test/system/system.test.ts` does. */
export function isFoundIn(options: CompositeOptions, machine: typeof sessionMachine): boolean {
  try {
    const { violation, stuck } = explore({ ...options, machine });
    return violation !== undefined || stuck > 0;
  } catch {
    return true;
  }
}

/** What two users do until one of them reads something else; undefined if they can never tell the two charts apart. */
export function compare(machine: typeof sessionMachine): Move[] | undefined {
  // Each user has one id here: that two users want one id makes no other difference. All at once would be too much.
  const alone = { ...multiUserOptions, contestedIds: false };
  return compareIn({ ...alone, remembers: false }, machine) ?? compareIn({ ...alone, evictions: false }, machine);
}

/** The same in one system. */
export function compareIn(options: CompositeOptions, machine: typeof sessionMachine): Move[] | undefined {
  const race = new Race(truthFor(options), new Composite({ ...options, machine }));
  const start = race.start();
  if (start === undefined) return [];
  const seen = new StateTable(start.right.length + start.wrong.length);
  seen.add([...start.right, ...start.wrong]);
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
        return moves;
      }
      if (!next.states) continue;
      const isKnown = seen.add([...next.states.right, ...next.states.wrong]) < queue.length;
      if (isKnown) continue;
      queue.push({ states: next.states, from: at, move });
    }
  }
  return undefined;
}

interface States {
  right: State;
  wrong: State;
}

/** The true chart and a faulty one, side by side. */
class Race {
  readonly #right: Composite;
  readonly #wrong: Composite;

  constructor(right: Composite, wrong: Composite) {
    this.#right = right;
    this.#wrong = wrong;
  }

  start(): States | undefined {
    const right = this.#right.initial();
    try {
      const wrong = this.#wrong.initial();
      if (wrong.violation || String(right.read) !== String(wrong.read)) return undefined;
      return { right: right.state, wrong: wrong.state };
    } catch {
      return undefined;
    }
  }

  /** Returns the moves that are possible in either system. */
  moves({ right, wrong }: States): Move[] {
    return [...new Set([...this.#right.moves(right), ...this.#wrong.moves(wrong)])];
  }

  make(at: States, move: Move): { states: States | undefined; differs: boolean; judged: boolean } {
    const right = attempt(this.#right, at.right, move);
    const wrong = attempt(this.#wrong, at.wrong, move);
    if (right === 'fails') throw new Error('the true chart fails');
    if (wrong === 'fails') return { states: undefined, differs: true, judged: true };
    const blamed = (wrong.violation ?? this.#wrong.judge(wrong.state)) !== undefined;
    const judged = blamed && (right.violation ?? this.#right.judge(right.state)) === undefined;
    const differs = right.read.some((text, user) => text !== wrong.read[user]);
    return { states: { right: right.state, wrong: wrong.state }, differs, judged };
  }
}

/** Users who read nothing. */
const nothingRead: readonly string[] = ['', '', ''];

const truths = new Map<string, Composite>();

/** The system with the true chart, which remembers its steps from one mutant to the next. */
function truthFor(options: CompositeOptions): Composite {
  const key = JSON.stringify(options);
  const known = truths.get(key) ?? new Composite(options);
  truths.set(key, known);
  return known;
}

/** A move that is impossible changes nothing: an empty way gives no message, and a line that is held back waits. */
function attempt(composite: Composite, state: State, move: Move) {
  const unchanged = { state, read: nothingRead, violation: undefined };
  if (!composite.isPossible(state, move)) return unchanged;
  try {
    return composite.make(state, move) ?? unchanged;
  } catch {
    return 'fails' as const;
  }
}
