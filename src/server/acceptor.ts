/**
 * New connections, from the moment the system has them: which ones are admitted, and what comes before their first
 * line.
 *
 * Owns: the listening sockets, every open socket, the count of connections, the header of a load balancer and the TLS
 * handshake. Knows nothing of charts: it passes an admitted connection on as a `Connection`.
 * When a TLS connection counts: decision 25, docs/decisions/0025-a-tls-connection-counts-before-its-handshake.md.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server as Listener, type ServerOpts, type Socket } from 'node:net';
import type { Counters, DoorRefusal } from '../chat/counters.ts';
import { type CountedLimit, type Limits, optionOf } from '../config/limits.ts';
import { connectionNotices } from '../protocol/replies.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { SetupError } from '../runtime/operatorError.ts';
import { TokenBucket } from '../runtime/tokenBucket.ts';
import { canonicalAddress } from '../transport/address.ts';
import { Connection, type ConnectionOptions, type ConnectionState, type Wire } from '../transport/connection.ts';
import { Proxied } from '../transport/proxiedSocket.ts';
import { Handshakes, type HandshakesOwner, type Shown } from '../transport/tlsHandshakes.ts';
import { ConnectionLimiter, type ConnectionRefusal } from './connectionLimiter.ts';
import { Newcomers, type Spoken } from './newcomers.ts';
import { Refusals } from './refusals.ts';

export interface AcceptorOptions {
  log: Log;
  clock: Clock;
  counters: Counters | undefined;
  limits: Limits;
  connectionOptions: ConnectionOptions;
  /** The certificate for TLS, and what clients are asked for; without it there is no TLS. */
  certificate: Shown | undefined;
  /** True if every connection begins with a PROXY protocol header. */
  isProxied: boolean;
  onLimit(limit: CountedLimit, address?: string): void;
  /** Why the lobby would let nobody in from this address just now; undefined if it would. */
  refusalFor(address: string): DoorRefusal | undefined;
  /** Called with each connection that was turned away for it. */
  onTurnedAway(address: string, why: DoorRefusal): void;
  /** Called with each connection that is admitted. */
  admit(connection: Connection): void;
}

/** What is spoken at a port: the dialogue, or what visitors speak. */
export type Listening = Spoken | 'page';

/** Takes a connection; the address is its client's. */
type OnConnection = (socket: Socket, address: string) => void;

/** A port, or the descriptor of a socket that listens already. */
type ListenAt = { host: string; port: number } | { fd: number };

/** Makes a connection of what carries its bytes. */
export type ConnectionMaker = (wire: Wire, options: ConnectionOptions, address: string) => Connection;

const plainConnection: ConnectionMaker = (wire, options, address) => new Connection(wire, options, address);

/**
 * Who speaks with those that don't begin with the dialogue, a browser for instance. They count as connections of the dialogue
 * when they get to `Acceptor.take`; how many may come before that is the visitors' own business.
 */
export interface Visitors {
  /** A connection has come; nothing of it was read. */
  came(socket: Socket): void;
  /** It may be read: what it is made of, with TLS, is `raw`. */
  ready(socket: Socket, address: string, raw: Socket): void;
}

export class Acceptor {
  /** The wires of all connections that are not closed, also those in a handshake. */
  readonly sockets = new Set<Wire>();
  handshakesFailed = 0;
  readonly newcomers: Newcomers;
  readonly #options: AcceptorOptions;
  readonly #limiter: ConnectionLimiter;
  readonly #handshakes: Handshakes | undefined;
  /** Those of visitors. */
  #visitorHandshakes: Handshakes | undefined;
  /** The sockets that listen. */
  readonly listeners: { speaks: Listening; listener: Listener }[] = [];
  #closed: Promise<unknown> | undefined;
  readonly #proxied: Proxied[] = [];
  readonly #refusals: Refusals;
  readonly #handshakeRate: TokenBucket | undefined;
  /** Connections whose handshake has to wait, the oldest first. */
  #waiting: { socket: Socket; address: string; handshakes: Handshakes | undefined }[] = [];

  constructor(options: AcceptorOptions) {
    const { limits, clock, log } = options;
    this.#options = options;
    this.#refusals = new Refusals(options.connectionOptions);
    this.#limiter = new ConnectionLimiter(limits, clock);
    const { isProxied } = options;
    const onConnection: Record<Spoken, OnConnection> = {
      plain: isProxied ? this.#throughProxy(this.#onPlain) : this.#onPlain,
      tls: isProxied ? this.#throughProxy(this.#onTls) : this.#onTls,
    };
    this.newcomers = new Newcomers(({ speaks, socket }) => onConnection[speaks](socket, addressOf(socket)));
    this.#handshakeRate =
      limits.handshakeRate > 0 ? new TokenBucket(limits.handshakeRate, limits.handshakeRate, clock) : undefined;
    if (this.#limiter.maxConnections < limits.maxConnections) {
      log.warn({ maxConnections: this.maxConnections }, 'the system allows fewer open files than connections');
    }
    this.#handshakes = this.#createHandshakes(options.certificate, (socket, address) =>
      this.#welcome(socket, address, plainConnection),
    );
    if (this.#handshakes?.isMetered === false) log.warn('this version of Node does not let TLS be counted');
  }

  /** How many connections there may be at once. */
  get maxConnections(): number {
    return this.#limiter.maxConnections;
  }

  /**
   * Resolves when the acceptor listens, on a socket of its own or on one that listens already. Rejects with the system's
   * error if it can't, and with a `SetupError` if a descriptor is no TCP socket.
   */
  listen(speaks: Spoken, at: ListenAt | Listener): Promise<AddressInfo> {
    // Another process may have to read a newcomer, whom nobody has read before then: docs/restarting.md.
    return this.#listen(at, speaks, { pauseOnConnect: true }, (socket) => this.newcomers.arrived(speaks, socket));
  }

  /** The same for visitors; with TLS, if there is a certificate. */
  listenForVisitors(at: ListenAt | Listener, visitors: Visitors): Promise<AddressInfo> {
    const handshakes = this.#createHandshakes(unasked(this.#options.certificate), (socket, address, raw) =>
      visitors.ready(socket, address, raw),
    );
    this.#visitorHandshakes = handshakes;
    const arrived: OnConnection = (socket, address) => {
      visitors.came(socket);
      if (handshakes === undefined) visitors.ready(socket, address, socket);
      else this.#queueHandshake({ socket, address, handshakes });
    };
    const onConnection = this.#options.isProxied ? this.#throughProxy(arrived) : arrived;
    return this.#listen(at, 'page', {}, (socket) => onConnection(socket, addressOf(socket)));
  }

  /** Admits somebody who comes to the dialogue on another way than by a port of their own, or says why not. */
  take(wire: Wire, address: string, make: ConnectionMaker): void {
    const refusal = this.#admit(wire, address);
    if (refusal === undefined) this.#welcome(wire, address, make);
    else this.#turnAway(wire, connectionNotices[refusal]());
  }

  async #listen(
    at: ListenAt | Listener,
    speaks: Listening,
    options: ServerOpts,
    onConnection: (socket: Socket) => void,
  ): Promise<AddressInfo> {
    const { limits, log } = this.#options;
    const listener = createServer(
      {
        ...options,
        allowHalfOpen: true,
        noDelay: true,
        keepAlive: limits.keepAliveMs > 0,
        keepAliveInitialDelay: limits.keepAliveMs,
      },
      onConnection,
    );
    this.listeners.push({ speaks, listener });
    listener.listen(at);
    await once(listener, 'listening').catch((error: NodeJS.ErrnoException) => {
      if (!('fd' in at)) throw error;
      throw new SetupError(`descriptor ${at.fd} is no socket that listens (${error.code}).`);
    });
    listener.on('error', (error) => log.error({ err: error }, 'accepting failed'));
    const address = listener.address();
    if (address !== null && typeof address === 'object') return address;
    throw new SetupError('a socket that is passed on has to be one of TCP.');
  }

  /** Goes on with a connection that another process has admitted. */
  resume(socket: Socket, address: string, state: ConnectionState): Connection {
    this.#admit(socket, address, true);
    return new Connection(socket, this.#options.connectionOptions, address, state);
  }

  /** Sets the certificate for connections that come from now on. */
  renew(certificate: Shown): void {
    this.#handshakes?.renew(certificate);
    this.#visitorHandshakes?.renew(unasked(certificate));
  }

  /**
   * Takes no new connection, and cuts those whose header or handshake isn't complete. Resolves when every connection is
   * closed.
   */
  close(): Promise<unknown> {
    this.#refusals.stop();
    for (const proxied of this.#proxied) proxied.stop();
    for (const { socket } of this.#waiting) socket.destroy();
    this.#handshakes?.stop();
    this.#visitorHandshakes?.stop();
    this.#closed ??= Promise.all(this.listeners.map(({ listener }) => new Promise((done) => listener.close(done))));
    return this.#closed;
  }

  readonly #onPlain: OnConnection = (socket, address) => this.take(socket, address, plainConnection);

  /** Refuses without a sentence, which would need a handshake; that costs more than the connection itself. */
  readonly #onTls: OnConnection = (socket, address) => {
    if (this.#admit(socket, address) !== undefined) {
      this.#turnAway(socket, '');
      return;
    }
    this.#queueHandshake({ socket, address, handshakes: this.#handshakes });
  };

  #queueHandshake(waiting: { socket: Socket; address: string; handshakes: Handshakes | undefined }): void {
    this.#waiting.push(waiting);
    if (this.#waiting.length === 1) this.#beginHandshakes();
  }

  /** Begins as many of the handshakes that wait as the rate allows; the others later. */
  readonly #beginHandshakes = (): void => {
    while (this.#waiting.length > 0 && this.#handshakeRate?.take(1) !== false) {
      const next = this.#waiting.shift();
      if (next !== undefined && !next.socket.destroyed) next.handshakes?.begin(next.socket, next.address);
    }
    if (this.#waiting.length === 0) return;
    this.#options.clock.setTimeout(this.#beginHandshakes, Math.ceil(this.#handshakeRate?.waitMs ?? 0));
  };

  /** Those that wait for their sentence are open files, too: they get places that nobody else needs. */
  #turnAway(socket: Wire, why: string): void {
    this.#refusals.add(socket, why, this.sockets.size < this.maxConnections);
  }

  /** A connection that waits for its header counts for the server's limit, and not yet for the limit of an address. */
  #throughProxy(arrived: OnConnection): OnConnection {
    const { clock, limits } = this.#options;
    const proxied = new Proxied(
      { clock, headerMs: limits.handshakeMs },
      { arrived, refused: (address) => this.#refused(address, 'proxyHeader') },
    );
    this.#proxied.push(proxied);
    return (socket, address) => {
      if (this.sockets.size + proxied.count < this.maxConnections) {
        proxied.begin(socket);
        return;
      }
      this.#refused(address, 'serverFull');
      socket.destroy();
    };
  }

  /**
   * Counts a connection until its socket is closed. Returns why it is refused; undefined if it is admitted, as one that
   * another process `hasAdmitted` always is.
   */
  #admit(socket: Wire, address: string, hasAdmitted = false): ConnectionRefusal | DoorRefusal | undefined {
    const { counters, refusalFor, onTurnedAway } = this.#options;
    const closedTo = hasAdmitted ? undefined : refusalFor(address);
    const limit = closedTo === undefined ? this.#limiter.enter(address, hasAdmitted) : undefined;
    const refusal = closedTo ?? limit;
    this.sockets.add(socket);
    if (counters !== undefined) counters.accepted++;
    socket.once('close', () => {
      this.sockets.delete(socket);
      counters?.countClosed(socket);
      if (refusal === undefined) this.#limiter.leave(address);
    });
    if (closedTo !== undefined) onTurnedAway(address, closedTo);
    else if (limit !== undefined) this.#refused(address, limit);
    else if (this.sockets.size > this.maxConnections) this.#refusals.makePlace();
    return refusal;
  }

  #refused(address: string, limit: CountedLimit): void {
    this.#options.onLimit(limit, address);
    this.#options.log.warn({ address, limit, option: optionOf(limit) }, 'limit reached');
  }

  #welcome(wire: Wire, address: string, make: ConnectionMaker): void {
    this.#options.admit(make(wire, this.#options.connectionOptions, address));
  }

  /** Undefined without a certificate. */
  #createHandshakes(certificate: Shown | undefined, secured: HandshakesOwner['secured']): Handshakes | undefined {
    const { limits, clock, onLimit } = this.#options;
    if (certificate === undefined) return undefined;
    const timings = { clock, handshakeMs: limits.handshakeMs, overheadRate: limits.overheadRate };
    return new Handshakes(certificate, timings, {
      secured,
      handshakeFailed: (code) => this.#handshakeFailed(code),
      handshakeTimedOut: () => onLimit('handshakeTimeout'),
      flooded: (address) => this.#refused(address, 'overhead'),
    });
  }

  /** Logs no warning, because every scan for open ports causes failed handshakes. */
  #handshakeFailed(code: string): void {
    this.handshakesFailed++;
    this.#options.log.debug({ code }, 'a handshake failed');
  }
}

/** A browser that has certificates would ask its user for one of them, before the page is there. */
function unasked<T extends Shown | undefined>(certificate: T): T {
  return certificate && { ...certificate, asksClients: false };
}

function addressOf(socket: Socket): string {
  return canonicalAddress(socket.remoteAddress ?? 'unknown');
}
