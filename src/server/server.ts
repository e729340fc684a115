/**
 * The server, put together: connections come in, pass the password gate where there is one, and meet in the lobby.
 *
 * Owns: what the options set up, how often each limit was reached, and the order of start and shutdown.
 * Next: `options.ts`, `acceptor.ts` (which connections may come in), `../chat/lobby.ts`, `../transport/connection.ts`.
 */
import type { AddressInfo } from 'node:net';
import { Counters } from '../chat/counters.ts';
import { Lobby, type LobbyOptions } from '../chat/lobby.ts';
import { type CountedLimit, limits } from '../config/limits.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Readiness } from '../metrics/registry.ts';
import type { AdminSocket } from '../operator/adminSocket.ts';
import { BanFile } from '../operator/banFile.ts';
import { BanList } from '../operator/banList.ts';
import { LimitsReached } from '../operator/limitsReached.ts';
import { Operator } from '../operator/operator.ts';
import { PasswordGates } from '../passwordGate/gates.ts';
import { systemClock } from '../runtime/clock.ts';
import { ignoreError } from '../runtime/ignoreError.ts';
import { createLog } from '../runtime/log.ts';
import type { ConnectionOptions } from '../transport/connection.ts';
import { DeadPeers } from '../transport/deadPeers.ts';
import { FlushScheduler } from '../transport/flushScheduler.ts';
import { type Endpoints, KernelQueues } from '../transport/kernelQueues.ts';
import { SendBudget } from '../transport/sendBudget.ts';
import type { ByteSink } from '../transport/sendQueue.ts';
import type { Viewer } from '../viewer/viewer.ts';
import type { WebServer } from '../web/webServer.ts';
import { Acceptor } from './acceptor.ts';
import type { Demo } from './demo.ts';
import { ServerFiles } from './files.ts';
import {
  createWebIfWanted,
  inspectorIfWanted,
  joinDirectoryIfWanted,
  startAdminSocketIfWanted,
  startDemoIfWanted,
  startMetricsIfWanted,
  startViewerIfWanted,
} from './optionalParts.ts';
import { refuseUnknownOptions, type ServerOptions } from './options.ts';

export interface Server {
  readonly host: string;
  readonly port: number;
  /** The port that speaks TLS, which may be the same; undefined if there is no TLS. */
  readonly tlsPort: number | undefined;
  /** The port of the chat's page; undefined if there is none. */
  readonly webPort: number | undefined;
  readonly lobby: Lobby;
  /** The viewer; undefined if there is none. */
  readonly viewer: Viewer | undefined;
  /** The metrics; undefined if there are none. */
  readonly metrics: Metrics | undefined;
  /** How often each limit was reached so far. Limits that were never reached are missing. */
  readonly limitsReached: ReadonlyMap<CountedLimit, number>;
  /** How many handshakes have failed so far, for any reason. */
  readonly handshakesFailed: number;
  /** How many connections there are now, also those at the password gate or in a handshake. */
  readonly connections: number;
  /** How many bytes wait for slow readers now. */
  readonly waitingBytes: number;
  /**
   * Reads certificate, key and passwords again, for new connections. A file that can't be used is logged and changes
   * nothing.
   */
  reload(): void;
  /**
   * Notifies all users, sends FIN, and resolves when every connection is closed. After `drainMs` it cuts off the rest.
   */
  stop(): Promise<void>;
  /** Resolves when the server has stopped, also if an operator has drained it. */
  readonly stopped: Promise<void>;
}

/**
 * Resolves when the server listens. Rejects with a `TypeError` if there is no option of a given name, with a
 * `SetupError` if a file can't be used, and with the system's error (`code` EADDRINUSE, EACCES, ..., and the `port`) if
 * it can't listen.
 */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  refuseUnknownOptions(options);
  const server = await RunningServer.assemble(options);
  await server.start(options);
  return server;
}

type AssembledOptions = Omit<ServerOptions, 'inspect'> & Pick<LobbyOptions, 'inspect'>;

type Shared = Awaited<ReturnType<typeof joinDirectoryIfWanted>>;

/** What has to be there before the server can be put together. */
interface Parts {
  files: ServerFiles;
  shared: Shared;
  bans: BanList;
  banFile: BanFile | undefined;
}

class RunningServer implements Server {
  readonly lobby: Lobby;
  readonly stopped: Promise<void>;
  viewer: Viewer | undefined;
  metrics: Metrics | undefined;
  adminSocket: AdminSocket | undefined;
  readonly #log;
  readonly #clock;
  readonly #limits;
  readonly #files: ServerFiles;
  readonly #shared: Shared;
  readonly #total: SendBudget;
  readonly #counters: Counters | undefined;
  readonly #gates: PasswordGates | undefined;
  readonly #acceptor: Acceptor;
  #address: AddressInfo | undefined;
  #tlsAddress: AddressInfo | undefined;
  #web: WebServer | undefined;
  #webAddress: AddressInfo | undefined;
  readonly #limitsReached: LimitsReached;
  readonly #operator: Operator;
  #stopping: Promise<void> | undefined;
  #demo: Demo | undefined;

  /** Resolves with all parts of the server before they listen. Rejects like `startServer`. */
  static async assemble(options: ServerOptions): Promise<RunningServer> {
    const { log = createLog('silent'), clock = systemClock } = options;
    const files = new ServerFiles(options, log);
    const inspect = await inspectorIfWanted(options.inspect, log);
    const banFile = options.bans === undefined ? undefined : new BanFile(options.bans);
    const bans = new BanList();
    for (const ban of banFile?.read() ?? []) bans.add(ban);
    const shared = await joinDirectoryIfWanted(options, { log, clock, bans: () => bans.records() });
    return new RunningServer({ ...options, inspect }, { files, shared, bans, banFile });
  }

  constructor(options: AssembledOptions, { files, shared, bans, banFile }: Parts) {
    const { framing = 'auto', log = createLog('silent'), clock = systemClock } = options;
    const limited = { ...limits, ...withoutUndefined(options) };
    const flushScheduler = new FlushScheduler();
    this.#limitsReached = new LimitsReached(clock);
    const onLimit: LimitsReached['add'] = (...reached) => this.#limitsReached.add(...reached);
    this.#log = log;
    this.#clock = clock;
    this.#limits = limited;
    this.#files = files;
    this.#shared = shared;
    this.#total = new SendBudget(limited.outboxTotalBytes);
    this.#counters = options.metricsPort === undefined ? undefined : new Counters();
    const common = { ...limited, log, clock, onLimit };
    this.lobby = new Lobby({
      ...{ ...common, counters: this.#counters, flushScheduler, bans },
      ...(shared && {
        createDirectory: (notify) => shared.attach(notify),
        createRelay: (handler) => shared.attachRelay(handler),
      }),
    });
    this.#operator = new Operator({
      ...{ lobby: this.lobby, bans, banFile, limits: this.#limitsReached, others: shared, clock, log },
    });
    shared?.attachOperator(this.#operator);
    this.stopped = this.lobby.closed.then(() => this.stop());
    this.stopped.catch(ignoreError);
    const { passwords, certificate } = files;
    const admit: (typeof this.lobby)['open'] = (connection, idTimeLeftMs) => this.lobby.open(connection, idTimeLeftMs);
    this.#gates =
      passwords &&
      new PasswordGates(passwords, { ...common, hash: options.hash, admit, isOpen: () => this.lobby.isOpen });
    this.#acceptor = new Acceptor({
      ...{ log, clock, counters: this.#counters, limits: limited, certificate, onLimit },
      connectionOptions: {
        ...limited,
        framing,
        clock,
        flushScheduler,
        total: this.#total,
        ...watch(limited.goneMs),
      },
      refusalFor: (address) => this.lobby.operator.refusalFor(address),
      onTurnedAway: (address, why) => this.lobby.operator.countRefused(address, why),
      isProxied: options.proxyProtocol === 'on',
      admit: (connection) => (this.#gates ?? this.lobby).open(connection),
    });
  }

  /** Resolves when all ports listen. If one can't, none does. */
  async start({ viewerPort, metricsPort, adminSocket, ...at }: ServerOptions): Promise<void> {
    const log = this.#log;
    try {
      await this.#listen(at);
      await this.#openWeb(at);
      this.adminSocket = await startAdminSocketIfWanted(adminSocket, this.#operator, log);
      this.viewer = await startViewerIfWanted(viewerPort, this.lobby, log, this.#join);
      const { host, port } = this.#reachable;
      this.#demo = await startDemoIfWanted(at, { lobby: this.lobby, clock: this.#clock, host, port });
      this.metrics = await startMetricsIfWanted(metricsPort, {
        ...{ log, lobby: this.lobby, counters: this.#counters, limitsReached: this.limitsReached },
        ...{ sockets: this.#acceptor.sockets, maxConnections: this.#acceptor.maxConnections },
        ...{ total: this.#total, outboxTotalBytes: this.#limits.outboxTotalBytes },
        readiness: () => this.#readiness,
        link: this.#shared?.link,
      });
    } catch (error) {
      void this.#acceptor.close();
      this.#web?.stop();
      await this.adminSocket?.stop();
      await this.viewer?.stop();
      this.#demo?.stop();
      await this.#shared?.stop();
      throw error;
    }
    log.info({ host: this.host, port: this.port, tlsPort: this.tlsPort, webPort: this.webPort }, 'listening');
    if (this.#files.certificate) this.#files.logCertificate(this.#files.certificate);
  }

  get limitsReached(): ReadonlyMap<CountedLimit, number> {
    return this.#limitsReached.counts;
  }

  get host(): string {
    return this.#address?.address ?? '';
  }

  get port(): number {
    return this.#address?.port ?? 0;
  }

  get tlsPort(): number | undefined {
    return this.#tlsAddress?.port;
  }

  get webPort(): number | undefined {
    return this.#webAddress?.port;
  }

  get handshakesFailed(): number {
    return this.#acceptor.handshakesFailed;
  }

  get connections(): number {
    return this.#acceptor.sockets.size;
  }

  get waitingBytes(): number {
    return this.#total.bytes;
  }

  reload(): void {
    this.#files.reload(this.#acceptor, this.#gates);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#demo?.stop();
    const { sockets } = this.#acceptor;
    const adminSocketClosed = this.adminSocket?.stop();
    const closed = this.#acceptor.close();
    this.#web?.stop();
    this.#gates?.stop();
    await this.lobby.stop();
    await this.#shared?.stop();
    const cutOff = this.#clock.setTimeout(() => {
      this.#log.warn({ connections: sockets.size }, 'cut off connections that did not close in time');
      for (const socket of sockets) socket.destroy();
    }, this.#limits.drainMs);
    await closed;
    this.#clock.clearTimeout(cutOff);
    await this.viewer?.stop();
    await this.metrics?.stop();
    await adminSocketClosed;
    this.#log.info({ limitsReached: Object.fromEntries(this.limitsReached) }, 'stopped');
  }

  async #listen({ host = '127.0.0.1', port = 65432, tlsPort, sockets }: ServerOptions): Promise<void> {
    const isOnlyTls = this.#files.certificate !== undefined && tlsPort === undefined && !sockets?.tls.length;
    const plain = sockets?.plain.map((fd) => ({ fd })) ?? [{ host, port }];
    const tls = sockets?.tls.map((fd) => ({ fd })) ?? (tlsPort === undefined ? [] : [{ host, port: tlsPort }]);
    const listenAt = (speaks: 'plain' | 'tls', places: typeof plain | typeof tls) =>
      Promise.all(places.map((at) => this.#acceptor.listen(speaks, at)));
    const [firstPlain] = await listenAt(isOnlyTls ? 'tls' : 'plain', plain);
    const [firstTls = isOnlyTls ? firstPlain : undefined] = await listenAt('tls', tls);
    this.#address = firstPlain ?? firstTls;
    this.#tlsAddress = firstTls;
  }

  async #openWeb({ host = '127.0.0.1', webPort, ...options }: ServerOptions): Promise<void> {
    const [log, clock, limits] = [this.#log, this.#clock, this.#limits];
    const parts = { door: this.#acceptor, lobby: this.lobby.actor, ...{ log, clock, limits } };
    this.#web = await createWebIfWanted(webPort, parts, options);
    if (this.#web === undefined || webPort === undefined) return;
    this.#webAddress = await this.#acceptor.listenForVisitors({ host, port: webPort }, this.#web);
  }

  /** Where a program on this machine reaches the server. */
  get #reachable(): { host: string; port: number } {
    return { host: ['0.0.0.0', '::'].includes(this.host) ? '127.0.0.1' : this.host, port: this.port };
  }

  /** The command by which somebody on this machine joins. */
  get #join(): string {
    const { host, port } = this.#reachable;
    return this.tlsPort === port ? `openssl s_client -quiet -connect ${host}:${port}` : `nc ${host} ${port}`;
  }

  get #readiness(): Readiness {
    const { door } = this.lobby.operator;
    if (this.#stopping !== undefined || door === 'closing') return 'stopping';
    if (door !== 'open') return door;
    if (this.#shared === undefined || this.#shared.isReady) return 'ready';
    return `no directory: ${this.#shared.link.trouble}`;
  }
}

/** What the system knows of those who read slowly, or not at all; in its own time, whatever clock the rest goes by. */
function watch(goneMs: number): Pick<ConnectionOptions, 'deadPeers' | 'unsentBytes'> {
  const queues = new KernelQueues(systemClock);
  return {
    deadPeers: new DeadPeers(systemClock, goneMs),
    unsentBytes: (sink) => queues.unsentBytes(sink as ByteSink & Endpoints),
  };
}

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
