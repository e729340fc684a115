/** Every composite state of small systems keeps all promises, and broken systems are found out. */
import { describe, expect, it } from 'vitest';
import { declaredBranches } from './branches.ts';
import { mutantOf } from './brokenCharts.ts';
import { type Exploration, type ExploreOptions, explore } from './explore.ts';
import { sequenceDiagram } from './sequenceDiagram.ts';

/** What npm test explores; the longer runs are in `npm run explore`. */
const explorations: Record<string, ExploreOptions> = {
  'two users, one message under way to each, ids contested': {
    users: 2,
    underWay: 1,
    evictions: false,
    contestedIds: true,
  },
  'two users, one message under way to each, evictions and shutdown': { users: 2, underWay: 1, evictions: true },
  'two users, two messages under way to each': { users: 2, underWay: 2, evictions: false },
  'three users, one message under way to each': { users: 3, underWay: 1, evictions: false },
};

function run(title: string, options: ExploreOptions): Exploration {
  const result = explore({
    ...options,
    onProgress: (states) => states % 500_000 < 50_000 && console.log(`exploring ${title}: ${states} states`),
  });
  console.log(`explored ${title}: ${result.states} states, ${result.steps} steps, ${(result.ms / 1000).toFixed(1)} s`);
  return result;
}

function report(options: ExploreOptions, { violation }: Exploration): string {
  return violation ? `${violation.what}\n${sequenceDiagram(options, violation.moves)}` : '';
}

describe('every composite state', () => {
  const taken = new Set<string>();

  for (const [title, options] of Object.entries(explorations)) {
    it(`keeps all promises: ${title}`, { timeout: 300_000 }, () => {
      const result = run(title, options);
      expect(report(options, result)).toBe('');
      expect(result).toMatchObject({ complete: true, stuck: 0 });
      for (const branch of result.branches) taken.add(branch);
    });
  }

  it('takes every transition of the session chart somewhere', () => {
    expect([...taken].sort()).toEqual(declaredBranches().sort());
  });
});

describe('a broken system', () => {
  const options = { users: 2, underWay: 1, evictions: true };

  it('is found out when the lobby ignores the number of a pairing', () => {
    const broken = { ...options, restoreDirectory: mutantOf.directoryWithoutNumbers };
    expect(report(broken, explore(broken))).toMatch(/sequenceDiagram/);
  });

  it.each(Object.entries(mutantOf.charts))('is found out when %s', (_, machine) => {
    const broken = { ...options, machine };
    expect(report(broken, explore(broken))).toMatch(/sequenceDiagram/);
  });
});
