/**
 * One connection to the server, plain or with TLS.
 *
 * Owns: the socket, the decoding of its bytes, and the names of the ways it can end. Each connection tells its end once.
 * Knows nothing of terminals or of what happens next; that is the chart's business.
 */
import { connect, isIP, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { connect as connectSecurely } from 'node:tls';
import type { LastWords } from '../../machines/clientEvents.ts';
import { isConfirmed } from './confirmation.ts';
import { FarewellListener } from './farewell.ts';
import { VisibleText } from './visible.ts';

/** After this silence the system asks ten times, once a second, whether the server is still there. */
const keepAliveDelayMs = 30_000;

/** Between two looks at whether the server's system confirms what was sent. */
const confirmationIntervalMs = 2000;

/** How TLS finds out whether the server is the one that was meant. */
interface Trust {
  /** Who may sign its certificate, in PEM form, instead of those the system knows. */
  ca?: string;
  /** Nothing is checked: any program that answers is taken for the server. */
  insecure?: boolean;
  /** What the client shows of itself if the server asks, in PEM form, and its private key. */
  cert?: string;
  key?: string;
}

export interface Address {
  host: string;
  port: number;
  /** Without it, everything goes over the network as it is. */
  tls?: Trust | undefined;
}

export interface ConnectionHandler {
  /** The server is there, and is the one that was meant if that was asked. */
  connected(): void;
  /** Text that is safe to print. */
  text(text: string): void;
  /** What was sent has gone out after `send` returned false. */
  drained(): void;
  /** What was sent is sent again and again, and nobody confirms it. */
  unconfirmed(): void;
  /** The other side ended the connection without an error. The chart says what that means. */
  closed(lastWords: LastWords): void;
  failed(code: string, lastWords: LastWords): void;
}

export class Connection {
  readonly #handler: ConnectionHandler;
  readonly #socket: Socket;
  readonly #decoder = new StringDecoder('utf8');
  readonly #visible = new VisibleText();
  readonly #farewell = new FarewellListener();
  #confirmationTimer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(address: Address, handler: ConnectionHandler) {
    this.#handler = handler;
    this.#socket = openSocket(address, () => handler.connected())
      .setNoDelay(true)
      .setKeepAlive(true, keepAliveDelayMs)
      .on('data', (bytes) => this.#take(this.#visible.add(this.#decoder.write(bytes))))
      .on('drain', () => handler.drained())
      .on('end', () => this.#onEnd())
      .on('error', (error) => this.#onError(error));
  }

  /** False if the server doesn't keep up: wait for `drained`. */
  send(data: string | Uint8Array): boolean {
    this.#confirmationTimer ??= setInterval(() => void this.#checkConfirmation(), confirmationIntervalMs).unref();
    return this.#socket.write(data);
  }

  /** Reads nothing more until `resume`: then the server has to wait too. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Closes our half after everything sent; the server's text keeps coming. */
  end(): void {
    this.#socket.end();
  }

  /** Closes at once. Nothing is heard of this connection any more. */
  close(): void {
    this.#isOver = true;
    this.#stopChecking();
    this.#socket.destroy();
  }

  async #checkConfirmation(): Promise<void> {
    const { localPort, remotePort } = this.#socket;
    const confirmed = await isConfirmed({ localPort, remotePort });
    if (confirmed === undefined || this.#confirmationTimer === undefined) return;
    this.#stopChecking();
    if (!confirmed) this.#handler.unconfirmed();
  }

  #stopChecking(): void {
    clearInterval(this.#confirmationTimer);
    this.#confirmationTimer = undefined;
  }

  #take(text: string): void {
    if (text === '' || this.#isOver) return;
    this.#farewell.read(text);
    this.#handler.text(text);
  }

  #onEnd(): void {
    this.#take(this.#visible.add(this.#decoder.end()) + this.#visible.end());
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopChecking();
    this.#handler.closed(this.#farewell.lastWords);
  }

  #onError(error: NodeJS.ErrnoException): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopChecking();
    this.#handler.failed(error.code ?? error.message, this.#farewell.lastWords);
  }
}

function openSocket({ host, port, tls }: Address, onReady: () => void): Socket {
  if (tls === undefined) return connect({ host, port }, onReady);
  // A certificate is for a name; that of an address is compared with the address by itself.
  const servername = isIP(host) > 0 ? '' : host;
  const { insecure = false, ...pem } = tls;
  const trust = { rejectUnauthorized: !insecure, ...pem };
  return connectSecurely({ host, port, servername, minVersion: 'TLSv1.2', ...trust }, onReady);
}
