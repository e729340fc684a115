/**
 * All checks, in the order in which they are made: what others need comes before them.
 *
 * Owns: the order.
 */
import type { Features } from '../../protocol/dialect.ts';
import { chatChecks } from './chats.ts';
import type { Check, Stage } from './check.ts';
import { endChecks } from './ends.ts';
import { halfCloseChecks } from './halfClose.ts';
import { idChecks } from './ids.ts';
import { openChecks } from './leftOpen.ts';
import { lineChecks } from './lines.ts';
import { menuChecks } from './menu.ts';
import { otherChecks } from './others.ts';
import { peaceChecks } from './peace.ts';
import { requestChecks } from './requests.ts';
import { roomChecks } from './room.ts';
import { textChecks } from './text.ts';
import { thirdChecks } from './thirds.ts';

const given: readonly Check[] = [
  ...[...lineChecks, ...idChecks, ...menuChecks, ...requestChecks, ...chatChecks, ...textChecks, ...endChecks],
  ...[...thirdChecks, ...peaceChecks, ...roomChecks, ...otherChecks, ...halfCloseChecks, ...openChecks],
];

export const allChecks: readonly Check[] = ordered(given);

/** What is looked at where a dialect has these features, up to a stage. */
export function checksFor(features: Features, stage: Stage = 5): Check[] {
  const isIn = ({ isIn }: Check): boolean => isIn === undefined || isIn(features);
  const isInStage = (check: Check): boolean => check.stage <= stage && (check.stage !== 3 || features.chat);
  return allChecks.filter((check) => isIn(check) && isInStage(check));
}

/** By stage, and within it what is needed first; otherwise as they stand. */
function ordered(checks: readonly Check[]): Check[] {
  const byId = new Map(checks.map((check) => [check.id, check]));
  const done = new Set<Check>();
  const add = (check: Check): void => {
    if (done.has(check)) return;
    for (const id of check.needs) {
      const needed = byId.get(id);
      if (needed === undefined || needed.stage > check.stage)
        throw new Error(`${check.id} needs ${id}, which is not before it.`);
      add(needed);
    }
    done.add(check);
  };
  for (const check of [...checks].sort((a, b) => a.stage - b.stage)) add(check);
  return [...done];
}
