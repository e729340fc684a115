/**
 * The diagrams of all charts, and of one recorded chat, by the name of their file in `diagrams/`.
 *
 * Owns: which charts are drawn. Next: `src/chart/charts.ts`, `forms.ts`, `write.ts`.
 */
import { charts } from '../../src/chart/charts.ts';
import { graphOf } from '../../src/chart/graph.ts';
import { forms } from './forms.ts';
import { recordChat } from './recordChat.ts';
import { mermaidSequenceOf, sequenceOf } from './sequence.ts';

export async function diagrams(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const machine of charts) {
    const graph = graphOf(machine);
    for (const [form, draw] of Object.entries(forms)) files.set(`${machine.id}.${form}`, await draw(graph, machine));
  }
  const chat = recordChat();
  return files.set('chat.mmd', mermaidSequenceOf(chat)).set('chat.svg', sequenceOf(chat));
}
