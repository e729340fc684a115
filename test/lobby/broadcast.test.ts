/** How one line reaches many readers: to whom, in which order, and how often it is encoded. */
import { describe, expect, it } from 'vitest';
import { Broadcast, type Reader } from '../../src/chat/broadcast.ts';
import { FlushScheduler } from '../../src/transport/flushScheduler.ts';

/** A broadcast whose turns end when the test says so. */
function open() {
  const turnEnds: (() => void)[] = [];
  const broadcast = new Broadcast(new FlushScheduler((run) => turnEnds.push(run)));
  return {
    broadcast,
    endTurn: () => {
      for (const run of turnEnds.splice(0)) run();
    },
  };
}

class NotingReader implements Reader {
  broadcast: Broadcast | undefined;
  readonly got: string[] = [];
  readonly bytes: (Buffer | undefined)[] = [];

  deliver(lines: string, bytes?: Buffer): void {
    this.got.push(lines);
    this.bytes.push(bytes);
  }
}

function withReaders(count: number) {
  const opened = open();
  const readers = Array.from({ length: count }, () => new NotingReader());
  for (const reader of readers) opened.broadcast.add(reader);
  return { ...opened, readers };
}

describe('lines to many', () => {
  it('come at the end of the turn, together and in order', () => {
    const { broadcast, endTurn, readers } = withReaders(2);
    broadcast.send('one\n');
    broadcast.send('two\n');
    expect(readers.map(({ got }) => got)).toEqual([[], []]);
    endTurn();
    expect(readers.map(({ got }) => got)).toEqual([['one\ntwo\n'], ['one\ntwo\n']]);
    endTurn();
    broadcast.send('three\n');
    endTurn();
    expect(readers.map(({ got }) => got)).toEqual([
      ['one\ntwo\n', 'three\n'],
      ['one\ntwo\n', 'three\n'],
    ]);
  });

  it('are encoded once for all who read all of them', () => {
    const { broadcast, endTurn, readers } = withReaders(3);
    broadcast.send('one\n');
    endTurn();
    const [first, second, third] = readers.map(({ bytes }) => bytes[0]);
    expect(first).toEqual(Buffer.from('one\n'));
    expect([second === first, third === first]).toEqual([true, true]);
  });

  it('do not come back to the one who says them', () => {
    const { broadcast, endTurn, readers } = withReaders(2);
    const [lior, golan] = readers as [NotingReader, NotingReader];
    broadcast.send('of lior\n', lior);
    broadcast.send('of golan\n', golan);
    endTurn();
    expect([lior.got, golan.got]).toEqual([['of golan\n'], ['of lior\n']]);
    broadcast.send('of lior again\n', lior);
    endTurn();
    expect([lior.got, golan.got]).toEqual([['of golan\n'], ['of lior\n', 'of lior again\n']]);
  });

  it('that were sent before somebody came are not for them', () => {
    const { broadcast, endTurn, readers } = withReaders(1);
    const late = new NotingReader();
    broadcast.send('before\n');
    broadcast.add(late);
    broadcast.send('after\n');
    endTurn();
    expect([readers[0]?.got, late.got]).toEqual([['before\nafter\n'], ['after\n']]);
    broadcast.send('next turn\n');
    endTurn();
    expect(late.got).toEqual(['after\n', 'next turn\n']);
  });
});

describe('a reader who is shown something else', () => {
  it('reads first what was sent before, and each line once', () => {
    const { broadcast, endTurn, readers } = withReaders(2);
    const [lior] = readers as [NotingReader];
    broadcast.send('one\n');
    broadcast.flushTo(lior);
    broadcast.flushTo(lior);
    expect(lior.got).toEqual(['one\n']);
    broadcast.send('two\n');
    endTurn();
    expect(readers.map(({ got }) => got)).toEqual([['one\n', 'two\n'], ['one\ntwo\n']]);
  });
});

describe('who leaves', () => {
  it('reads what was sent before, and nothing after', () => {
    const { broadcast, endTurn, readers } = withReaders(2);
    const [lior] = readers as [NotingReader];
    expect(lior.broadcast).toBe(broadcast);
    broadcast.send('before\n');
    expect([broadcast.delete(lior), broadcast.size, lior.broadcast]).toEqual([true, 1, undefined]);
    broadcast.send('after\n');
    endTurn();
    expect(readers.map(({ got }) => got)).toEqual([['before\n'], ['before\nafter\n']]);
  });

  it('without having been there reads nothing, and nobody is fewer', () => {
    const { broadcast, endTurn } = withReaders(1);
    const stranger = new NotingReader();
    broadcast.send('one\n');
    expect([broadcast.delete(stranger), broadcast.size]).toEqual([false, 1]);
    endTurn();
    expect(stranger.got).toEqual([]);
  });
});
