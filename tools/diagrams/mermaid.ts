/**
 * A chart's graph as Mermaid text, which many pages and editors draw.
 *
 * Owns: the form of that text. All states come first, nested, then all transitions, because Mermaid loses states that a
 * transition names before they are declared. Transitions from a state to itself share an arrow, because Mermaid draws
 * only the last of several. Mermaid has no history states: they are states with the sign H, or H* for all levels.
 * Next: `src/chart/graph.ts`.
 */
import { type Graph, type GraphState, type GraphTransition, statesIn } from '../../src/chart/graph.ts';
import { targetsText } from './labels.ts';
import { uniqueNames } from './uniqueNames.ts';

/** Returns the id of a state in the text, for that in the graph. */
type IdOf = (id: string) => string;

export function mermaidOf({ root, transitions }: Graph): string {
  const idOf = uniqueNames((id) => id.replace(/[^A-Za-z0-9_]/g, '_'));
  const states = statesIn(root);
  const names = new Map(states.map(({ id, name }) => [id, name]));
  for (const { id } of states) idOf(id);
  // A chart without states inside is one state. One that is in all of them at once needs a box around them.
  const isDeclared = root.type !== 'compound';
  const nested = isDeclared ? declare(root, '  ', idOf) : root.children.flatMap((child) => declare(child, '  ', idOf));
  const ways = transitions.filter(({ source }) => source !== root.id);
  const everywhere = transitions.filter(({ source }) => source === root.id);
  const lines = [
    ...['stateDiagram-v2', ...nested],
    ...(root.initial ? [`  [*] --> ${idOf(root.initial)}`] : []),
    ...states.flatMap(({ id, fallbacks }) => fallbacks.map((to) => `  ${idOf(id)} --> ${idOf(to)} : the first time`)),
    ...arrowsOf(ways, idOf),
  ];
  if (everywhere.length > 0) {
    const first = idOf(isDeclared ? root.id : (root.children[0]?.id ?? root.id));
    lines.push(
      `  note left of ${first}`,
      '    In every state',
      ...everywhere.map((way) => `    ${inNote(way, names)}`),
      '  end note',
    );
  }
  return `${lines.join('\n')}\n`;
}

function declare(state: GraphState, indent: string, idOf: IdOf): string[] {
  const sign = { history: state.isDeep ? ' H*' : ' H', parallel: ' ‖' }[state.type as string] ?? '';
  const waits = state.tags.includes('waiting') ? ' ⏳' : '';
  const declared = `${indent}state "${escapeText(state.name)}${sign}${waits}" as ${idOf(state.id)}`;
  const end = state.type === 'final' ? [`${indent}${idOf(state.id)} --> [*]`] : [];
  if (state.children.length === 0) return [declared, ...end];
  return [
    `${declared} {`,
    ...childrenLines(state, `${indent}  `, idOf),
    ...(state.initial ? [`${indent}  [*] --> ${idOf(state.initial)}`] : []),
    `${indent}}`,
  ];
}

/** In a parallel state, a line stands between each two children. History states of it are in no region of their own. */
function childrenLines({ type, children }: GraphState, indent: string, idOf: IdOf): string[] {
  return children.flatMap((child, index) => {
    const isNextRegion = type === 'parallel' && index > 0 && child.type !== 'history';
    return [...(isNextRegion ? [`${indent}--`] : []), ...declare(child, indent, idOf)];
  });
}

/**
 * Returns a line for each transition and target, and one for all those of a state to itself, where the first of these
 * stands.
 */
function arrowsOf(ways: readonly GraphTransition[], idOf: IdOf): string[] {
  const endsOf = ({ source, targets }: GraphTransition) => (targets.length === 0 ? [source] : targets);
  const arrows = ways.flatMap((way) => endsOf(way).map((target) => [way, target] as const));
  const isLoop = ([{ source }, target]: (typeof arrows)[number]): boolean => source === target;
  return arrows.flatMap((arrow) => {
    const [way, target] = arrow;
    const shared = isLoop(arrow) ? arrows.filter((each) => each[0].source === way.source && isLoop(each)) : [arrow];
    const labels = shared.map(([each]) => labelOf(each)).join('<br>');
    return shared[0] === arrow ? `  ${idOf(way.source)} --> ${idOf(target)} : ${labels}` : [];
  });
}

function labelOf({ event, isDelayed, guard, targets }: GraphTransition): string {
  const stays = targets.length === 0 ? ' (stays)' : '';
  const text = `${isDelayed ? 'after ' : ''}${event || 'always'}${guard ? ` [${guard}]` : ''}`;
  return `${escapeText(text)}${stays}`;
}

function inNote(way: GraphTransition, names: ReadonlyMap<string, string>): string {
  const to = way.targets.length === 0 ? '' : ` → ${escapeText(targetsText(way.targets, names))}`;
  return `${labelOf(way)}${to}`;
}

/** Writes what means something to Mermaid, to the page or to Markdown there as the number of the character. */
function escapeText(text: string): string {
  const special = /[#;:"<>{}\\&%`~$]|\*(?=\S)|(?<!\w)_|_(?!\w)/g;
  return text.replace(/[\s\p{Cc}]+/gu, ' ').replace(special, (each) => `#${each.charCodeAt(0)};`);
}
