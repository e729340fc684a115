/**
 * Every story that went wrong once, and a few with many crossings. A new failure's line of the report goes into
 * seeds.json.
 */
import { describe, expect, it } from 'vitest';
import { check, type Place } from './check.ts';
import seeds from './seeds.json' with { type: 'json' };

describe('what once went wrong', () => {
  it.each(seeds as (Place & { title: string })[])('stays right: $title', async ({ title: _, ...place }) => {
    const failure = await check({ ...place, worlds: 3 });
    expect(failure?.report ?? '').toBe('');
  });
});
