/** The charts are pure and explain themselves: they can be pasted into the visualizer, walked, stored and read. */
import { readdirSync, readFileSync } from 'node:fs';
import { createTestModel } from '@xstate/test';
import { describe, expect, it } from 'vitest';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { lobbyMachine } from '../../machines/lobby.machine.ts';
import { passwordGateMachine } from '../../machines/passwordGate.machine.ts';
import { sessionMachine } from '../../machines/session.machine.ts';
import { charts } from '../../src/chart/charts.ts';
import { arriveAt, everyEvent, placeOf, places } from './sessionScript.ts';

const machinesFolder = new URL('../../machines/', import.meta.url);
const sources = readdirSync(machinesFolder)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(new URL(name, machinesFolder), 'utf8') }));

/** Every import and re-export of a source text, as `type xstate` or `xstate`. */
function importsOf(text: string): string[] {
  const statements = text.matchAll(/\b(?:import|export)\s(?:[^'"`;]*?\sfrom\s*)?['"]([^'"]+)['"]/g);
  return Array.from(statements, ([statement, from]) =>
    /^import\s+type\b/.test(statement) ? `type ${from}` : `${from}`,
  );
}

describe.each(sources)('machines/$name', ({ text }) => {
  it('imports nothing but xstate and types of its neighbours', () => {
    expect(
      importsOf(text).filter((from) => !/^(?:type )?xstate$/.test(from) && !/^type \.\/[\w.]+\.ts$/.test(from)),
    ).toEqual([]);
  });

  it('reaches for nothing that is not imported', () => {
    expect(text).not.toMatch(
      /\bimport\(|\brequire\(|\bprocess\.|\bglobalThis\b|\bsetTimeout\(|\bDate\.now\(|\bMath\.random\(/,
    );
  });
});

describe('the session chart', () => {
  it('can be walked by a test model', () => {
    const events = everyEvent.concat(
      ['1', '3', 'y', 'exit()', 'lior'].map((text) => ({ type: 'line.received', text })),
    );
    const model = createTestModel(sessionMachine, { events });
    const reached = model.getShortestPaths().flatMap(({ steps }) => steps.map(({ state }) => placeOf(state)));
    expect(new Set(reached)).toEqual(new Set(places));
  });

  it.each(places)('survives being written down and read again: %s', (place) => {
    const written = JSON.stringify(sessionMachine.getPersistedSnapshot(arriveAt(place)));
    const read = sessionMachine.resolveState(JSON.parse(written));
    expect({ value: read.value, context: read.context }).toEqual({
      value: arriveAt(place).value,
      context: arriveAt(place).context,
    });
  });

  it('names every action and every guard', () => {
    for (const node of nodesOf(sessionMachine)) {
      const actions = [...node.entry, ...node.exit, ...transitionsOf(node).flatMap(({ actions }) => actions)];
      expect(actions.filter((action) => typeof action === 'function')).toEqual([]);
      expect(transitionsOf(node).filter(({ guard }) => typeof guard === 'function')).toEqual([]);
    }
  });
});

type Transition = ReturnType<AnyStateNode['transitions']['get']> extends (infer T)[] | undefined ? T : never;

/** A transition whose event, guard, actions and target leave open why it is there. */
const unexplained: [machine: AnyStateMachine, is: (transition: Transition) => boolean][] = [
  // Stays where it is, and no guard says when.
  [sessionMachine, ({ target, reenter, guard }) => (target === undefined || reenter) && guard === undefined],
  [passwordGateMachine, ({ target, reenter, guard }) => (target === undefined || reenter) && guard === undefined],
  // Does more than one thing, or answers an event of XState's.
  [lobbyMachine, ({ actions, eventType }) => actions.length > 1 || eventType.startsWith('xstate.')],
];

it.each(unexplained)('$id describes every transition that its names leave unexplained', (machine, isUnexplained) => {
  const silent = nodesOf(machine).flatMap((node) =>
    transitionsOf(node)
      .filter((transition) => !transition.description && isUnexplained(transition))
      .map(({ eventType }) => `${node.id} on ${eventType}`),
  );
  expect(silent).toEqual([]);
});

it.each(charts)('$id describes every state', (machine) => {
  const silent = nodesOf(machine).filter(({ description }) => !description);
  expect(silent.map(({ id }) => id)).toEqual([]);
});

it.each([sessionMachine, lobbyMachine, passwordGateMachine] as AnyStateMachine[])(
  '$id describes no two things in the same words',
  (machine) => {
    const described = nodesOf(machine)
      .flatMap((node) => [node.description, ...transitionsOf(node).map(({ description }) => description)])
      .filter((text) => text !== undefined);
    expect(described.filter((text, index) => described.indexOf(text) !== index)).toEqual([]);
  },
);

function nodesOf(machine: AnyStateMachine): AnyStateNode[] {
  const below = (node: AnyStateNode): AnyStateNode[] => [node, ...Object.values(node.states).flatMap(below)];
  return below(machine.root);
}

function transitionsOf(node: AnyStateNode): Transition[] {
  return [...[...node.transitions.values()].flat(), ...(node.always ?? [])] as Transition[];
}
