/** A reader has a time limit for taking anything, and a slow and steady one is not taken for one who has stopped. */
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startSlow } from './readers.ts';

describe('a reader who takes nothing', () => {
  it('is given up after the time limit, and not before', () => {
    const { clock, troubles } = startSlow();
    clock.increment(999);
    expect(troubles).toEqual([]);
    clock.increment(1);
    expect(troubles).toEqual(['stalled']);
  });

  it('has the whole time again after each time they took everything', () => {
    const { sendQueue, clock, troubles, read, endTurn } = startSlow();
    clock.increment(900);
    sendQueue.write('d');
    read();
    endTurn();
    clock.increment(900);
    expect(troubles).toEqual([]);
    clock.increment(100);
    expect(troubles).toEqual(['stalled']);
  });

  it('leaves no clock behind when the connection ends', () => {
    const { sendQueue, clock, troubles } = startSlow();
    sendQueue.close();
    clock.increment(10_000);
    expect(troubles).toEqual([]);
  });
});

describe('a reader who is slow and steady', () => {
  /** The system holds so much less for them each time it is asked. */
  function startSteady(lessEachTime: () => number) {
    let unsent = 1000;
    const reader = startSlow({ unsentBytes: async () => (unsent -= lessEachTime()) });
    const pass = async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 100) {
        reader.clock.increment(100);
        await turn();
      }
    };
    return { ...reader, pass };
  }

  it('stays as long as the system gets rid of anything within the time limit', async () => {
    const { pass, troubles } = startSteady(() => 1);
    await pass(20_000);
    expect(troubles).toEqual([]);
  });

  it('is given up when it gets rid of nothing any more', async () => {
    let less = 1;
    const { pass, troubles } = startSteady(() => less);
    await pass(5000);
    less = 0;
    await pass(2500);
    expect(troubles).toEqual(['stalled']);
  });

  it.each(['nothing more', 'more that has to wait'])(
    'is not looked at for what was there before, with %s',
    async (more) => {
      const answers: ((unsent: number) => void)[] = [];
      const { clock, read, sink, sendQueue, endTurn, troubles } = startSlow({
        unsentBytes: () => new Promise((resolve) => answers.push(resolve)),
      });
      clock.increment(34);
      expect(answers.length).toBe(1);
      sink.isSlow = false;
      read();
      sink.isSlow = more !== 'nothing more';
      sendQueue.write('d');
      endTurn();
      answers[0]?.(1);
      await turn();
      clock.increment(33);
      expect([answers.length, troubles]).toEqual([1, []]);
      clock.increment(10_000);
      expect(answers.length).toBe(more === 'nothing more' ? 1 : 2);
    },
  );

  it('is given up after the time limit where the system says nothing', async () => {
    const { clock, troubles } = startSlow({ unsentBytes: async () => undefined });
    for (let passed = 0; passed < 1100; passed += 100) {
      clock.increment(100);
      await turn();
    }
    expect(troubles).toEqual(['stalled']);
  });
});
