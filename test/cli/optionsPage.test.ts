/** The page of options is that of the options there are. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { optionsPage } from '../../tools/docs/optionsPage.ts';

it('docs/options.md is up to date (npm run docs writes it)', () => {
  expect(readFileSync('docs/options.md', 'utf8')).toBe(optionsPage());
});
