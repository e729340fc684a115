/**
 * A connection on a socket in memory, for tests of one connection.
 *
 * Owns: what its user hears, noted in order, and a socket that can be blocked. Next: `connection.test.ts`.
 */
import { limits } from '../../src/config/limits.ts';
import { Connection, type Received } from '../../src/transport/connection.ts';
import type { DeadPeers, Watched } from '../../src/transport/deadPeers.ts';
import { FlushScheduler } from '../../src/transport/flushScheduler.ts';
import { SendBudget } from '../../src/transport/sendBudget.ts';
import { CountingClock } from '../limits/countingClock.ts';
import { MemorySocket } from '../random/memorySocket.ts';

export const lingerMs = 5000;

/** A user of a connection on a socket in memory; everything that the user hears is noted. */
export function open({
  overheadRate = 0,
  attaches = true,
  outboxBytes = limits.outboxBytes,
  address = '',
  watches = true,
} = {}) {
  const socket = new MemorySocket();
  const drains: (() => void)[] = [];
  const wireLimits: ((limit: string) => void)[] = [];
  const [on, write] = [socket.on.bind(socket), socket.write.bind(socket)];
  socket.on = (name, listener) => {
    if (name === 'drain') drains.push(listener);
    if (name === 'limit') wireLimits.push(listener);
    return on(name, listener);
  };
  const watched: Watched[] = [];
  const probed: Watched[] = [];
  const deadPeers = {
    add: (peer: Watched) => void watched.push(peer),
    probe: (peer: Watched) => void probed.push(peer),
    delete: (peer: Watched) => void watched.splice(watched.indexOf(peer), 1),
  };
  const clock = new CountingClock();
  const turnEnds: (() => void)[] = [];
  const flushScheduler = new FlushScheduler((run) => turnEnds.push(run));
  const options = {
    ...{ ...limits, lingerMs, overheadRate, outboxBytes, outboxSoftBytes: 5, clock, flushScheduler },
    ...{
      framing: 'lines' as const,
      total: new SendBudget(1e9),
      deadPeers: watches ? (deadPeers as unknown as DeadPeers) : undefined,
    },
  };
  const connection = address
    ? new Connection(socket as never, options, address)
    : new Connection(socket as never, options);
  const heard: (Received | string)[] = [];
  const user = {
    receive: (received: Received) => void heard.push(received),
    limitReached: (limit: string) => void heard.push(limit),
    failed: (error: unknown) => void heard.push(`failed: ${error}`),
    closed: () => void heard.push('closed'),
  };
  if (attaches) connection.attach(user);
  return {
    ...{ connection, socket, heard, clock, user, watched, probed, options },
    /** The wire itself says so: a socket in memory doesn't. */
    reachLimit: (limit: string) => {
      for (const reached of wireLimits) reached(limit);
    },
    /** From now on the socket takes what it gets, and passes nothing on before it `drains`. */
    block: () => {
      socket.write = (text) => {
        socket.down.push(Buffer.from(text));
        Object.assign(socket, { writableLength: socket.writableLength + Buffer.byteLength(text) });
        return false;
      };
    },
    drain: () => {
      socket.write = write;
      Object.assign(socket, { writableLength: 0 });
      for (const drained of drains) drained();
    },
    send: (text: string | readonly number[]) => {
      socket.send(Buffer.from(text as string));
      if (socket.hasUp) socket.deliverUp(1e9);
    },
    endTurn: () => {
      for (const run of turnEnds.splice(0)) run();
    },
    read: () => Buffer.concat(socket.down.splice(0)).toString(),
  };
}
