/** Random lives of six users, some of whose ids have a password: a new seed in every run. Next: `random.proof.test.ts`, twenty times as long. */
import { describe, expect, it } from 'vitest';
import { simulate } from './simulate.ts';

describe('six users who do anything at any moment', () => {
  it('find every promise kept', () => simulate(30_000, { late: false }));

  it('find every promise kept when the directory answers late', () => simulate(15_000, { late: true }));

  it('find every promise kept where the limits of a real server hold', () =>
    simulate(5_000, { late: false, limited: true, named: true }));

  it('notice nothing when other processes take over, again and again', async () => {
    expect(await simulate(8_000, { late: false, handsOver: true, named: true })).toBeGreaterThan(20);
  });
});
