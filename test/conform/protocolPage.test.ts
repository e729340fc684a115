/** Each row of docs/protocol.md names what tests it, and each check tests something of that page. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allChecks } from '../../src/conform/checks/all.ts';

const page = readFileSync('docs/protocol.md', 'utf8');
const lines = page.split('\n');
/** Rows of tables: not their heads, and not what separates these from the rows. */
const rows = lines.filter(
  (line, at) => line.startsWith('| ') && !line.startsWith('| ---') && !lines[at + 1]?.startsWith('| ---'),
);
const ids = new Set(allChecks.map(({ id }) => id));

function testsOf(row: string): string[] {
  const last = row.split(' | ').at(-1) ?? '';
  return [...last.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');
}

describe('docs/protocol.md', () => {
  it('names for each row the checks or the file that test it', () => {
    expect(rows.length).toBeGreaterThan(50);
    const without = rows.filter((row) => {
      const tests = testsOf(row);
      return tests.length === 0 || !tests.every((name) => ids.has(name) || existsSync(name));
    });
    expect(without).toEqual([]);
  });

  it('names every check', () => {
    const missing = [...ids].filter((id) => !page.includes(`\`${id}\``));
    expect(missing).toEqual([]);
  });
});
