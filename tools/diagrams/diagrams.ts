/**
 * The diagrams of all charts, and of one recorded chat, by the name of their file in `diagrams/`.
 *
 * Owns: in which forms charts are drawn. Next: `src/chart/charts.ts`, `write.ts`.
 */
import type { AnyStateMachine } from 'xstate';
import { charts } from '../../src/chart/charts.ts';
import { type Graph, graphOf } from '../../src/chart/graph.ts';
import { layOut } from './layout.ts';
import { mermaidOf } from './mermaid.ts';
import { recordChat } from './recordChat.ts';
import { scxmlOf } from './scxml.ts';
import { mermaidSequenceOf, sequenceOf } from './sequence.ts';
import { svgOf } from './svg.ts';

/** The end of each form's file name, and the text of the file. */
const forms: Record<string, (graph: Graph, machine: AnyStateMachine) => string | Promise<string>> = {
  '.mmd': mermaidOf,
  '.svg': async (graph) => svgOf(graph, await layOut(graph)),
  '.scxml': scxmlOf,
  '.json': (_, machine) => jsonOf(machine),
};

export async function diagrams(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const machine of charts) {
    const graph = graphOf(machine);
    for (const [ending, draw] of Object.entries(forms)) files.set(`${machine.id}${ending}`, await draw(graph, machine));
  }
  const chat = recordChat();
  return files.set('chat.mmd', mermaidSequenceOf(chat)).set('chat.svg', sequenceOf(chat));
}

/**
 * Returns the chart's configuration, as Stately's tools and `createMachine` take it, without functions. No state or
 * transition has any: only the first context, and the output of charts whose actors get an input.
 */
function jsonOf({ config }: AnyStateMachine): string {
  return `${JSON.stringify(config, null, 2)}\n`;
}
