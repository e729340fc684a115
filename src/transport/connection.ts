/**
 * One TCP connection as the rest of the program sees it: lines come in, text goes out, and it ends exactly once.
 *
 * Owns: the socket, its framing and its send queue, and the order of its end (everything said is sent, then FIN, never RST).
 * Knows nothing of chat or charts. Next: `lineDecoder.ts`, `sendQueue.ts`, `sanitize.ts`.
 */

import type { Socket } from 'node:net';
import { ignoreError } from '../runtime/ignoreError.ts';
import { Framing, type FramingHandler, type FramingMode, type LineRefusal } from './lineDecoder.ts';
import { sanitize } from './sanitize.ts';
import { SendQueue, type SendQueueOptions, type SendQueueOwner, type SlowReaderReason } from './sendQueue.ts';

/** What a user hears of the input: lines parted by line feeds, a line that was refused, or that nothing more comes. */
export type Received = { lines: string } | { refused: LineRefusal } | 'end';

/** Who uses a connection. No method may throw. */
export interface ConnectionUser {
  /** One or more lines from the person, parted by line feeds, safe to show on any screen. */
  lines(text: string): void;
  /** A line that was refused whole. */
  refusedLine(reason: LineRefusal): void;
  /** The person sends or leaves unread more than is bearable; the user should end the connection. Comes once, at any moment. */
  limitReached(limit: 'unterminated' | SlowReaderReason): void;
  /** Our own bug on the way to or from this person; the user should end the connection. */
  failed(error: unknown): void;
  /** The person will send nothing more, but still reads: a half-close. All lines before it have been handed over. */
  inputEnded(): void;
  /** The connection is gone, for whatever reason; comes once, and nothing after it. */
  closed(): void;
}

export interface ConnectionOptions extends SendQueueOptions {
  framing: FramingMode;
  maxLineBytes: number;
  maxUnterminatedBytes: number;
  /** How long a peer may take to close its side after ours, in ms; then the socket is destroyed. */
  lingerMs: number;
}

export class Connection implements FramingHandler, SendQueueOwner {
  readonly remoteAddress: string;
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #sendQueue: SendQueue;
  readonly #framing: Framing;
  #user: ConnectionUser | undefined;
  /** What one user has left to the next. */
  #left: readonly Received[] = [];
  #ended = false;
  #lingering: unknown;

  /** `address` is where it comes from, if the socket doesn't know. */
  constructor(socket: Socket, options: ConnectionOptions, address = socket.remoteAddress ?? 'unknown') {
    this.#socket = socket;
    this.#options = options;
    this.remoteAddress = address;
    this.#sendQueue = new SendQueue(socket, options, this);
    this.#framing = new Framing(this, {
      mode: options.framing,
      maxLineBytes: options.maxLineBytes,
      maxUnterminatedBytes: options.maxUnterminatedBytes,
      clock: options.clock,
    });
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('drain', () => this.#sendQueue.drained());
    socket.on('end', () => this.#onEnd());
    socket.on('close', () => this.#onClose());
    // A socket that fails also closes.
    socket.on('error', ignoreError);
  }

  /** Names the one who hears of lines and of the end, from now on; first of what the one before has left. */
  attach(user: ConnectionUser): void {
    this.#user = user;
    const left = this.#left;
    this.#left = [];
    for (const received of left) this.#handOver(received);
  }

  /** What a user has heard of and not used, for the next one, who has to be attached in the same turn. */
  leave(received: readonly Received[]): void {
    this.#left = received;
  }

  /** Gathers text for this turn's write; nothing happens after `end`. `bytes` are the same, if others get it too. */
  write(text: string, bytes?: Buffer): void {
    if (!this.#ended) this.#sendQueue.write(text, bytes);
  }

  /** More waits to be read than there should be. */
  get needsDrain(): boolean {
    return this.#sendQueue.needsDrain;
  }

  /** Calls once, as soon as there is room again, or the connection has ended. */
  onceDrained(callback: () => void): void {
    this.#sendQueue.onceDrained(callback);
  }

  /** Stops reading until `resume`; nothing is lost. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Sends what was written, then FIN. What the peer still sends is read and thrown away, so that no RST can eat our last words. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#framing.stop();
    this.#sendQueue.finish();
    this.#socket.end();
    this.#socket.resume();
    if (!this.#socket.destroyed) {
      this.#lingering = this.#options.clock.setTimeout(() => this.#socket.destroy(), this.#options.lingerMs);
    }
  }

  /** Cuts the connection at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  // What the framing has found.

  lines(text: string): void {
    try {
      this.#user?.lines(sanitize(text));
    } catch (error) {
      this.#user?.failed(error);
    }
  }

  refusedLine(reason: LineRefusal): void {
    try {
      this.#user?.refusedLine(reason);
    } catch (error) {
      this.#user?.failed(error);
    }
  }

  unterminated(): void {
    this.#user?.limitReached('unterminated');
  }

  // What the send queue says.

  onSlowReader(trouble: SlowReaderReason): void {
    this.#user?.limitReached(trouble);
  }

  writeFailed(error: unknown): void {
    if (!this.#socket.destroyed) this.#user?.failed(error);
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    try {
      if (!this.#ended) this.#framing.push(chunk);
    } catch (error) {
      this.#user?.failed(error);
    }
  }

  #handOver(received: Received): void {
    try {
      if (received === 'end') this.#user?.inputEnded();
      else if ('refused' in received) this.#user?.refusedLine(received.refused);
      else this.#user?.lines(received.lines);
    } catch (error) {
      this.#user?.failed(error);
    }
  }

  #onEnd(): void {
    if (this.#ended) return;
    try {
      this.#framing.end();
      this.#user?.inputEnded();
    } catch (error) {
      this.#user?.failed(error);
    }
  }

  #onClose(): void {
    this.#framing.stop();
    this.#options.clock.clearTimeout(this.#lingering);
    this.#ended = true;
    this.#sendQueue.close();
    const user = this.#user;
    this.#user = undefined;
    user?.closed();
  }
}
