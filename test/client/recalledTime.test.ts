/** With --times a screen has one clock: what the room remembers is shown in the reader's zone, wherever the server is. */
import { afterEach, describe, expect, it } from 'vitest';
import { LineStyler } from '../../src/client/lineStyler.ts';
import { onThisClock } from '../../src/client/recalledTime.ts';

const { TZ } = process.env;

afterEach(() => {
  if (TZ === undefined) delete process.env.TZ;
  else process.env.TZ = TZ;
});

describe('a remembered line', () => {
  it.each([
    ['UTC', '[14:05 UTC+02:00] lior: hi', '[12:05] lior: hi'],
    ['Asia/Jerusalem', '[14:05 UTC] lior: hi', '[16:05] lior: hi'],
    ['America/New_York', '[00:35 UTC+05:30] lior: hi', '[14:05] lior: hi'],
    ['America/New_York', '[03:00 UTC] lior: hi', '[2026-11-25 22:00] lior: hi'],
    ['UTC', '[2026-11-25 23:30 UTC-05:00] lior: hi', '[04:30] lior: hi'],
    ['Asia/Jerusalem', '[2026-11-21 23:59 UTC] lior: [00:00 UTC] hi', '[2026-11-22 01:59] lior: [00:00 UTC] hi'],
  ])('in %s: %s', (zone, line, shown) => {
    process.env.TZ = zone;
    expect(onThisClock(line, new Date('2026-11-26T20:10:00Z'))).toBe(shown);
  });

  it('that is none stays as it is', () => {
    for (const line of ['lior: [14:05 UTC] hi', '[noon] lior: hi']) expect(onThisClock(line, new Date())).toBe(line);
  });
});

describe('the screen', () => {
  it.each([
    [true, '14:00 golan: hi|[13:05] lior: hi'],
    [false, 'golan: hi|[15:05 UTC+02:00] lior: hi'],
  ])('with --times %s', (hasTimes, shown) => {
    process.env.TZ = 'UTC';
    const options = { colours: 0, hasTimes, hasBell: false, desktop: 'none' } as const;
    const styler = new LineStyler(options, () => new Date('2026-11-26T14:00:00Z'));
    const text = styler.lines('golan: hi\n[15:05 UTC+02:00] lior: hi\n', 80, 'dana');
    // Without the codes that keep the terminal from breaking rows.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
    expect(text.replaceAll(/\x1b\[\?7[lh]/g, '')).toBe(`${shown.replace('|', '\n')}\n`);
  });
});
