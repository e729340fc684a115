/**
 * The forms in which a chart is drawn.
 *
 * Owns: their names, which are the ends of the files' names. Next: `diagrams.ts` (our charts), `draw.ts` (anybody's).
 */
import type { AnyStateMachine } from 'xstate';
import type { Graph } from '../../src/chart/graph.ts';
import { jsonOf } from './json.ts';
import { layOut } from './layout.ts';
import { mermaidOf } from './mermaid.ts';
import { scxmlOf } from './scxml.ts';
import { svgOf } from './svg.ts';

export const forms: Readonly<Record<string, (graph: Graph, machine: AnyStateMachine) => string | Promise<string>>> = {
  mmd: mermaidOf,
  svg: async (graph) => svgOf(graph, await layOut(graph)),
  scxml: scxmlOf,
  json: (_, machine) => jsonOf(machine),
};
