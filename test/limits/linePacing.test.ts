/** For what one user's next line waits, and how often it is asked for. */
import { describe, expect, it } from 'vitest';
import { LinePacing } from '../../src/chat/linePacing.ts';
import { CountingClock } from './countingClock.ts';

function open(rateLimit = 0, rateBurst = 0) {
  const clock = new CountingClock();
  let tries = 0;
  const pacing = new LinePacing({ clock, rateLimit, rateBurst }, () => tries++);
  return { pacing, clock, tries: () => tries };
}

function slowReader() {
  const waiting: (() => void)[] = [];
  return {
    needsDrain: true,
    onceDrained: (callback: () => void) => void waiting.push(callback),
    waiting,
    drain: () => {
      for (const callback of waiting.splice(0)) callback();
    },
  };
}

describe('a line that waits for a reader', () => {
  it('asks the reader once, however often it is tried, and goes on once', () => {
    const { pacing, tries } = open();
    const reader = slowReader();
    for (let count = 0; count < 3; count++) expect(pacing.waitFor(reader)).toBe(false);
    expect(reader.waiting).toHaveLength(1);
    reader.drain();
    expect(tries()).toBe(1);
    pacing.waitFor(reader);
    reader.drain();
    expect(tries()).toBe(2);
  });

  it('does not go on for another reader, for whom it does not wait any more', () => {
    const { pacing, tries } = open();
    const [former, present] = [slowReader(), slowReader()];
    pacing.waitFor(former);
    pacing.waitFor(present);
    former.drain();
    expect(tries()).toBe(0);
    present.drain();
    expect(tries()).toBe(1);
  });
});

describe('a line that waits for its time', () => {
  it('has one timer, however often it is tried, and goes on once', () => {
    const { pacing, clock, tries } = open(10, 1);
    expect(pacing.takeOne()).toBe(true);
    for (let count = 0; count < 3; count++) expect(pacing.takeOne()).toBe(false);
    expect(clock.pending).toBe(1);
    clock.increment(99);
    expect(tries()).toBe(0);
    clock.increment(1);
    expect([tries(), clock.pending, pacing.takeOne()]).toEqual([1, 0, true]);
  });

  it('has none once it is stopped', () => {
    const { pacing, clock } = open(10, 1);
    pacing.takeOne();
    pacing.takeOne();
    pacing.stop();
    expect(clock.pending).toBe(0);
  });
});

describe('lines that come together', () => {
  it('are all taken or none of them', () => {
    const { pacing } = open(10, 3);
    expect([pacing.takeAtOnce(4), pacing.takeAtOnce(3), pacing.takeAtOnce(1)]).toEqual([false, true, false]);
  });

  it('are taken where there is no rate', () => {
    expect(open().pacing.takeAtOnce(1_000_000)).toBe(true);
  });
});
