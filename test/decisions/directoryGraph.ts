/**
 * Every decision that a directory can be asked for by three sessions: any command at any moment, sensible or not.
 *
 * Owns: the search through the directory's states, up to the numbers of pairings and the order in which users came. Three
 * sessions are enough for everybody's part in a decision: who acts, the other one, and one who is busy with neither. What is
 * kept in mind of earlier requests is searched apart, where fewer ask for less. Next: `pairingChart.test.ts`, and `../cluster/everyDecision.system.test.ts` for the Lua.
 */
import type { DirectoryUpdate } from '../../machines/events.ts';
import type { Command } from '../../machines/lobby.machine.ts';
import type { Notify } from '../../src/chat/directory/directory.ts';
import { type DirectorySnapshot, MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';
import type { AskedBefore, AskRules } from '../../src/chat/directory/requestMemory.ts';
import { minuteMs } from '../system/keptInMind.ts';

/** A command, the clock of a request, the end of a session, or time. */
export type Asked = Command | { type: 'request.expire' } | { type: 'gone' } | { type: 'time.passes'; ms: number };

export interface Question {
  readonly session: string;
  readonly asked: Asked;
}

export interface Told {
  readonly to: string;
  readonly update: DirectoryUpdate;
}

export interface DirectoryState {
  readonly snapshot: DirectorySnapshot;
  /** A shortest way here from an empty directory. */
  readonly way: readonly Question[];
  readonly decisions: { readonly question: Question; readonly after: DirectoryState; readonly told: readonly Told[] }[];
}

type Content = Pick<DirectorySnapshot, 'rows' | 'askedBefore'>;

/** Sessions are called as their first user. */
export const sessions: readonly string[] = ['ann', 'ben', 'cat'];

/** The number of a pairing in every state; an older one; and that of the next. */
const current = 2;
const older = 1;

/** A session that has not the id that is meant. */
const stranger = 'stranger';

const targets = [...sessions, 'BEN', 'nobody'];

/** Who asks for what, and what the directory keeps in mind of it. */
export interface Circle {
  readonly askRules: AskRules;
  readonly remembers: boolean;
  questionsIn(snapshot: DirectorySnapshot): Question[];
}

const noRules = { askedPerMinute: 0, declineWaitMs: 0, now: () => 0 };
/** Once within a minute, and who was declined waits as long: time passes in steps of a minute, and of an hour. */
const strictRules = { askedPerMinute: 1, declineWaitMs: minuteMs, now: () => 0 };
const hourMs = 60 * minuteMs;

/** Everybody asks for everything, and nothing is kept in mind. */
const open: Circle = { askRules: noRules, remembers: false, questionsIn };

/** Two who want each other, in all ways, and everything is kept in mind. */
const couple: Circle = {
  ...{ askRules: strictRules, remembers: true },
  questionsIn: (snapshot) => [
    ...questionsIn(snapshot).filter(({ session, asked }) => {
      if (session === 'cat' || asked.type === 'chat.suspend') return false;
      if (asked.type === 'id.claim') return asked.id === session;
      if (asked.type === 'id.take') return asked.id === session && asked.doubted === undefined;
      return asked.type !== 'request.make' || ['ann', 'ben', 'nobody'].includes(asked.target);
    }),
    ...timePasses,
  ],
};

/** Two who come from one address, and both want the third. */
const household: Circle = {
  ...{ askRules: strictRules, remembers: true },
  questionsIn: (snapshot) => [
    ...sessions.flatMap((session) => {
      const own: Asked[] = [
        { type: 'gone' },
        { type: 'id.claim', id: session, ...(session !== 'ann' && { network: 'home' }) },
      ];
      const asked: Asked[] =
        session === 'ann'
          ? (['request.accept', 'request.decline', 'asker.refuse'] as const).map((type) => ({
              type,
              pairingId: current,
            }))
          : [
              { type: 'menu.leave', to: 'requesting' },
              { type: 'request.make', target: 'ann' },
              { type: 'request.withdraw' },
              { type: 'chat.leave', pairingId: current },
            ];
      const isHere = snapshot.rows.some((row) => row.session === session);
      return (isHere ? [...own, ...asked] : own).map((each) => ({ session, asked: each }));
    }),
    ...timePasses,
  ],
};

const timePasses = [minuteMs, hourMs].map((ms): Question => ({ session: 'ann', asked: { type: 'time.passes', ms } }));

export const circles = { open, couple, household } as const;

/** Every state with every question, the empty one first. */
export function everyDecision(circle: Circle = open): DirectoryState[] {
  const states = new Map<string, DirectoryState>();
  const stateOf = (content: Content, way: readonly Question[]): DirectoryState => {
    const snapshot = normalised(content, circle.remembers);
    const key = JSON.stringify(snapshot);
    const state = states.get(key) ?? { snapshot, way, decisions: [] };
    states.set(key, state);
    return state;
  };
  stateOf({ rows: [] }, []);
  for (const state of states.values()) {
    for (const question of circle.questionsIn(state.snapshot)) {
      const told: Told[] = [];
      const notify = (to: string, update: DirectoryUpdate) => told.push({ to, update });
      const directory = restored(state.snapshot, notify, circle);
      ask(directory, question);
      const content = directory.snapshot();
      const after = stateOf(later(content, question.asked), [...state.way, question]);
      state.decisions.push({ question, after, told });
    }
  }
  return [...states.values()];
}

/** The directory in this state of a circle. */
export function restored(
  snapshot: DirectorySnapshot,
  notify: Notify,
  { askRules }: Circle,
  directoryClass = MemoryDirectory,
): MemoryDirectory {
  return MemoryDirectory.restore(snapshot, notify, directoryClass, { askRules });
}

/** Time does nothing to a directory by itself: all that it keeps is older then. */
function later({ rows, askedBefore }: Content, asked: Asked): Content {
  if (asked.type !== 'time.passes' || askedBefore === undefined) return { rows, ...(askedBefore && { askedBefore }) };
  const { ms } = asked;
  return {
    rows,
    askedBefore: {
      asked: askedBefore.asked.map(([target, times]) => [target, times.map((at) => at - ms)]),
      declined: askedBefore.declined.map(([target, asker, at]) => [target, asker, at - ms]),
    },
  };
}

export function ask(directory: MemoryDirectory, { session, asked }: Question): void {
  if (asked.type === 'time.passes') return;
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
    ...[...sessions, ...taken].map((id): Asked => ({ type: 'id.take', id })),
    ...rows.map(({ id, session }): Asked => ({ type: 'id.take', id, doubted: session })),
    ...sessions.map((id): Asked => ({ type: 'id.take', id, doubted: stranger })),
    ...(['requesting', 'commonRoom'] as const).map((to): Asked => ({ type: 'menu.leave', to })),
    { type: 'menu.return' },
    ...targets.map((target): Asked => ({ type: 'request.make', target })),
    { type: 'request.withdraw' },
    ...(['request.accept', 'request.decline', 'asker.refuse', 'chat.leave', 'chat.suspend'] as const).flatMap((type) =>
      numbers.map((pairingId): Asked => ({ type, pairingId })),
    ),
    { type: 'request.expire' },
    { type: 'gone' },
  ];
  return sessions.flatMap((session) => asked.map((each) => ({ session, asked: each })));
}

/** With three sessions there is one pairing at most. Only whether a number is its own matters, and whether a time is over. */
function normalised({ rows, askedBefore }: Content, remembers: boolean): DirectorySnapshot {
  const sorted = [...rows].sort((a, b) => (a.session < b.session ? -1 : 1));
  const asked = askedBefore?.asked.filter(([, [at = 0]]) => -at < minuteMs) ?? [];
  const declined = (askedBefore?.declined ?? [])
    .filter(([, , at]) => -at < hourMs)
    .map(([target, asker, at]): AskedBefore['declined'][number] => [target, asker, -at < minuteMs ? 0 : -minuteMs]);
  const isKept = remembers && asked.length + declined.length > 0;
  return {
    lastPairingId: current,
    rows: sorted.map(({ refuses, ...row }) => ({
      ...row,
      // Who takes an id over may write it in other letters, and all else stays the same.
      id: row.id.toLowerCase(),
      pairingId: row.pairingId === 0 ? 0 : current,
      ...(remembers && refuses && { refuses }),
    })),
    ...(isKept && { askedBefore: { asked: asked.sort(byText), declined: declined.sort(byText) } }),
  };
}

function byText(a: unknown, b: unknown): number {
  return String(a) < String(b) ? -1 : 1;
}

/** Only whether it is the one who has the id matters of whom a command has doubted. */
function doubtingIn({ rows }: Content, asked: Asked): Asked {
  if (asked.type !== 'id.take' || asked.doubted === undefined) return asked;
  const holder = rows.find(({ id }) => id.toLowerCase() === asked.id.toLowerCase())?.session;
  return { ...asked, doubted: asked.doubted === holder ? holder : stranger };
}

/** Equal for decisions that differ only in numbers of pairings and in the order of rows. */
export function decisionKey(content: Content, { session, asked }: Question, remembers: boolean): string {
  const own = content.rows.find((row) => row.session === session)?.pairingId ?? 0;
  const numbered = 'pairingId' in asked ? { ...asked, pairingId: asked.pairingId === own ? current : older } : asked;
  return JSON.stringify([remembers, normalised(content, remembers), session, doubtingIn(content, numbered)]);
}
