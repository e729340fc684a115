/** A block of code of a page, to run what the page says. */
import { readFileSync } from 'node:fs';

/** The first one whose text fits. Throws if the page has none. */
export function codeBlock(page: string, fits: RegExp): string {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^```\w*\n(.*?)^```/gms)].map(([, block = '']) => block);
  const found = blocks.find((block) => fits.test(block));
  if (found === undefined) throw new Error(`${page} has no block of code with ${fits}.`);
  return found;
}
