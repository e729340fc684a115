/**
 * Bytes to lines.
 *
 * Owns: where a line ends (LF, CRLF, or the end of a segment for clients that send no line feeds), its length limit and
 * its encoding. The guess between lines and segments is made once for each connection, as docs/protocol.md says.
 * Knows nothing of sockets, of what lines mean, or of what is safe to show.
 */
import { isUtf8 } from 'node:buffer';
import type { Clock } from '../runtime/clock.ts';
import { withoutTelnetCommands } from './telnet.ts';

/** How long first bytes without a line feed stay alone before the connection counts as segment-framed, in ms. */
export const segmentPauseMs = 200;

/** In how many pieces an unfinished line is kept: a byte that comes alone takes a hundred times its size. */
const maxPieces = 64;

export type FramingMode = 'auto' | 'lines';
export type LineRefusal = 'lineTooLong' | 'lineNotUtf8';

export interface FramingHandler {
  /** One or more lines that came together, parted by line feeds; none behind the last one. */
  lines(text: string): void;
  /** A line that was refused whole; what follows it is framed as if it had not been sent. */
  refusedLine(reason: LineRefusal): void;
  /** More came without a line feed than is bearable; nothing further should be pushed. */
  unterminated(): void;
}

export interface FramingOptions {
  mode: FramingMode;
  /** The longest line, its end not counted. */
  maxLineBytes: number;
  /** How many bytes of a line that is too long may come before its end. */
  maxUnterminatedBytes: number;
  clock: Clock;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

export class Framing {
  readonly #handler: FramingHandler;
  readonly #maxLineBytes: number;
  readonly #maxUnterminatedBytes: number;
  readonly #clock: Clock;
  #mode: 'undecided' | 'lines' | 'segments';
  /** Bytes of a line whose end has not come yet; at most `maxLineBytes` of them. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** True while the rest of a line that was too long is thrown away. */
  #skipping = false;
  #skippedBytes = 0;
  #pause: unknown;

  constructor(handler: FramingHandler, options: FramingOptions) {
    this.#handler = handler;
    this.#mode = options.mode === 'lines' ? 'lines' : 'undecided';
    this.#maxLineBytes = options.maxLineBytes;
    this.#maxUnterminatedBytes = options.maxUnterminatedBytes;
    this.#clock = options.clock;
  }

  push(chunk: Buffer): void {
    if (this.#mode === 'undecided') this.#guess(chunk);
    else if (this.#mode === 'segments') this.#takeSegment(chunk);
    else this.#takeLines(chunk);
  }

  /** No more bytes will come: a last line without a line feed counts. */
  end(): void {
    this.stop();
    if (this.#skipping) this.#handler.refusedLine('lineTooLong');
    else if (this.#pendingBytes > 0) this.#emitLines(this.#takePending());
    this.#skipping = false;
  }

  /** Gives up whatever is unfinished. */
  stop(): void {
    this.#clock.clearTimeout(this.#pause);
    this.#pause = undefined;
  }

  #guess(chunk: Buffer): void {
    this.stop();
    const isLong = this.#pendingBytes + chunk.length > this.#maxLineBytes || this.#pending.length === maxPieces;
    if (isLong || chunk.includes(lineFeed)) {
      this.#mode = 'lines';
      this.#takeLines(chunk);
      return;
    }
    this.#keep(chunk);
    // A program that speaks telnet greets with its commands, long before the person has typed anything.
    if (withoutTelnetCommands(Buffer.concat(this.#pending)).length === 0) return;
    // A server that was busy for longer than the pause finds the next bytes already in the socket: it reads them first.
    this.#pause = this.#clock.setTimeout(() => {
      this.#pause = this.#clock.setTimeout(() => this.#becomeSegmentFramed(), 0);
    }, segmentPauseMs);
  }

  #becomeSegmentFramed(): void {
    this.#mode = 'segments';
    const segments = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    for (const segment of segments) this.#takeSegment(segment);
  }

  #takeSegment(chunk: Buffer): void {
    this.#keep(chunk);
    const bytes = this.#takePending();
    if (withoutTelnetCommands(bytes).length === 0) return;
    if (endsInsideCharacter(bytes) && bytes.length <= this.#maxLineBytes) this.#keep(bytes);
    else this.#emitLines(bytes.at(-1) === lineFeed ? bytes.subarray(0, -1) : bytes);
  }

  #takeLines(chunk: Buffer): void {
    const end = chunk.lastIndexOf(lineFeed);
    if (end === -1) {
      this.#keepWithinLimit(chunk);
      return;
    }
    let start = 0;
    if (this.#skipping) {
      start = chunk.indexOf(lineFeed) + 1;
      this.#skipping = false;
      this.#handler.refusedLine('lineTooLong');
    }
    if (start <= end) {
      const bytes = chunk.subarray(start, end);
      if (this.#pendingBytes > 0) {
        this.#keep(bytes);
        this.#emitLines(this.#takePending());
      } else this.#emitLines(bytes);
    }
    if (end + 1 < chunk.length) this.#keepWithinLimit(chunk.subarray(end + 1));
  }

  #keepWithinLimit(chunk: Buffer): void {
    if (this.#skipping) {
      this.#skip(chunk.length);
      return;
    }
    // A CR that may belong to the line's end doesn't count.
    if (this.#pendingBytes + chunk.length > this.#maxLineBytes + 1) {
      this.#skipping = true;
      this.#skippedBytes = 0;
      this.#skip(this.#takePending().length + chunk.length);
      return;
    }
    this.#keep(chunk);
  }

  #skip(bytes: number): void {
    this.#skippedBytes += bytes;
    if (this.#skippedBytes >= this.#maxUnterminatedBytes) this.#handler.unterminated();
  }

  #keep(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pending.length > maxPieces) this.#pending = [Buffer.concat(this.#pending)];
  }

  #takePending(): Buffer {
    const [first] = this.#pending;
    const bytes = this.#pending.length === 1 && first ? first : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#pendingBytes = 0;
    return bytes;
  }

  /** One or more whole lines, without the last one's line feed. */
  #emitLines(received: Buffer): void {
    const text = received.toString('utf8');
    // Bytes that are no UTF-8, telnet's too, are decoded to replacement characters, which somebody may also have sent.
    if (text.includes('\ufffd') && !isUtf8(received)) this.#emitEach(received);
    else if (received.length > this.#maxLineBytes && this.#hasTooLong(received)) this.#emitEach(received);
    else this.#handler.lines(text.includes('\r') ? text.replace(/\r(?=\n|$)/g, '') : text);
  }

  /**
   * Whole lines at least one of which has to be refused, or holds telnet's commands: none of these reaches over a line feed,
   * or it would matter how the bytes are cut.
   */
  #emitEach(bytes: Buffer): void {
    for (const received of linesOf(bytes)) {
      const line = withoutTelnetCommands(received);
      if (received.length > this.#maxLineBytes) this.#handler.refusedLine('lineTooLong');
      else if (isUtf8(line)) this.#handler.lines(line.toString('utf8'));
      else this.#handler.refusedLine('lineNotUtf8');
    }
  }

  #hasTooLong(bytes: Buffer): boolean {
    for (const line of linesOf(bytes)) if (line.length > this.#maxLineBytes) return true;
    return false;
  }
}

/** The lines, without their ends. */
function* linesOf(bytes: Buffer): Iterable<Buffer> {
  for (let start = 0; start <= bytes.length; ) {
    const found = bytes.indexOf(lineFeed, start);
    const end = found === -1 ? bytes.length : found;
    yield bytes.subarray(start, end > start && bytes[end - 1] === carriageReturn ? end - 1 : end);
    start = end + 1;
  }
}

/** True if the bytes stop in the middle of a UTF-8 character whose rest may still come. */
function endsInsideCharacter(bytes: Buffer): boolean {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes.at(-back) as number;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 && byte < 0xf8 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return byte < 0xf8 && length > back;
  }
  return false;
}
