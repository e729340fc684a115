/** Every story that once went wrong, and a few that are rich in crossings. A new failure's line of the report goes into seeds.json. */
import { beforeEach, describe, expect, it } from 'vitest';
import { check, type Place } from './check.ts';
import seeds from './seeds.json' with { type: 'json' };
import { hushEndedLobbies } from './xstateWarnings.ts';

describe('what once went wrong', () => {
  beforeEach(hushEndedLobbies);

  it.each(seeds as (Place & { title: string })[])(
    'stays right: $title',
    { timeout: 60_000 },
    async ({ title: _, ...place }) => {
      const failure = await check({ ...place, worlds: 3 });
      expect(failure?.report ?? '').toBe('');
    },
  );
});
