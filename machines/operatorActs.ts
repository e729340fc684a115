/**
 * What an operator can do to a server that runs, as events of the lobby chart: types only.
 *
 * Owns: the complete list of acts. Next: `lobby.machine.ts` (what each of them does, and when), `src/operator/` (how an
 * operator says them).
 */
import type { SessionId, UserId } from './events.ts';

/** What may not come in: one id, in lower case, or all addresses of a network. */
export interface BanTarget {
  kind: 'id' | 'address';
  target: string;
}

/** A word of the operator about one target. Of two about the same one, the later counts. */
export interface Ban extends BanTarget {
  /** What the people who are removed read; empty if the operator gave none. */
  reason: string;
  /** Who said so. */
  by: string;
  /** When, and when it ends, in ms since 1970; null: it has no end. */
  sinceMs: number;
  untilMs: number | null;
  /** True if the ban was taken back. That is remembered too, so that an older copy of the ban can't come back. */
  isLifted: boolean;
}

/**
 * `by` says who did it, in the words of the program that the operator used. `why` is what the user reads; it is no `reason`,
 * as the protocol's own names are, which observers of the charts may see.
 */
export type OperatorAct = { by: string } & (
  | { type: 'operator.kick'; session: SessionId; id: UserId; why: string }
  | { type: 'operator.ban'; ban: Ban }
  | { type: 'operator.unban'; ban: Ban }
  | { type: 'operator.say'; text: string }
  | { type: 'operator.lockdown' }
  | { type: 'operator.reopen' }
  | { type: 'operator.drain'; forMs: number }
);

/** The names of the acts. */
export const operatorActs = [
  ...(['operator.kick', 'operator.ban', 'operator.unban', 'operator.say'] as const),
  ...(['operator.lockdown', 'operator.reopen', 'operator.drain'] as const),
] as const satisfies readonly OperatorAct['type'][];
