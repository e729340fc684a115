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

describe('docs/course.md', () => {
  const [, ...exercises] = readFileSync('docs/course.md', 'utf8').split(/^## (?=\d)/m);
  const sectionOf = (stage: number): string => exercises.find((text) => text.startsWith(`${stage}.`)) ?? '';
  /** `busy-…` stands for every check that begins so. */
  const patternsIn = (text: string): RegExp[] =>
    [...text.matchAll(/`([a-z\d…-]+)`/g)].map(([, name = '']) => new RegExp(`^${name.replaceAll('…', '.+')}$`));

  it.each([1, 2, 3, 4])('names in exercise %i every check of it', (stage) => {
    const patterns = patternsIn(sectionOf(stage));
    const missing = allChecks.filter((check) => check.stage === stage && !patterns.some((each) => each.test(check.id)));
    expect(missing.map(({ id }) => id)).toEqual([]);
  });
});
