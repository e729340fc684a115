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
import { BanFile } from '../operator/banFile.ts';
import { BanList } from '../operator/banList.ts';
import { LimitsReached } from '../operator/limitsReached.ts';
import { Operator } from '../operator/operator.ts';
import { PasswordChecks } from '../passwordGate/checks.ts';
import { PasswordGates } from '../passwordGate/gates.ts';
import { NameProofs } from '../passwordGate/nameProofs.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { ignoreError } from '../runtime/ignoreError.ts';
import { createLog } from '../runtime/log.ts';
import { SetupError } from '../runtime/operatorError.ts';
import { PausableClock } from '../runtime/pausableClock.ts';
import type { Wire } from '../transport/connection.ts';
import { FlushScheduler } from '../transport/flushScheduler.ts';
import { SendBudget } from '../transport/sendBudget.ts';
import { systemWatch } from '../transport/systemWatch.ts';
import type { Viewer } from '../viewer/viewer.ts';
import type { WebServer } from '../web/webServer.ts';
import { Acceptor, type Listening } from './acceptor.ts';
import type { Demo } from './demo.ts';
import { ServerFiles } from './files.ts';
import { handOver, lastBytesMs, type Moved, type MovingParts } from './handOver.ts';
import { LocalParts } from './localParts.ts';
import type { Spoken } from './newcomers.ts';
import { createWebIfWanted, inspectorIfWanted, joinDirectoryIfWanted, startDemoIfWanted } from './optionalParts.ts';
import { refuseUnknownOptions, type ServerOptions } from './options.ts';
import { SharedAddresses } from './sharedAddresses.ts';
import { stateFrom, takeOver } from './takeOver.ts';
import type { ServerState, UpgradeOptions } from './upgradeSteps.ts';

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
   * Reads certificate, key, passwords and names again, for new connections and claims. A file that can't be used is logged and changes
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
  state: ServerState | undefined;
}

class RunningServer implements Server {
  readonly lobby: Lobby;
  readonly stopped: Promise<void>;
  readonly #log;
  readonly #clock: PausableClock;
  /** The same clock, which never stands still. */
  readonly #timers: Clock;
  readonly #limits;
  readonly #files: ServerFiles;
  readonly #moving: MovingParts;
  readonly #local: LocalParts;
  readonly #shared: Shared;
  readonly #total: SendBudget;
  readonly #counters: Counters | undefined;
  readonly #gates: PasswordGates | undefined;
  readonly #names: NameProofs | undefined;
  readonly #acceptor: Acceptor;
  #address: AddressInfo | undefined;
  #tlsAddress: AddressInfo | undefined;
  #web: WebServer | undefined;
  #webAddress: AddressInfo | undefined;
  /** What the process before hands over. */
  readonly #inherited: ServerState | undefined;
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
    const askLimits = { ...limits, ...withoutUndefined(options) };
    const shared = await joinDirectoryIfWanted(options, { log, clock, bans: () => bans.records(), askLimits });
    const { predecessor } = options.upgrade ?? {};
    const state = predecessor && (await stateFrom(predecessor, files.certificate !== undefined));
    return new RunningServer({ ...options, inspect }, { files, shared, bans, banFile, state });
  }

  constructor(options: AssembledOptions, { files, shared, bans, banFile, state }: Parts) {
    const { framing = 'auto', log = createLog('silent') } = options;
    const clock = new PausableClock(options.clock ?? systemClock);
    const limited = { ...limits, ...withoutUndefined(options) };
    const flushScheduler = new FlushScheduler();
    this.#limitsReached = new LimitsReached(clock);
    const onLimit: LimitsReached['add'] = (...reached) => this.#limitsReached.add(...reached);
    this.#log = log;
    this.#clock = clock;
    this.#timers = options.clock ?? systemClock;
    this.#limits = limited;
    this.#files = files;
    this.#inherited = state;
    this.#shared = shared;
    this.#total = new SendBudget(limited.outboxTotalBytes);
    this.#counters = options.metricsPort === undefined ? undefined : new Counters();
    const common = { ...limited, log, clock, onLimit };
    const sharedAddresses = new SharedAddresses(options.sharedAddresses);
    const checks = new PasswordChecks(limited, options.hash);
    this.#names = files.names && new NameProofs(files.names, checks);
    this.lobby = new Lobby({
      personAt: (address) => sharedAddresses.personAt(address),
      ...{ ...common, counters: this.#counters, flushScheduler, bans, names: this.#names, state: state?.lobby },
      ...(shared && {
        createDirectory: (notify) => shared.attach(notify),
        createRelay: (handler) => shared.attachRelay(handler),
      }),
    });
    const { upgrade } = options;
    this.#operator = new Operator({
      upgrade: upgrade && (() => this.#handOver(upgrade)),
      ...{ lobby: this.lobby, bans, banFile, limits: this.#limitsReached, others: shared, clock, log },
    });
    shared?.attachOperator(this.#operator);
    this.stopped = this.lobby.closed.then(() => this.stop());
    this.stopped.catch(ignoreError);
    const { passwords, certificate } = files;
    const admit: (typeof this.lobby)['open'] = (connection, idTimeLeftMs) => this.lobby.open(connection, idTimeLeftMs);
    this.#gates =
      passwords &&
      new PasswordGates(passwords, {
        ...{ ...common, checks, admit },
        isOpen: () => this.lobby.isOpen,
        endsForGood: () => this.lobby.operator.endsForGood,
      });
    this.#acceptor = new Acceptor({
      ...{ log, clock, counters: this.#counters, limits: limited, certificate, onLimit },
      connectionOptions: {
        ...limited,
        framing,
        clock,
        flushScheduler,
        total: this.#total,
        ...systemWatch(limited, options.clock === undefined ? clock : systemClock),
      },
      refusalFor: (address) => this.lobby.operator.refusalFor(address),
      onTurnedAway: (address, why) => this.lobby.operator.countRefused(address, why),
      isProxied: options.proxyProtocol === 'on',
      admit: (connection) => (this.#gates ?? this.lobby).open(connection),
    });
    const { lobby } = this;
    this.#moving = { lobby, acceptor: this.#acceptor, bans };
    this.#local = new LocalParts(options, {
      ...{ log, lobby, operator: this.#operator, counters: this.#counters, limitsReached: this.limitsReached },
      ...{ sockets: this.#acceptor.sockets, maxConnections: this.#acceptor.maxConnections },
      ...{ total: this.#total, outboxTotalBytes: limited.outboxTotalBytes },
      ...{ readiness: () => this.#readiness, link: shared?.link, join: () => joinCommand(this) },
    });
  }

  /** Resolves when all ports listen. If one can't, none does. */
  async start(options: ServerOptions): Promise<void> {
    const log = this.#log;
    const { upgrade } = options;
    try {
      const parts = { door: this.#acceptor, lobby: this.lobby.actor, log, clock: this.#clock, limits: this.#limits };
      const port = (): number => this.port;
      this.#web = await createWebIfWanted(options.webPort, { ...parts, port }, options);
      if (upgrade?.predecessor !== undefined && this.#inherited !== undefined) {
        this.#listensAt(this.#inherited);
        await takeOver(this.#moving, {
          ...{ predecessor: upgrade.predecessor, state: this.#inherited, visitors: this.#web },
          openLocal: () => this.#local.open(),
        });
      } else {
        await this.#listen(options);
        await this.#local.open();
      }
      const { lobby } = this;
      this.#demo = await startDemoIfWanted(options, { lobby, clock: this.#clock, ...reachable(this) });
    } catch (error) {
      void this.#acceptor.close();
      this.#web?.stop();
      await this.#local.close();
      this.#demo?.stop();
      await this.#shared?.stop();
      throw error;
    }
    log.info({ host: this.host, port: this.port, tlsPort: this.tlsPort, webPort: this.webPort }, 'listening');
    this.#files.logCertificate();
    await upgrade?.whenServing();
    void upgrade?.predecessor?.send({ type: 'running' });
  }

  get viewer(): Viewer | undefined {
    return this.#local.viewer;
  }

  get metrics(): Metrics | undefined {
    return this.#local.metrics;
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
    this.#files.reload(this.#acceptor, this.#gates, this.#names);
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop(this.#limits.drainMs, this.#acceptor.close());
    return this.#stopping;
  }

  /** `closed` resolves when no connection is left that has to be waited for. */
  async #stop(drainMs: number, closed: Promise<unknown>): Promise<void> {
    this.#demo?.stop();
    const { sockets } = this.#acceptor;
    const adminSocketClosed = this.#local.closeAdminSocket();
    this.#web?.stop();
    this.#gates?.stop();
    // Each connection has a limit of its own, as long as this one. Counted from here, those that use it up are told.
    const cutOff = this.#clock.setTimeout(() => {
      this.#log.warn({ connections: sockets.size }, 'cut off connections that did not close in time');
      for (const socket of sockets) socket.destroy();
    }, drainMs);
    await this.lobby.stop();
    await this.#shared?.stop();
    await closed;
    this.#clock.clearTimeout(cutOff);
    await this.#local.close();
    await adminSocketClosed;
    this.#log.info({ limitsReached: Object.fromEntries(this.limitsReached) }, 'stopped');
  }

  /**
   * Hands all users over to another process, and resolves when it goes on with them; then this server only waits for
   * what it still has to send. Who can't be handed over is notified, as by `stop`. Rejects with a `SetupError`, and
   * everything goes on as if nothing had been, if the other process can't.
   */
  async #handOver({ start }: UpgradeOptions): Promise<Moved> {
    if (this.#stopping !== undefined) throw new SetupError('the server is about to end.');
    const { users, left, sent, running } = await handOver(this.#moving, {
      ...{ start, local: this.#local, clock: this.#clock, timers: this.#timers },
    });
    const stopped = this.#stop(lastBytesMs, allClosed(this.#acceptor.sockets));
    this.#stopping ??= Promise.all([stopped, sent, running]).then(() => {});
    this.#stopping.catch(ignoreError);
    await running;
    this.#log.info({ users, left }, 'handed over');
    return { users, left };
  }

  /** Where the process before has listened, and this one will. */
  #listensAt({ listens }: ServerState): void {
    const addressOf = (what: Listening) => listens.find(({ speaks }) => speaks === what)?.address;
    this.#tlsAddress = addressOf('tls');
    this.#address = addressOf('plain') ?? this.#tlsAddress;
    if (this.#web !== undefined) this.#webAddress = addressOf('page');
  }

  async #listen({ host = '127.0.0.1', port = 65432, tlsPort, webPort, sockets }: ServerOptions): Promise<void> {
    const isOnlyTls = this.#files.certificate !== undefined && tlsPort === undefined && !sockets?.tls.length;
    const { web = [] } = sockets ?? {};
    if (web.length > 0 && this.#web === undefined) throw new SetupError('a socket called web needs --web.');
    // Somebody may hold the port of the page only.
    const passed = sockets !== undefined && sockets.plain.length + sockets.tls.length > 0 ? sockets : undefined;
    const plain = passed?.plain.map((fd) => ({ fd })) ?? [{ host, port }];
    const tls = passed?.tls.map((fd) => ({ fd })) ?? (tlsPort === undefined ? [] : [{ host, port: tlsPort }]);
    const listenAt = (speaks: Spoken, places: typeof plain | typeof tls) =>
      Promise.all(places.map((at) => this.#acceptor.listen(speaks, at)));
    const [firstPlain] = await listenAt(isOnlyTls ? 'tls' : 'plain', plain);
    const [firstTls = isOnlyTls ? firstPlain : undefined] = await listenAt('tls', tls);
    this.#address = firstPlain ?? firstTls;
    this.#tlsAddress = firstTls;
    if (this.#web === undefined || webPort === undefined) return;
    const visitors = this.#web;
    const pages = web.length > 0 ? web.map((fd) => ({ fd })) : [{ host, port: webPort }];
    [this.#webAddress] = await Promise.all(pages.map((at) => this.#acceptor.listenForVisitors(at, visitors)));
  }

  get #readiness(): Readiness {
    const { door } = this.lobby.operator;
    if (this.#stopping !== undefined || door === 'closing') return 'stopping';
    if (door !== 'open') return door;
    if (this.#shared === undefined || this.#shared.isReady) return 'ready';
    return `no directory: ${this.#shared.link.trouble}`;
  }
}

/**
 * Resolves when all of these are closed. A socket that listens also waits for those that were passed on to another process:
 * Node counts them for as long as they live there.
 */
async function allClosed(wires: ReadonlySet<Wire>): Promise<void> {
  await Promise.all([...wires].map((wire) => new Promise((closed) => wire.once('close', closed))));
}

/** Where a program on this machine reaches the server. */
function reachable({ host, port }: Server): { host: string; port: number } {
  return { host: ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host, port };
}

/** The command by which somebody on this machine joins. */
function joinCommand(server: Server): string {
  const { host, port } = reachable(server);
  return server.tlsPort === port ? `openssl s_client -quiet -connect ${host}:${port}` : `nc ${host} ${port}`;
}

function withoutUndefined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}
