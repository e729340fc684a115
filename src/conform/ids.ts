/**
 * The ids of the people that the kit connects, and how it knows them again in what a server says.
 *
 * Owns: their one form. Everything that the kit connects has an id of this form, in every run and every process, so that
 * lines about the people of other dialogues are known by their ids, whatever the server's words are. Knows nothing of sockets.
 */
import { randomBytes } from 'node:crypto';

/** The names that stories use; an id is one of them and seven more characters, of which two are digits. */
export const names = ['ann', 'ben', 'eve', 'dan', 'fay', 'gus'] as const;
export type Name = (typeof names)[number];

const base = 36;
/** This process's part of each id: two runs at the same server never share one. */
const run = `${randomBytes(1).readUInt8() % 10}${(randomBytes(4).readUInt32BE() % base ** 3).toString(base).padStart(3, '0')}`;
let dialogues = 0;

/** Also an id of the kit that was made longer or wrong on purpose, and in any letter case. */
const kitId = `(?:${names.join('|')})[0-9][0-9a-z]{5}[0-9]`;
const kitIds = new RegExp(`${kitId}[0-9a-z]*`, 'gi');

/** The suffix of all ids of one dialogue. */
export function newSuffix(): string {
  dialogues = (dialogues + 1) % (base ** 2 * 10);
  return `${run}${Math.floor(dialogues / 10)
    .toString(base)
    .padStart(2, '0')}${dialogues % 10}`;
}

/** True if the text speaks of somebody of the kit whose id does not end with this dialogue's suffix. */
export function namesStranger(text: string, suffix: string): boolean {
  return (text.match(kitIds) ?? []).some((id) => !id.toLowerCase().slice(3).startsWith(suffix));
}

/**
 * The text without whole lines about strangers, and without lines that a room remembers. A line feed that stands before such a
 * line only to move it to a line of its own goes with it.
 */
export function withoutStrangers(text: string, suffix: string): string {
  if (!/[^\n]*\n/.test(text)) return text;
  const lines = text.split(/(?<=\n)/);
  const kept = lines.filter((line) => !line.endsWith('\n') || !(isRecalled(line) || namesStranger(line, suffix)));
  if (kept.length === lines.length) return text;
  return kept.join('').replace(/^\n+/, '');
}

function isRecalled(line: string): boolean {
  return /^\[[\dUTC :+-]+\] /.test(line);
}

/** The text with names in place of this dialogue's ids. */
export function withNames(text: string, suffix: string): string {
  return text.replaceAll(suffix, '').replaceAll(suffix.toUpperCase(), '');
}
