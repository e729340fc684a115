/**
 * What runs a generated dialogue, and what can be seen of it from outside.
 *
 * Owns: the interface of the three implementations (`bareChart.ts`, `inMemory.ts`, `overTcp.ts`), and how an output
 * reads. Knows nothing of what should come out: see `golden.ts`.
 */
import type { Command } from '../../machines/lobby.machine.ts';
import { idRules, menu } from '../support/wireTexts.ts';
import type { Input } from './alphabet.ts';

/** All that one input makes a session do. */
export interface Output {
  /** What the user reads. */
  readonly text: string;
  /** What the session asks of the directory, in words. */
  readonly commands: readonly string[];
  /** The direct ways for text that are opened or closed; undefined where that can't be seen. */
  readonly wiring?: readonly string[];
  /** True if the server ends the connection. */
  readonly ended: boolean;
}

/** One session at a time, from its beginning as often as wanted. */
export interface Subject {
  /** A fresh session; its first words. */
  reset(): Output | Promise<Output>;
  apply(input: Input): Output | Promise<Output>;
  /** The label of the state the session is in (see `sessionGraph.ts`), if it can be seen. */
  state?(): string;
  /** True if texts come as a terminal gets them: on a line of their own when a prompt stands unanswered. */
  readonly hasScreen: boolean;
  close(): void | Promise<void>;
}

/** `menu.leave requesting`, `id.claim lior`, `chat.leave #1`. */
export function wordsOf(command: Command): string {
  const { type, ...rest } = command;
  return [type, ...Object.entries(rest).map(([key, value]) => (key === 'pairingId' ? `#${value}` : value))].join(' ');
}

/** Texts that would hide the rest; the same as in docs/protocol.md. */
const abbreviations: readonly [string, string][] = [
  ['<menu>', menu],
  ['<id rules>', idRules],
];

/** One line for a person to read; `silence` for nothing at all. */
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

/** The text these words stand for, without the quotation marks. */
export function textOf(words: string): string {
  return abbreviations.reduce((text, [short, long]) => text.replaceAll(short, long), words.replaceAll('⏎', '\n'));
}
