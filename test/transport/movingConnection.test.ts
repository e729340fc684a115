/** A connection that another process goes on with: what may not be sent yet waits, in order, whatever its user does. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { limits } from '../../src/config/limits.ts';
import { Connection, type ConnectionState } from '../../src/transport/connection.ts';
import { FlushScheduler } from '../../src/transport/flushScheduler.ts';
import {
  giveAway,
  InheritedSocket,
  type MovingConnection,
  movableSocketOf,
} from '../../src/transport/movingConnection.ts';
import { SendBudget } from '../../src/transport/sendBudget.ts';
import { CountingClock } from '../limits/countingClock.ts';
import { eventually } from '../support/eventually.ts';

/** Both ends of a connection, the server's first. */
async function socketPair(): Promise<[Socket, Socket]> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reader = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [before] = (await once(server, 'connection')) as [Socket];
  server.close();
  onTestFinished(() => {
    before.destroy();
    reader.destroy();
  });
  return [before, reader];
}

/** A connection whose user has something unread and something to say, and the socket at its other end. */
async function connected({ overheadRate = 10, state = undefined as ConnectionState | undefined } = {}) {
  const [socket, reader] = await socketPair();
  const options = {
    ...{ ...limits, lingerMs: 5000, overheadRate, clock: new CountingClock(), framing: 'lines' as const },
    // What is said is not sent at the end of this turn.
    ...{ flushScheduler: new FlushScheduler(() => {}), total: new SendBudget(1e9) },
  };
  const connection = new Connection(socket, options, '127.0.0.1', state);
  const heard: unknown[] = [];
  const note = (what: unknown): void => void heard.push(what);
  connection.attach({ receive: note, limitReached: note, failed: note, closed: () => note('closed') });
  return { connection, socket, reader, heard };
}

/** A socket that goes on with a connection, and the one at its other end. */
async function inherit(moving: Partial<MovingConnection>) {
  const [before, reader] = await socketPair();
  // In one process it has to be the same handle; with two, it is the same descriptor.
  const { _handle: handle } = before as unknown as { _handle: unknown };
  const options = { handle, allowHalfOpen: true } as ConstructorParameters<typeof InheritedSocket>[0];
  const nothing = { unread: undefined, unsent: Buffer.alloc(0), mustWait: false };
  const socket = new InheritedSocket(options, { state: {} as never, ...nothing, ...moving });
  onTestFinished(() => void socket.destroy());
  const heard: string[] = [];
  reader.setEncoding('utf8').on('data', (text: string) => heard.push(text));
  reader.on('end', () => heard.push('(end)'));
  return { socket, reader, read: () => heard.join('') };
}

it('sends what was waiting, and what is written then', async () => {
  const { socket, read } = await inherit({ unsent: Buffer.from('one ') });
  socket.write('two');
  await eventually(read).toBe('one two');
});

it('sends nothing before the old process has sent its last bytes', async () => {
  const { socket, reader, read } = await inherit({ unsent: Buffer.from('one '), mustWait: true });
  socket.on('data', (bytes) => expect(String(bytes)).toBe('still here'));
  for (const word of ['two ', 'three']) socket.write(word);
  socket.end();
  reader.write('still here');
  await once(socket, 'data');
  expect(read()).toBe('');
  expect(socket.writableLength).toBeGreaterThan(0);
  socket.released(true);
  await eventually(read).toBe('one two three(end)');
});

it('does not end before that, though nothing waits', async () => {
  const { socket, reader, read } = await inherit({ mustWait: true });
  socket.resume().end();
  reader.write('still here');
  await once(socket, 'data');
  expect(read()).toBe('');
  socket.released(true);
  await eventually(read).toBe('(end)');
});

it('is closed if the old process can’t send its last bytes', async () => {
  const { socket } = await inherit({ unsent: Buffer.from('one'), mustWait: true });
  socket.released(false);
  expect(socket.destroyed).toBe(true);
});

it('stays open when the old process ends after it has sent everything', async () => {
  const { socket } = await inherit({ mustWait: true });
  socket.released(true);
  socket.released(false);
  expect(socket.destroyed).toBe(false);
});

it('is read from where the old process has stopped', async () => {
  const { socket, reader } = await inherit({ unread: Buffer.from('one ') });
  let read = '';
  socket.on('data', (bytes) => {
    read += bytes;
  });
  reader.write('two');
  await eventually(() => read).toBe('one two');
});

describe('what is given away', () => {
  it('takes along what nobody has looked at, and what waits; nobody here hears of it any more', async () => {
    const { connection, socket, reader, heard } = await connected();
    expect(movableSocketOf(connection)).toBe(socket);
    const telnetNop = Buffer.from([255, 241]);
    reader.write(telnetNop);
    await eventually(() => [socket.bytesRead, socket.readableLength]).toEqual([2, 0]);
    connection.pause();
    reader.write('unread\n');
    await eventually(() => socket.readableLength).toBe(7);
    connection.write('two ');
    connection.write('words');
    const { moving, sent } = giveAway(connection, socket);
    expect([String(moving.unread), String(moving.unsent), moving.mustWait]).toEqual(['unread\n', 'two words', false]);
    expect(moving.state).toMatchObject({ overheadBytes: 18, framing: {} });
    connection.write('three');
    connection.end();
    expect([await sent, socket.destroyed, heard]).toEqual([true, true, []]);
    expect(movableSocketOf(connection)).toBeUndefined();
  });

  it('has as many bytes of commands left there as it had here', async () => {
    const { connection, socket } = await connected();
    const { framing } = giveAway(connection, socket).moving.state;
    const { reader, heard } = await connected({ state: { framing, overheadBytes: 1 } });
    reader.write(Buffer.from([255, 241]));
    await eventually(() => heard).toEqual(['overhead']);
  });

  it('has nothing unread, and any number of commands to come, if so it was', async () => {
    const { connection, socket } = await connected({ overheadRate: 0 });
    const { moving } = giveAway(connection, socket);
    expect([moving.unread, moving.unsent.length, moving.state.overheadBytes]).toEqual([undefined, 0, undefined]);
  });

  it('has to wait until what the system has not taken yet is sent', async () => {
    const { connection, socket, reader } = await connected();
    const size = 20_000_000;
    let read = 0;
    socket.write(Buffer.alloc(size));
    const { moving, sent } = giveAway(connection, socket);
    expect([moving.mustWait, socket.destroyed]).toEqual([true, false]);
    reader.on('data', ({ length }) => {
      read += length;
    });
    expect(await sent).toBe(true);
    await eventually(() => read).toBe(size);
  });

  it('has a hole if that never is', async () => {
    const { connection, socket, reader } = await connected();
    socket.on('error', () => {});
    socket.write(Buffer.alloc(20_000_000));
    const { sent } = giveAway(connection, socket);
    reader.resetAndDestroy();
    expect(await sent).toBe(false);
  });
});

it('nobody goes on with a connection that has TLS, is at its end, or is no socket', async () => {
  const over = (endpoints: unknown) => movableSocketOf({ endpoints } as Connection);
  const [socket] = await socketPair();
  expect([over(new TLSSocket(socket)), over({ destroyed: false })]).toEqual([undefined, undefined]);
  const [ending] = await socketPair();
  ending.end();
  expect(over(ending)).toBeUndefined();
});
