/** Whatever way a line is typed in, a session does what it does at the same line typed plainly. */
import { describe, expect, it } from 'vitest';
import { reservedIds } from '../../machines/session.machine.ts';
import { limits } from '../../src/config/limits.ts';
import { BareChart } from './bareChart.ts';
import { readGolden } from './golden.ts';
import { InMemory } from './inMemory.ts';
import { expectAsReviewed } from './run.ts';
import { exploreSession } from './sessionGraph.ts';
import { longestLine, reservedWords, spellingSuite, withSpellings } from './spellings.ts';

const behaviour = withSpellings(readGolden());
const suite = spellingSuite(exploreSession(), behaviour);

describe('every spelling in every state', () => {
  it.each([
    ['chart alone', BareChart],
    ['in memory', InMemory],
  ])('is understood as the plain line: %s', async (name, subject) => {
    await expectAsReviewed(name, suite, [new subject()], behaviour);
  });

  it('includes each reserved word, and no other list is longer or shorter', () => {
    expect([...reservedIds].sort()).toEqual([...reservedWords, '1', '2', '3', '4', 'y', 'n', 'yes', 'no'].sort());
  });

  it('includes the longest line', () => {
    expect(longestLine).toBe(limits.maxLineBytes);
  });
});
