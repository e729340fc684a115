/**
 * Every decision that a directory can be asked for by three sessions: any command at any moment, sensible or not.
 *
 * Owns: the search through the directory's states, up to the numbers of pairings and the order in which users came. Three
 * sessions are enough for everybody's part in a decision: who acts, the other one, and one who is busy with neither.
 * Next: `pairingChart.test.ts`, and `../cluster/everyDecision.system.test.ts` for the Lua.
 */
import type { SessionUpdate } from '../../machines/events.ts';
import type { Command } from '../../machines/lobby.machine.ts';
import { type DirectorySnapshot, MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';

/** A command, the clock of a request, or the end of a session. */
export type Asked = Command | { type: 'request.expire' } | { type: 'gone' };

export interface Question {
  readonly session: string;
  readonly asked: Asked;
}

export interface Told {
  readonly to: string;
  readonly update: SessionUpdate;
}

export interface DirectoryState {
  readonly snapshot: DirectorySnapshot;
  /** A shortest way here from an empty directory. */
  readonly way: readonly Question[];
  readonly decisions: { readonly question: Question; readonly after: DirectoryState; readonly told: readonly Told[] }[];
}

/** Sessions are called as their first user. */
export const sessions: readonly string[] = ['ann', 'ben', 'cat'];

/** The number of a pairing in every state; an older one; and that of the next. */
const current = 2;
const older = 1;

const targets = [...sessions, 'BEN', 'nobody'];

/** Every state with every question, the empty one first. */
export function everyDecision(): DirectoryState[] {
  const states = new Map<string, DirectoryState>();
  const stateOf = (rows: DirectorySnapshot['rows'], way: readonly Question[]): DirectoryState => {
    const snapshot = normalised(rows);
    const key = JSON.stringify(snapshot);
    const state = states.get(key) ?? { snapshot, way, decisions: [] };
    states.set(key, state);
    return state;
  };
  stateOf([], []);
  for (const state of states.values()) {
    for (const question of questionsIn(state.snapshot)) {
      const told: Told[] = [];
      const directory = MemoryDirectory.restore(state.snapshot, (to, update) => told.push({ to, update }));
      ask(directory, question);
      const after = stateOf(directory.snapshot().rows, [...state.way, question]);
      state.decisions.push({ question, after, told });
    }
  }
  return [...states.values()];
}

export function ask(directory: MemoryDirectory, { session, asked }: Question): void {
  if (asked.type === 'gone') directory.remove(session);
  else if (asked.type === 'request.expire') directory.expire(session);
  else directory.send(session, asked);
}

function questionsIn({ rows }: DirectorySnapshot): Question[] {
  const numbers = [current, older];
  const taken = rows.map(({ id }) => id.toUpperCase());
  const asked: Asked[] = [
    // In other letters only where that is the same id.
    ...[...sessions, ...taken].map((id): Asked => ({ type: 'id.claim', id })),
    ...(['requesting', 'commonRoom'] as const).map((to): Asked => ({ type: 'menu.leave', to })),
    { type: 'menu.return' },
    ...targets.map((target): Asked => ({ type: 'request.make', target })),
    { type: 'request.withdraw' },
    ...(['request.accept', 'request.decline', 'chat.leave'] as const).flatMap((type) =>
      numbers.map((pairingId): Asked => ({ type, pairingId })),
    ),
    { type: 'request.expire' },
    { type: 'gone' },
  ];
  return sessions.flatMap((session) => asked.map((each) => ({ session, asked: each })));
}

/** With three sessions there is one pairing at most. Only whether a number is its own matters. */
function normalised(rows: DirectorySnapshot['rows']): DirectorySnapshot {
  const sorted = [...rows].sort((a, b) => (a.session < b.session ? -1 : 1));
  return {
    lastPairingId: current,
    rows: sorted.map((row) => ({ ...row, pairingId: row.pairingId === 0 ? 0 : current })),
  };
}

/** Equal for decisions that differ only in numbers of pairings and in the order of rows. */
export function decisionKey({ rows }: DirectorySnapshot, { session, asked }: Question): string {
  const own = rows.find((row) => row.session === session)?.pairingId ?? 0;
  const numbered = 'pairingId' in asked ? { ...asked, pairingId: asked.pairingId === own ? current : older } : asked;
  return JSON.stringify([normalised(rows), session, numbered]);
}
