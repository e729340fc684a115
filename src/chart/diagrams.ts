/**
 * The diagrams of all charts, and of one recorded chat, by the name of their file in `diagrams/`.
 *
 * Owns: which charts are drawn, and in which forms. Next: `writeDiagrams.ts`.
 */
import { clientMachine } from '../../machines/client.ts';
import { dialogueMachine } from '../../machines/dialogue.ts';
import { doorMachine } from '../../machines/door.ts';
import { lobbyMachine } from '../../machines/lobby.ts';
import { sessionMachine } from '../../machines/session.ts';
import { type Graph, graphOf } from './graph.ts';
import { layOut } from './layout.ts';
import { mermaidOf } from './mermaid.ts';
import { recordChat } from './recordChat.ts';
import { mermaidSequenceOf, sequenceOf } from './sequence.ts';
import { svgOf } from './svg.ts';

const drawnMachines = [sessionMachine, lobbyMachine, doorMachine, clientMachine, dialogueMachine];

/** How the file of each form ends, and what it holds. */
const forms: Record<string, (graph: Graph) => string | Promise<string>> = {
  '.mmd': mermaidOf,
  '.svg': async (graph) => svgOf(graph, await layOut(graph, 'DOWN')),
  '-wide.svg': async (graph) => svgOf(graph, await layOut(graph, 'RIGHT')),
};

export async function diagrams(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const graph of drawnMachines.map(graphOf)) {
    for (const [ending, draw] of Object.entries(forms)) files.set(`${graph.root.name}${ending}`, await draw(graph));
  }
  const chat = recordChat();
  return files.set('chat.mmd', mermaidSequenceOf(chat)).set('chat.svg', sequenceOf(chat));
}
