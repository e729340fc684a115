/**
 * The server, put together: connections come in, pass the password gate where there is one, and meet in the lobby.
 *
 * Owns: what is made of the options, how often each limit was reached, and the order of the shutdown.
 * Next: `acceptor.ts` (who may come in), `../chat/lobby.ts`, `../transport/connection.ts`, `../passwordGate/gates.ts`.
 */
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { Counters } from '../chat/counters.ts';
import { Lobby } from '../chat/lobby.ts';
import { type CountedLimit, limits } from '../config/limits.ts';
import type { Metrics, MetricsOptions } from '../metrics/metrics.ts';
import type { Readiness } from '../metrics/registry.ts';
import { readPasswordFile } from '../passwordGate/file.ts';
import { PasswordGates } from '../passwordGate/gates.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { createLog, type Log } from '../runtime/log.ts';
import { SetupError } from '../runtime/operatorError.ts';
import type { Connection } from '../transport/connection.ts';
import { FlushScheduler } from '../transport/flushScheduler.ts';
import { SendBudget } from '../transport/sendBudget.ts';
import type { Viewer } from '../viewer/viewer.ts';
import { Acceptor } from './acceptor.ts';
import { type Certificate, readCertificate } from './certificate.ts';
import { refuseUnknownOptions, type ServerOptions } from './options.ts';

export interface Server {
  readonly host: string;
  readonly port: number;
  /** The port that speaks TLS, perhaps the same; undefined if none does. */
  readonly tlsPort: number | undefined;
  readonly lobby: Lobby;
  /** Undefined if there is none. */
  readonly viewer: Viewer | undefined;
  /** Undefined if there are none. */
  readonly metrics: Metrics | undefined;
  /** How often each limit was reached so far; those that never were are missing. */
  readonly limitsReached: ReadonlyMap<CountedLimit, number>;
  /** Handshakes that came to nothing so far, for whatever reason. */
  readonly handshakesFailed: number;
  /** Connections just now, those at the password gate or in a handshake included. */
  readonly connections: number;
  /** Bytes that wait for slow readers just now. */
  readonly waitingBytes: number;
  /** Reads certificate, key and passwords anew, for those who come from now on; what can't be used is logged and changes nothing. */
  reload(): void;
  /** Tells everybody, sends FIN, and resolves when every connection is closed; after `drainMs` the rest is cut off. */
  stop(): Promise<void>;
}

/**
 * Resolves when the server listens. Rejects with a `TypeError` if there is no option of a given name, with a `SetupError` if
 * a file can't be used, and with the system's error (`code` EADDRINUSE, EACCES, ..., and the `port`) if it can't listen.
 */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  refuseUnknownOptions(options);
  const { host = '127.0.0.1', port = 65432, tlsPort, passwordFile } = options;
  const { framing = 'auto', log = createLog('silent'), clock = systemClock } = options;
  const limited = { ...limits, ...withoutUndefined(options) };
  const tlsFiles = tlsFilesOf(options);
  const certificate = tlsFiles && readCertificate(...tlsFiles);
  const passwords = passwordFile === undefined ? undefined : readPasswordFile(passwordFile);
  const flushScheduler = new FlushScheduler();
  const total = new SendBudget(limited.outboxTotalBytes);
  const limitsReached = new Map<CountedLimit, number>();
  const count = (limit: CountedLimit): void => {
    limitsReached.set(limit, (limitsReached.get(limit) ?? 0) + 1);
  };
  const counters = options.metricsPort === undefined ? undefined : new Counters();
  const shared = await joinDirectoryIfWanted(options.redis, log, clock);
  const lobby = new Lobby({
    ...{ ...limited, counters, log, clock, flushScheduler, onLimit: count },
    ...(shared && {
      createDirectory: (notify) => shared.attach(notify),
      createRelay: (handler) => shared.attachRelay(handler),
    }),
  });
  const connectionOptions = { ...limited, framing, clock, flushScheduler, total };
  const gate =
    passwords && new PasswordGates(passwords, { ...limited, log, clock, onLimit: count, admit: openSession });
  const acceptor = new Acceptor({
    ...{ log, clock, counters, limits: limited, connectionOptions, certificate, onLimit: count },
    isProxied: options.proxyProtocol === 'on',
    admit: (connection) => (gate ?? lobby).open(connection),
  });

  function openSession(connection: Connection, idTimeLeftMs: number): void {
    lobby.open(connection, idTimeLeftMs);
  }

  function logCertificate({ validTo }: Certificate): void {
    log.info({ file: tlsFiles?.[0], validTo }, 'certificate read');
  }

  function reload(): void {
    attempt(() => {
      if (tlsFiles === undefined) return;
      const renewed = readCertificate(...tlsFiles);
      acceptor.renew(renewed);
      logCertificate(renewed);
    });
    attempt(() => {
      if (passwordFile === undefined || gate === undefined) return;
      gate.renew(readPasswordFile(passwordFile));
      log.info({ file: passwordFile }, 'passwords read');
    });
  }

  /** What was in force stays in force. */
  function attempt(renew: () => void): void {
    try {
      renew();
    } catch (error) {
      const reason = error instanceof SetupError ? error.message : error;
      log.error({ reason }, 'not reloaded: what was read before stays in force');
    }
  }

  let isStopping = false;

  function readiness(): Readiness {
    if (isStopping) return 'stopping';
    return shared?.isReady === false ? 'no directory' : 'ready';
  }

  async function stop(): Promise<void> {
    isStopping = true;
    const closed = acceptor.close();
    gate?.stop();
    await lobby.stop();
    await shared?.stop();
    const cutOff = clock.setTimeout(() => {
      log.warn({ connections: acceptor.sockets.size }, 'cut off connections that did not close in time');
      for (const socket of acceptor.sockets) socket.destroy();
    }, limited.drainMs);
    await closed;
    clock.clearTimeout(cutOff);
    await viewer?.stop();
    await metrics?.stop();
    log.info({ limitsReached: Object.fromEntries(limitsReached) }, 'stopped');
  }

  let address: AddressInfo;
  let tlsAddress: AddressInfo | undefined;
  let viewer: Viewer | undefined;
  let metrics: Metrics | undefined;
  try {
    const isOnlyTls = certificate !== undefined && tlsPort === undefined;
    address = await acceptor.listen(isOnlyTls ? 'tls' : 'plain', { host, port });
    if (isOnlyTls) tlsAddress = address;
    else if (tlsPort !== undefined) tlsAddress = await acceptor.listen('tls', { host, port: tlsPort });
    viewer = await startViewerIfWanted(options.viewerPort, lobby, log);
    const { outboxTotalBytes } = limited;
    metrics = await startMetricsIfWanted(options.metricsPort, {
      ...{ log, lobby, counters, sockets: acceptor.sockets, total, outboxTotalBytes, limitsReached },
      maxConnections: acceptor.maxConnections,
      readiness,
    });
  } catch (error) {
    void acceptor.close();
    await viewer?.stop();
    await shared?.stop();
    throw error;
  }
  log.info({ host: address.address, port: address.port, tlsPort: tlsAddress?.port }, 'listening');
  if (certificate) logCertificate(certificate);
  return {
    host: address.address,
    port: address.port,
    tlsPort: tlsAddress?.port,
    lobby,
    viewer,
    metrics,
    limitsReached,
    get handshakesFailed() {
      return acceptor.handshakesFailed;
    },
    get connections() {
      return acceptor.sockets.size;
    },
    get waitingBytes() {
      return total.bytes;
    },
    reload,
    stop,
  };
}

/** The code for several processes, and the library it needs, are loaded by those who want them. */
async function joinDirectoryIfWanted(url: string | undefined, log: Log, clock: Clock) {
  if (url === undefined) return undefined;
  const { RedisDirectory } = await import('../cluster/redisDirectory.ts');
  const node = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  return RedisDirectory.join({ url, node, log, clock });
}

/** The viewer's code is loaded by those who want it. */
async function startViewerIfWanted(port: number | undefined, lobby: Lobby, log: Log): Promise<Viewer | undefined> {
  if (port === undefined) return undefined;
  const { startViewer } = await import('../viewer/viewer.ts');
  return startViewer({ lobby, log, port });
}

/** The same for the metrics, and for the library they need. */
async function startMetricsIfWanted(
  port: number | undefined,
  options: Omit<MetricsOptions, 'port' | 'counters'> & { counters: Counters | undefined },
): Promise<Metrics | undefined> {
  const { counters } = options;
  if (port === undefined || counters === undefined) return undefined;
  const { startMetrics } = await import('../metrics/metrics.ts');
  return startMetrics({ ...options, counters, port });
}

/** Throws a `SetupError` if one is there and the other is missing. */
function tlsFilesOf({ tlsCert, tlsKey, tlsPort }: ServerOptions): [certFile: string, keyFile: string] | undefined {
  if (tlsCert !== undefined && tlsKey !== undefined) return [tlsCert, tlsKey];
  if (tlsCert === undefined && tlsKey === undefined && tlsPort === undefined) return undefined;
  const missing = tlsCert === undefined ? '--tls-cert' : '--tls-key';
  throw new SetupError(`TLS needs a certificate and its private key: ${missing} is missing.`);
}

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
