/** Generated dialogues as text: what each user types, and what each of them reads. */
import { Composite } from '../system/composite.ts';
import { type Dialogue, multiUserOptions } from './multiUserPaths.ts';

const composite = new Composite(multiUserOptions);

/** Returns several lines: what the dialogue is for, then each step that a user notices. */
export function transcriptOf({ covers, moves }: Dialogue): string {
  const lines = [`# ${covers}`];
  let { state } = composite.initial();
  for (const move of moves) {
    const name = composite.names[move.user] as string;
    if (move.kind === 'types') lines.push(`${name} > ${move.text}`);
    else if (move.kind === 'hears') lines.push(`    (${name} is told: ${composite.nextDown(state, move.user)})`);
    else if (move.kind !== 'asks the lobby') lines.push(`    (${name} ${move.kind})`);
    const outcome = composite.make(state, move);
    if (!outcome) throw new Error('a generated dialogue makes an impossible move');
    outcome.read.forEach((read, reader) => {
      if (read)
        lines.push(`${composite.names[reader]} < ${read.replace(menu, '<menu>').trimEnd().replaceAll('\n', ' ⏎ ')}`);
    });
    state = outcome.state;
  }
  return lines.join('\n');
}

const menu = /Menu:\n(?:\d\)[^\n]*\n)+/;
