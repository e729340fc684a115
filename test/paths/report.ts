/**
 * `npm run paths`: prints the generated dialogues, and how much they cover and find; the figures also go to
 * `coverage/chart.json`.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { type Exploration, explore } from '../system/explore.ts';
import { measureCoverage } from './coverage.ts';
import { inWords, multiUserSuites, withoutPrefixes } from './multiUserPaths.ts';
import { reportMutants, totalOf } from './mutantReport.ts';
import { mutants } from './mutants.ts';
import { transcriptOf } from './transcripts.ts';

const progress = (text: string): void => console.error(text);

const suites = multiUserSuites();
for (const dialogue of suites.branches) console.log(`${transcriptOf(dialogue)}\n`);
console.log('Every pair of transitions, in short:');
for (const dialogue of withoutPrefixes(suites.pairs)) console.log(`  ${inWords(dialogue)}`);

const coverage = measureCoverage();
progress('hunting the mutants ...');
const found = reportMutants(mutants(), suites, (done) => progress(`  ${done}`));
const { noticed, byJudge, equivalent, neverComes } = totalOf(found);
progress('exploring three users, one message under way to each ...');
const three = explore({
  users: 3,
  underWay: 1,
  evictions: false,
  onProgress: (states) => states % 250_000 < 50_000 && progress(`  ${states} states`),
});
progress('exploring two users, evictions and shutdown ...');
const two = explore({ users: 2, underWay: 1, evictions: true });

const figures = {
  states: share(coverage.states),
  branches: share(coverage.branches),
  inputs: share(coverage.inputs),
  pairs: share(coverage.pairs),
  hsi: { tests: coverage.hsi.tests, steps: coverage.hsi.steps },
  mutants: { noticed, equivalent, neverComes },
  composite: { users: 3, states: three.states, steps: three.steps, violations: violations(three) },
  compositeWithEvictions: { users: 2, states: two.states, steps: two.steps, violations: violations(two) },
};
mkdirSync('coverage', { recursive: true });
writeFileSync('coverage/chart.json', `${JSON.stringify(figures, null, 2)}\n`);

const row = (what: string, ...cells: (string | number)[]): void => console.log(`| ${[what, ...cells].join(' | ')} |`);
console.log('');
row('What', 'Figure');
row('---', '---');
row('states', `${figures.states.covered} of ${figures.states.total}`);
row('branches', `${figures.branches.covered} of ${figures.branches.total}`);
row('(state, input), ignored ones too', `${figures.inputs.covered} of ${figures.inputs.total}`);
row('pairs of transitions', `${figures.pairs.covered} of ${figures.pairs.total}`);
row('HSI', `${figures.hsi.tests} tests, ${figures.hsi.steps} steps`);
row(
  'mutants',
  `${noticed} noticed (${byJudge} of them without the true transcript), ${equivalent} proved equivalent, ` +
    `${found.survivors.length} survive; ${neverComes} accept an event that never comes`,
);
for (const [name, result] of [
  ['3 users', three],
  ['2 users, evictions', two],
] as const) {
  row(
    `composite states, ${name}`,
    `${result.states} states up to who is who, ${result.steps} steps, ${violations(result)} violations, ` +
      `${(result.ms / 1000).toFixed(0)} s`,
  );
}
for (const survivor of found.survivors) console.log(`survives: ${survivor}`);
process.exitCode = found.survivors.length + violations(three) + violations(two) > 0 ? 1 : 0;

function share({ covered, total }: { covered: number; total: number }): { covered: number; total: number } {
  return { covered, total };
}

function violations({ violation, stuck, complete }: Exploration): number {
  return (violation ? 1 : 0) + stuck + (complete ? 0 : 1);
}
