/**
 * What the operator has to correct before the server can use a file: the message is one line that names the file and what is wrong.
 *
 * Owns: that line for files that can't be read at all. What has to be in a file is known to the code that reads it.
 */
import { readFileSync } from 'node:fs';

export class SetupError extends Error {}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'this program may not read it',
  EISDIR: 'it is a directory',
};

/** Why a file can't be read, in words. */
export function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return reasons[code] ?? message;
}

export function readSetupFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new SetupError(`${file}: ${reasonOf(error)}.`);
  }
}
