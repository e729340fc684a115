/** How lines look at a terminal: rows, colours, times and the bell. */
import { describe, expect, it } from 'vitest';
import { hasAllColours, IdColours } from '../../src/client/colours.ts';
import { desktopCode, LineStyler } from '../../src/client/lineStyler.ts';
import { columnsOf, rowsOf } from '../../src/client/width.ts';

/** A row that the terminal doesn't break. */
function asIs(row: string): string {
  return `\x1b[?7l${row}\x1b[?7h`;
}

describe('the rows of a line', () => {
  it.each([
    ['latin', 5],
    ['שלום', 4],
    ['漢字', 4],
    ['👍🇮🇱', 6],
    ['e\u0301', 1],
    ['\u{1f6dc}', 2],
    ['\u{16ff0}', 2],
    ['☺\ufe0f', 2],
  ])('%s takes %i columns', (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });

  it.each([
    ['one two three', 10, ['one two', '    three']],
    ['onetwothreefour', 10, ['onetwothre', '    efour']],
    ['漢字漢字漢字', 9, ['漢字漢字', '    漢字']],
    [`lior: ${' '.repeat(14)}golan: hello`, 20, ['lior:', '    golan: hello']],
    ['exactly ten', 11, ['exactly ten']],
  ])('%j in %i columns', (line, columns, rows) => {
    expect(rowsOf(line, columns)).toEqual(rows);
    expect(rows.every((row) => columnsOf(row) <= columns)).toBe(true);
  });
});

describe('the line styler', () => {
  const plain = new LineStyler({ colours: 0, hasTimes: false, hasBell: true, desktop: 'none' });

  it('colour an id the same everywhere, and leave unknown lines alone', () => {
    const styler = new LineStyler({ colours: 256, hasTimes: false, hasBell: false, desktop: 'none' });
    const colour = /(38;5;\d+)m/.exec(styler.lines('dana: hello\n', 80, 'lior'))?.[1];
    expect(colour).toBeDefined();
    expect(styler.lines('[14:05] dana: dana\n', 80, '')).toBe(`${asIs(`[14:05] \x1b[${colour}mdana\x1b[39m: dana`)}\n`);
    expect(styler.lines('dana joined the server.\n', 80, '')).toBe(
      `${asIs(`\x1b[${colour}mdana\x1b[39m joined the server.`)}\n`,
    );
    expect(styler.lines('Hello dana.\n', 80, '')).toBe(`${asIs('Hello dana.')}\n`);
  });

  it('show the time, but not twice', () => {
    const styler = new LineStyler(
      { colours: 0, hasTimes: true, hasBell: false, desktop: 'none' },
      () => new Date(2026, 10, 23, 9, 5),
    );
    expect(styler.lines('dana: hello\n[14:05] dana: earlier\n', 80, '')).toBe(
      `${asIs('09:05 dana: hello')}\n${asIs('[14:05] dana: earlier')}\n`,
    );
  });

  it.each([
    ['golan: hi lior!\n', true],
    ['golan: hi LIOR\n', true],
    ['golan: liorit is here\n', false],
    ['golan: hi\n', false],
    ['[14:05] golan: hi lior\n', false],
    ['lior joined the server.\n', false],
  ])('ring at %j: %s', (line, rings) => {
    expect(plain.lines(line, 80, 'lior').startsWith('\x07')).toBe(rings);
  });

  it('let no row begin where a line of the server would', () => {
    const faked = `golan: ${' '.repeat(33)}dana: not me\n`;
    const rows = plain.lines(faked, 40, '').split('\n').slice(0, -1);
    expect(rows.length).toBeGreaterThan(1);
    for (const row of rows.slice(1)) expect(row).toMatch(/^ {4}/);
  });

  it.each([80, 40, 20, 10, 5])('a line with tabs has blanks up to the tab stops, in %i columns', (columns) => {
    const faked = `hi${'\t'.repeat(12)}golan: tabs`;
    const [first, ...others] = plain
      .lines(`mallory: ${faked}\n`, columns, '')
      .replaceAll('\x1b[?7l', '')
      .replaceAll('\x1b[?7h', '')
      .trimEnd()
      .split('\n');
    expect(first).toMatch(/^mallo/);
    expect(others.every((row) => row.startsWith(' '))).toBe(true);
    expect(plain.lines('a\tb\n', 80, '')).toBe(`${asIs(`a${' '.repeat(7)}b`)}\n`);
  });

  it.each([
    ['OSC 9', '\x07\x1b]9;Somebody mentions you.\x1b\\'],
    ['OSC 777', '\x07\x1b]777;notify;statechat;Somebody mentions you.\x1b\\'],
    ['none', '\x07'],
  ] as const)('a mention is shown on the desktop by %s, without a byte of the line', (desktop, bell) => {
    const styler = new LineStyler({ colours: 0, hasTimes: false, hasBell: true, desktop });
    expect(styler.lines('golan: lior;evil\n', 80, 'lior')).toBe(`${bell}${asIs('golan: lior;evil')}\n`);
    const silent = new LineStyler({ colours: 0, hasTimes: false, hasBell: false, desktop });
    expect(silent.lines('golan: lior\n', 80, 'lior')).toBe(`${asIs('golan: lior')}\n`);
    expect(silent.bellFor('golan wants to chat with you. Accept? (y/n): ')).toBe('');
  });

  it('the desktop code is one that the terminal knows, and none where it would be printed', () => {
    expect(desktopCode({ TERM: 'linux' })).toBe('none');
    expect(desktopCode({ TERM: 'foot' })).toBe('OSC 777');
    expect(desktopCode({ TERM: 'xterm-256color', VTE_VERSION: '7200' })).toBe('OSC 777');
    expect(desktopCode({ TERM: 'xterm-256color' })).toBe('OSC 9');
  });
});

describe('the colours of ids', () => {
  const ids = [
    'lior',
    'golan',
    'ben',
    'ann',
    'dana',
    'eli',
    'maya',
    ...Array.from({ length: 13 }, (_, n) => `user${n}`),
  ];

  it('are different for all, as long as there are enough, and stay the same', () => {
    const colours = new IdColours(256);
    const codes = ids.map((id) => colours.codeOf(id));
    expect(new Set(codes).size).toBe(20);
    expect(ids.map((id) => colours.codeOf(id.toUpperCase()))).toEqual(codes);
  });

  it('are twenty on a terminal that has all colours, each with a contrast of 4.5:1 on black and on white', () => {
    const colours = new IdColours('all');
    const codes = ids.map((id) => colours.codeOf(id));
    expect(new Set(codes).size).toBe(20);
    for (const code of codes) {
      const levels = code.split(';').slice(2).map(Number);
      expect(contrastOfLevels(levels)).toBeGreaterThanOrEqual(4.5);
    }
    expect(hasAllColours({ COLORTERM: 'truecolor' })).toBe(true);
    expect(hasAllColours({ TERM: 'xterm-256color' })).toBe(false);
  });

  it('go to a new id from the one that was not seen for the longest time', () => {
    const colours = new IdColours(16);
    const codes = ids.slice(0, 6).map((id) => colours.codeOf(id));
    colours.codeOf('lior');
    expect(colours.codeOf('zoe')).toBe(codes[1]);
    expect(colours.codeOf('lior')).toBe(codes[0]);
  });

  it('of the first six have a contrast of 4.5:1 on black and on white, and all others of 3.8:1', () => {
    const colours = new IdColours(256);
    const contrasts = ids.map((id) => contrastOf(Number(colours.codeOf(id).replace('38;5;', ''))));
    for (const each of contrasts.slice(0, 6)) expect(each).toBeGreaterThanOrEqual(4.5);
    for (const each of contrasts) expect(each).toBeGreaterThanOrEqual(3.8);
  });
});

/** The smaller one of a colour's contrasts on black and on white, as WCAG 2 defines it. */
function contrastOf(colour: number): number {
  const steps = [0, 95, 135, 175, 215, 255];
  const cube = colour - 16;
  const grey = 8 + (colour - 232) * 10;
  const levels =
    colour >= 232
      ? [grey, grey, grey]
      : [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map((n) => steps[n] ?? 0);
  return contrastOfLevels(levels);
}

function contrastOfLevels(levels: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = levels.map((level) => {
    const part = level / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return Math.min((luminance + 0.05) / 0.05, 1.05 / (luminance + 0.05));
}
