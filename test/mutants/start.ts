/** The one test that Vitest runs by itself for `npm run mutants`; `hunt.ts` goes on from there. */
import { it } from 'vitest';

it('starts', () => {});
