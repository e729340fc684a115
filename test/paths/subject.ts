/**
 * What runs a generated dialogue, and what can be seen of it from outside.
 *
 * Owns: the interface of the three implementations (`bareChart.ts`, `inMemory.ts`, `overTcp.ts`), and how an output
 * reads. Knows nothing of what should come out: see `golden.ts`.
 */
import type { Command, Proof } from '../../machines/lobby.machine.ts';
import { idRules, menu } from '../support/wireTexts.ts';
import type { Input } from './alphabet.ts';

/** All that a session does at one input. */
export interface Output {
  /** What the user reads. */
  readonly text: string;
  /** The session's commands to the directory, in words. */
  readonly commands: readonly string[];
  /** The ways for text that are opened or closed; undefined if that can't be seen. */
  readonly wiring?: readonly string[];
  /** True if the server ends the connection. */
  readonly ended: boolean;
}

/** Runs one session at a time, and starts a new one as often as wanted. */
export interface Subject {
  /** Starts a new session. Resolves with its first output. */
  reset(): Output | Promise<Output>;
  apply(input: Input): Output | Promise<Output>;
  /** The label of the session's state (see `sessionGraph.ts`), if it can be seen. */
  state?(): string;
  /** True if texts come as a terminal gets them: on a line of their own after an open prompt. */
  readonly hasScreen: boolean;
  close(): void | Promise<void>;
}

/** `menu.leave requesting`, `id.claim lior`, `chat.leave #1`. What was typed as a password is not said. */
export function wordsOf(command: Command | Proof): string {
  if ('id' in command) return `${command.type} ${command.id}`;
  const { type, ...rest } = command;
  return [type, ...Object.entries(rest).map(([key, value]) => (key === 'pairingId' ? `#${value}` : value))].join(' ');
}

/** Short names of long texts; they are the same as in docs/protocol.md. */
const abbreviations: readonly [string, string][] = [
  ['<menu>', menu],
  ['<id rules>', idRules],
];

/** Returns an output as one readable line; `silence` for an empty one. */
export function outputInWords({ text, commands, wiring, ended }: Output): string {
  const parts = [
    text === '' ? '' : `“${inWords(text)}”`,
    ...commands,
    ...(wiring ?? []).map((way) => `{${way}}`),
    ended ? 'FIN' : '',
  ].filter((part) => part !== '');
  return parts.join(' · ') || 'silence';
}

/** `User busy.⏎<menu>`. */
export function inWords(text: string): string {
  return abbreviations.reduce((words, [short, long]) => words.replaceAll(long, short), text).replaceAll('\n', '⏎');
}

/** Returns the text for these words, without quotation marks. */
export function textOf(words: string): string {
  return abbreviations.reduce((text, [short, long]) => text.replaceAll(short, long), words.replaceAll('⏎', '\n'));
}
