/**
 * What is known of the socket below a WebSocket.
 *
 * Owns: where it leads, and how much it has carried. Knows nothing of what it carries. Next: `webSocketWire.ts`.
 */
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

export abstract class SocketFacts extends EventEmitter {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
  }

  get localAddress(): string | undefined {
    return this.#socket.localAddress;
  }

  get localPort(): number | undefined {
    return this.#socket.localPort;
  }

  get remoteAddress(): string | undefined {
    return this.#socket.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.#socket.remotePort;
  }

  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  get bytesWritten(): number {
    return this.#socket.bytesWritten;
  }

  setKeepAlive(isOn: boolean, afterMs: number): void {
    this.#socket.setKeepAlive(isOn, afterMs);
  }

  get encrypted(): boolean {
    return 'encrypted' in this.#socket;
  }
}
