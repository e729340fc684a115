/** Another program reads in the SCXML files the charts that run. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { charts } from '../../src/chart/charts.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { declaredWays, idsOf, pathOf, type Way } from './declaredWays.ts';

const named = charts.map((machine) => [machine.id, machine] as const);
const folder = new URL('../otherTools/', import.meta.url);
const smcat = fileURLToPath(new URL('node_modules/state-machine-cat/bin/smcat.mjs', folder));

describeNeeding('`npm ci --prefix test/otherTools`', existsSync(smcat), 'state-machine-cat', () => {
  it.each(named)('reads from diagrams/%s.scxml the states and transitions of the chart', (name, machine) => {
    const options = [smcat, '-I', 'scxml', '-T', 'json', '-o', '-', pathOf(name)];
    const { stdout, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' });
    expect(stderr).toBe('');
    const { states, ways } = readBySmcat(JSON.parse(stdout));
    expect(states.sort()).toEqual(idsOf(machine));
    const declared = declaredWays(machine).map((way) => ({ ...way, actions: way.actions.filter(isCall) }));
    expect(ways.map(written).sort()).toEqual(declared.map(written).sort());
  });
});

/** False for `raise`, `send` and `cancel`, which it drops at transitions without a word. */
function isCall(action: string): boolean {
  return action.endsWith(')') && !action.includes(' as ');
}

interface SmcatMachine {
  states: { name: string; type: string; statemachine?: SmcatMachine }[];
  transitions?: { from: string; to: string; event?: string; cond?: string; action?: string }[];
}

/** Without its marks for where a state begins, which it takes for states of their own. */
function readBySmcat({ states, transitions = [] }: SmcatMachine): { states: string[]; ways: Way[] } {
  const real = states.filter(({ type }) => type !== 'initial');
  const marks = states.filter(({ type }) => type === 'initial').map((mark) => mark.name);
  const inside = real.flatMap(({ statemachine }) => (statemachine ? [readBySmcat(statemachine)] : []));
  const own = transitions
    .filter(({ from }) => !marks.includes(from))
    .map(({ from, to, event = '', cond = '', action = '' }) => ({
      ...{ from, to, event, cond },
      actions: Array.from(action.matchAll(/<script>(.*?)<\/script>/g), ([, call = '']) => call),
    }));
  return {
    states: [...real.map((state) => state.name), ...inside.flatMap((each) => each.states)],
    ways: [...own, ...inside.flatMap((each) => each.ways)],
  };
}

function written({ from, to, event, cond, actions }: Way): string {
  return `${from} --${event} [${cond}] / ${actions.join(', ')}--> ${to}`;
}
