/**
 * What a check is: one rule of the protocol, the fault that breaks it, and a short dialogue that tells the two apart.
 *
 * Owns: the form of checks. Next: `probeSession.ts` (what a check can do), `findings.ts` (how it can end), `all.ts` (the list).
 */
import type { Features } from '../../protocol/dialect.ts';
import type { Fault } from './findings.ts';
import type { ProbeSession } from './probeSession.ts';

/** The exercises of docs/course.md. */
export const stages = [1, 2, 3, 4, 5] as const;
export type Stage = (typeof stages)[number];

export interface Check extends Fault {
  /** Short, and the same for ever: docs/protocol.md and graders know it by this. */
  readonly id: string;
  readonly stage: Stage;
  /** The rule, as a sentence that is true of a right server. */
  readonly rule: string;
  /** The checks that have to pass first: what they find would show here too, under a wrong name. */
  readonly needs: readonly string[];
  /** A part of the protocol that has to be there at all. Where it is not, the server is "not yet" there, and nothing is named. */
  readonly isPart?: boolean;
  /** Only a remark, unless the dialect says `strict`. */
  readonly isFine?: boolean;
  /** Others at the same time would change what it finds, or it would disturb them. */
  readonly isAlone?: boolean;
  /** Left to each server: only a remark, whatever the dialect says. */
  readonly isOpen?: boolean;
  /** What it has read once is enough: the next time may be too late for it. */
  readonly isRace?: boolean;
  /** False if the dialect says that the server doesn't have this part. */
  isIn?(features: Features): boolean;
  run(session: ProbeSession): Promise<void>;
}
