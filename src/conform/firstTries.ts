/**
 * The first try of the checks, several at once: they wait most of the time. What passes here has passed. What does not is
 * tried again, one by one (`runChecks.ts`): what is accused of a fault has been alone.
 *
 * Owns: which checks may be made at the same time. Knows nothing of what is found.
 */
import type { Check } from './checks/check.ts';

/** People whom a check brings at most, of those that are tried here. */
const peopleAtMost = 5;
/** After so many that have not passed, the others would not either, and only cost time. */
const maxFailures = 4;

/** Returns what `attempt` has returned, by the id of each check that has passed; it returns undefined for one that has not. */
export async function firstTries<Passed>(
  checks: readonly Check[],
  connections: number,
  attempt: (check: Check) => Promise<Passed | undefined>,
): Promise<ReadonlyMap<string, Passed>> {
  const ids = new Set(checks.map(({ id }) => id));
  const todo = checks.filter(({ isRace, isAlone }) => isRace !== true && isAlone !== true);
  const passed = new Map<string, Passed>();
  let failures = 0;
  /** A failure keeps what a later exercise brings from being tried. */
  let stageAtMost = Number.POSITIVE_INFINITY;
  const running = new Map<Check, Promise<void>>();
  const mayBegin = ({ needs, stage }: Check): boolean => {
    if (stage > stageAtMost || [...running.keys()].some((each) => each.stage < stage)) return false;
    return needs.every((id) => !ids.has(id) || passed.has(id));
  };
  const begin = (check: Check): void => {
    todo.splice(todo.indexOf(check), 1);
    const made = attempt(check).then((result) => {
      if (result !== undefined) passed.set(check.id, result);
      // What may be only a remark says nothing of what else there is.
      else if (check.isFine !== true && check.isOpen !== true) {
        failures++;
        stageAtMost = Math.min(stageAtMost, check.stage);
      }
      running.delete(check);
    });
    running.set(check, made);
  };
  while (true) {
    const isFull = running.size >= Math.floor(connections / peopleAtMost);
    const next = failures >= maxFailures || isFull ? undefined : todo.find(mayBegin);
    if (next !== undefined) begin(next);
    else if (running.size > 0) await Promise.race(running.values());
    else return passed;
  }
}
