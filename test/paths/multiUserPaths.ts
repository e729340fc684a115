/**
 * Dialogues of two users, generated from the charts that run: for everything that the session chart can do, a shortest
 * dialogue in which it does it. The second user causes what other users cause, and updates come late if that is needed.
 *
 * Owns: the search through two users' composite states for the suites, seen from the first user ("me").
 */
import { Composite } from '../system/composite.ts';
import type { State } from '../system/messages.ts';
import type { CompositeOptions, Move } from '../system/moves.ts';
import { pathOf } from '../system/userSteps.ts';

export interface Dialogue {
  moves: readonly Move[];
  /** What this dialogue was made for: a state, a branch, a state with an input, or a pair of branches. */
  covers: string;
}

type SuiteName = 'states' | 'branches' | 'inputs' | 'pairs';

export type MultiUserSuites = Record<SuiteName, Dialogue[]> & {
  /** The system that was searched, every state of it. */
  composite: Composite;
};

/** Two users may do everything, and everything may happen to them. */
export const multiUserOptions: CompositeOptions = {
  users: 2,
  underWay: 1,
  evictions: true,
  contestedIds: true,
  remembers: true,
};

const me = 0;

interface Place {
  state: State;
  /** The last transition that my session took. */
  lastBranch: string;
  from: Place | undefined;
  move: Move | undefined;
}

/** Returns all suites, by one breadth-first search: every dialogue is a shortest one. */
export function multiUserSuites(): MultiUserSuites {
  const composite = new Composite(multiUserOptions);
  const found: Record<SuiteName, Map<string, Place>> = {
    states: new Map(),
    branches: new Map(),
    inputs: new Map(),
    pairs: new Map(),
  };
  const note = (suite: SuiteName, covers: string, place: Place): void => {
    if (!found[suite].has(covers)) found[suite].set(covers, place);
  };
  const seen = new Set<string>();
  const queue: Place[] = [{ state: composite.initial().state, lastBranch: '', from: undefined, move: undefined }];
  for (let at = 0; at < queue.length; at++) {
    const place = queue[at] as Place;
    const before = stateOf(composite, place.state);
    for (const move of composite.moves(place.state)) {
      const outcome = composite.make(place.state, move);
      if (!outcome) continue;
      if (outcome.violation) continue;
      const mine = move.user === me ? outcome.branches : [];
      const reconnects = move.kind === 'connects' && move.user === me;
      const lastBranch = mine.at(-1) ?? (reconnects ? '' : place.lastBranch);
      const next: Place = { state: outcome.state, lastBranch, from: place, move };
      note('states', stateOf(composite, outcome.state), next);
      if (move.user === me && isInput(move)) {
        const noticed = outcome.read[1] ? ', which the other one notices' : '';
        const overtaken = move.kind === 'hears' && outcome.read[me]?.endsWith(': hello\n') ? ', after a line' : '';
        note('inputs', `${before} ← ${inputOf(composite, place.state, move)}${overtaken}${noticed}`, next);
      } else if (outcome.read[me]) {
        note('inputs', `${before} ← the other one's doing: ${outcome.read[me]?.trim()}`, next);
      }
      for (const branch of mine) {
        note('branches', branch, next);
        if (place.lastBranch) note('pairs', `${place.lastBranch}, then ${branch}`, next);
      }
      const key = `${String.fromCharCode(...composite.seenBy(me, outcome.state))}${lastBranch}`;
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push(next);
    }
  }
  const dialogues = (suite: SuiteName): Dialogue[] =>
    [...found[suite]].map(([covers, place]) => ({ covers, moves: movesTo(place) }));
  return {
    states: dialogues('states'),
    branches: dialogues('branches'),
    inputs: dialogues('inputs'),
    pairs: dialogues('pairs'),
    composite,
  };
}

function stateOf(composite: Composite, state: State): string {
  const { session } = composite.charts(state, me);
  return session.status === 'active' ? pathOf(session.value) : 'closed';
}

const inputs: readonly Move['kind'][] = [
  ...(['types', 'types no text', 'hears', 'hangs up', 'is told to go', 'is too slow', 'meets a bug'] as const),
];

/** True if the move gives the session something. All others are the lobby's only. */
function isInput({ kind }: Move): boolean {
  return inputs.includes(kind);
}

/** Returns what my session gets, in words. */
function inputOf(composite: Composite, state: State, { user, kind, text }: Move): string {
  if (kind === 'types') return `"${text}"`;
  if (kind === 'hears') return composite.nextDown(state, user).replaceAll(/, pairingId \d+/g, '');
  return kind;
}

function movesTo(place: Place): Move[] {
  const moves: Move[] = [];
  for (let at: Place | undefined = place; at?.move; at = at.from) moves.unshift(at.move);
  return moves;
}

/** Returns the dialogues that are not the beginning of another one. */
export function withoutPrefixes(dialogues: readonly Dialogue[]): Dialogue[] {
  const keyed = dialogues.map((dialogue) => ({ dialogue, key: JSON.stringify(dialogue.moves).slice(0, -1) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : 1));
  return keyed.filter(({ key }, index) => !keyed[index + 1]?.key.startsWith(key)).map(({ dialogue }) => dialogue);
}

/** Returns `ann: 1 → golan`, as a user sees it, without the moves in which a message only arrives. */
export function inWords(dialogue: Dialogue): string {
  const names = ['ann', 'ben'];
  let speaker = -1;
  const words: string[] = [];
  for (const { user, kind, text } of dialogue.moves) {
    if (kind === 'asks the lobby' || kind === 'hears') continue;
    const what = kind === 'types' ? (text as string) : `[${kind}]`;
    words.push(user === speaker ? what : `${names[user]}: ${what}`);
    speaker = user;
  }
  return words.join(' → ');
}
