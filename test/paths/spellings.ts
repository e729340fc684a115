/**
 * Many ways to type what the alphabet has once: blanks around it, other letter case, ids of every allowed length, each
 * reserved word, empty and long lines.
 *
 * Owns: which line of the alphabet each of them has to be like, in every state. Written down independently of the chart's
 * own lists. Knows nothing of states or outputs: those are the reviewed ones (`golden.ts`).
 */
import { type Input, inputNamed, typedIn } from './alphabet.ts';
import type { Behaviour, Reaction } from './golden.ts';
import type { Node } from './sessionGraph.ts';
import { type Suite, suite } from './suites.ts';

/** As long as a line may be: `maxLineBytes`. */
export const longestLine = 4096;

/** Ids that no user may have. The chart's list is compared with this one, so nothing is taken from there. */
export const reservedWords: readonly string[] = [
  ...['server', 'system', 'menu', 'lobby', 'room', 'admin', 'administrator', 'root', 'operator', 'moderator'],
  ...['host', 'everyone', 'all', 'you', 'me', 'help', 'null', 'undefined', 'constructor'],
];

const spellings: Readonly<Record<string, readonly string[]>> = {
  lior: [
    ...[
      'LIOR',
      'Lior',
      ' lior',
      'lior ',
      '\tlior\t',
      'l',
      'L',
      '0',
      '9lives',
      '12',
      'a.b-c_d',
      '1.',
      'Z...',
      'exit',
      'yess',
      'help1',
    ],
    ...['a'.repeat(31), 'a'.repeat(32), 'Z'.repeat(32), `  ${'a'.repeat(32)}  `],
  ],
  golan: ['GOLAN', ' Golan '],
  '-': [
    ...[
      '',
      ' ',
      '   ',
      '\t',
      'a'.repeat(33),
      'a'.repeat(64),
      '.lior',
      '_lior',
      'two words',
      'lior!',
      'liör',
      'exit(',
      'exit()x',
    ],
    ...['exit(1)', '/helpme', '/', 'y n', '1 2', '-1', 'x y'.padEnd(longestLine, 'z')],
  ],
  server: reservedWords.flatMap((word) => [word, word.toUpperCase(), ` ${word} `]),
  '1': [' 1', '1 ', '  1  ', '\t1'],
  '2': [' 2 ', '2\t'],
  '3': [' 3 ', '3 '],
  '4': [' 4 ', '4 '],
  y: ['Y', 'yes', 'YES', 'Yes', 'yEs', ' y', ' yes '],
  n: ['N', 'no', 'NO', 'No', ' n ', 'no '],
  'exit()': ['EXIT()', 'Exit()', ' exit()', 'exit() ', 'exit ()', 'exit( )', '  exit ( )  '],
  '/help': [
    ...[
      '/HELP',
      ' /help',
      '/help ',
      '/help me',
      '/h',
      '/?',
      '/commands',
      '/quit',
      '/q',
      '/exit',
      '/leave',
      '/part',
      '/bye',
    ],
    ...['/logout', '/disconnect', '/Quit now'],
  ],
};

/** Each of these lines as an input, by the input that it has to be like. */
const likeness: ReadonlyMap<Input, Input> = new Map(
  Object.entries(spellings).flatMap(([label, texts]) =>
    texts.map((text) => [{ label: shown(text), event: { type: 'line.received', text } } as Input, inputNamed(label)]),
  ),
);

/** A text as it stands in a dialogue. */
function shown(text: string): string {
  return text.length > 70 ? `${text.slice(0, 10)}… (${text.length})` : JSON.stringify(text);
}

/** The reviewed behaviour with these inputs. */
export function withSpellings({ first, states }: Behaviour): Behaviour {
  const more = [...states].map(([label, reactions]) => {
    const spelled = [...likeness].flatMap(([input, like]): [Input, Reaction][] => {
      const reaction = reactions.get(like);
      return reaction === undefined
        ? []
        : [[input, { ...reaction, output: { ...reaction.output, commands: commands(reaction, like, input) } }]];
    });
    return [label, new Map([...reactions, ...spelled])] as const;
  });
  return { first, states: new Map(more) };
}

/**
 * The commands with the new line in the place of the old one, as the chart takes it: without the blanks around it. A proof
 * names the id, and never what was typed as its password.
 */
function commands({ output }: Reaction, like: Input, input: Input): string[] {
  const [was, is] = [typedIn(like) as string, (typedIn(input) as string).trim()];
  const namesLine = (command: string): boolean => command.endsWith(` ${was}`) && !command.startsWith('id.prove ');
  return output.commands.map((command) => (namesLine(command) ? command.slice(0, -was.length) + is : command));
}

/**
 * Every one of them in every state. Where the next state can't be looked at, `identify` has the sequences that tell it from
 * all others.
 */
export function spellingSuite(
  nodes: readonly Node[],
  { states }: Behaviour,
  identify: ReadonlyMap<string, readonly (readonly Input[])[]> = new Map(),
): Suite {
  const sequences = nodes.flatMap(({ label, reachedBy }) =>
    [...likeness.keys()].flatMap((input) => {
      const reaction = states.get(label)?.get(input);
      if (reaction === undefined) return [];
      return (identify.get(reaction.next) ?? [[]]).map((sequence) => [...reachedBy, input, ...sequence]);
    }),
  );
  return suite('every spelling in every state', sequences);
}
