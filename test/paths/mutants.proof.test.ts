/** Every fault of the session chart is noticed by users who read the generated dialogues, or proved to be none. */
import { expect, it } from 'vitest';
import { expectReviewed } from './expectReviewed.ts';
import { multiUserSuites } from './multiUserPaths.ts';
import { reportMutants } from './mutantReport.ts';
import { mutants } from './mutants.ts';

it('every fault of the session chart is noticed, or proved to be none', () => {
  const report = reportMutants(mutants(), multiUserSuites());
  const { killed, killedByJudge, equivalent, total } = report;
  console.log(
    `${killed} killed (${killedByJudge} by the judge alone), ${equivalent.length} equivalent, ${total} in all`,
  );
  expect(report.survivors).toEqual([]);
  expect(killed + equivalent.length).toBe(total);
  expectReviewed('equivalentMutants.txt', `${equivalent.join('\n')}\n`);
});
