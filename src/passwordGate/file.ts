/**
 * The file of passwords: one hash a line, and each of these passwords is right. Empty lines and lines that begin with #
 * have no meaning.
 *
 * Owns: what may be in the file, and the sentence for each mistake. Next: `hash.ts` (a line).
 */
import { readSetupFile, SetupError } from '../runtime/operatorError.ts';
import { type PasswordHash, parsePasswordHash } from './hash.ts';

/** The limit is low, because every try is hashed once for every line. */
const maxPasswords = 16;

/** Throws a `SetupError` that names the file, the line, and what is wrong with it. */
export function readPasswordFile(file: string): PasswordHash[] {
  const passwords: PasswordHash[] = [];
  for (const [index, line] of readSetupFile(file).split('\n').entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    try {
      passwords.push(parsePasswordHash(line));
    } catch (error) {
      throw new SetupError(`${file}, line ${index + 1}: ${(error as Error).message}.`);
    }
  }
  if (passwords.length === 0) throw new SetupError(`${file}: there is no password in it.`);
  if (passwords.length > maxPasswords) {
    throw new SetupError(`${file}: ${passwords.length} passwords; at most ${maxPasswords} are compared with each try.`);
  }
  return passwords;
}
