/**
 * One person at the server that is judged.
 *
 * Owns: the connection, what was read and not yet expected, and the waiting, which always ends. Knows nothing of dialogues.
 * Next: `play.ts`.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';

/** Without a line that anybody expects, more than this is a flood. */
const maxUnreadChars = 1_048_576;

export interface Target {
  host: string;
  port: number;
  /** How long a server may take for an answer, in ms. */
  timeoutMs: number;
  /** Where the second of two people connects, if there are several servers with the same users. */
  also?: { host: string; port: number } | undefined;
}

export class TestClient {
  readonly id: string;
  /** What was read and is not expected yet. */
  unread = '';
  /** Everything said and read, as `> ` and `< ` lines. */
  readonly transcript: string[] = [];
  hasEnded = false;
  #flooded = false;
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  #wake = (): void => {};

  private constructor(id: string, socket: Socket, timeoutMs: number) {
    this.id = id;
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    const decoder = new StringDecoder('utf8');
    socket
      .setNoDelay(true)
      .on('data', (bytes: Buffer) => this.#read(decoder.write(bytes)))
      .on('end', () => this.#ended())
      .on('error', () => this.#ended())
      .on('close', () => this.#ended());
  }

  /** Rejects with the system's error if nobody listens there. */
  static async connect(id: string, { host, port, timeoutMs }: Target): Promise<TestClient> {
    const socket = connect({ host, port, allowHalfOpen: true });
    const late = setTimeout(() => socket.destroy(new Error('no answer')), Math.max(timeoutMs, 5000));
    try {
      await once(socket, 'connect');
    } finally {
      clearTimeout(late);
    }
    return new TestClient(id, socket, timeoutMs);
  }

  /** Exactly these characters, in one write. */
  send(text: string): void {
    this.transcript.push(`> ${JSON.stringify(text)}`);
    if (!this.#socket.destroyed) this.#socket.write(text);
  }

  /** FIN, and then nothing more is read. */
  hangUp(): void {
    this.transcript.push('> (hangs up)');
    this.#socket.end();
    this.#socket.resume();
  }

  /** Stops and goes on reading. */
  pause(): void {
    this.#socket.pause();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  get isFlooded(): boolean {
    return this.#flooded;
  }

  /** Waits until something is true of what was read; false if nothing more came for as long as the server may take. */
  async until(isTrue: () => boolean): Promise<boolean> {
    while (!isTrue()) {
      if (this.#flooded) return false;
      const more = new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), this.#timeoutMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve(true);
        };
      });
      if (this.hasEnded || !(await more)) return isTrue();
    }
    return true;
  }

  #read(text: string): void {
    if (this.#flooded || text === '') return;
    this.transcript.push(`< ${JSON.stringify(text)}`);
    this.unread += text;
    if (this.unread.length > maxUnreadChars) {
      this.#flooded = true;
      this.#socket.pause();
    }
    this.#wake();
  }

  #ended(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.transcript.push('< (end)');
    this.#wake();
  }
}
