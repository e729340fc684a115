/** The pages about options and limits are those of the options and limits there are. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { withLimitsTable } from '../../tools/docs/limitsTable.ts';
import { optionsPage } from '../../tools/docs/optionsPage.ts';

it('docs/options.md is up to date (npm run docs writes it)', () => {
  expect(readFileSync('docs/options.md', 'utf8')).toBe(optionsPage());
});

it('the table of limits in docs/operations.md is up to date (npm run docs writes it)', () => {
  const page = readFileSync('docs/operations.md', 'utf8');
  expect(page).toBe(withLimitsTable(page));
});
