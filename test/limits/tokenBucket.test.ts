/** A bucket of tokens counts every moment once: it never gives more than its rate, and never loses a fraction. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../../src/runtime/tokenBucket.ts';

/** A bucket on a clock that the test moves, by fractions too. */
function fill({ perSecond = 10, burst = 4 } = {}) {
  let now = 0;
  const bucket = new TokenBucket(perSecond, burst, { now: () => now });
  const takeAll = (): number => {
    let taken = 0;
    while (taken < 1e6 && bucket.take(1)) taken++;
    return taken;
  };
  return {
    bucket,
    takeAll,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('a bucket of tokens', () => {
  it('is full at first', () => {
    expect(fill({ burst: 40 }).takeAll()).toBe(40);
  });

  it('takes all that is asked for, or nothing', () => {
    const { bucket, takeAll } = fill({ burst: 4 });
    expect([bucket.take(3), bucket.take(2), takeAll()]).toEqual([true, false, 1]);
  });

  it('only looks when asked whether it has some', () => {
    const { bucket, takeAll } = fill({ burst: 4 });
    for (let look = 0; look < 10; look++) expect([bucket.has(4), bucket.has(5)]).toEqual([true, false]);
    expect(takeAll()).toBe(4);
  });

  it('has all of a burst that is no whole number', () => {
    const { bucket, pass } = fill({ perSecond: 0.25, burst: 2.5 });
    expect(bucket.has(2.5)).toBe(true);
    bucket.take(1);
    expect(bucket.has(2.5)).toBe(false);
    pass(4000);
    expect([bucket.has(2.5), bucket.left]).toEqual([true, 2]);
  });

  it('says how long to wait for the next one, and then has it', () => {
    const { bucket, takeAll, pass } = fill({ perSecond: 10 });
    expect(bucket.waitMs).toBe(0);
    takeAll();
    expect(bucket.waitMs).toBeCloseTo(100);
    pass(30);
    expect(bucket.take(1)).toBe(false);
    expect(bucket.waitMs).toBeCloseTo(70);
    pass(bucket.waitMs);
    expect(bucket.take(1)).toBe(true);
  });

  it('counts no moment twice, however often it is looked at', () => {
    const { bucket, takeAll, pass } = fill({ perSecond: 10 });
    takeAll();
    pass(50);
    for (let look = 0; look < 100; look++) expect(bucket.take(1)).toBe(false);
    pass(49);
    expect(bucket.take(1)).toBe(false);
    pass(1);
    expect(takeAll()).toBe(1);
  });

  it('is full again after a long time, and not more than full', () => {
    const { takeAll, pass } = fill({ burst: 4 });
    takeAll();
    pass(1e9);
    expect(takeAll()).toBe(4);
  });

  it('refills a rate of less than one a second', () => {
    const { takeAll, pass } = fill({ perSecond: 10 / 60, burst: 10 });
    takeAll();
    pass(5_999);
    expect(takeAll()).toBe(0);
    pass(1);
    expect(takeAll()).toBe(1);
  });

  it('gives exactly what the time is worth, however it is cut', () => {
    const pauses = fc.array(fc.double({ min: 0, max: 700, noNaN: true }), { minLength: 1, maxLength: 60 });
    const perSecond = fc.double({ min: 0.5, max: 50, noNaN: true });
    const check = (ms: readonly number[], rate: number): void => {
      // Never full again, so that nothing is lost by that.
      const { bucket, takeAll, pass } = fill({ perSecond: rate, burst: 10_000 });
      takeAll();
      let passed = 0;
      let taken = 0;
      for (const pause of ms) {
        pass(pause);
        passed += pause;
        taken += takeAll();
        expect(bucket.waitMs).toBeGreaterThanOrEqual(0);
      }
      const worth = (passed * rate) / 1000;
      expect(taken).toBeGreaterThanOrEqual(Math.floor(worth - 1e-3));
      expect(taken).toBeLessThanOrEqual(Math.floor(worth + 1e-3));
    };
    fc.assert(fc.property(pauses, perSecond, check), { numRuns: 500 });
  });

  it('may be spent before it is there, and then takes that much longer', () => {
    const { bucket, takeAll, pass } = fill({ perSecond: 10, burst: 5 });
    bucket.spend(8);
    expect(takeAll()).toBe(0);
    pass(399);
    expect(takeAll()).toBe(0);
    pass(1);
    expect(takeAll()).toBe(1);
  });
});
