/**
 * The server: accepts connections, hands them to the lobby, and stops in order.
 *
 * Owns: the listening socket and the order of the shutdown. Next: `chat/lobby.ts`, `wire/connection.ts`.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { Lobby, type LobbyOptions } from './chat/lobby.ts';
import { type Limits, limits } from './limits.ts';
import { createLog, type Log } from './log.ts';
import { Connection } from './wire/connection.ts';
import type { Clock, FramingMode } from './wire/framing.ts';
import { TurnEnd } from './wire/outbox.ts';

export interface ServerOptions extends Partial<Limits> {
  /** 127.0.0.1 by default: reachable from this machine only. */
  host?: string;
  /** 65432 by default; 0 lets the system pick one. */
  port?: number;
  framing?: FramingMode;
  log?: Log;
  /** XState's clock and the wire's; the system's by default. */
  clock?: Clock;
  /** Who decides when two want the same thing; in memory by default. */
  createDirectory?: LobbyOptions['createDirectory'];
}

export interface Server {
  readonly host: string;
  readonly port: number;
  readonly lobby: Lobby;
  /** Tells everybody, sends FIN, and resolves when every connection is closed; after `drainMs` the rest is cut off. */
  stop(): Promise<void>;
}

/** Resolves when the server listens; rejects with the system's error (`code` EADDRINUSE, EACCES, ...) if it can't. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const {
    host = '127.0.0.1',
    port = 65432,
    framing = 'auto',
    log = createLog('silent'),
    clock = systemClock,
  } = options;
  const { requestTimeoutMs, announceLimit, maxLineBytes, lingerMs, drainMs } = {
    ...limits,
    ...withoutUndefined(options),
  };
  const turnEnd = new TurnEnd();
  const lobby = new Lobby({
    requestTimeoutMs,
    announceLimit,
    maxLineBytes,
    log,
    clock: options.clock,
    createDirectory: options.createDirectory,
    turnEnd,
  });
  const sockets = new Set<Socket>();

  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    lobby.open(new Connection(socket, { framing, maxLineBytes, lingerMs, clock, turnEnd }));
  });
  listener.listen({ host, port });
  await once(listener, 'listening');
  listener.on('error', (error) => log.error({ err: error }, 'accepting failed'));

  async function stop(): Promise<void> {
    const closed = new Promise((resolve) => listener.close(resolve));
    await lobby.stop();
    const cutOff = clock.setTimeout(() => {
      log.warn({ connections: sockets.size }, 'cut off connections that did not close in time');
      for (const socket of sockets) socket.destroy();
    }, drainMs);
    await closed;
    clock.clearTimeout(cutOff);
  }

  const address = listener.address() as AddressInfo;
  log.info({ host: address.address, port: address.port }, 'listening');
  return { host: address.address, port: address.port, lobby, stop };
}

const systemClock: Clock = {
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
