/**
 * Faults that nobody can notice, each with the reason.
 *
 * Owns: reading `unnoticeable.txt`, which people write and review; `npm run mutants` says which of its faults are out of
 * date. A line that begins at the left names a file and the reason why nobody can; the faults under it are named by the
 * line in which they are, what of it is replaced, and by what.
 */
import { readFileSync } from 'node:fs';

export interface Unnoticeable {
  readonly file: string;
  /** Why nobody can. */
  readonly why: string;
  readonly faults: readonly string[];
}

export function readUnnoticeable(): Unnoticeable[] {
  const text = readFileSync(new URL('unnoticeable.txt', import.meta.url), 'utf8');
  return text
    .trim()
    .split(/\n(?=\S)/)
    .map((part) => {
      const [head = '', ...faults] = part.split('\n');
      const colon = head.indexOf(': ');
      const names = faults.map((fault) => fault.trim()).filter((fault) => fault !== '');
      return { file: head.slice(0, colon), why: head.slice(colon + 2), faults: names };
    });
}
