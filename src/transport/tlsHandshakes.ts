/**
 * What comes between a TCP connection and its first encrypted line: the TLS handshake.
 *
 * Owns: connections that have not finished it, their deadline, and the certificate they are shown. A failure costs the
 * connection it is about, and nothing else. Knows nothing of who is let in, or of what is said afterwards.
 */

import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import { type Duplex, PassThrough } from 'node:stream';
import { createServer, type SecureContextOptions, type Server, TLSSocket } from 'node:tls';
import type { Clock } from '../runtime/clock.ts';
import { ignoreError } from '../runtime/ignoreError.ts';
import { MeteredSocket } from './meteredSocket.ts';

/** What clients are shown, and whether they are asked for a certificate of their own. Any is taken: others judge it. */
export interface Shown extends SecureContextOptions {
  asksClients: boolean;
}

export interface HandshakesOptions {
  clock: Clock;
  /** From the TCP connection to the end of its handshake, in ms. */
  handshakeMs: number;
  /** Bytes per second that may be TLS's own. */
  overheadRate: number;
  /** False where TLS gets the connection itself, and nothing in front of it counts; by default what this Node allows. */
  isMetered?: boolean | undefined;
}

export interface HandshakesOwner {
  /** The socket speaks TLS from now on, over the raw one; it is used like any other. */
  secured(socket: TLSSocket, address: string, raw: Socket): void;
  /** A handshake came to nothing; its connection is closed. `code` is OpenSSL's or the system's name for why. */
  handshakeFailed(code: string): void;
  /** The handshake has taken too long; that it failed is told as well. */
  handshakeTimedOut(): void;
  /** Somebody sends more of what is TLS's own than one may, before the handshake or after it; the connection is closed. */
  flooded(address: string): void;
}

interface Pending {
  /** What TLS was given. */
  stream: MeteredSocket | Socket;
  socket: Socket;
  /** Its client's, which isn't the socket's behind a load balancer. */
  address: string;
  deadline: unknown;
}

export class Handshakes {
  readonly #options: HandshakesOptions;
  readonly #owner: HandshakesOwner;
  #server: Server;
  readonly #pending = new Map<Duplex, Pending>();
  /** What TLS gets is counted. */
  readonly isMetered: boolean;

  constructor(shown: Shown, options: HandshakesOptions, owner: HandshakesOwner) {
    this.#options = options;
    this.#owner = owner;
    this.isMetered = options.isMetered ?? namesItsStream;
    this.#server = this.#create(shown);
  }

  begin(socket: Socket, address: string): void {
    // Until the handshake is over, a FIN is the end of both sides: there is nothing to answer yet.
    socket.allowHalfOpen = false;
    const deadline = this.#options.clock.setTimeout(() => this.#onDeadline(socket), this.#options.handshakeMs);
    const stream = this.isMetered
      ? new MeteredSocket(socket, this.#options, () => this.#owner.flooded(address))
      : socket;
    this.#pending.set(stream, { stream, socket, address, deadline });
    socket.once('close', () => this.#finish(stream));
    // A socket that fails also closes.
    stream.on('error', ignoreError);
    this.#server.emit('connection', stream);
  }

  /** For those who come from now on; connections that are there stay as they are, also those in their handshake. */
  renew(shown: Shown): void {
    this.#server = this.#create(shown);
  }

  /** Cuts all that have not finished: they can't be told anything. */
  stop(): void {
    for (const { socket } of [...this.#pending.values()]) socket.destroy();
  }

  #create({ asksClients, ...certificate }: Shown): Server {
    const asking = { requestCert: asksClients, rejectUnauthorized: false };
    // Its own deadline counts from the last byte, so that one byte now and then would keep a connection for ever: it is off.
    const server = createServer({ ...secured(certificate), ...asking, handshakeTimeout: 0 });
    server.on('secureConnection', (socket) => this.#onSecure(socket));
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      const stream = streamOf(socket);
      socket.once('close', () => stream?.destroy());
      this.#onError(error);
    });
    return server;
  }

  #onSecure(socket: TLSSocket): void {
    const pending = this.#finish(this.isMetered ? streamOf(socket) : this.#endOf(socket));
    if (pending === undefined) {
      socket.destroy();
      return;
    }
    const { stream, address } = pending;
    const { localAddress, localPort, remoteAddress, remotePort } = pending.socket;
    const setKeepAlive = pending.socket.setKeepAlive.bind(pending.socket);
    const below = { localAddress, localPort, remoteAddress, remotePort, setKeepAlive };
    for (const [name, value] of Object.entries(below)) {
      Object.defineProperty(socket, name, { value });
    }
    if (stream instanceof MeteredSocket) stream.textBytes = () => socket.bytesRead;
    for (const half of [pending.socket, stream, socket]) half.allowHalfOpen = true;
    socket.once('close', () => stream.destroy());
    this.#owner.secured(socket, address, pending.socket);
  }

  #onDeadline(socket: Socket): void {
    this.#owner.handshakeTimedOut();
    socket.destroy();
  }

  #onError(error: NodeJS.ErrnoException): void {
    this.#owner.handshakeFailed(error.code ?? error.message);
  }

  /** The TCP connection whose other end a TLS socket has. */
  #endOf({ remoteAddress, remotePort }: TLSSocket): Socket | undefined {
    const all = [...this.#pending.values()].map(({ socket }) => socket);
    return all.find((each) => each.remoteAddress === remoteAddress && each.remotePort === remotePort);
  }

  /** Returns what was pending, if it still was. */
  #finish(stream: Duplex | undefined): Pending | undefined {
    if (stream === undefined) return undefined;
    const pending = this.#pending.get(stream);
    if (pending !== undefined) this.#options.clock.clearTimeout(pending.deadline);
    this.#pending.delete(stream);
    return pending;
  }
}

/** Stated rather than left to the defaults, which the command line of Node can change. Renegotiation is work that only a client can ask for. */
function secured(certificate: SecureContextOptions): SecureContextOptions {
  return { ...certificate, minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_RENEGOTIATION };
}

/** The stream that a TLS socket was made of, if it is no TCP connection. Node keeps it without a documented name: decision 38. */
function streamOf(socket: TLSSocket): Duplex | undefined {
  const { _handle: handle } = socket as TLSSocket & { _handle?: { _parentWrap?: { stream?: Duplex } } | null };
  return handle?._parentWrap?.stream;
}

/** True if this Node still keeps it by that name. */
const namesItsStream = ((): boolean => {
  const stream = new PassThrough();
  const socket = new TLSSocket(stream, { isServer: true });
  const isNamed = streamOf(socket) === stream;
  socket.destroy();
  return isNamed;
})();
