/** A text that people have reviewed as a whole. Next: `golden.ts`, which says when such files are written. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { updateWanted } from './golden.ts';

/** The file stands in `golden/`. */
export function expectReviewed(file: string, text: string): void {
  const url = new URL(`golden/${file}`, import.meta.url);
  if (updateWanted) writeFileSync(url, text);
  expect(text).toBe(readFileSync(url, 'utf8'));
}
