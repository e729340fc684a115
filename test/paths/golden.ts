/**
 * What a session has to do, as people have reviewed it: the file `golden/session.txt`.
 *
 * Owns: the form of that file, in which a change of behaviour is a readable diff, and its content as a table. Generated
 * tests take expected outputs from no other place. The file is written only with `STATECHAT_UPDATE_GOLDEN=1`, and never
 * in CI.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { alphabet, type Input, inputNamed, isLine, typedIn } from './alphabet.ts';
import { type Output, outputInWords, textOf } from './subject.ts';

/** What a session does at one input in a state. */
export interface Reaction {
  readonly output: Output;
  /** The label of the next state. */
  readonly next: string;
}

/** What a session does: its first output, and each state's reactions. The first state is the initial one. */
export interface Behaviour {
  readonly first: Output;
  readonly states: ReadonlyMap<string, ReadonlyMap<Input, Reaction>>;
}

const file = new URL('golden/session.txt', import.meta.url);

const header = `# What a session does at every input in every state, as observed of the session chart and reviewed by people.
# The generated tests take their expected outputs from here. After a wanted change of the chart:
#   STATECHAT_UPDATE_GOLDEN=1 npx vitest run test/paths/golden.test.ts    and review the diff.
#
# input | input → next state: “text shown” · command to the directory · {way for text that opens or closes} · FIN
# <line> in a command is the typed line. What is ignored changes nothing and gets no answer.
`;

/** Comes after the name of a state which gets no line before the verdict is there. */
const heldBack = ' -- lines are held back';

/** Returns the reviewed behaviour. */
export function readGolden(): Behaviour {
  return parse(goldenText());
}

export function goldenText(): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** True if the file has to be written. */
export const updateWanted = process.env.STATECHAT_UPDATE_GOLDEN !== undefined && process.env.CI === undefined;

export function writeGolden(text: string): void {
  writeFileSync(file, text);
}

export function render({ first, states }: Behaviour): string {
  const [initial] = states.keys();
  const parts = [`${header}\n(connects) → ${initial}: ${outputInWords(first)}\n`];
  for (const [state, reactions] of states) {
    const rows = new Map<string, string[]>();
    for (const input of alphabet) {
      const reaction = reactions.get(input);
      if (reaction === undefined) continue;
      const { output, next } = reaction;
      const silent = next === state && outputInWords(output) === 'silence';
      const row = silent ? 'ignored' : `${next === state ? 'stays' : next}${outcome(input, output)}`;
      rows.set(row, [...(rows.get(row) ?? []), input.label]);
    }
    const ignores = rows.delete('ignored') ? '  everything else is ignored\n' : '';
    const lines = [...rows].map(([row, labels]) => `  ${labels.join(' | ')} → ${row}\n`);
    const held = alphabet.some((input) => isLine(input) && !reactions.has(input));
    parts.push(`\n${state}${held ? heldBack : ''}\n${lines.join('')}${ignores}`);
  }
  return parts.join('');
}

function outcome(input: Input, output: Output): string {
  const typed = typedIn(input);
  const commands = output.commands.map((command) =>
    typed !== undefined && command.endsWith(` ${typed}`) ? `${command.slice(0, -typed.length)}<line>` : command,
  );
  const words = outputInWords({ ...output, commands });
  return words === 'silence' ? '' : `: ${words}`;
}

function parse(text: string): Behaviour {
  let first: Output | undefined;
  const states = new Map<string, Map<Input, Reaction>>();
  let state = '';
  let holdsLines = false;
  let reactions = new Map<Input, Reaction>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    if (line.startsWith('(connects)')) {
      first = outputOf(line.slice(line.indexOf(': ') + 2), '');
    } else if (!line.startsWith('  ')) {
      holdsLines = line.endsWith(heldBack);
      state = line.replace(heldBack, '');
      reactions = new Map();
      states.set(state, reactions);
    } else if (line === '  everything else is ignored') {
      for (const input of alphabet) {
        if (reactions.has(input) || (holdsLines && isLine(input))) continue;
        reactions.set(input, { output: outputOf('', ''), next: state });
      }
    } else {
      const [labels, rest] = line.trimStart().split(/ → (.*)/) as [string, string];
      const [next, words] = rest.split(/: (.*)/) as [string, string | undefined];
      for (const label of labels.split(' | ')) {
        const output = outputOf(words ?? '', label);
        reactions.set(inputNamed(label), { output, next: next === 'stays' ? state : next });
      }
    }
  }
  if (first === undefined) throw new Error('golden/session.txt is empty: STATECHAT_UPDATE_GOLDEN=1 writes it.');
  return { first, states };
}

function outputOf(words: string, label: string): Output {
  let text = '';
  let ended = false;
  const commands: string[] = [];
  const wiring: string[] = [];
  for (const part of words.split(' · ')) {
    if (part.startsWith('“')) text = textOf(part.slice(1, -1));
    else if (part.startsWith('{')) wiring.push(part.slice(1, -1));
    else if (part === 'FIN') ended = true;
    else if (part !== '') commands.push(part.replace('<line>', label));
  }
  return { text, commands, wiring, ended };
}
