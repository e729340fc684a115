/** A dialogue of several users as a sequence diagram: text that reads as it is and that Mermaid draws. */

import { Composite } from './composite.ts';
import type { Exploration } from './explore.ts';
import type { CompositeOptions, Move } from './moves.ts';

function sequenceDiagram(options: CompositeOptions, moves: readonly Move[]): string {
  const composite = new Composite(options);
  const lines = ['sequenceDiagram', ...composite.names.map((name) => `  participant ${name}`), '  participant lobby'];
  let { state } = composite.initial();
  for (const { user, kind, text } of moves) {
    const name = composite.names[user] as string;
    if (kind === 'types') lines.push(`  ${name}->>${name}: types ${JSON.stringify(text)}`);
    else if (kind === 'asks the lobby') lines.push(`  ${name}->>lobby: ${composite.nextUp(state, user)}`);
    else if (kind === 'hears') lines.push(`  lobby->>${name}: ${composite.nextDown(state, user)}`);
    else lines.push(`  note over ${name}: ${kind}`);
    const outcome = composite.make(state, { user, kind, ...(text !== undefined && { text }) });
    outcome?.read.forEach((read, reader) => {
      if (read)
        lines.push(`  note over ${composite.names[reader]}: reads ${JSON.stringify(read.replace(menu, '<menu>'))}`);
    });
    state = outcome?.state ?? state;
  }
  return lines.join('\n');
}

/** What broke a promise and the dialogue that led to it; empty if nothing did. */
export function reportOf(options: CompositeOptions, { violation }: Exploration): string {
  return violation ? `${violation.what}\n${sequenceDiagram(options, violation.moves)}` : '';
}

const menu = /Menu:\n(\d\)[^\n]*\n)+/;
