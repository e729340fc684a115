/** An engine that shares no code with XState runs the SCXML files, and does at every step what the charts do. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { charts } from '../../src/chart/charts.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { nodesOf, pathOf } from './declaredWays.ts';
import { runInScion, scion } from './scion.ts';
import { randomWalks } from './scionWalks.ts';

const stepsPerChart = 8_000;
const seed = 1;

describeNeeding('`npm ci --prefix test/otherTools`', existsSync(scion), 'SCION', () => {
  describe.each(charts.map((machine) => [machine.id, machine] as const))('runs diagrams/%s.scxml', (name, machine) => {
    it(`as the chart runs, in ${stepsPerChart} random steps`, () => {
      const { outcomes, ...walks } = randomWalks(machine, stepsPerChart, seed);
      expect(runInScion(pathOf(name), walks)).toEqual(outcomes);
      const seen = new Set(outcomes.flat().flatMap(({ states }) => states));
      expect([...seen].sort()).toEqual(innermostOf(machine));
    });
  });
});

function innermostOf(machine: AnyStateMachine): string[] {
  return (
    nodesOf(machine)
      .filter(({ type }) => type === 'atomic' || type === 'final')
      // One that is left at once is never seen.
      .filter(({ always = [] }) => always.every(({ guard }) => guard !== undefined))
      .map(({ id }) => id)
      .sort()
  );
}
