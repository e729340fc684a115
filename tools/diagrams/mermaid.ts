/**
 * A chart's graph as Mermaid text, which many pages and editors draw.
 *
 * Owns: the form of that text. All states come first, nested, then all transitions, because Mermaid loses states that a
 * transition names before they are declared. Transitions from a state to itself share an arrow, because Mermaid draws
 * only the last of several. Next: `src/chart/graph.ts`.
 */
import type { Graph, GraphState, GraphTransition } from '../../src/chart/graph.ts';

export function mermaidOf({ root, transitions }: Graph): string {
  const nested = root.children.flatMap((child) => declare(child, '  '));
  const ways = transitions.filter(({ source }) => source !== root.id);
  const everywhere = transitions.filter(({ source }) => source === root.id);
  const lines = [
    ...['stateDiagram-v2', ...nested],
    ...(root.initial ? [`  [*] --> ${idOf(root.initial)}`] : []),
    ...arrowsOf(ways),
  ];
  if (everywhere.length > 0) {
    const first = idOf(root.children[0]?.id ?? root.id);
    lines.push(
      `  note left of ${first}`,
      '    In every state',
      ...everywhere.map((way) => `    ${inNote(way)}`),
      '  end note',
    );
  }
  return `${lines.join('\n')}\n`;
}

function declare(state: GraphState, indent: string): string[] {
  const waits = state.tags.includes('waiting') ? ' ⏳' : '';
  const declared = `${indent}state "${state.name}${waits}" as ${idOf(state.id)}`;
  const end = state.isFinal ? [`${indent}${idOf(state.id)} --> [*]`] : [];
  if (state.children.length === 0) return [declared, ...end];
  return [
    `${declared} {`,
    ...state.children.flatMap((child) => declare(child, `${indent}  `)),
    ...(state.initial ? [`${indent}  [*] --> ${idOf(state.initial)}`] : []),
    `${indent}}`,
  ];
}

/** Returns a line for each transition, and one for all those of a state to itself, where the first of these stands. */
function arrowsOf(ways: readonly GraphTransition[]): string[] {
  const isLoop = ({ source, target = source }: GraphTransition): boolean => source === target;
  return ways.flatMap((way) => {
    const { source, target = source } = way;
    const shared = isLoop(way) ? ways.filter((each) => each.source === source && isLoop(each)) : [way];
    return shared[0] === way ? `  ${idOf(source)} --> ${idOf(target)} : ${shared.map(labelOf).join('<br>')}` : [];
  });
}

function labelOf({ event, isDelayed, guard, target }: GraphTransition): string {
  const stays = target === undefined ? ' (stays)' : '';
  return `${isDelayed ? 'after ' : ''}${event || 'always'}${guard ? ` [${guard}]` : ''}${stays}`;
}

function inNote(way: GraphTransition): string {
  return `${labelOf(way)}${way.target === undefined ? '' : ` → ${way.target.split('.').at(-1)}`}`;
}

function idOf(id: string): string {
  return id.replaceAll('.', '_');
}
