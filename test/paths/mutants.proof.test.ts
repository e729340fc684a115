/** Every fault of the session chart is noticed by users who read the generated dialogues, or proved to be none. */
import { expect, it } from 'vitest';
import { expectReviewed } from './expectReviewed.ts';
import { multiUserSuites } from './multiUserPaths.ts';
import { reportMutants, totalOf } from './mutantReport.ts';
import { mutants } from './mutants.ts';

it('every fault of the session chart is noticed, or proved to be none', () => {
  const all = mutants();
  const report = reportMutants(all, multiUserSuites());
  const { noticed, byJudge, equivalent, neverComes } = totalOf(report);
  console.log(
    `${all.length} faults of the session chart: ${neverComes} accept an event that never comes there; of the others ` +
      `${noticed} are noticed (${byJudge} by the judges alone), ${equivalent} proved equivalent`,
  );
  for (const [kind, tally] of report.kinds) console.log(`${kind}: ${JSON.stringify(tally)}`);
  expect(report.survivors).toEqual([]);
  expect(noticed + equivalent + neverComes).toBe(all.length);
  expectReviewed('equivalentMutants.txt', `${report.equivalent.join('\n')}\n`);
  expectReviewed('eventsThatNeverCome.txt', `${report.neverComes.join('\n')}\n`);
});
