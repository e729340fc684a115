/** Every composite state of three users, and of two with more under way to them, keeps all promises. */
import { expect, it } from 'vitest';
import { Explored } from '../decisions/explored.ts';
import { noteFigures } from '../support/figures.ts';
import { type ExploreOptions, explore } from './explore.ts';
import { reportOf } from './sequenceDiagram.ts';

/** The longer runs are in `npm run explore`. */
const explorations: [title: string, name: string, ExploreOptions][] = [
  [
    'two users, two messages under way to each',
    'twoMessages',
    { users: 2, underWay: 2, evictions: false, lateClocks: true },
  ],
  [
    'two users whose ids have passwords, one message under way to each',
    'names',
    { users: 2, underWay: 1, evictions: false, contestedIds: true, names: true },
  ],
  [
    'two in a chat, one of whom comes back, while anything happens to everybody',
    'returns',
    { users: 3, underWay: 1, evictions: true, returns: true },
  ],
  [
    'three users, one message under way to each',
    'threeUsers',
    { users: 3, underWay: 1, evictions: false, lateClocks: true },
  ],
];

/** What is explored besides in every `npm test`. */
const smaller: ExploreOptions[] = [
  { users: 2, underWay: 1, evictions: false, contestedIds: true, lateClocks: true },
  { users: 2, underWay: 1, evictions: true, lateClocks: true },
  { users: 2, underWay: 1, evictions: false, lateClocks: true, remembers: true, askedPerMinute: 1 },
];

const explored = new Explored();

it.each(explorations)('every composite state keeps all promises: %s', (title, name, options) => {
  const result = explore({ ...options, restoreDirectory: explored.directory(false) });
  const { states, steps, ms } = result;
  console.log(`explored ${title}: ${states} states, ${steps} steps, ${(ms / 1000).toFixed(1)} s`);
  noteFigures(name, { states, steps });
  expect(reportOf(options, result)).toBe('');
  expect(result).toMatchObject({ complete: true, stuck: 0 });
});

it('asks for no decision in which the Lua, the directory in memory and the chart of pairings were not compared', () => {
  for (const options of smaller) {
    explore({ ...options, restoreDirectory: explored.directory(options.remembers ?? false) });
  }
  const { asked, unknown } = explored.compared();
  console.log(`the explored systems ask for ${asked} decisions`);
  noteFigures('explored', { decisions: asked });
  expect(asked).toBeGreaterThan(10_000);
  expect(unknown).toEqual([]);
});
