/** What waits for a reader who is slow is kept in order, up to a limit, and thrown away beyond it. */
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { limits } from '../../src/config/limits.ts';
import { OutboxTotal } from '../../src/transport/sendBudget.ts';
import { Outbox, TurnEnd } from '../../src/transport/sendQueue.ts';

/** Outboxes of ten bytes, five of them a sign to wait, whose sockets take what they get until they are told not to. */
function startServer({ totalBytes = 1000, stallMs = 1000 } = {}) {
  const clock = new SimulatedClock();
  const total = new OutboxTotal(totalBytes);
  const ends: (() => void)[] = [];
  const turnEnd = new TurnEnd((run) => ends.push(run));
  return {
    clock,
    total,
    endTurn: () => {
      for (const end of ends.splice(0)) end();
    },
    open() {
      const sink = {
        taken: [] as string[],
        isSlow: false,
        writableLength: 0,
        write(bytes: string | Buffer): boolean {
          this.taken.push(String(bytes));
          if (this.isSlow) this.writableLength += Buffer.byteLength(bytes);
          return !this.isSlow;
        },
      };
      const troubles: string[] = [];
      const options = { ...limits, outboxSoftBytes: 5, outboxBytes: 10, stallMs, clock, total, turnEnd };
      const outbox = new Outbox(sink, options, {
        troubled: (trouble) => troubles.push(trouble),
        writeFailed: () => {},
      });
      const read = (): void => {
        sink.writableLength = 0;
        outbox.drained();
      };
      return { outbox, sink, troubles, read };
    },
  };
}

/** A reader for whom three bytes wait in the socket. */
function startSlow(options?: Parameters<typeof startServer>[0]) {
  const server = startServer(options);
  const reader = server.open();
  reader.sink.isSlow = true;
  reader.outbox.write('abc');
  server.endTurn();
  return { ...server, ...reader };
}

describe('while the socket has more than it likes', () => {
  it('nothing is given to it, and then everything in order and at once', () => {
    const { outbox, sink, endTurn, read } = startSlow();
    outbox.write('d');
    endTurn();
    outbox.write('e', Buffer.from('e'));
    endTurn();
    expect(sink.taken).toEqual(['abc']);
    sink.isSlow = false;
    read();
    expect(sink.taken).toEqual(['abc', 'de']);
    outbox.write('f');
    endTurn();
    expect(sink.taken).toEqual(['abc', 'de', 'f']);
  });

  it('the last words are handed over all the same', () => {
    const { outbox, sink, total } = startSlow();
    outbox.write('bye');
    outbox.finish();
    expect(sink.taken).toEqual(['abc', 'bye']);
    expect(total.bytes).toBe(0);
  });

  it('bytes are counted, not characters', () => {
    const { outbox, troubles } = startSlow();
    outbox.write('שלום');
    expect(troubles).toEqual(['outboxFull']);
  });
});

describe('whoever fills it', () => {
  it('is asked to wait from the soft limit on, and told when there is room', () => {
    const { outbox, sink, read } = startSlow();
    expect(outbox.isFull).toBe(false);
    outbox.write('de');
    expect(outbox.isFull).toBe(true);
    let told = 0;
    outbox.whenRoom(() => told++);
    sink.isSlow = false;
    read();
    expect([told, outbox.isFull]).toEqual([1, false]);
    read();
    expect(told).toBe(1);
  });

  it('is asked to wait within a turn, and told at its end', () => {
    const { open, endTurn } = startServer();
    const { outbox } = open();
    outbox.write('abcdef');
    expect(outbox.isFull).toBe(true);
    let told = 0;
    outbox.whenRoom(() => told++);
    endTurn();
    expect([told, outbox.isFull]).toEqual([1, false]);
  });

  it('is told when nothing will be sent any more', () => {
    const { outbox } = startSlow();
    outbox.write('defg');
    let told = 0;
    outbox.whenRoom(() => told++);
    outbox.close();
    expect([told, outbox.isFull]).toEqual([1, false]);
  });
});

describe('those who wait for room', () => {
  it('are all told, in order, and each once', () => {
    const { outbox, read, sink, total } = startSlow();
    outbox.write('de');
    const told: number[] = [];
    for (let who = 0; who < 3; who++) outbox.whenRoom(() => told.push(who));
    sink.isSlow = false;
    read();
    read();
    outbox.close();
    expect([told, total.bytes]).toEqual([[0, 1, 2], 0]);
  });

  it('are not told while the socket is full again of what was gathered', () => {
    const { outbox, read, sink } = startSlow();
    outbox.write('defghij');
    let told = 0;
    outbox.whenRoom(() => told++);
    read();
    expect([sink.taken, outbox.isFull, told]).toEqual([['abc', 'defghij'], true, 0]);
    sink.isSlow = false;
    read();
    expect([outbox.isFull, told]).toEqual([false, 1]);
  });

  it('are told when the last words are said', () => {
    const { outbox } = startSlow();
    outbox.write('defg');
    let told = 0;
    outbox.whenRoom(() => told++);
    outbox.finish();
    expect([told, outbox.isFull, outbox.waitingBytes]).toEqual([1, false, 0]);
  });
});

describe('what waits', () => {
  it('is counted for its reader and in total, and for nobody once it is read', () => {
    const server = startServer();
    const [slow, other] = [server.open(), server.open()];
    const counted = () => [slow.outbox.waitingBytes, other.outbox.waitingBytes, server.total.bytes];
    slow.outbox.write('abc');
    other.outbox.write('abc');
    slow.sink.isSlow = true;
    server.endTurn();
    expect(counted()).toEqual([3, 0, 3]);
    slow.outbox.write('é');
    expect(counted()).toEqual([5, 0, 5]);
    slow.read();
    expect(counted()).toEqual([2, 0, 2]);
    slow.sink.isSlow = false;
    slow.read();
    expect(counted()).toEqual([0, 0, 0]);
  });

  it.each(['finish', 'close'] as const)('is counted no more after %s', (end) => {
    const { outbox, total, clock, troubles } = startSlow();
    outbox.write('defg');
    outbox[end]();
    outbox.write('more');
    outbox.close();
    clock.increment(10_000);
    expect([outbox.waitingBytes, total.bytes, troubles]).toEqual([0, 0, []]);
  });

  it('is counted no more after trouble and the end', () => {
    const { outbox, total, sink, troubles } = startSlow();
    outbox.write('123456789');
    expect([troubles, outbox.waitingBytes, total.bytes]).toEqual([['outboxFull'], 3, 3]);
    outbox.write('bye');
    outbox.finish();
    expect([sink.taken, outbox.waitingBytes, total.bytes]).toEqual([['abc', 'bye'], 0, 0]);
  });
});

describe('too much for one reader', () => {
  it('is trouble once, whatever follows', () => {
    const { outbox, clock, troubles } = startSlow();
    for (let time = 0; time < 5; time++) outbox.write('1234567890');
    clock.increment(10_000);
    outbox.giveUp('outboxTotal');
    expect(troubles).toEqual(['outboxFull']);
  });

  it('leaves room for the last words, though the socket itself holds more than the limit', () => {
    const server = startServer();
    const { outbox, sink, troubles } = server.open();
    sink.isSlow = true;
    outbox.write('x'.repeat(100));
    server.endTurn();
    outbox.write('one more');
    expect(troubles).toEqual(['outboxFull']);
    outbox.write('bye');
    outbox.finish();
    expect(sink.taken).toEqual(['x'.repeat(100), 'bye']);
  });

  it('does not pile up again behind it', () => {
    const { outbox, troubles, total } = startSlow();
    for (let time = 0; time < 1000; time++) outbox.write('1234567');
    expect(troubles).toEqual(['outboxFull']);
    expect(total.bytes).toBeLessThan(3 + 10 + 7);
  });

  it('may wait up to the limit to the byte', () => {
    const { outbox, read, sink, troubles } = startSlow();
    for (const byte of '4567890') outbox.write(byte);
    expect([troubles, outbox.waitingBytes]).toEqual([[], 10]);
    sink.isSlow = false;
    read();
    expect(sink.taken).toEqual(['abc', '4567890']);
  });

  it('is thrown away, and said once', () => {
    const { outbox, sink, troubles, total } = startSlow();
    outbox.write('1234567');
    expect(troubles).toEqual([]);
    outbox.write('8');
    outbox.write('9');
    expect(troubles).toEqual(['outboxFull']);
    expect(total.bytes).toBeLessThanOrEqual(5);
    outbox.finish();
    expect(sink.taken.join('')).not.toContain('1234567');
  });

  it('is not what one turn says to somebody who had read everything', () => {
    const { open, endTurn } = startServer();
    const { outbox, sink, troubles } = open();
    outbox.write('x'.repeat(100));
    endTurn();
    expect([sink.taken.length, troubles]).toEqual([1, []]);
  });
});

describe('a reader who takes nothing', () => {
  it('is given up after the time limit, and not before', () => {
    const { clock, troubles } = startSlow();
    clock.increment(999);
    expect(troubles).toEqual([]);
    clock.increment(1);
    expect(troubles).toEqual(['stalled']);
  });

  it('has the whole time again after each time they took everything', () => {
    const { outbox, clock, troubles, read, endTurn } = startSlow();
    clock.increment(900);
    outbox.write('d');
    read();
    endTurn();
    clock.increment(900);
    expect(troubles).toEqual([]);
    clock.increment(100);
    expect(troubles).toEqual(['stalled']);
  });

  it('leaves no clock behind when the connection ends', () => {
    const { outbox, clock, troubles } = startSlow();
    outbox.close();
    clock.increment(10_000);
    expect(troubles).toEqual([]);
  });
});

describe('too much for all readers together', () => {
  it('costs nobody who reads, however much is said to them in a turn', () => {
    const server = startServer({ totalBytes: 5 });
    const [slow, healthy] = [server.open(), server.open()];
    slow.sink.isSlow = true;
    slow.outbox.write('abc');
    healthy.outbox.write('x'.repeat(1000));
    server.endTurn();
    healthy.outbox.write('x'.repeat(1000));
    slow.outbox.write('def');
    server.endTurn();
    expect([slow.troubles, healthy.troubles]).toEqual([['outboxTotal'], []]);
    expect(healthy.sink.taken.map((text) => text.length)).toEqual([1000, 1000]);
  });

  it('costs the next one when it is too much again', () => {
    const server = startServer({ totalBytes: 12 });
    const readers = Array.from({ length: 3 }, () => server.open());
    for (const { sink, outbox } of readers) {
      sink.isSlow = true;
      outbox.write('a');
    }
    server.endTurn();
    const [first, second, third] = readers.map(({ outbox }) => outbox);
    first?.write('23456');
    second?.write('23456');
    // What was gathered for the first is thrown away.
    expect(server.total.bytes).toBe(8);
    expect(readers.map(({ troubles }) => troubles.length)).toEqual([1, 0, 0]);
    third?.write('234567');
    expect(readers.map(({ troubles }) => troubles.length)).toEqual([1, 0, 1]);
  });

  it('costs the one for whom most waits, and nobody else', () => {
    const server = startServer({ totalBytes: 12 });
    const readers = ['abc', 'abcde', 'ab'].map((text) => {
      const reader = server.open();
      reader.sink.isSlow = true;
      reader.outbox.write(text);
      return reader;
    });
    server.endTurn();
    expect(server.total.bytes).toBe(10);
    readers[1]?.outbox.write('fg');
    readers[0]?.outbox.write('d');
    expect(readers.map(({ troubles }) => troubles)).toEqual([[], ['outboxTotal'], []]);
    for (const { read, sink } of readers) {
      sink.isSlow = false;
      read();
    }
    expect(server.total.bytes).toBe(0);
  });
});
