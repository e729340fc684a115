/**
 * One user of the driver, who talks to a server.
 *
 * Owns: the socket on the driver's side. It either keeps the text that comes in and waits for parts of it (the
 * dialogue), or only counts its bytes (the measurement).
 * Next: `dialects.ts` (what users say).
 */
import { connect, type Socket } from 'node:net';

const answerMs = 30_000;

export class User {
  readonly id: string;
  readonly #socket: Socket;
  #text = '';
  #counter: ((bytes: number) => void) | undefined;
  #check: () => void = () => {};
  #failure: Error | undefined;

  private constructor(id: string, socket: Socket) {
    this.id = id;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      if (this.#counter !== undefined) {
        this.#counter(chunk.length);
        return;
      }
      this.#text += chunk.toString('latin1');
      this.#check();
    });
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error(`${id}: the server closed the connection.`)));
  }

  /** Connects from `localAddress`. There are several, because one address has ports for about 28,000 connections. */
  static connect(id: string, port: number, localAddress = '127.0.0.1'): Promise<User> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', localAddress });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new User(id, socket));
      });
    });
  }

  send(data: string | Buffer): void {
    this.#socket.write(data);
  }

  /** Waits for a text, and resolves with everything up to its end. What comes after it is kept. */
  until(marker: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const deadline = setTimeout(() => this.#fail(new Error(`${this.id} waits in vain for "${marker}".`)), answerMs);
      this.#check = () => {
        const found = this.#text.indexOf(marker);
        if (found === -1 && this.#failure === undefined) return;
        clearTimeout(deadline);
        this.#check = () => {};
        if (found === -1) {
          reject(this.#failure);
          return;
        }
        const end = found + marker.length;
        resolve(this.#text.slice(0, end));
        this.#text = this.#text.slice(end);
      };
      this.#check();
    });
  }

  /** Only counts bytes from now on; without a counter, keeps text again. */
  count(counter?: (bytes: number) => void): void {
    this.#counter = counter;
  }

  get isOpen(): boolean {
    return !this.#socket.closed;
  }

  /** What the system has not taken yet. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** Resolves when the connection is closed on both sides. */
  closed(): Promise<void> {
    if (this.#socket.closed) return Promise.resolve();
    this.#counter = () => {};
    return new Promise((resolve) => this.#socket.once('close', () => resolve()));
  }

  /** Ends this side, after everything sent. */
  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#check();
  }
}
