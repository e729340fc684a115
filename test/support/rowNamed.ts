/** One row of a directory. Owns: how a test looks an id up in it. */
import type { UserRow } from '../../machines/events.ts';
import type { DirectoryView } from '../../src/chat/directory/directory.ts';

/** Returns the row of an id, in any letter case. */
export function rowNamed(directory: Pick<DirectoryView, 'rows'>, id: string): UserRow | undefined {
  return [...directory.rows()].find((row) => row.id.toLowerCase() === id.toLowerCase());
}
