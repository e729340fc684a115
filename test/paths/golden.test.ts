/** The session chart does what people have reviewed: `golden/session.txt`, row by row. */
import { describe, expect, it } from 'vitest';
import { goldenText, readGolden, render, updateWanted, writeGolden } from './golden.ts';
import { observe } from './observe.ts';
import { exploreSession } from './sessionGraph.ts';

const nodes = exploreSession();
const observed = observe(nodes);
if (updateWanted) writeGolden(render(observed));

describe('the golden file', () => {
  it('is what the session chart does at every input in every state', () => {
    expect(render(observed)).toBe(goldenText());
  });

  it('stands for exactly the table that was observed', () => {
    expect(readGolden()).toEqual(observed);
  });

  it('has a row for every input in every state of the graph, and leads where the graph leads', () => {
    const golden = readGolden();
    expect([...golden.states.keys()]).toEqual(nodes.map(({ label }) => label));
    for (const node of nodes) {
      for (const { input, target } of node.edges.values()) {
        expect(golden.states.get(node.label)?.get(input)?.next, `${node.label}: ${input.label}`).toBe(target.label);
      }
    }
  });
});
