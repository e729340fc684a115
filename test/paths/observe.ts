/**
 * What the session chart really does at every input in every state, as a table.
 *
 * Owns: the observation that is compared with the golden file. Next: `golden.ts`.
 */
import { sessionMachine } from '../../machines/session.machine.ts';
import { BareChart } from './bareChart.ts';
import type { Behaviour, Reaction } from './golden.ts';
import type { Node } from './sessionGraph.ts';

/** Brings a chart into each node of its graph and gives it each input there. */
export function observe(nodes: readonly Node[], machine: typeof sessionMachine = sessionMachine): Behaviour {
  const chart = new BareChart(machine);
  const first = chart.reset();
  const states = new Map(
    nodes.map((node) => {
      const reactions = [...node.edges.keys()].map((input) => {
        chart.reset();
        for (const earlier of node.reachedBy) chart.apply(earlier);
        const reaction: Reaction = { output: chart.apply(input), next: chart.state() };
        return [input, reaction] as const;
      });
      return [node.label, new Map(reactions)] as const;
    }),
  );
  chart.close();
  return { first, states };
}
