/**
 * The table of limits in docs/operations.md: each limit's name in the log and the metrics, its option, and its meaning
 * if it is reached often.
 *
 * Owns: the form of that table and its place on the page. Next: `../../src/config/limits.ts`, where all of it stands.
 */
import { limitTable } from '../../src/config/limits.ts';
import { nameOf } from '../../src/config/table.ts';

const head = '| Limit | Option | If it is reached often |\n| --- | --- | --- |\n';

/** Returns the page with a new table. Throws if the page has no such table. */
export function withLimitsTable(page: string): string {
  const start = page.indexOf(head);
  if (start === -1) throw new Error('docs/operations.md has no table of limits.');
  const end = page.indexOf('\n\n', start);
  return page.slice(0, start) + head + rows().join('\n') + page.slice(end);
}

function rows(): string[] {
  return Object.values(limitTable).flatMap((row) =>
    Object.entries('reached' in row ? row.reached : {}).map(
      ([name, { often }]) => `| \`${name}\` | \`--${nameOf(row)}\` | ${often} |`,
    ),
  );
}
