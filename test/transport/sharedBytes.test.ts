/** What many slow readers wait for is in memory once, and counts once. */
import { describe, expect, it } from 'vitest';
import { startServer } from './readers.ts';

describe('what is said to many', () => {
  const said = 'x'.repeat(2000);

  /** Readers whose sockets are full, who all get the same bytes. */
  function startCrowd(count: number) {
    const server = startServer({ totalBytes: 5000, outboxBytes: 10_000 });
    const readers = Array.from({ length: count }, () => server.open());
    for (const { sink } of readers) sink.isSlow = true;
    const tellAll = (): void => {
      const bytes = Buffer.from(said);
      for (const { sendQueue } of readers) sendQueue.write(said, bytes);
      server.endTurn();
    };
    return { ...server, readers, tellAll };
  }

  it('is in memory once, and counts once for all who wait for it', () => {
    const { readers, tellAll, total } = startCrowd(20);
    tellAll();
    expect(total.bytes).toBe(2000);
    tellAll();
    expect(total.bytes).toBe(4000);
    expect(readers.flatMap(({ troubles }) => troubles)).toEqual([]);
    expect(readers[0]?.sendQueue.waitingBytes).toBe(4000);
  });

  it('counts until the last of them has read it', () => {
    const { readers, tellAll, total } = startCrowd(3);
    tellAll();
    for (const { sink, read } of readers) {
      expect(total.bytes).toBe(2000);
      sink.isSlow = false;
      read();
    }
    expect(total.bytes).toBe(0);
  });

  it('stays in order with what is said to one of them', () => {
    const { readers, tellAll } = startCrowd(1);
    const [reader] = readers;
    tellAll();
    reader?.sendQueue.write('one\n');
    tellAll();
    reader?.sendQueue.write('two\n');
    if (reader !== undefined) reader.sink.isSlow = false;
    reader?.read();
    expect(reader?.sink.taken.join('')).toBe(`${said}one\n${said}two\n`);
  });

  it('costs those for whom most waits when it is too much all the same', () => {
    const { readers, tellAll, total } = startCrowd(2);
    tellAll();
    readers[1]?.sendQueue.write('more\n');
    tellAll();
    expect(readers.map(({ troubles }) => troubles)).toEqual([[], []]);
    tellAll();
    expect(readers.map(({ troubles }) => troubles)).toEqual([[], ['outboxTotal']]);
    for (const { sendQueue } of readers) sendQueue.close();
    expect(total.bytes).toBe(0);
  });
});
