/**
 * What comes between a TCP connection and its first encrypted line: the TLS handshake.
 *
 * Owns: connections that have not finished it, their deadline, and the certificate they are shown. A failure costs the
 * connection it is about, and nothing else. Knows nothing of who is let in, or of what is said afterwards.
 */

import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls';
import type { Clock } from '../runtime/clock.ts';
import { ignoreError } from '../runtime/ignoreError.ts';

export interface HandshakesOptions {
  clock: Clock;
  /** From the TCP connection to the end of its handshake, in ms. */
  handshakeMs: number;
}

export interface HandshakesOwner {
  /** The socket speaks TLS from now on; it is used like any other. */
  secured(socket: TLSSocket, address: string): void;
  /** A handshake came to nothing; its connection is closed. `code` is OpenSSL's or the system's name for why. */
  handshakeFailed(code: string): void;
  /** The handshake has taken too long; that it failed is told as well. */
  handshakeTimedOut(): void;
}

interface Pending {
  socket: Socket;
  /** Its client's, which isn't the socket's behind a load balancer. */
  address: string;
  deadline: unknown;
}

export class Handshakes {
  readonly #options: HandshakesOptions;
  readonly #owner: HandshakesOwner;
  readonly #server: Server;
  /** By both ends' addresses: the TLS socket doesn't say which socket it is made of. */
  readonly #pending = new Map<string, Pending>();

  constructor(certificate: SecureContextOptions, options: HandshakesOptions, owner: HandshakesOwner) {
    this.#options = options;
    this.#owner = owner;
    // Its own deadline counts from the last byte, so that one byte now and then would keep a connection for ever: it is off.
    this.#server = createServer({ ...secured(certificate), handshakeTimeout: 0 });
    this.#server.on('secureConnection', (socket) => this.#onSecure(socket));
    this.#server.on('tlsClientError', (error: NodeJS.ErrnoException) => this.#onError(error));
  }

  begin(socket: Socket, address: string): void {
    // Until the handshake is over, a FIN is the end of both sides: there is nothing to answer yet.
    socket.allowHalfOpen = false;
    const deadline = this.#options.clock.setTimeout(() => this.#onDeadline(socket), this.#options.handshakeMs);
    const pending: Pending = { socket, address, deadline };
    const ends = endsOf(socket);
    this.#pending.set(ends, pending);
    socket.once('close', () => this.#finish(ends, pending));
    // A socket that fails also closes.
    socket.on('error', ignoreError);
    this.#server.emit('connection', socket);
  }

  /** Those who come from now on see this certificate; connections that are there stay as they are. */
  renew(certificate: SecureContextOptions): void {
    this.#server.setSecureContext(secured(certificate));
  }

  /** Cuts all that have not finished: they can't be told anything. */
  stop(): void {
    for (const { socket } of [...this.#pending.values()]) socket.destroy();
  }

  #onSecure(socket: TLSSocket): void {
    const ends = endsOf(socket);
    const pending = this.#pending.get(ends);
    if (pending !== undefined) this.#finish(ends, pending);
    socket.allowHalfOpen = true;
    this.#owner.secured(socket, pending?.address ?? socket.remoteAddress ?? 'unknown');
  }

  #onDeadline(socket: Socket): void {
    this.#owner.handshakeTimedOut();
    socket.destroy();
  }

  #onError(error: NodeJS.ErrnoException): void {
    this.#owner.handshakeFailed(error.code ?? error.message);
  }

  #finish(ends: string, pending: Pending): void {
    this.#options.clock.clearTimeout(pending.deadline);
    if (this.#pending.get(ends) === pending) this.#pending.delete(ends);
  }
}

/** Stated rather than left to the defaults, which the command line of Node can change. Renegotiation is work that only a client can ask for. */
function secured(certificate: SecureContextOptions): SecureContextOptions {
  return { ...certificate, minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_RENEGOTIATION };
}

function endsOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${localPort} ${remoteAddress} ${remotePort}`;
}
