/** No limit looks at the system's date, which may jump: time comes from one clock that never goes back. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';

const folders = ['src', 'machines'].map((name) => new URL(`../../${name}/`, import.meta.url));
const sources = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') })),
);

/** What tells users the time of day, and decides nothing by it; and what has to hold across a restart. */
const tellers = [
  'chat/roomHistory.ts',
  'client/lineStyler.ts',
  'client/recalledTime.ts',
  'conform/reports/graders.ts',
  'runtime/date.ts',
  'viewer/inspection.ts',
];

describe('time', () => {
  it.each(sources.filter(({ name }) => !tellers.includes(name)))('is not the date in $name', ({ text }) => {
    expect(text).not.toMatch(/\bDate\b/);
  });

  it('never goes back', () => {
    let last = systemClock.now();
    for (let look = 0; look < 1000; look++) {
      const now = systemClock.now();
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
  });
});
