/** The rate of a real server holds wherever somebody is: the first lines at once, the rest one by one, none lost. */
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/config/limits.ts';
import type { FakeConnection } from '../support/fakeConnection.ts';
import { Gathering, startChat } from '../support/memory.ts';
import { disconnected, invalidOption, leftRoom, menu, partnerLeft, youLeftChat } from '../support/wireTexts.ts';
import { CountingClock } from './countingClock.ts';

const { rateLimit, rateBurst } = limits;
const msPerLine = 1000 / rateLimit;
const numbered = (count: number, from = 0) => Array.from({ length: count }, (_, number) => `#${from + number}`);

interface Place {
  place: string;
  enter(lior: FakeConnection, golan: FakeConnection): void;
  /** Who reads what becomes of lior's lines. */
  isReadBy: 'lior' | 'golan';
  becomes(line: string): string;
  /** What golan reads when lior's connection ends. */
  end: string;
}

const places: Place[] = [
  {
    place: 'in the menu',
    enter: () => {},
    isReadBy: 'lior',
    becomes: () => `${invalidOption}${menu}`,
    end: disconnected('lior'),
  },
  {
    place: 'in a chat',
    enter: (lior, golan) => startChat(lior, golan, 'golan'),
    isReadBy: 'golan',
    becomes: (line) => `lior: ${line}\n`,
    end: `${partnerLeft('lior')}${menu}`,
  },
  {
    place: 'in the common room',
    enter: (lior, golan) => {
      for (const user of [lior, golan]) user.type('3');
    },
    isReadBy: 'golan',
    becomes: (line) => `lior: ${line}\n`,
    end: leftRoom('lior'),
  },
];

function gatherAt({ enter, isReadBy }: Place, options = { rateLimit, rateBurst }) {
  const clock = new CountingClock();
  const all = new Gathering({ ...options, clock });
  const [lior, golan] = all.gather('lior', 'golan') as [FakeConnection, FakeConnection];
  clock.increment(60_000);
  enter(lior, golan);
  clock.increment(60_000);
  for (const user of [lior, golan]) user.read();
  return { all, clock, lior, golan, reader: isReadBy === 'lior' ? lior : golan };
}

describe.each(places.map((place) => [place.place, place] as const))('%s, lines beyond the rate', (_, place) => {
  const became = (lines: readonly string[]) => lines.map(place.becomes).join('');

  it.each([
    ['line by line', (lines: string[]) => lines],
    ['in one piece', (lines: string[]) => [lines.join('\n')]],
    [
      'in pieces of seven',
      (lines: string[]) => lines.flatMap((_, n) => (n % 7 ? [] : [lines.slice(n, n + 7).join('\n')])),
    ],
  ])('wait, and nothing is read from their sender until all are taken: %s', (_, pieces) => {
    const { clock, lior, reader } = gatherAt(place);
    const lines = numbered(rateBurst + 20);
    lior.type(...pieces(lines));
    expect(reader.read()).toBe(became(lines.slice(0, rateBurst)));
    for (const line of lines.slice(rateBurst)) {
      expect(lior.isPaused).toBe(true);
      clock.increment(msPerLine - 1);
      expect(reader.read()).toBe('');
      clock.increment(1);
      expect(reader.read()).toBe(became([line]));
    }
    expect(lior.isPaused).toBe(false);
    clock.increment(60_000);
    expect(reader.read()).toBe('');
  });

  it('may come at once again after a while', () => {
    const { clock, lior, reader } = gatherAt(place);
    lior.type(...numbered(rateBurst + 5));
    for (let line = 0; line < 5; line++) clock.increment(msPerLine);
    clock.increment(rateBurst * msPerLine);
    reader.read();
    lior.type(...numbered(rateBurst, 100));
    expect(reader.read()).toBe(became(numbered(rateBurst, 100)));
    expect(lior.isPaused).toBe(false);
  });

  it('are all taken before the end behind them', () => {
    const { all, clock, lior, golan, reader } = gatherAt(place);
    lior.type(...numbered(rateBurst + 5));
    lior.halfClose();
    for (let line = 0; line < 5; line++) {
      expect(lior.isEnded).toBe(false);
      clock.increment(msPerLine);
    }
    expect(lior.isEnded).toBe(true);
    const read = reader.read();
    expect(read).toBe(became(numbered(rateBurst + 5)) + (reader === golan ? place.end : ''));
    expect(all.rows()).toHaveLength(1);
  });

  it('are forgotten with a connection that is cut, and their timer too', () => {
    const { all, clock, lior, golan, reader } = gatherAt(place);
    const before = clock.pending;
    lior.type(...numbered(rateBurst + 20));
    expect(clock.pending).toBe(before + 1);
    for (const user of [golan, reader]) user.read();
    lior.hangUp();
    expect(clock.pending).toBe(before);
    expect(golan.read()).toBe(place.end);
    clock.increment(60_000);
    expect([golan.read(), all.errors]).toEqual(['', []]);
  });

  it.each(['lineNotUtf8', 'lineTooLong'] as const)('are counted when they are refused: %s', (reason) => {
    const { clock, lior, reader } = gatherAt(place);
    for (let line = 0; line < rateBurst; line++) lior.typeRefused(reason);
    expect(lior.read().match(/Nothing was sent\.\n/g)).toHaveLength(rateBurst);
    lior.type('#0');
    lior.typeRefused(reason);
    expect([lior.read(), reader.read()]).toEqual(['', '']);
    clock.increment(msPerLine);
    expect(reader.read()).toBe(became(['#0']));
    clock.increment(msPerLine);
    expect(lior.read()).toMatch(/Nothing was sent\.\n/);
  });

  it('are not counted with 0', () => {
    const { clock, lior, reader } = gatherAt(place, { rateLimit: 0, rateBurst });
    const before = clock.pending;
    lior.type(...numbered(50 * rateBurst));
    expect(reader.read()).toBe(became(numbered(50 * rateBurst)));
    expect([lior.isPaused, clock.pending]).toEqual([false, before]);
  });
});

describe('exit() among lines that wait', () => {
  it('acts in its turn, and what is behind it is for the menu', () => {
    const chat = places.find(({ place }) => place === 'in a chat') as Place;
    const { clock, lior, golan } = gatherAt(chat);
    lior.type(...numbered(rateBurst + 1), 'exit()', '9');
    golan.read();
    clock.increment(msPerLine);
    expect(golan.read()).toBe(`lior: #${rateBurst}\n`);
    clock.increment(msPerLine);
    expect([lior.read(), golan.read()]).toEqual([`${youLeftChat}${menu}`, `${partnerLeft('lior')}${menu}`]);
    clock.increment(msPerLine);
    expect(lior.read()).toBe(`${invalidOption}${menu}`);
  });
});
