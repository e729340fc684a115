/** An engine that shares no code with XState runs the SCXML files, and does at every step what the charts do. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { AnyStateMachine } from 'xstate';
import { charts } from '../../src/chart/charts.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { nodesOf, pathOf } from './declaredWays.ts';
import { type Outcome, randomWalks, type Walks } from './scionWalks.ts';

const folder = new URL('../otherTools/', import.meta.url);
const isInstalled = existsSync(new URL('node_modules/@scion-scxml/scxml', folder));
const program = fileURLToPath(new URL('scion.cjs', folder));

const stepsPerChart = 5_000;
const seed = 1;

describeNeeding('`npm ci --prefix test/otherTools`', isInstalled, 'SCION', () => {
  describe.each(charts.map((machine) => [machine.id, machine] as const))('runs diagrams/%s.scxml', (name, machine) => {
    it(`as the chart runs, in ${stepsPerChart} random steps`, () => {
      const { outcomes, ...walks } = randomWalks(machine, stepsPerChart, seed);
      expect(runInScion(name, walks)).toEqual(outcomes);
      const seen = new Set(outcomes.flat().flatMap(({ states }) => states));
      expect([...seen].sort()).toEqual(innermostOf(machine));
    });
  });
});

function runInScion(name: string, walks: Omit<Walks, 'outcomes'>): Outcome[][] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, pathOf(name)], {
    ...{ input: JSON.stringify(walks), encoding: 'utf8', timeout: 60_000, maxBuffer: 64 * 1024 * 1024 },
  });
  if (status !== 0 || stderr !== '') throw new Error(`SCION failed on ${name}: ${stderr}`);
  return JSON.parse(stdout);
}

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
