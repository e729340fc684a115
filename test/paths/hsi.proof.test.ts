/** Whoever differs from the reviewed behaviour is found even if they have one state more: HSI with m = n + 1. */
import { expect, it } from 'vitest';
import { noteFigures } from '../support/figures.ts';
import { BareChart } from './bareChart.ts';
import { readGolden } from './golden.ts';
import { fewInputs, hsiSuite, reduce } from './hsi.ts';
import { InMemory } from './inMemory.ts';
import { expectAsReviewed } from './run.ts';

const behaviour = fewInputs(readGolden());
const suite = hsiSuite(behaviour, 1);

it('tells as many states apart with fewer inputs', () => {
  expect(reduce(behaviour).labels.length).toBe(reduce(readGolden()).labels.length);
});

it.each([
  ['chart alone', BareChart],
  ['in memory', InMemory],
])('with one state more, a session does as reviewed: %s', async (name, subject) => {
  await expectAsReviewed(name, suite, [new subject()], behaviour);
  const steps = suite.sequences.reduce((sum, { length }) => sum + length, 0);
  noteFigures('oneMoreState', { tests: suite.sequences.length, steps });
});
