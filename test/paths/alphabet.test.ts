/** The alphabet leaves out no type of event and no outcome of a guard. */
import { describe, expect, it } from 'vitest';
import { sessionMachine } from '../../machines/session.machine.ts';
import { alphabet } from './alphabet.ts';
import { declaredBranches, declaredLeaves, exploreSession } from './sessionGraph.ts';
import { edgesOf } from './suites.ts';

type Guard = (args: never, params: never) => boolean;

const guards = Object.entries(sessionMachine.implementations.guards) as [string, Guard][];

/** Which inputs made a guard say yes and which no, while every input was tried in every state that can be reached. */
function outcomesOfGuards(): Map<string, Record<'yes' | 'no', number>> {
  const outcomes = new Map(guards.map(([name]) => [name, { yes: 0, no: 0 }]));
  const recording = guards.map(([name, guard]): [string, Guard] => [
    name,
    (args, params) => {
      const outcome = guard(args, params);
      (outcomes.get(name) as { yes: number; no: number })[outcome ? 'yes' : 'no']++;
      return outcome;
    },
  ]);
  exploreSession(sessionMachine.provide({ guards: Object.fromEntries(recording) as never }) as never);
  return outcomes;
}

describe('the alphabet', () => {
  it('has an input of every type of event the chart knows', () => {
    expect([...new Set(alphabet.map(({ event }) => event.type))].sort()).toEqual([...sessionMachine.events].sort());
  });

  it('names every input differently', () => {
    expect(new Set(alphabet.map(({ label }) => label)).size).toBe(alphabet.length);
    expect(new Set(alphabet.map(({ event }) => JSON.stringify(event))).size).toBe(alphabet.length);
  });

  const outcomes = outcomesOfGuards();

  it.each(guards)('has inputs that %s lets pass and such that it stops, where the chart asks it', (name) => {
    expect(outcomes.get(name)?.yes).toBeGreaterThan(0);
    expect(outcomes.get(name)?.no).toBeGreaterThan(0);
  });
});

describe('the graph', () => {
  const nodes = exploreSession();

  it('reaches every state of the chart', () => {
    expect([...new Set(nodes.map(({ path }) => path))].sort()).toEqual(declaredLeaves(sessionMachine).sort());
  });

  it('takes every transition of the chart', () => {
    const taken = new Set(edgesOf(nodes).flatMap(({ branch }) => branch ?? []));
    expect([...taken].sort()).toEqual(declaredBranches(sessionMachine).sort());
  });
});
