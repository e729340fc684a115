/**
 * What is under way in the explored system, and the stores that give everything a number.
 *
 * Messages are looked up by identity first, so each is made once.
 */

import type { DirectoryUpdate, SessionEvent } from '../../machines/events.ts';
import type { Command, Proof } from '../../machines/lobby.machine.ts';
import type { sessionMachine } from '../../machines/session.machine.ts';
import type { DirectorySnapshot } from '../../src/chat/directory/memoryDirectory.ts';
import { InternPool, Queues } from './internPool.ts';
import type { Kind } from './moves.ts';
import { UserSteps } from './userSteps.ts';

/** What waits on a session's way up: commands, and last of all its end. */
export type Up = Command | Proof | { type: 'proof.wrong' } | { type: 'gone' };
/** What waits on its way down. */
export type Down = DirectoryUpdate;
/** What the directory decides on: commands, and what happens to a session without its doing. */
export type Decidable = Command | { type: 'gone' } | { type: 'expire' } | { type: 'evict' };

export const awayEnded = { type: 'away.ended' } as const;
/** What a session hears at once when one of these happens to its user. */
export const heardAtOnce: Partial<Record<Kind, SessionEvent>> = {
  'types no text': { type: 'line.refused', reason: 'lineNotUtf8' },
  'hangs up': { type: 'connection.closed' },
  'is unreachable': { type: 'limit.reached', limit: 'unreachable' },
  'is told to go': { type: 'server.closing', isFinal: false },
  'is too slow': { type: 'limit.reached', limit: 'idle' },
  'is removed': { type: 'session.removed', why: '' },
  'meets a bug': { type: 'session.failed' },
};
export const gone = { type: 'gone' } as const;
/** The verdict of a directory that can't be asked. */
export const unchecked = { type: 'id.refused', reason: 'unavailable' } as const;
export const unproved = { type: 'id.refused', reason: 'unproved' } as const;
export const proofWrong = { type: 'proof.wrong' } as const;
/** What the lobby asks of the directory after a right password. */
export type Take = Extract<Command, { type: 'id.take' }>;
const takes = new Map<string, Take>();
/** The first time, and once more if the user of `doubted` may be gone. */
export function takeOf(id: string, doubted?: string): Take {
  const key = `${id} ${doubted}`;
  const take = takes.get(key) ?? { type: 'id.take', id, ...(doubted !== undefined && { doubted }) };
  takes.set(key, take);
  return take;
}
export const expiry = { type: 'expire' } as const;
/** What a session hears that is evicted. */
export const evicted = { type: 'session.evicted' } as const;
export const eviction = { type: 'evict' } as const;

/** The directory's content, and whether the file of names has everybody's id. */
export interface Known extends DirectorySnapshot {
  readonly hasNames?: boolean | undefined;
}

/** A composite state as numbers: for each user user, way up, way down and early lines; then the directory. */
export type State = number[];
export const perUser = 4;
export const chartsAt = (user: number): number => user * perUser;
export const upAt = (user: number): number => user * perUser + 1;
export const downAt = (user: number): number => user * perUser + 2;
/** How many lines have overtaken the update that their chat has started. */
export const earlyAt = (user: number): number => user * perUser + 3;

export function inWords({ type, ...details }: { type: string }): string {
  return [type, ...Object.entries(details).map(([key, value]) => `${key} ${value}`)].join(', ');
}

function byText(a: unknown, b: unknown): number {
  return String(a) < String(b) ? -1 : 1;
}

export class Stores {
  readonly steps: UserSteps;
  readonly ups = new Queues<Up>();
  readonly downs = new Queues<Down>();
  readonly directories = new InternPool<Known>();

  readonly #remembers: boolean;

  constructor(machine: typeof sessionMachine | undefined, remembers: boolean) {
    this.#remembers = remembers;
    this.steps = new UserSteps(machine);
  }

  /** The number of a directory's content; the order of its rows doesn't matter. */
  directory({ rows, askedBefore, hasNames }: Omit<Known, 'lastPairingId'>): number {
    rows.sort((a, b) => (a.session < b.session ? -1 : 1));
    const names = hasNames && { hasNames };
    if (!this.#remembers) {
      const forgetful = rows.map(({ refuses: _, ...row }) => row);
      return this.directories.number({ lastPairingId: 0, rows: forgetful, ...names });
    }
    askedBefore?.asked.sort(byText);
    askedBefore?.declined.sort(byText);
    return this.directories.number({ lastPairingId: 0, rows, ...(askedBefore && { askedBefore }), ...names });
  }
}
