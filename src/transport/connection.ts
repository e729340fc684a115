/**
 * One connection as the rest of the program sees it: lines come in, text goes out, and it ends exactly once.
 *
 * Owns: the wire (a socket, or what stands for one), its framing and its send queue, and the order of its end (everything said is sent, then FIN, never RST).
 * Knows nothing of chat or charts. Next: `lineDecoder.ts`, `sendQueue.ts`, `sanitize.ts`.
 */

import type { EventEmitter } from 'node:events';
import { ignoreError } from '../runtime/ignoreError.ts';
import { TokenBucket } from '../runtime/tokenBucket.ts';
import type { DeadPeers, Probeable, Watched } from './deadPeers.ts';
import { Framing, type FramingHandler, type FramingMode, type FramingState, type LineRefusal } from './lineDecoder.ts';
import { ReadPacing } from './readPacing.ts';
import { sanitize } from './sanitize.ts';
import {
  type ByteSink,
  SendQueue,
  type SendQueueOptions,
  type SendQueueOwner,
  type SlowReaderReason,
} from './sendQueue.ts';

/**
 * What a user hears of the input: lines separated by line feeds, safe to show on any screen; a line that was refused whole;
 * or that nothing more comes.
 */
export type Received = { lines: string } | { refused: LineRefusal } | 'end';

/** What a connection may send or leave unread, and more than is bearable. */
export type WireLimit = 'unterminated' | 'overhead' | 'unreachable';

/**
 * What carries the bytes of a connection: a `net.Socket` is one. It tells by events: `data` with bytes, `end` when no more
 * come, `drain`, `close` once, `error` before that; and `limit` with a `WireLimit`, if it finds out what a socket can't.
 */
export interface Wire extends ByteSink, Probeable, Pick<EventEmitter, 'on' | 'once'> {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly destroyed: boolean;
  pause(): unknown;
  resume(): unknown;
  /** Sends what was written, and ends its side. */
  end(): unknown;
  destroy(): unknown;
  /** With TLS: what the peer has shown of itself, and has the key of. */
  getPeerX509Certificate?(): { readonly fingerprint256: string } | undefined;
}

/** Who uses a connection. No method may throw. */
export interface ConnectionUser {
  /** What the user has sent, in order. After the end nothing comes, but the user still reads: a half-close. */
  receive(received: Received): void;
  /** The person sends or leaves unread more than is bearable; the user should end the connection. Comes once, at any moment. */
  limitReached(limit: WireLimit | SlowReaderReason): void;
  /** Our own bug on the way to or from this person; the user should end the connection. */
  failed(error: unknown): void;
  /** The connection is gone, for whatever reason; comes once, and nothing after it. */
  closed(): void;
}

export interface ConnectionOptions extends SendQueueOptions {
  framing: FramingMode;
  maxLineBytes: number;
  maxUnterminatedBytes: number;
  /** Bytes per second that may be part of no line, and twice as many at once; 0 for any number. */
  overheadRate: number;
  /** Finds out who is gone without a word; without it nobody does. */
  deadPeers?: DeadPeers | undefined;
  /** How long a peer may take to close its side after ours, in ms; then the socket is destroyed. */
  lingerMs: number;
}

/** What goes with a connection to another process, as plain data. */
export interface ConnectionState {
  framing: FramingState;
  /** How many bytes that are part of no line may still come; undefined if none have, or for any number. */
  overheadBytes: number | undefined;
}

/** What a peer may go on sending after the end: it has not seen it yet. More is a flood, which is not read. */
const maxLateBytes = 4_194_304;

export class Connection implements FramingHandler, SendQueueOwner, Watched {
  readonly remoteAddress: string;
  /** The SHA-256 fingerprint of the certificate that the peer has shown, as `AB:CD:...`; undefined without one. */
  readonly certificate: string | undefined;
  /** The addresses of the wire. */
  readonly endpoints: Probeable;
  readonly #wire: Wire;
  readonly #options: ConnectionOptions;
  readonly #sendQueue: SendQueue;
  readonly #framing: Framing;
  /** How many bytes that are part of no line may still come; undefined until some do, or for any number. */
  #overhead: TokenBucket | undefined;
  #user: ConnectionUser | undefined;
  /** What one user has left to the next. */
  #left: readonly Received[] = [];
  #ended = false;
  /** Bytes that came after the end, and were thrown away. */
  #lateBytes = 0;
  /** It was written to, and nothing has come from it since. */
  isUnheard = true;
  #lingering: unknown;
  readonly #reading: ReadPacing;

  /**
   * `address` is where it comes from, if the wire doesn't know. With `state` it goes on where another process has
   * stopped.
   */
  constructor(
    wire: Wire,
    options: ConnectionOptions,
    address = wire.remoteAddress ?? 'unknown',
    state?: ConnectionState,
  ) {
    this.#wire = wire;
    this.endpoints = wire;
    this.#options = options;
    this.remoteAddress = address;
    this.certificate = wire.getPeerX509Certificate?.()?.fingerprint256;
    this.#reading = new ReadPacing(wire);
    this.#sendQueue = new SendQueue(wire, options, this);
    this.#framing = new Framing(this, {
      mode: options.framing,
      maxLineBytes: options.maxLineBytes,
      maxUnterminatedBytes: options.maxUnterminatedBytes,
      clock: options.clock,
      state: state?.framing,
    });
    if (state?.overheadBytes !== undefined) this.#overhead = overheadLimit(options, state.overheadBytes);
    options.deadPeers?.add(this);
    wire.on('data', (chunk: Buffer) => this.#onData(chunk));
    wire.on('drain', () => this.#sendQueue.drained());
    wire.on('end', () => this.#onEnd());
    wire.on('close', () => this.#onClose());
    wire.on('limit', (limit: WireLimit) => this.#user?.limitReached(limit));
    // A wire that fails also closes.
    wire.on('error', ignoreError);
    // It comes paused.
    wire.resume();
  }

  /** Names the one who hears of lines and of the end, from now on; first of what the one before has left. */
  attach(user: ConnectionUser): void {
    this.#user = user;
    const left = this.#left;
    this.#left = [];
    for (const received of left) this.#receive(received);
  }

  /** What a user has heard of and not used, for the next one, who has to be attached in the same turn. */
  leave(received: readonly Received[]): void {
    this.#left = received;
  }

  /** Gathers text for this turn's write; nothing happens after `end`. `bytes` are the same, if others get it too. */
  write(text: string, bytes?: Buffer): void {
    if (this.#ended) return;
    this.isUnheard = true;
    if (this.#framing.needsCarriageReturns) this.#sendQueue.write(text.replaceAll('\n', '\r\n'));
    else this.#sendQueue.write(text, bytes);
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
    this.#reading.pause();
  }

  resume(): void {
    this.#reading.resume();
  }

  /** Sends what was written, then FIN. What the peer still sends is read and thrown away, so that no RST can eat our last words. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#framing.stop();
    this.#sendQueue.finish();
    this.#wire.end();
    this.resume();
    if (!this.#wire.destroyed) {
      this.#lingering = this.#options.clock.setTimeout(() => this.#wire.destroy(), this.#options.lingerMs);
    }
  }

  /**
   * It belongs to another process now: nobody here hears or says anything more. Returns what that one needs to go on, and
   * what was gathered for the reader; what the wire has taken is still sent.
   */
  giveAway(): { state: ConnectionState; gathered: Buffer } {
    const state = { framing: this.#framing.state, overheadBytes: this.#overhead?.tokens };
    const gathered = Buffer.concat(this.#sendQueue.takeGathered().map((piece) => Buffer.from(piece)));
    this.#user = undefined;
    this.#ended = true;
    this.#framing.stop();
    this.#options.deadPeers?.delete(this);
    return { state, gathered };
  }

  /** If nobody is there any more, `limitReached` says so soon: as far as the system knows, which is on Linux. */
  probe(): void {
    this.#options.deadPeers?.probe(this);
  }

  // What the framing has found.

  lines(text: string): void {
    const safe = sanitize(text);
    const { maxLineBytes } = this.#options;
    // What shows an unsafe character is longer than it: the limit holds for what others get.
    if (safe === text || Buffer.byteLength(safe) <= maxLineBytes) {
      this.#receive({ lines: safe });
      return;
    }
    for (const lines of safe.split('\n')) {
      this.#receive(Buffer.byteLength(lines) > maxLineBytes ? { refused: 'lineTooLong' } : { lines });
    }
  }

  refusedLine(reason: LineRefusal): void {
    this.#receive({ refused: reason });
  }

  commands(bytes: number, replies: Buffer | undefined): void {
    if (replies !== undefined) this.#sendQueue.writeAtOnce(replies);
    this.#overhead ??= overheadLimit(this.#options);
    if (this.#overhead?.take(bytes) === false) this.#user?.limitReached('overhead');
  }

  // What the send queue says, and whoever looks for dead peers.

  limitReached(limit: SlowReaderReason | 'unreachable' | 'unterminated'): void {
    this.#user?.limitReached(limit);
  }

  writeFailed(error: unknown): void {
    if (!this.#wire.destroyed) this.#user?.failed(error);
    this.#wire.destroy();
  }

  #onData(chunk: Buffer): void {
    this.isUnheard = false;
    this.#reading.took(chunk.length);
    try {
      if (!this.#ended) this.#framing.push(chunk);
      else this.#lateBytes += chunk.length;
      if (this.#lateBytes > maxLateBytes) this.#wire.destroy();
    } catch (error) {
      this.#user?.failed(error);
    }
  }

  #receive(received: Received): void {
    try {
      this.#user?.receive(received);
    } catch (error) {
      this.#user?.failed(error);
    }
  }

  #onEnd(): void {
    if (this.#ended) return;
    try {
      this.#framing.end();
      this.#receive('end');
    } catch (error) {
      this.#user?.failed(error);
    }
  }

  #onClose(): void {
    this.#options.deadPeers?.delete(this);
    this.#framing.stop();
    this.#options.clock.clearTimeout(this.#lingering);
    this.#ended = true;
    this.#sendQueue.close();
    const user = this.#user;
    this.#user = undefined;
    user?.closed();
  }
}

/** Full by default. */
function overheadLimit({ overheadRate, clock }: ConnectionOptions, bytes?: number): TokenBucket | undefined {
  return overheadRate > 0 ? new TokenBucket(overheadRate, 2 * overheadRate, clock, bytes) : undefined;
}
