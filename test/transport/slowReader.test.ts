/** What waits for a reader who is slow is kept in order, up to a limit, and thrown away beyond it. */
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startServer, startSlow } from './readers.ts';

/** The two turns that every reader has. */
async function turns(): Promise<void> {
  await turn();
  await turn();
}

describe('while the socket has more than it likes', () => {
  it('nothing is given to it, and then everything in order and at once', () => {
    const { sendQueue, sink, endTurn, read } = startSlow();
    sendQueue.write('d');
    endTurn();
    sendQueue.write('e', Buffer.from('e'));
    endTurn();
    expect(sink.taken).toEqual(['abc']);
    sink.isSlow = false;
    read();
    expect(sink.taken).toEqual(['abc', 'de']);
    sendQueue.write('f');
    endTurn();
    expect(sink.taken).toEqual(['abc', 'de', 'f']);
  });

  it('nothing is given to it by a flush either', () => {
    const { sendQueue, sink } = startSlow();
    sendQueue.write('d');
    sendQueue.flush();
    expect(sink.taken).toEqual(['abc']);
  });

  it('bytes that are no text are, and the reader has no more time by that', () => {
    const { sendQueue, sink, clock, troubles } = startSlow();
    clock.increment(600);
    sendQueue.writeAtOnce(Buffer.from('!'));
    expect(sink.taken).toEqual(['abc', '!']);
    clock.increment(400);
    expect(troubles).toEqual(['stalled']);
  });

  it('the last words are handed over all the same', () => {
    const { sendQueue, sink, total } = startSlow();
    sendQueue.write('bye');
    sendQueue.finish();
    expect(sink.taken).toEqual(['abc', 'bye']);
    expect(total.bytes).toBe(0);
  });

  it('bytes are counted, not characters', async () => {
    const { sendQueue, troubles } = startSlow();
    sendQueue.write('שלום');
    await turns();
    expect(troubles).toEqual(['outboxFull']);
  });
});

describe('bytes that are no text', () => {
  it.each([
    ['makes it wait', true, ['!']],
    ['takes them as it should', false, ['!', 'a']],
  ])('are sent at once, and what comes next waits only if the socket %s', (_, isSlow, taken) => {
    const { open, endTurn } = startServer();
    const { sendQueue, sink } = open();
    sink.isSlow = isSlow;
    // What a socket holds says nothing by itself: it is asked with each write.
    sink.writableLength = 1;
    sendQueue.writeAtOnce(Buffer.from('!'));
    sendQueue.write('a');
    endTurn();
    expect(sink.taken).toEqual(taken);
  });
});

describe('whoever fills it', () => {
  it('is asked to wait from the soft limit on, and told when there is room', () => {
    const { sendQueue, sink, read } = startSlow();
    expect(sendQueue.needsDrain).toBe(false);
    sendQueue.write('de');
    expect(sendQueue.needsDrain).toBe(true);
    let told = 0;
    sendQueue.onceDrained(() => told++);
    sink.isSlow = false;
    read();
    expect([told, sendQueue.needsDrain]).toEqual([1, false]);
    read();
    expect(told).toBe(1);
  });

  it('is asked to wait within a turn, and told at its end', () => {
    const { open, endTurn } = startServer();
    const { sendQueue } = open();
    sendQueue.write('abcdef');
    expect(sendQueue.needsDrain).toBe(true);
    let told = 0;
    sendQueue.onceDrained(() => told++);
    endTurn();
    expect([told, sendQueue.needsDrain]).toEqual([1, false]);
  });

  it('is told when nothing will be sent any more', () => {
    const { sendQueue } = startSlow();
    sendQueue.write('defg');
    let told = 0;
    sendQueue.onceDrained(() => told++);
    sendQueue.close();
    expect([told, sendQueue.needsDrain]).toEqual([1, false]);
  });
});

describe('those who wait for room', () => {
  it('are all told, in order, and each once', () => {
    const { sendQueue, read, sink, total } = startSlow();
    sendQueue.write('de');
    const told: number[] = [];
    for (let who = 0; who < 3; who++) sendQueue.onceDrained(() => told.push(who));
    sink.isSlow = false;
    read();
    read();
    sendQueue.close();
    expect([told, total.bytes]).toEqual([[0, 1, 2], 0]);
  });

  it('are not told while the socket is full again of what was gathered', () => {
    const { sendQueue, read, sink } = startSlow();
    sendQueue.write('defghij');
    let told = 0;
    sendQueue.onceDrained(() => told++);
    read();
    expect([sink.taken, sendQueue.needsDrain, told]).toEqual([['abc', 'defghij'], true, 0]);
    sink.isSlow = false;
    read();
    expect([sendQueue.needsDrain, told]).toEqual([false, 1]);
  });

  it('are told when the last words are said', () => {
    const { sendQueue } = startSlow();
    sendQueue.write('defg');
    let told = 0;
    sendQueue.onceDrained(() => told++);
    sendQueue.finish();
    expect([told, sendQueue.needsDrain, sendQueue.waitingBytes]).toEqual([1, false, 0]);
  });
});

describe('what waits', () => {
  it('is counted for its reader and in total, and for nobody once it is read', () => {
    const server = startServer();
    const [slow, other] = [server.open(), server.open()];
    const counted = () => [slow.sendQueue.waitingBytes, other.sendQueue.waitingBytes, server.total.bytes];
    slow.sendQueue.write('abc');
    other.sendQueue.write('abc');
    slow.sink.isSlow = true;
    server.endTurn();
    expect(counted()).toEqual([3, 0, 3]);
    slow.sendQueue.write('é');
    expect(counted()).toEqual([5, 0, 5]);
    slow.read();
    expect(counted()).toEqual([2, 0, 2]);
    slow.sink.isSlow = false;
    slow.read();
    expect(counted()).toEqual([0, 0, 0]);
  });

  it.each(['finish', 'close'] as const)('is counted no more after %s', (end) => {
    const { sendQueue, total, clock, troubles } = startSlow();
    sendQueue.write('defg');
    sendQueue[end]();
    sendQueue.write('more');
    sendQueue.close();
    clock.increment(10_000);
    expect([sendQueue.waitingBytes, total.bytes, troubles]).toEqual([0, 0, []]);
  });

  it('is counted no more after trouble and the end', async () => {
    const { sendQueue, total, sink, troubles } = startSlow();
    sendQueue.write('123456789');
    await turns();
    expect([troubles, sendQueue.waitingBytes, total.bytes]).toEqual([['outboxFull'], 3, 3]);
    sendQueue.write('bye');
    sendQueue.finish();
    expect([sink.taken, sendQueue.waitingBytes, total.bytes]).toEqual([['abc', 'bye'], 0, 0]);
  });
});

describe('too much for one reader', () => {
  it('is trouble once, whatever follows', () => {
    const { sendQueue, clock, troubles } = startSlow();
    for (let time = 0; time < 5; time++) sendQueue.write('1234567890');
    clock.increment(10_000);
    sendQueue.drop('outboxTotal');
    expect(troubles).toEqual(['outboxFull']);
  });

  it('leaves room for the last words, though the socket itself holds more than the limit', () => {
    const server = startServer();
    const { sendQueue, sink, troubles } = server.open();
    sink.isSlow = true;
    sendQueue.write('x'.repeat(100));
    server.endTurn();
    sendQueue.write('one more');
    expect(troubles).toEqual(['outboxFull']);
    sendQueue.write('bye');
    sendQueue.finish();
    expect(sink.taken).toEqual(['x'.repeat(100), 'bye']);
  });

  it('does not pile up again behind it', () => {
    const { sendQueue, troubles, total } = startSlow();
    for (let time = 0; time < 1000; time++) sendQueue.write('1234567');
    expect(troubles).toEqual(['outboxFull']);
    expect(total.bytes).toBeLessThan(3 + 10 + 7);
  });

  it('may wait up to the limit to the byte', () => {
    const { sendQueue, read, sink, troubles } = startSlow();
    for (const byte of '4567890') sendQueue.write(byte);
    expect([troubles, sendQueue.waitingBytes]).toEqual([[], 10]);
    sink.isSlow = false;
    read();
    expect(sink.taken).toEqual(['abc', '4567890']);
  });

  it('is thrown away, and said once', async () => {
    const { sendQueue, sink, troubles, total } = startSlow();
    sendQueue.write('1234567');
    expect(troubles).toEqual([]);
    sendQueue.write('8');
    sendQueue.write('9');
    await turns();
    expect(troubles).toEqual(['outboxFull']);
    expect(total.bytes).toBeLessThanOrEqual(5);
    sendQueue.finish();
    expect(sink.taken.join('')).not.toContain('1234567');
  });

  it('is not what a reader takes within two turns', async () => {
    const { sendQueue, sink, read, endTurn, troubles } = startSlow();
    sendQueue.write('x'.repeat(16));
    await turn();
    sink.isSlow = false;
    read();
    endTurn();
    await turns();
    expect([troubles, sink.taken]).toEqual([[], ['abc', 'x'.repeat(16)]]);
  });

  it('is at once what no two turns could make good', () => {
    const { sendQueue, troubles } = startSlow();
    sendQueue.write('x'.repeat(17));
    expect(troubles).toEqual([]);
    sendQueue.write('x');
    expect(troubles).toEqual(['outboxFull']);
  });

  it('is not what one turn says to somebody who had read everything', () => {
    const { open, endTurn } = startServer();
    const { sendQueue, sink, troubles } = open();
    sendQueue.write('x'.repeat(100));
    endTurn();
    expect([sink.taken.length, troubles]).toEqual([1, []]);
  });
});

describe('too much for all readers together', () => {
  it('costs nobody who reads, however much is said to them in a turn', () => {
    const server = startServer({ totalBytes: 5 });
    const [slow, healthy] = [server.open(), server.open()];
    slow.sink.isSlow = true;
    slow.sendQueue.write('abc');
    healthy.sendQueue.write('x'.repeat(1000));
    server.endTurn();
    healthy.sendQueue.write('x'.repeat(1000));
    slow.sendQueue.write('def');
    server.endTurn();
    expect([slow.troubles, healthy.troubles]).toEqual([['outboxTotal'], []]);
    expect(healthy.sink.taken.map((text) => text.length)).toEqual([1000, 1000]);
  });

  it('costs the next one when it is too much again', () => {
    const server = startServer({ totalBytes: 12 });
    const readers = Array.from({ length: 3 }, () => server.open());
    for (const { sink, sendQueue } of readers) {
      sink.isSlow = true;
      sendQueue.write('a');
    }
    server.endTurn();
    const [first, second, third] = readers.map(({ sendQueue }) => sendQueue);
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
      reader.sendQueue.write(text);
      return reader;
    });
    server.endTurn();
    expect(server.total.bytes).toBe(10);
    readers[1]?.sendQueue.write('fg');
    readers[0]?.sendQueue.write('d');
    expect(readers.map(({ troubles }) => troubles)).toEqual([[], ['outboxTotal'], []]);
    for (const { read, sink } of readers) {
      sink.isSlow = false;
      read();
    }
    expect(server.total.bytes).toBe(0);
  });
});
