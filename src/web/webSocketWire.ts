/**
 * A WebSocket as the wire of a connection: one text message is one line, without a line feed; what the server says goes out
 * as it stands, one message for each write.
 *
 * Owns: that form, what a WebSocket has beside lines (pings, the close frame, messages that are too long or no text), and
 * the order of its end. Knows nothing of charts or chats. Adapted by its events: a stream around it would cost half as much
 * memory again. Next: `../transport/connection.ts` (what uses it), `webServer.ts` (what makes it).
 */
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../runtime/clock.ts';
import { TokenBucket } from '../runtime/tokenBucket.ts';
import type { Wire, WireLimit } from '../transport/connection.ts';
import { ReadPacing } from '../transport/readPacing.ts';
import { SocketFacts } from './socketFacts.ts';

const lineFeed = Buffer.from('\n');
const endsInLineEnd = /\r?\n$/;

/** A frame's own bytes, as browsers send it. */
const frameBytes = 6;

/** RFC 6455: this is data that is not taken, the end was in order, and there was no close frame. */
const unsupportedData = 1003;
const normalClosure = 1000;
const abnormalClosure = 1006;

/** What ws calls a message that is longer, or in more pieces, than `maxPayload` and `maxFragments` allow. */
const tooLong = ['WS_ERR_UNSUPPORTED_MESSAGE_LENGTH', 'WS_ERR_TOO_MANY_BUFFERED_PARTS'];

export interface WireOptions {
  clock: Clock;
  /** Bytes per second that may be part of no line, and twice as many at once; 0 for any number. */
  overheadRate: number;
}

export class WebSocketWire extends SocketFacts implements Wire {
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #options: WireOptions;
  readonly #reading: ReadPacing;
  /** Not before the first control frame: most browsers never send one. */
  #overhead: TokenBucket | undefined;
  /** Lines of the bytes that are being read; they are handed on together, as those of one TCP segment are. */
  #lines: Buffer[] = [];
  #isInputOver = false;
  #isEnded = false;
  #isOver = false;
  /** The close handshake is over, or the socket is gone. */
  #isClosed = false;

  /** `socket` is what the WebSocket was made of; `ws` has to be listening to it already. */
  constructor(webSocket: WebSocket, socket: Socket, options: WireOptions) {
    super(socket);
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#options = options;
    this.#reading = new ReadPacing(webSocket);
    webSocket.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    webSocket.on('ping', (data: Buffer) => this.#onControl(data));
    webSocket.on('pong', (data: Buffer) => this.#onControl(data));
    webSocket.on('error', (error: NodeJS.ErrnoException) => this.#onError(error));
    webSocket.on('close', (code) => this.#onClose(code));
    // Behind the listener of ws, which has found the messages in these bytes by then.
    socket.on('data', (bytes: Buffer) => {
      this.#handOn();
      this.#reading.took(bytes.length);
    });
    socket.on('drain', () => this.emit('drain'));
  }

  get writableLength(): number {
    return this.#isClosed ? 0 : this.#socket.writableLength;
  }

  get destroyed(): boolean {
    return this.#isOver;
  }

  /** True while nothing is read. */
  get isPaused(): boolean {
    return this.#webSocket.isPaused;
  }

  write(text: string | Buffer): boolean {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return true;
    this.#webSocket.send(text, { binary: false, compress: false });
    return !this.#socket.writableNeedDrain;
  }

  /** Something beside the text, for a page that asked for it; false if it had to be left out, because much waits already. */
  writeBeside(bytes: Buffer): boolean {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN || this.#socket.writableNeedDrain) return false;
    this.#webSocket.send(bytes, { binary: true, compress: false });
    return true;
  }

  /** Asks whether the other side is there; it has to say so, and what asks looks at `bytesRead`. */
  ping(): void {
    if (this.#webSocket.readyState === this.#webSocket.OPEN && !this.#socket.writableNeedDrain) this.#webSocket.ping();
  }

  /** Tells that the other side isn't there any more. */
  gone(): void {
    this.#tell('unreachable');
  }

  pause(): void {
    this.#reading.pause();
  }

  resume(): void {
    this.#reading.resume();
  }

  /** Sends what was written, then a close frame. */
  end(): void {
    this.#isEnded = true;
    if (this.#isClosed) process.nextTick(() => this.#finish());
    else this.#webSocket.close(normalClosure);
  }

  destroy(): void {
    this.#isEnded = true;
    this.#webSocket.terminate();
    if (this.#isClosed) process.nextTick(() => this.#finish());
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (isBinary) {
      this.#webSocket.close(unsupportedData);
      this.#endInput();
      return;
    }
    const bytes = data as Buffer;
    const isEnded = bytes.at(-1) === lineFeed[0];
    this.#lines.push(isEnded ? Buffer.from(bytes.toString().replace(endsInLineEnd, '')) : bytes, lineFeed);
  }

  #onControl(data: Buffer): void {
    const { overheadRate, clock } = this.#options;
    if (overheadRate <= 0) return;
    this.#overhead ??= new TokenBucket(overheadRate, 2 * overheadRate, clock);
    if (!this.#overhead.take(data.length + frameBytes)) this.#tell('overhead');
  }

  #onError({ code = '' }: NodeJS.ErrnoException): void {
    this.#handOn();
    if (tooLong.includes(code)) this.#tell('unterminated');
    else this.#endInput();
  }

  /**
   * A close frame is the end of what is said, and not of the session: what was said before may still wait for its turn. So it
   * is over when the user of the connection has ended it too; meanwhile it counts as a connection.
   */
  #onClose(code: number): void {
    this.#isClosed = true;
    if (code === abnormalClosure || this.#isEnded) this.#finish();
    else this.#endInput();
  }

  #endInput(): void {
    this.#handOn();
    if (this.#isInputOver) return;
    this.#isInputOver = true;
    this.emit('end');
  }

  #handOn(): void {
    if (this.#lines.length === 0) return;
    const lines = this.#lines;
    this.#lines = [];
    this.emit('data', Buffer.concat(lines));
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.emit('close');
  }

  #tell(limit: WireLimit): void {
    this.emit('limit', limit);
  }
}
