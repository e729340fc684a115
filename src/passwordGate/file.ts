/**
 * The file of passwords: one hash a line, each of which is right; empty lines and lines that begin with # say nothing.
 *
 * Owns: what may be in it, and the sentence for what may not. Next: `hash.ts` (a line).
 */
import { readSetupFile, SetupError } from '../runtime/operatorError.ts';
import { type PasswordHash, parsePasswordHash } from './hash.ts';

/** Every try is compared with every line, each at the cost of a hash. */
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
