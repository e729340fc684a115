/**
 * The server: accepts connections, hands them to the lobby, and stops in order.
 *
 * Owns: the listening socket, who is let in, how often each limit was reached, and the order of the shutdown.
 * Next: `admission.ts`, `chat/lobby.ts`, `wire/connection.ts`.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { LimitName } from '../machines/messages.ts';
import { Admission, type AdmissionRefusal } from './admission.ts';
import { Lobby, type LobbyOptions } from './chat/lobby.ts';
import { connectionNotices } from './chat/replies.ts';
import { Tally } from './chat/tally.ts';
import { type Clock, systemClock } from './clock.ts';
import { type Limits, limits } from './limits.ts';
import { createLog, type Log } from './log.ts';
import type { Metrics, MetricsOptions } from './metrics/metrics.ts';
import type { Viewer } from './viewer/viewer.ts';
import { Connection } from './wire/connection.ts';
import type { FramingMode } from './wire/framing.ts';
import { TurnEnd } from './wire/outbox.ts';
import { OutboxTotal } from './wire/outboxTotal.ts';

export interface ServerOptions extends Partial<Limits> {
  /** 127.0.0.1 by default: reachable from this machine only. */
  host?: string;
  /** 65432 by default; 0 lets the system pick one. */
  port?: number;
  framing?: FramingMode;
  log?: Log;
  /** XState's clock and the wire's; the system's by default. */
  clock?: Clock;
  /** Where the live viewer listens, on 127.0.0.1; 0 lets the system pick a port. Without it there is no viewer. */
  viewerPort?: number | undefined;
  /** Where metrics and health checks are, on 127.0.0.1; 0 lets the system pick a port. Without it there are none. */
  metricsPort?: number | undefined;
  /** Who decides when two want the same thing; in memory by default. */
  createDirectory?: LobbyOptions['createDirectory'];
}

export interface Server {
  readonly host: string;
  readonly port: number;
  readonly lobby: Lobby;
  /** Undefined if there is none. */
  readonly viewer: Viewer | undefined;
  /** Undefined if there are none. */
  readonly metrics: Metrics | undefined;
  /** How often each limit was reached so far; those that never were are missing. */
  readonly limitsReached: ReadonlyMap<LimitName | AdmissionRefusal, number>;
  /** Bytes that wait for slow readers just now. */
  readonly waitingBytes: number;
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
  const limited = { ...limits, ...withoutUndefined(options) };
  const turnEnd = new TurnEnd();
  const total = new OutboxTotal(limited.outboxTotalBytes);
  const limitsReached = new Map<LimitName | AdmissionRefusal, number>();
  const count = (limit: LimitName | AdmissionRefusal): void => {
    limitsReached.set(limit, (limitsReached.get(limit) ?? 0) + 1);
  };
  const tally = options.metricsPort === undefined ? undefined : new Tally();
  const lobby = new Lobby({ ...limited, tally, log, clock, turnEnd, onLimit: count });
  const connectionOptions = { ...limited, framing, clock, turnEnd, total };
  const admission = new Admission(limited);
  if (admission.maxConnections < limited.maxConnections) {
    log.warn({ maxConnections: admission.maxConnections }, 'the system allows fewer open files than connections');
  }
  const sockets = new Set<Socket>();

  const keepAlive = { keepAlive: limited.keepAliveMs > 0, keepAliveInitialDelay: limited.keepAliveMs };
  const listener = createServer({ allowHalfOpen: true, noDelay: true, ...keepAlive }, (socket) => {
    const connection = new Connection(socket, connectionOptions);
    const refusal = admission.enter(connection.remoteAddress);
    sockets.add(socket);
    if (tally !== undefined) tally.accepted++;
    socket.once('close', () => {
      sockets.delete(socket);
      tally?.closed(socket);
      if (refusal === undefined) admission.leave(connection.remoteAddress);
    });
    if (refusal === undefined) {
      lobby.open(connection);
      return;
    }
    count(refusal);
    log.warn({ address: connection.remoteAddress, limit: refusal }, 'limit reached');
    connection.write(connectionNotices[refusal]());
    connection.end();
  });
  listener.listen({ host, port });
  await once(listener, 'listening');
  listener.on('error', (error) => log.error({ err: error }, 'accepting failed'));
  const viewer = await startViewerIfWanted(options.viewerPort, lobby, log).catch(async (error) => {
    listener.close();
    throw error;
  });
  let isReady = true;
  const { outboxTotalBytes } = limited;
  const metrics = await startMetricsIfWanted(options.metricsPort, {
    ...{ log, lobby, tally, sockets, total, outboxTotalBytes, limitsReached },
    maxConnections: admission.maxConnections,
    isReady: () => isReady,
  }).catch(async (error) => {
    listener.close();
    await viewer?.stop();
    throw error;
  });

  async function stop(): Promise<void> {
    isReady = false;
    const closed = new Promise((resolve) => listener.close(resolve));
    await lobby.stop();
    const cutOff = clock.setTimeout(() => {
      log.warn({ connections: sockets.size }, 'cut off connections that did not close in time');
      for (const socket of sockets) socket.destroy();
    }, limited.drainMs);
    await closed;
    clock.clearTimeout(cutOff);
    await viewer?.stop();
    await metrics?.stop();
    log.info({ limitsReached: Object.fromEntries(limitsReached) }, 'stopped');
  }

  const address = listener.address() as AddressInfo;
  log.info({ host: address.address, port: address.port }, 'listening');
  return {
    host: address.address,
    port: address.port,
    lobby,
    viewer,
    metrics,
    limitsReached,
    get waitingBytes() {
      return total.bytes;
    },
    stop,
  };
}

/** The viewer's code is loaded by those who want it. */
async function startViewerIfWanted(port: number | undefined, lobby: Lobby, log: Log): Promise<Viewer | undefined> {
  if (port === undefined) return undefined;
  const { startViewer } = await import('./viewer/viewer.ts');
  return startViewer({ lobby, log, port });
}

/** The same for the metrics, and for the library they need. */
async function startMetricsIfWanted(
  port: number | undefined,
  options: Omit<MetricsOptions, 'port' | 'tally'> & { tally: Tally | undefined },
): Promise<Metrics | undefined> {
  const { tally } = options;
  if (port === undefined || tally === undefined) return undefined;
  const { startMetrics } = await import('./metrics/metrics.ts');
  return startMetrics({ ...options, tally, port });
}

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
