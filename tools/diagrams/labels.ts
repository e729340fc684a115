/**
 * The text in boxes and on lines: words with their role, broken into short lines, and the room that they need.
 *
 * Owns: the order of words in a transition's text, where its lines break, and all sizes of text. Most transitions here
 * share the event `line.received` and differ in the guard, so the guard comes first.
 * Next: `layout.ts` (where they stand), `theme.ts` (what the roles look like).
 */
import type { GraphState, GraphTransition } from '../../src/chart/graph.ts';
import { textWidth } from './textWidth.ts';

/** A CSS class of the drawing; `theme.ts` gives it a colour and a weight. */
export type Role = 'event' | 'guard' | 'action' | 'keyword' | 'target';

interface Word {
  role: Role;
  text: string;
}

/** One transition, or one row of a state's entry or exit. */
export interface Inscription {
  /** The transition's id; undefined for entry and exit. */
  transition: GraphTransition | undefined;
  lines: readonly (readonly Word[])[];
  width: number;
  height: number;
}

/** `indent` is for all lines of an inscription except the first, `gap` is between two inscriptions. */
export const size = { text: 12, line: 15, indent: 8, gap: 3, name: 14, header: 28, count: 30, sign: 18, tag: 10.5 };

/** A line in the box of a compound state, and in that of the whole chart, breaks between words beyond these widths. */
const longest = { inCompound: 215, inRoot: 330 };

const bolds: readonly Role[] = ['event', 'guard', 'target'];

/** Returns the label of a line. Its own lines break between words beyond the width `most`. */
export function labelOf(transition: GraphTransition, most: number): Inscription {
  return inscribe(transition, wordsOf(transition), most);
}

/**
 * Returns the rows of a state's box: entry, exit, its actors, and the transitions without a line, to states of these
 * names. In the box of a state without children, lines break beyond the width `mostInBox`.
 */
export function rowsOf(
  state: GraphState,
  transitions: readonly GraphTransition[],
  names: ReadonlyMap<string, string>,
  mostInBox: number,
): Inscription[] {
  const most = state.depth === 0 ? longest.inRoot : state.children.length > 0 ? longest.inCompound : mostInBox;
  return [
    ...actionsRow('entry', state.entry, most),
    ...actionsRow('exit', state.exit, most),
    ...actionsRow('begin', state.initialActions, most),
    ...state.invokes.flatMap((actor) => actionsRow('invoke', [actor], most)),
    ...transitions.map((each) => {
      const keyword: Word[] = each.isDelayed || each.event === '' ? [] : [{ role: 'keyword', text: 'on' }];
      const target: Word[] =
        each.targets.length === 0 ? [] : [{ role: 'target', text: `→ ${targetsText(each.targets, names)}` }];
      return inscribe(each, [...keyword, ...wordsOf(each), ...target], most);
    }),
  ];
}

export function targetsText(targets: readonly string[], names: ReadonlyMap<string, string>): string {
  return targets.map((target) => names.get(target) ?? target).join(', ');
}

/** Returns the height of inscriptions one below the other. */
export function stackHeight(all: readonly Inscription[]): number {
  return all.reduce((sum, { height }) => sum + height + size.gap, -size.gap);
}

/** Returns the width that a state's name, its signs and the number of sessions in it need. */
export function headerWidth(state: GraphState): number {
  return textWidth(state.name, size.name, true) + signsWidth(state) + size.count + 24;
}

/** Returns what kind of state it is, where its box doesn't show that, and its tags. The tag `waiting` is drawn. */
export function writtenTags(state: GraphState): string {
  const kind = { parallel: ['‖ all at once'], history: [state.isDeep ? 'H*' : 'H'] }[state.type as string] ?? [];
  return [...kind, ...state.tags.filter((tag) => tag !== 'waiting').map((tag) => `#${tag}`)].join(' ');
}

function signsWidth(state: GraphState): number {
  const tags = writtenTags(state);
  return (state.tags.includes('waiting') ? size.sign : 0) + (tags ? textWidth(tags, size.tag) + 8 : 0);
}

function actionsRow(keyword: string, actions: readonly string[], most: number): Inscription[] {
  if (actions.length === 0) return [];
  const words = actions.map((text, index) => ({ role: 'action' as const, text: commaAfter(text, index, actions) }));
  return [inscribe(undefined, [{ role: 'keyword', text: keyword }, ...words], most)];
}

function wordsOf({ event, isDelayed, guard, actions }: GraphTransition): Word[] {
  const name = isDelayed ? `after ${event}` : event || 'always';
  return [
    ...(guard ? [{ role: 'guard' as const, text: `[${guard}]` }] : []),
    { role: 'event' as const, text: name },
    ...actions.map((text, index) => ({
      role: 'action' as const,
      text: `${index === 0 ? '/ ' : ''}${commaAfter(text, index, actions)}`,
    })),
  ];
}

function commaAfter(text: string, index: number, all: readonly string[]): string {
  return index < all.length - 1 ? `${text},` : text;
}

function inscribe(transition: GraphTransition | undefined, words: readonly Word[], most: number): Inscription {
  const lines: Word[][] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf([...last, word], lines.length - 1) <= most) last.push(word);
    else lines.push([word]);
  }
  return { transition, lines, width: Math.max(...lines.map(widthOf)), height: lines.length * size.line };
}

function widthOf(words: readonly Word[], line: number): number {
  const spaces = (words.length - 1) * textWidth(' ', size.text) + (line === 0 ? 0 : size.indent);
  return words.reduce((sum, { role, text }) => sum + textWidth(text, size.text, bolds.includes(role)), spaces);
}
