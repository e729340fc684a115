/**
 * One connection to the server that is judged.
 *
 * Owns: the socket, what was read and is not expected yet, and the waiting, which always ends. Knows nothing of dialogues.
 * Next: `play.ts`, `checks/probeSession.ts`.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { setTimeout as sleep } from 'node:timers/promises';

/** More than this without a line that anybody expects is a flood. */
const maxUnreadChars = 1_048_576;
/** How long a server may take for its FIN after the client's, when nothing depends on it any more, in ms. */
const maxLeaveMs = 300;

export interface Target {
  host: string;
  port: number;
  /** How long a server may take for an answer, in ms. */
  timeoutMs: number;
  /** Where the second of two people connects, if there are several servers with the same users. */
  also?: { host: string; port: number } | undefined;
}

/** Nobody listens at the target: the server has ended, or was never there. */
export class NobodyListens extends Error {}

export class TestClient {
  readonly id: string;
  /** What was read and is not expected yet. */
  unread = '';
  /** Everything read from the beginning on. */
  transcript = '';
  hasEnded = false;
  /** True if the end was a reset (RST) and no FIN. */
  wasReset = false;
  #flooded = false;
  #keepsTranscript = true;
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  readonly #wakes = new Set<() => void>();

  private constructor(id: string, socket: Socket, timeoutMs: number) {
    this.id = id;
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    const decoder = new StringDecoder('utf8');
    socket
      .setNoDelay(true)
      .on('data', (bytes: Buffer) => this.#read(decoder.write(bytes)))
      .on('end', () => this.#ended())
      .on('error', ({ code }: NodeJS.ErrnoException) => {
        this.wasReset ||= code === 'ECONNRESET';
        this.#ended();
      })
      .on('close', () => this.#ended());
  }

  /** Rejects with `NobodyListens`, or with the system's error. */
  static async connect(id: string, { host, port, timeoutMs }: Target): Promise<TestClient> {
    const socket = connect({ host, port, allowHalfOpen: true });
    const late = setTimeout(() => socket.destroy(new Error('no answer')), Math.max(timeoutMs, 5000));
    try {
      await once(socket, 'connect');
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw code === 'ECONNREFUSED' ? new NobodyListens(message) : error;
    } finally {
      clearTimeout(late);
    }
    return new TestClient(id, socket, timeoutMs);
  }

  /** Exactly these characters or bytes, in one write. */
  send(text: string | Buffer): void {
    if (!this.#socket.destroyed && this.#socket.writable) this.#socket.write(text);
  }

  /** The same with a pause between the parts, so that each is a segment. Resolves with the longest pause that came of it, in ms. */
  async sendParts(parts: readonly (string | Buffer)[], pauseMs: number): Promise<number> {
    let longestMs = 0;
    for (const part of parts) {
      const begin = performance.now();
      this.send(part);
      await sleep(pauseMs);
      longestMs = Math.max(longestMs, performance.now() - begin);
    }
    return longestMs;
  }

  /** FIN; what the server still says is read. */
  hangUp(): void {
    this.#socket.end();
    this.#socket.resume();
  }

  /** RST. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Sends a text again and again, each time when the system has taken the one before. Returns how many bytes it has taken so far. */
  pour(text: string, mostBytes: number): { readonly bytes: number } {
    const poured = { bytes: 0 };
    const sendNext = (): void => {
      if (poured.bytes >= mostBytes || this.#socket.destroyed || !this.#socket.writable) return;
      this.#socket.write(text, (error) => {
        if (error) return;
        poured.bytes += text.length;
        sendNext();
      });
    };
    sendNext();
    return poured;
  }

  pause(): void {
    this.#socket.pause();
  }

  /** Keeps nothing of what is read from now on: for those who only have to drain. */
  drain(): void {
    this.#keepsTranscript = false;
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Ends in order: FIN, the server's FIN, and only then the socket goes. A socket that goes before may send a reset. */
  async leave(timeoutMs = maxLeaveMs): Promise<void> {
    this.#keepsTranscript = false;
    this.hangUp();
    const deadline = performance.now() + timeoutMs;
    while (!this.hasEnded && performance.now() < deadline) await this.#more(deadline - performance.now());
    this.#socket.destroy();
  }

  get isFlooded(): boolean {
    return this.#flooded;
  }

  /** Waits until something is true of what was read; false if nothing more came for as long as the server may take. */
  async until(isTrue: () => boolean, timeoutMs = this.#timeoutMs): Promise<boolean> {
    while (!isTrue()) {
      if (this.#flooded) return false;
      if (this.hasEnded || !(await this.#more(timeoutMs))) return isTrue();
    }
    return true;
  }

  /** False if nothing more came in that time. */
  #more(timeoutMs: number): Promise<boolean> {
    return new Promise<boolean>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#wakes.delete(wake);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.#wakes.delete(wake);
        resolve(false);
      }, timeoutMs);
      this.#wakes.add(wake);
    });
  }

  #read(text: string): void {
    if (this.#flooded || text === '') return;
    if (this.#keepsTranscript) {
      this.transcript += text;
      this.unread += text;
    }
    if (this.unread.length > maxUnreadChars) {
      this.#flooded = true;
      this.#socket.pause();
    }
    this.#wakeAll();
  }

  #ended(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.#wakeAll();
  }

  #wakeAll(): void {
    for (const wake of [...this.#wakes]) wake();
  }
}
