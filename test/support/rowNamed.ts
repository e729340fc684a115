/** One row of a directory. Owns: how an id is looked up in it. */
import type { UserRow } from '../../machines/events.ts';
import type { DirectoryView } from '../../src/chat/directory/directory.ts';

/** The row of an id, in whatever letter case. */
export function rowNamed(directory: Pick<DirectoryView, 'rows'>, id: string): UserRow | undefined {
  return [...directory.rows()].find((row) => row.id.toLowerCase() === id.toLowerCase());
}
