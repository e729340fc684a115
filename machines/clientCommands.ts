/**
 * What a person says to the client itself: lines that begin with one stroke.
 *
 * Owns: which lines these are, and what each means. Pure: no text of a server comes here. Next: `client.machine.ts`.
 */

/** What a line asks of the client, as an event of its chart; `argument` is what stands behind the command. */
export type ClientCommand =
  | { type: 'command.help' }
  | { type: 'command.ignore' | 'command.unignore' | 'command.unknown'; argument: string };

/** Every id is made of these, on any server of the protocol. */
const signsOfIds = /^[\w.-]+$/;

const commands = ['help', 'ignore', 'unignore'] as const;

/** Returns the command in a line; undefined for a line that is for the server, also for one with a doubled stroke. */
export function commandIn(line: string): ClientCommand | undefined {
  const [, word, argument = ''] = /^\s*\/(?!\/)(\S*)\s*(.*?)\s*$/s.exec(line) ?? [];
  if (word === undefined) return undefined;
  const name = commands.find((each) => each === word.toLowerCase());
  if (name === 'help') return { type: 'command.help' };
  if (name === undefined) return { type: 'command.unknown', argument: word };
  // What nobody can be called hides nobody: a blank or a comma too much would go unnoticed.
  const isAnybody = name === 'unignore' || argument === '' || signsOfIds.test(argument);
  return isAnybody
    ? { type: `command.${name}`, argument }
    : { type: 'command.unknown', argument: `${name} ${argument}` };
}

/** A line as the server gets it: a doubled stroke at its beginning stands for one. */
export function withoutDoubling(line: string): string {
  return line.replace(/^(\s*)\/\//, '$1/');
}
