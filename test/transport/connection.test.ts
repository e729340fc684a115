/** One TCP connection as the rest of the server sees it: what is heard, what is written, and how it ends. */
import { describe, expect, it, vi } from 'vitest';
import { limits } from '../../src/config/limits.ts';
import { Connection } from '../../src/transport/connection.ts';
import type { Watched } from '../../src/transport/deadPeers.ts';
import { Framing } from '../../src/transport/lineDecoder.ts';
import { MemorySocket } from '../random/memorySocket.ts';
import { lingerMs, open } from './openConnection.ts';

describe('what a user of a connection hears', () => {
  it('are lines, refused lines and the end, in order', () => {
    const { send, socket, heard } = open();
    send('one\ntwo\n');
    send([0xff, 0x0a]);
    send('three');
    socket.finish();
    socket.deliverUp(1);
    expect(heard).toEqual([{ lines: 'one\ntwo' }, { refused: 'lineNotUtf8' }, { lines: 'three' }, 'end']);
  });

  it('is which limit the wire has reached', () => {
    const { reachLimit, heard } = open();
    reachLimit('overhead');
    expect(heard).toEqual(['overhead']);
    const nobody = open({ attaches: false });
    nobody.reachLimit('overhead');
    expect(nobody.heard).toEqual([]);
  });

  it('is that it is closed, also where nobody looks for dead peers', () => {
    const { socket, heard } = open({ watches: false });
    socket.destroy();
    socket.close();
    expect(heard).toEqual(['closed']);
  });

  it('is nothing before somebody is attached, and what was left to them first', () => {
    const { connection, send, heard, user } = open({ attaches: false });
    connection.leave([{ lines: 'left' }, 'end']);
    connection.attach(user);
    send('next\n');
    expect(heard).toEqual([{ lines: 'left' }, 'end', { lines: 'next' }]);
    connection.attach(user);
    expect(heard).toHaveLength(3);
  });

  it('of a line that is too long when its unsafe characters are shown is that it was refused; others are heard', () => {
    const { send, heard } = open();
    const long = '\u202e'.repeat(limits.maxLineBytes / 4);
    send(`one\n${long}\ntwo\n`);
    expect(heard).toEqual([{ lines: 'one' }, { refused: 'lineTooLong' }, { lines: 'two' }]);
  });

  it('of unsafe characters in lines that are short is what shows them', () => {
    const { send, heard } = open();
    send('a\u202eb\nc\n');
    expect(heard).toEqual([{ lines: 'a<U+202E>b\nc' }]);
  });

  it('of a line that is as long as may be when its unsafe characters are shown is the line', () => {
    const { send, heard } = open();
    const shown = '<U+202E>';
    const text = 'x'.repeat(limits.maxLineBytes - shown.length);
    send(`${text}\u202e\n`);
    expect(heard).toEqual([{ lines: text + shown }]);
  });

  it('is an error of its own, and the connection goes on', () => {
    const { connection, send, heard, user } = open();
    let fails = true;
    connection.attach({
      ...user,
      receive: (received) => {
        if (fails) throw new Error('broken');
        user.receive(received);
      },
    });
    send('one\n');
    fails = false;
    send('two\n');
    expect(heard).toEqual(['failed: Error: broken', { lines: 'two' }]);
  });

  it('is nothing where nobody is attached, and nothing fails', () => {
    const { send, socket, heard, watched } = open({ attaches: false, overheadRate: 10 });
    send('one\n');
    send(Array(30).fill([255, 241]).flat());
    send('x'.repeat(limits.maxUnterminatedBytes + limits.maxLineBytes));
    for (const peer of watched) peer.limitReached('unreachable');
    socket.finish();
    socket.deliverUp(1);
    socket.destroy();
    socket.close();
    expect(heard).toEqual([]);
  });

  it('of many lines that come together is all of them at once, however long they are together', () => {
    const { send, heard } = open();
    const lines = Array(10).fill('x'.repeat(1000)).join('\n');
    send(`${lines}\n`);
    expect(heard).toEqual([{ lines }]);
  });

  it('of a line that is as long as may be is the line, beside one that has grown', () => {
    const { send, heard } = open();
    const longest = 'x'.repeat(limits.maxLineBytes);
    send(`${longest}\n\u202e\n`);
    expect(heard).toEqual([{ lines: longest }, { lines: '<U+202E>' }]);
  });

  it('is an error when a limit that is told of fails', () => {
    const { connection, send, heard, user } = open({ overheadRate: 10 });
    const limitReached = (): void => {
      throw new Error('broken');
    };
    connection.attach({ ...user, limitReached });
    send(Array(30).fill([255, 241]).flat());
    expect(heard).toEqual(['failed: Error: broken']);
  });

  it('is an error when what has come can’t be ended', () => {
    const { socket, heard } = open();
    vi.spyOn(Framing.prototype, 'end').mockImplementation(() => {
      throw new Error('broken');
    });
    socket.finish();
    socket.deliverUp(1);
    expect(heard).toEqual(['failed: Error: broken']);
  });

  it('is that the other side is gone without a word', () => {
    const { heard, watched } = open();
    watched[0]?.limitReached('unreachable');
    expect(heard).toEqual(['unreachable']);
  });

  it('is each limit that is reached: a line without an end, and too many commands', () => {
    const { send, heard } = open({ overheadRate: 10 });
    send(Array(30).fill([255, 241]).flat());
    expect(heard).toEqual(['overhead']);
    send('x'.repeat(limits.maxUnterminatedBytes + limits.maxLineBytes));
    expect(heard).toEqual(['overhead', 'unterminated']);
  });

  it('is no limit of commands where there is none', () => {
    const { send, heard } = open();
    send(Array(30_000).fill([255, 241]).flat());
    expect(heard).toEqual([]);
  });

  it('is that it is closed, once, and nothing after it', () => {
    const { connection, send, socket, heard, user } = open();
    socket.destroy();
    socket.close();
    socket.close();
    send('more\n');
    connection.attach(user);
    expect(heard).toEqual(['closed']);
  });
});

describe('the end of a connection', () => {
  it('comes after everything that was written, and nothing is written after it', () => {
    const { connection, socket, read } = open();
    connection.write('last words\n');
    connection.end();
    connection.write('more\n');
    connection.end();
    expect([read(), socket.downEnd, socket.misuse]).toEqual(['last words\n', 'fin', undefined]);
  });

  it('is nothing that its user hears of before the other side ends too', () => {
    const { connection, socket, heard } = open();
    connection.end();
    socket.finish();
    socket.deliverUp(1);
    expect(heard).toEqual([]);
    socket.close();
    expect(heard).toEqual(['closed']);
  });

  it('lets everything in that still comes, though reading was paused, so that the other side’s end is seen', () => {
    const { connection, socket } = open();
    connection.pause();
    expect(socket.flowing).toBe(false);
    connection.end();
    expect(socket.flowing).toBe(true);
  });

  it('throws away what still comes: no line is heard', () => {
    const { connection, send, heard } = open();
    send('begun');
    connection.end();
    send(' and done\n');
    expect(heard).toEqual([]);
  });

  it('is waited for no longer than the limit', () => {
    const { connection, socket, clock } = open();
    connection.end();
    connection.end();
    expect(clock.pending).toBe(1);
    clock.increment(lingerMs - 1);
    expect(socket.destroyed).toBe(false);
    clock.increment(1);
    expect(socket.destroyed).toBe(true);
  });

  it('leaves no timer behind when both sides have ended', () => {
    const { connection, socket, clock } = open();
    connection.end();
    expect(clock.pending).toBe(1);
    socket.close();
    expect(clock.pending).toBe(0);
  });

  it('starts no timer when the socket is gone already', () => {
    const { connection, socket, clock } = open();
    socket.destroy();
    connection.end();
    expect(clock.pending).toBe(0);
  });

  it('may be followed by 4 MiB, and a byte more cuts the connection', async () => {
    const { connection, send, socket } = open();
    connection.end();
    for (let count = 0; count < 4; count++) {
      send('x'.repeat(1_048_576));
      await new Promise(setImmediate);
    }
    expect(socket.destroyed).toBe(false);
    send('x');
    expect(socket.destroyed).toBe(true);
  });

  it('of the other side alone is a half-close: what is said is still written', () => {
    const { connection, socket, read, heard, endTurn } = open();
    socket.finish();
    socket.deliverUp(1);
    connection.write('still here\n');
    endTurn();
    expect([heard, read(), socket.downEnd]).toEqual([['end'], 'still here\n', 'open']);
  });
});

describe('a connection whose socket fails at a write', () => {
  it('tells its user once, and is cut', () => {
    const { connection, socket, heard, endTurn } = open();
    socket.write = () => {
      throw new Error('no way out');
    };
    connection.write('hello\n');
    endTurn();
    expect([heard, socket.destroyed]).toEqual([['failed: Error: no way out'], true]);
    connection.write('hello\n');
    endTurn();
    expect(heard).toHaveLength(1);
  });
});

describe('a connection', () => {
  it('has the address of its socket, unless it is given another one', () => {
    expect(open().connection.remoteAddress).toBe('memory');
    expect(open({ address: '198.51.100.1' }).connection.remoteAddress).toBe('198.51.100.1');
    const { options } = open();
    const unknown = new MemorySocket();
    Object.assign(unknown, { remoteAddress: undefined, on: () => unknown });
    expect(new Connection(unknown as never, options).remoteAddress).toBe('unknown');
  });

  it('is watched by its addresses until it is closed, and unheard whenever it was written to', () => {
    const { connection, socket, send, watched } = open();
    const [peer] = watched as [Watched];
    expect(peer.endpoints.remoteAddress).toBe('memory');
    const unheard = [peer.isUnheard];
    send('hello\n');
    unheard.push(peer.isUnheard);
    connection.write('hello\n');
    unheard.push(peer.isUnheard);
    expect(unheard).toEqual([true, false, true]);
    socket.close();
    expect(watched).toEqual([]);
  });

  it('is probed by whoever looks for dead peers, if anybody does', () => {
    const { connection, probed } = open();
    connection.probe();
    expect(probed).toEqual([connection]);
    open({ watches: false }).connection.probe();
  });

  it('stops and goes on reading', () => {
    const { connection, socket } = open();
    connection.pause();
    expect(socket.flowing).toBe(false);
    connection.resume();
    expect(socket.flowing).toBe(true);
  });
});

describe('a connection whose reader is slow', () => {
  it('says so, until the socket has drained', () => {
    const { connection, block, drain, read, endTurn } = open();
    const drained: string[] = [];
    block();
    expect(connection.needsDrain).toBe(false);
    connection.write('hello\n');
    endTurn();
    connection.write('and more\n');
    endTurn();
    expect([connection.needsDrain, read()]).toEqual([true, 'hello\n']);
    connection.onceDrained(() => drained.push('drained'));
    expect(drained).toEqual([]);
    drain();
    expect([drained, read()]).toEqual([['drained'], 'and more\n']);
  });

  it('keeps nobody waiting when it is closed', () => {
    const { connection, socket, block, endTurn } = open();
    const drained: string[] = [];
    block();
    connection.write('hello\n');
    endTurn();
    connection.onceDrained(() => drained.push('drained'));
    socket.close();
    expect(drained).toEqual(['drained']);
  });

  it('tells its user when too much waits', async () => {
    const { connection, block, endTurn, heard } = open({ outboxBytes: 10 });
    block();
    connection.write('hello\n');
    endTurn();
    for (let turn = 0; turn < 3; turn++) {
      connection.write('and much more than may wait\n');
      await new Promise(setImmediate);
    }
    expect(heard).toEqual(['outboxFull']);
  });
});
