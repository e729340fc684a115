/**
 * The file of names that stay: an id and its password's hash a line, `ID:HASH`. Empty lines and lines that begin with #
 * have no meaning.
 *
 * Owns: what may be in the file, and the sentence for each mistake. Next: `hash.ts` (a hash), `nameProofs.ts` (its use).
 */
import { statSync } from 'node:fs';
import { isAcceptableId } from '../../machines/session.machine.ts';
import { readSetupFile, SetupError } from '../runtime/operatorError.ts';
import { type PasswordHash, parsePasswordHash } from './hash.ts';

/** The file is read while nothing else happens: so many lines take some 50 ms. */
const maxNames = 10_000;
/** Room for as many of the longest lines. */
const maxFileBytes = 4 * 1024 * 1024;

/** A line of the file. */
export interface Name {
  readonly line: string;
  readonly hash: PasswordHash;
}

/** By the id in lower case. */
export type NameTable = ReadonlyMap<string, Name>;

/** Why this can't be a name that stays, as a part of a sentence; undefined if it can. */
export function nameProblem(id: string): string | undefined {
  return isAcceptableId(id) ? undefined : `'${id}' can be no user ID`;
}

/** Throws a `SetupError` that names the file, the line, and what is wrong with it. Never says a hash. */
export function readNameFile(file: string): NameTable {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxFileBytes) throw new SetupError(`${file}: ${size} bytes; a file of names has at most ${maxFileBytes}.`);
  const names = new Map<string, Name>();
  for (const [index, line] of readSetupFile(file).split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const refuse = (what: string): never => {
      throw new SetupError(`${file}, line ${index + 1}: ${what}.`);
    };
    const [, id = '', hash = ''] = /^\s*([^\s:]+):(\$.*)$/.exec(line) ?? refuse('this is no line of `statechat name`');
    const problem = nameProblem(id);
    if (problem !== undefined) refuse(problem);
    if (names.has(id.toLowerCase())) refuse(`there is a line for ${id} already`);
    try {
      names.set(id.toLowerCase(), { line: line.trim(), hash: parsePasswordHash(hash) });
    } catch (error) {
      refuse((error as Error).message.replace('statechat password', 'statechat name'));
    }
    if (names.size > maxNames) refuse(`more than ${maxNames} names`);
  }
  return names;
}
