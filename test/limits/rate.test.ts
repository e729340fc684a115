/** Lines that come faster than allowed are taken later: all of them, in order, and nobody else waits. */

import { describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { TokenBucket } from '../../src/runtime/tokenBucket.ts';
import { Gathering, startChat } from '../support/memory.ts';
import { invalidOption, leftRoom, menu } from '../support/wireTexts.ts';

const numbered = (count: number) => Array.from({ length: count }, (_, number) => `#${number}`);
const said = (lines: readonly string[]) => lines.map((line) => `lior: ${line}\n`).join('');

/** Two users, five lines at once and two a second. */
function gatherTwo() {
  const all = new Gathering({ rateLimit: 2, rateBurst: 5 });
  const [lior, golan] = all.gather('lior', 'golan');
  if (!lior || !golan) throw new Error('Nobody came.');
  all.clock.increment(10_000);
  return { all, lior, golan };
}

describe('a bucket of tokens', () => {
  it('gives a burst at once, then one after the other, and keeps fractions', () => {
    const clock = new SimulatedClock();
    const bucket = new TokenBucket(3, 2, clock);
    expect([bucket.take(2), bucket.take(1)]).toEqual([true, false]);
    expect(bucket.waitMs).toBeCloseTo(1000 / 3);
    for (let third = 1; third <= 300; third++) {
      clock.increment(Math.round((third * 1000) / 3) - Math.round(((third - 1) * 1000) / 3));
      if (third % 3 === 0) expect(bucket.take(2), `after ${third}`).toBe(true);
    }
  });

  it('holds no more than the burst, however long nothing happens', () => {
    const clock = new SimulatedClock();
    const bucket = new TokenBucket(10, 4, clock);
    clock.increment(1_000_000);
    expect([bucket.take(5), bucket.take(4), bucket.take(1)]).toEqual([false, true, false]);
  });
});

describe('more lines than are allowed at once', () => {
  it('are taken as time passes, and nothing more is read from the connection meanwhile', () => {
    const { all, lior } = gatherTwo();
    lior.type(...numbered(7));
    expect(lior.read()).toBe(`${invalidOption}${menu}`.repeat(5));
    expect(lior.isPaused).toBe(true);
    all.clock.increment(499);
    expect(lior.read()).toBe('');
    all.clock.increment(1);
    expect(lior.read()).toBe(`${invalidOption}${menu}`);
    expect(lior.isPaused).toBe(true);
    all.clock.increment(500);
    expect(lior.read()).toBe(`${invalidOption}${menu}`);
    expect(lior.isPaused).toBe(false);
  });

  it.each([
    ['one by one', (lines: string[]) => lines],
    ['together', (lines: string[]) => [lines.join('\n')]],
  ])('reach a partner all, in order: %s', (_, sent) => {
    const { all, lior, golan } = gatherTwo();
    startChat(lior, golan, 'golan');
    all.clock.increment(10_000);
    golan.read();
    lior.type(...sent(numbered(12)));
    expect(golan.read()).toBe(said(numbered(12).slice(0, 5)));
    for (let wait = 0; wait < 7; wait++) all.clock.increment(500);
    expect(golan.read()).toBe(said(numbered(12).slice(5)));
  });

  it('delay only the one who sends them', () => {
    const { lior, golan } = gatherTwo();
    lior.type(...numbered(50));
    golan.type('9');
    expect(golan.read()).toBe(`${invalidOption}${menu}`);
  });

  it('count also when they are refused', () => {
    const { all, lior } = gatherTwo();
    for (let line = 0; line < 6; line++) lior.typeRefused('lineNotUtf8');
    expect(lior.read().match(/not valid UTF-8/g)).toHaveLength(5);
    all.clock.increment(500);
    expect(lior.read().match(/not valid UTF-8/g)).toHaveLength(1);
  });

  it('are all answered before the end that follows them', () => {
    const { all, lior } = gatherTwo();
    lior.type(...numbered(7));
    lior.halfClose();
    all.clock.increment(500);
    expect(lior.isEnded).toBe(false);
    all.clock.increment(500);
    expect(lior.isEnded).toBe(true);
    expect(lior.read()).toBe(`${invalidOption}${menu}`.repeat(7));
  });

  it('are forgotten with a connection that is cut', () => {
    const { all, lior, golan } = gatherTwo();
    lior.type('3');
    golan.type('3');
    lior.type(...numbered(20));
    golan.read();
    lior.hangUp();
    all.clock.increment(100_000);
    expect(golan.read()).toBe(leftRoom('lior'));
    expect(all.errors).toEqual([]);
  });
});
