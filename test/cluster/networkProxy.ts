/**
 * A TCP proxy between a server process and its Redis, with a hand on the network.
 *
 * Owns: whether bytes pass, stay where they are (as when a network drops every packet), or connections are cut. Both
 * ends are on this machine. Closed when the test ends.
 */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { atEnd } from '../support/atEnd.ts';

export class NetworkProxy {
  /** The port that new connections are made to. */
  target: number;
  readonly #server: Server;
  readonly #port: number;
  readonly #pairs = new Set<[Socket, Socket]>();
  #isFrozen = false;
  /** How long every byte takes, each way. */
  delayMs = 0;

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#port = (server.address() as { port: number }).port;
    this.target = target;
    server.on('connection', (near: Socket) => this.#onConnection(near));
    atEnd(() => {
      this.cut();
      server.close();
    });
  }

  static async start(target: number): Promise<NetworkProxy> {
    const server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new NetworkProxy(server, target);
  }

  get port(): number {
    return this.#port;
  }

  /** No byte passes any more, and no connection ends. */
  freeze(): void {
    this.#isFrozen = true;
    for (const sockets of this.#pairs) for (const socket of sockets) socket.pause();
  }

  /** The bytes that have waited pass now. */
  thaw(): void {
    this.#isFrozen = false;
    for (const sockets of this.#pairs) for (const socket of sockets) socket.resume();
  }

  /** Ends every connection with RST; new ones are accepted. */
  cut(): void {
    for (const sockets of this.#pairs) for (const socket of sockets) socket.resetAndDestroy();
    this.#pairs.clear();
  }

  /** Ends every connection; new ones are refused. */
  refuse(): void {
    this.#server.close();
    this.cut();
  }

  /** New connections are accepted again. */
  async accept(): Promise<void> {
    await once(this.#server.listen(this.#port, '127.0.0.1'), 'listening');
  }

  #onConnection(near: Socket): void {
    const far = connect({ port: this.target, host: '127.0.0.1', noDelay: true });
    const pair: [Socket, Socket] = [near, far];
    this.#pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      // Timers of the same length keep their order.
      from.on('data', (bytes) => {
        if (this.delayMs === 0) to.write(bytes);
        else setTimeout(() => to.write(bytes), this.delayMs);
      });
      from.on('error', () => {});
      from.on('close', () => {
        this.#pairs.delete(pair);
        to.destroy();
      });
      if (this.#isFrozen) from.pause();
    }
  }
}
