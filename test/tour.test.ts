/**
 * The changes of docs/tour.md can be made to the session chart as it is, and the tests that they name exist.
 *
 * Owns: that the page is up to date. What each change leads to was tried by hand. Next: `charts/session.test.ts`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const fileOf = (path: string) => new URL(`../${path}`, import.meta.url);
const tour = readFileSync(fileOf('docs/tour.md'), 'utf8');
const chart = readFileSync(fileOf('machines/session.machine.ts'), 'utf8');
const changes = Array.from(tour.matchAll(/```diff\n([\s\S]*?)```/g), ([, diff = '']) => diff);
const commands = Array.from(tour.matchAll(/^npx vitest run (\S+)$/gm), ([, path = '']) => path);

/** The lines of a diff that the file has now. */
function linesBefore(diff: string): string {
  return diff
    .split('\n')
    .filter((line) => /^[ -]/.test(line))
    .map((line) => line.slice(1))
    .join('\n');
}

it('has five changes, each with the command of a test', () => {
  expect(changes).toHaveLength(5);
  expect(commands).toHaveLength(5);
});

it.each(changes)('changes one place of the session chart: %s', (diff) => {
  expect(chart.split(`\n${linesBefore(diff)}\n`)).toHaveLength(2);
});

it.each(commands)('names a test that exists: %s', (path) => {
  expect(existsSync(fileOf(path))).toBe(true);
});
