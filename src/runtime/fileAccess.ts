/**
 * Who else may read or change a file, by the rights that it and its folder have.
 *
 * Owns: which rights are too many. A group that may read is meant to: that is how a service gets at a key that is another's.
 */
import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const othersRead = 0o004;
const othersWrite = 0o002;
const groupWrites = 0o020;
/** In such a folder everybody may put files, and take away only their own. */
const sticky = 0o1000;

/** What is wrong, as the end of a sentence about the file; undefined if nothing is. A `public` file may be read by all. */
export function accessProblem(file: string, kind: 'secret' | 'public'): string | undefined {
  if (process.platform === 'win32') return undefined;
  const { mode } = statSync(file);
  const folder = statSync(dirname(resolve(file)));
  if (mode & (othersWrite | groupWrites)) return 'others can change it: chmod go-w';
  if (kind === 'secret' && mode & othersRead) return 'others can read it: chmod o-r';
  if (folder.mode & othersWrite && !(folder.mode & sticky))
    return 'others can put another file in its place: chmod o-w of its folder';
  return undefined;
}
