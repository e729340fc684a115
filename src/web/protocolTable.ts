/**
 * The protocol for a page: the dialogue chart and the sentences as plain data, made of the chart and the patterns themselves
 * when the server starts. So a page knows what its user may do without a second opinion of its own.
 *
 * Owns: how it is made. Knows nothing of what a page makes of it. Next: `tableTypes.ts`, `page/dialogue.js` (what reads it).
 */
import type { AnyTransitionDefinition } from 'xstate';
import { linePatterns, protocolMachine } from '../../machines/protocol.machine.ts';
import { menu, sentencePatterns } from '../protocol/sentences.ts';
import type { ProtocolTable, TableState } from './tableTypes.ts';

export function protocolTable(): ProtocolTable {
  const { root } = protocolMachine;
  const states = Object.values(root.states).map((node) => [
    node.key,
    {
      ...(node.tags.length > 0 && { tags: node.tags }),
      ...(node.entry.length > 0 && { entry: node.entry.map(nameOf) }),
      on: transitionsOf(node.transitions),
    },
  ]);
  return {
    initial: root.initial.target[0]?.key ?? '',
    on: transitionsOf(root.transitions),
    states: Object.fromEntries(states),
    lines: Object.fromEntries(
      Object.entries(linePatterns).map(([guard, { source, flags }]) => [guard, { source, flags }]),
    ),
    sentences: sentencePatterns.map(({ pattern, fixed }) => ({ source: pattern.source, fixed })),
    menu,
  };
}

function transitionsOf(transitions: ReadonlyMap<string, readonly AnyTransitionDefinition[]>): TableState['on'] {
  return Object.fromEntries(
    [...transitions].map(([event, all]) => [
      event,
      all.map(({ guard, target, actions }) => ({
        ...(guard !== undefined && { guard: nameOf(guard) }),
        ...(target?.[0] !== undefined && { target: target[0].key }),
        ...(actions.length > 0 && { actions: actions.map(nameOf) }),
      })),
    ]),
  );
}

/** The chart names all of its guards and actions. */
function nameOf(named: unknown): string {
  const name = typeof named === 'object' && named !== null && 'type' in named ? named.type : named;
  if (typeof name !== 'string') throw new Error('The protocol chart has a guard or an action without a name.');
  return name;
}
