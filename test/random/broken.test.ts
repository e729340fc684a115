/** Servers broken on purpose are found out by random users. */
import { describe, expect, it } from 'vitest';
import { faults } from './brokenServers.ts';
import { check } from './check.ts';

describe('a broken server', () => {
  it.each(Object.entries(faults))('is found out when %s', async (title, fault) => {
    const broken = fault();
    const late = fault.late ?? false;
    const failure = await check({
      late,
      seed: 3,
      worlds: 100,
      // With late updates the rare crossings need longer lives.
      choices: late ? 3_000 : 800,
      shrinkingMs: 200,
      ...(broken && { broken }),
    });
    console.log(`${title}: ${failure?.violation} (after ${failure?.moves} moves)`);
    expect(failure?.report).toMatch(/after \d+ moves:\n[\w.-]+\n +\d+ \* connects/);
  });
});
