/** Every fault of the session chart is noticed by users who read the generated dialogues, or proved to be none. */
import { expect, it } from 'vitest';
import { noteFigures } from '../support/figures.ts';
import { BareChart } from './bareChart.ts';
import { expectReviewed } from './expectReviewed.ts';
import { readGolden } from './golden.ts';
import { limitMutants } from './limitMutants.ts';
import { multiUserSuites } from './multiUserPaths.ts';
import { reportMutants, totalOf } from './mutantReport.ts';
import { mutants } from './mutants.ts';
import { runSuite } from './run.ts';
import { exploreSession } from './sessionGraph.ts';
import { spellingSuite, withSpellings } from './spellings.ts';
import { everyInput } from './suites.ts';

it('every fault of the session chart is noticed, or proved to be none', () => {
  const all = mutants();
  const report = reportMutants(all, multiUserSuites());
  const { noticed, byJudge, equivalent, neverComes } = totalOf(report);
  console.log(
    `${all.length} faults of the session chart: ${neverComes} accept an event that never comes there; of the others ` +
      `${noticed} are noticed (${byJudge} by the judges alone), ${equivalent} proved equivalent`,
  );
  for (const [kind, tally] of report.kinds) console.log(`${kind}: ${JSON.stringify(tally)}`);
  const survivors = report.survivors.length;
  noteFigures('sessionFaults', { noticed, byJudge, equivalent, neverComes, survivors });
  expect(report.survivors).toEqual([]);
  expect(noticed + equivalent + neverComes).toBe(all.length);
  expectReviewed('equivalentMutants.txt', `${report.equivalent.join('\n')}\n`);
  expectReviewed('eventsThatNeverCome.txt', `${report.neverComes.join('\n')}\n`);
});

it('every limit of the session chart that is off by one is noticed by those who type just that much', async () => {
  const behaviour = withSpellings(readGolden());
  const nodes = exploreSession();
  const suites = [everyInput(nodes), spellingSuite(nodes, behaviour)];
  const all = await limitMutants();
  const survivors: string[] = [];
  for (const { name, machine } of all) {
    const outputsOnly = { states: false, wiring: false, maxFailures: 1 };
    const results = suites.map((suite) => runSuite(suite, [new BareChart(machine)], behaviour, outputsOnly));
    if ((await Promise.all(results)).every(({ failures }) => failures.length === 0)) survivors.push(name);
  }
  noteFigures('limitFaults', { total: all.length, noticed: all.length - survivors.length });
  console.log(`${all.length} limits of the session chart off by one: ${all.length - survivors.length} noticed`);
  expect(survivors).toEqual([]);
});
