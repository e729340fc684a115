/**
 * A server for tests of clients: it says what the test wants, and keeps what it receives.
 *
 * Owns: a listening socket on a free port and the connections it accepted. Knows nothing of the dialogue.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { deadlineMs } from './deadline.ts';

/** One accepted connection, with the server's verbs. */
export class ServedConnection {
  readonly #socket: Socket;
  #heard = '';
  #hasEnded = false;

  constructor(socket: Socket) {
    this.#socket = socket.setNoDelay();
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#hasEnded = true;
    });
    socket.on('end', () => {
      this.#hasEnded = true;
    });
    socket.on('data', (bytes) => {
      this.#heard += bytes.toString('utf8');
    });
  }

  /** Everything received so far. */
  get heard(): string {
    return this.#heard;
  }

  say(text: string | Uint8Array): void {
    this.#socket.write(text);
  }

  /** Sends a FIN after everything that was said. */
  end(): void {
    this.#socket.end();
  }

  /** Sends an RST. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Waits until exactly this has been received, from the beginning. */
  async expectHeard(text: string): Promise<void> {
    await this.#until(() => this.#heard === text, `${JSON.stringify(text)} to be received`);
  }

  /** Waits until the client has sent a FIN or is gone. */
  async expectEnd(): Promise<void> {
    await this.#until(() => this.#hasEnded, 'the client to end');
  }

  async #until(isTrue: () => boolean, what: string): Promise<void> {
    const signal = AbortSignal.timeout(deadlineMs);
    while (!isTrue()) {
      const events = ['data', 'end', 'close'].map((name) => once(this.#socket, name, { signal }));
      await Promise.race(events).catch(() => {
        if (!isTrue()) throw new Error(`Waited for ${what}; received: ${JSON.stringify(this.#heard)}`);
      });
    }
  }
}

export class ScriptedServer {
  readonly #server: Server;
  readonly #accepted: ServedConnection[] = [];
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      this.#accepted.push(new ServedConnection(socket));
      server.emit('accepted');
    });
  }

  static async listen(port = 0): Promise<ScriptedServer> {
    // Half-open, as a chat server has to be: a client's FIN doesn't stop what the server says.
    const server = createServer({ allowHalfOpen: true });
    const scripted = new ScriptedServer(server);
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return scripted;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Resolves with the next connection that the test has not got yet. */
  async accept(): Promise<ServedConnection> {
    while (this.#accepted.length === 0) {
      await once(this.#server, 'accepted', { signal: AbortSignal.timeout(deadlineMs) });
    }
    return this.#accepted.shift() as ServedConnection;
  }

  /** Stops listening. Connections stay open. */
  stopListening(): void {
    this.#server.close();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }
}
