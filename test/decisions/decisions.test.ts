/** The lobby's decisions, as far as anybody can notice them: `npm run mutants -- directory` breaks each in turn. */
import { describe, expect, it } from 'vitest';
import { declaredBranches } from '../system/branches.ts';
import { type ExploreOptions, explore } from '../system/explore.ts';
import { reportOf } from '../system/sequenceDiagram.ts';
import { listsAndCounts } from './observers.ts';

/** Small enough to be run for every mutant. */
const explorations: Record<string, ExploreOptions> = {
  'two users who claim each other’s ids': {
    ...{ users: 2, underWay: 1, evictions: false, contestedIds: true, names: true },
  },
  'a user who comes back to a chat': { users: 3, underWay: 1, evictions: false, returns: true },
  'two users who are evicted, and whose clocks strike late': {
    users: 2,
    underWay: 1,
    evictions: true,
    lateClocks: true,
  },
  'the first states of two users who want each other again and again': {
    users: 2,
    underWay: 1,
    evictions: false,
    remembers: true,
    askedPerMinute: 1,
    maxStates: 40_000,
  },
  'the first states of three users': { users: 3, underWay: 1, evictions: false, maxStates: 30_000 },
};

const results = new Map<string, ReturnType<typeof explore>>();

/** Once for all tests that ask. */
function explored(title: string): ReturnType<typeof explore> {
  const result = results.get(title) ?? explore(explorations[title] as ExploreOptions);
  results.set(title, result);
  return result;
}

describe('what the lobby decides', () => {
  it.each(Object.entries(explorations))('keeps all promises: %s', (title, options) => {
    const result = explored(title);
    expect({ report: reportOf(options, result), stuck: result.stuck }).toEqual({ report: '', stuck: 0 });
  });

  it('lets everything happen that can happen to a session', () => {
    const taken = Object.keys(explorations).flatMap((title) => [...explored(title).branches]);
    expect([...new Set(taken)].sort()).toEqual(declaredBranches().sort());
  });

  it('is what the list of users and the count of the room say, and where lines go', () => {
    expect(listsAndCounts({ seed: 1, moves: 1500 })).toEqual([]);
  });
});
