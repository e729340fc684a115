/** What is said to somebody within one turn leaves in one write, in order. */
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/config/limits.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { FlushScheduler } from '../../src/transport/flushScheduler.ts';
import { SendBudget } from '../../src/transport/sendBudget.ts';
import { SendQueue } from '../../src/transport/sendQueue.ts';

function startTurns() {
  const flushes: (() => void)[] = [];
  const flushScheduler = new FlushScheduler((flush) => flushes.push(flush));
  return {
    /** What was written by all send queues, in order. */
    written: [] as string[],
    /** How many callbacks wait for the end of the turn. */
    get pending() {
      return flushes.length;
    },
    endTurn() {
      for (const flush of flushes.splice(0)) flush();
    },
    /** An send queue; `onWrite` is what its socket causes at once. */
    open(onWrite: () => void = () => {}) {
      const write = (text: string) => {
        this.written.push(text);
        onWrite();
      };
      const sink = {
        writableLength: 0,
        write(text: string) {
          write(text);
          return true;
        },
      };
      return new SendQueue(
        sink as never,
        { ...limits, flushScheduler, clock: systemClock, total: new SendBudget(1e9) },
        { limitReached: () => {}, writeFailed: () => {} },
      );
    },
  };
}

describe('within a turn', () => {
  it('everything is gathered and written once, in order', () => {
    const turns = startTurns();
    const sendQueue = turns.open();
    for (const text of ['a', 'b\n', 'c']) sendQueue.write(text);
    expect(turns.written).toEqual([]);
    turns.endTurn();
    expect(turns.written).toEqual(['ab\nc']);
  });

  it('one callback serves all sendQueues, in the order of their first text', () => {
    const turns = startTurns();
    const [first, , third] = [turns.open(), turns.open(), turns.open()];
    third.write('third');
    first.write('first');
    third.write('!');
    expect(turns.pending).toBe(1);
    turns.endTurn();
    expect(turns.written).toEqual(['third!', 'first']);
  });

  it('nothing is written where nothing was said', () => {
    const turns = startTurns();
    const sendQueue = turns.open();
    sendQueue.write('');
    sendQueue.flush();
    turns.endTurn();
    expect(turns.written).toEqual([]);
  });
});

describe('bytes that others get too', () => {
  it.each([
    ['text', (sendQueue: SendQueue) => sendQueue.write('b')],
    ['other bytes', (sendQueue: SendQueue) => sendQueue.write('b', Buffer.from('b'))],
  ])('are sent as they are, and before %s that comes behind them', (_, add) => {
    const turns = startTurns();
    const sendQueue = turns.open();
    sendQueue.write('a', Buffer.from('a'));
    add(sendQueue);
    turns.endTurn();
    expect(turns.written.join('')).toBe('ab');
  });

  it('are sent behind text that was there before, once', () => {
    const turns = startTurns();
    const sendQueue = turns.open();
    sendQueue.write('a');
    sendQueue.write('b', Buffer.from('b'));
    turns.endTurn();
    expect(turns.written.join('')).toBe('ab');
  });
});

describe('between turns', () => {
  it('each turn has its own write', () => {
    const turns = startTurns();
    const sendQueue = turns.open();
    for (const text of ['a', 'b']) {
      sendQueue.write(text);
      turns.endTurn();
    }
    expect(turns.written).toEqual(['a', 'b']);
    expect(turns.pending).toBe(0);
  });

  it('what is said while the turn ends is written at the end of the next', () => {
    const turns = startTurns();
    const second = turns.open();
    const first = turns.open(() => second.write('caused'));
    first.write('a');
    turns.endTurn();
    expect(turns.written).toEqual(['a']);
    turns.endTurn();
    expect(turns.written).toEqual(['a', 'caused']);
  });
});

describe('a flush before the end of the turn', () => {
  it('writes at once, and the turn’s end adds nothing', () => {
    const turns = startTurns();
    const sendQueue = turns.open();
    sendQueue.write('goodbye');
    sendQueue.flush();
    expect(turns.written).toEqual(['goodbye']);
    turns.endTurn();
    expect(turns.written).toEqual(['goodbye']);
  });

  it('does not lose what is said after it', () => {
    const turns = startTurns();
    const sendQueue = turns.open();
    sendQueue.write('a');
    sendQueue.flush();
    sendQueue.write('b');
    turns.endTurn();
    expect(turns.written).toEqual(['a', 'b']);
  });
});
