/** Every composite state of two people keeps all promises, and broken systems are found out. */
import { describe, expect, it } from 'vitest';
import { declaredBranches } from './branches.ts';
import { mutantOf } from './brokenCharts.ts';
import { type ExploreOptions, explore } from './explore.ts';
import { reportOf } from './sequenceDiagram.ts';

/** `system.proof.test.ts` explores larger ones, `npm run explore` any. */
const explorations: Record<string, ExploreOptions> = {
  'ids contested': { users: 2, underWay: 1, evictions: false, contestedIds: true },
  'ids contested, with passwords': { users: 2, underWay: 1, evictions: false, contestedIds: true, names: true },
  'a user who comes back to a chat': { users: 3, underWay: 1, evictions: false, returns: true },
  'evictions and shutdown': { users: 2, underWay: 1, evictions: true },
  'who was declined is remembered': { users: 2, underWay: 1, evictions: false, remembers: true },
};

describe('every composite state of two people, one message under way to each', () => {
  const taken = new Set<string>();

  it.each(Object.entries(explorations))('keeps all promises: %s', (_, options) => {
    const result = explore(options);
    expect(reportOf(options, result)).toBe('');
    expect(result).toMatchObject({ complete: true, stuck: 0 });
    for (const branch of result.branches) taken.add(branch);
  });

  it('takes every transition of the session chart somewhere', () => {
    expect([...taken].sort()).toEqual(declaredBranches().sort());
  });
});

describe('a broken system', () => {
  const options = { users: 2, underWay: 1, evictions: true };

  it('is found out when the lobby ignores the number of a pairing', () => {
    const broken = { ...options, restoreDirectory: mutantOf.directoryWithoutNumbers };
    expect(reportOf(broken, explore(broken))).toMatch(/sequenceDiagram/);
  });

  const withNames = { users: 2, underWay: 1, evictions: false, contestedIds: true, names: true };

  it('is found out when the directory gives an id to whoever claims it last', () => {
    const broken = { ...withNames, restoreDirectory: mutantOf.directoryWithoutOwners };
    expect(reportOf(broken, explore(broken))).toMatch(/takes an id away without its password/);
  });

  it.each(Object.entries(mutantOf.lobbies))('is found out when %s', (_, lobby) => {
    const broken = { ...withNames, lobby };
    expect(reportOf(broken, explore(broken))).toMatch(/sequenceDiagram/);
  });

  it('is found out when the lobby does not try again to take an id that is in a chat', () => {
    const broken = { users: 3, underWay: 1, evictions: false, returns: true, lobby: mutantOf.lobbyWithoutSecondTry };
    expect(reportOf(broken, explore(broken))).toMatch(/waits for a verdict that never comes/);
  });

  it.each(Object.entries(mutantOf.charts))('is found out when %s', (_, machine) => {
    const broken = { ...options, machine };
    expect(reportOf(broken, explore(broken))).toMatch(/sequenceDiagram/);
  });
});
