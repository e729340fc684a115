/** The JSON files are the charts: XState makes of each the states and transitions that run. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, createMachine } from 'xstate';
import { clientMachine } from '../../machines/client.machine.ts';
import { clusterMemberMachine } from '../../machines/clusterMember.machine.ts';
import { lobbyMachine } from '../../machines/lobby.machine.ts';
import { pairingMachine } from '../../machines/pairing.machine.ts';
import { passwordGateMachine } from '../../machines/passwordGate.machine.ts';
import { protocolMachine } from '../../machines/protocol.machine.ts';
import { sessionMachine } from '../../machines/session.machine.ts';
import { charts } from '../../src/chart/charts.ts';
import { graphOf } from '../../src/chart/graph.ts';

const machines: [name: string, AnyStateMachine, functions: string[]][] = [
  ['session', sessionMachine, []],
  ['lobby', lobbyMachine, ['context']],
  ['pairing', pairingMachine, []],
  ['passwordGate', passwordGateMachine, ['context']],
  ['clusterMember', clusterMemberMachine, []],
  ['client', clientMachine, ['context', 'output']],
  ['protocol', protocolMachine, []],
];

it('all charts are among them', () => {
  expect(machines.map(([, machine]) => machine)).toEqual(charts);
});

describe.each(machines)('diagrams/%s.json', (name, machine, functions) => {
  const declared = JSON.parse(readFileSync(new URL(`../../diagrams/${name}.json`, import.meta.url), 'utf8'));

  it('builds the chart that runs', () => {
    expect(graphOf(createMachine(declared))).toEqual(graphOf(machine));
  });

  it('leaves out nothing but what depends on the input of an actor', () => {
    const kept = Object.fromEntries(Object.entries(machine.config).filter(([key]) => !functions.includes(key)));
    expect(functionsIn(machine.config)).toEqual(functions);
    expect(declared).toEqual(kept);
  });
});

/** The places of all functions in a value, as `context` or `states.open.entry`. */
function functionsIn(value: unknown, place: string[] = []): string[] {
  if (typeof value === 'function') return [place.join('.')];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => functionsIn(each, [...place, key]));
}
