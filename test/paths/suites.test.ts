/** The suites cover what their names say, and the chart alone and in the real lobby passes them. */
import { describe, expect, it } from 'vitest';
import { BareChart } from './bareChart.ts';
import { generatedSuites, measureCoverage } from './coverage.ts';
import { readGolden } from './golden.ts';
import { InMemory } from './inMemory.ts';
import { expectAsReviewed } from './run.ts';
import { exploreSession } from './sessionGraph.ts';
import { everyBranch, everyInput, everyPair, everyState } from './suites.ts';

const nodes = exploreSession();
const golden = readGolden();
const suites = generatedSuites(nodes);
const named = suites.map((suite) => [suite.name, suite] as const);

describe('the suites', () => {
  it('reach every state', () => {
    const { states, nodes: withContext } = measureCoverage(nodes, [everyState(nodes)]);
    expect(states.covered).toBe(states.total);
    expect(withContext.covered).toBe(withContext.total);
  });

  it('take every transition', () => {
    const { branches } = measureCoverage(nodes, [everyBranch(nodes)]);
    expect(branches.covered).toBe(branches.total);
  });

  it('give every input in every state', () => {
    const { inputs } = measureCoverage(nodes, [everyInput(nodes)]);
    expect(inputs.covered).toBe(inputs.total);
  });

  it('take every transition after every one it can follow', () => {
    const { pairs } = measureCoverage(nodes, [everyPair(nodes)]);
    expect(pairs.covered).toBe(pairs.total);
    console.log(`coverage: ${JSON.stringify(measureCoverage(nodes, suites))}`);
  });
});

describe('the chart alone does as reviewed', () => {
  it.each(named)('%s', async (_, suite) => {
    await expectAsReviewed('chart alone', suite, [new BareChart()], golden);
  });
});

describe('a session in the real lobby does as reviewed', () => {
  it.each(named)('%s', async (_, suite) => {
    await expectAsReviewed('in memory', suite, [new InMemory()], golden);
  });
});
