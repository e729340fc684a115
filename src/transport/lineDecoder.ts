/**
 * Bytes to lines.
 *
 * Owns: where a line ends (at its line end, or at the end of a segment for clients that send none), its length limit and
 * its encoding. The guess between lines and segments is made once for each connection, as docs/protocol.md says; whether
 * a terminal sends each key by itself is found out on the way.
 * Knows nothing of sockets, of what lines mean, or of what is safe to show. Next: `telnet.ts`, `lineEnds.ts`.
 */
import { isUtf8 } from 'node:buffer';
import type { Clock } from '../runtime/clock.ts';
import { hasEraseKeys, LineEnds, type LineEndsState, withoutErased } from './lineEnds.ts';
import { mayBeTelnet, TelnetFilter, type TelnetState } from './telnet.ts';

/** How long first bytes without a line feed stay alone before the connection counts as segment-framed, in ms. */
export const segmentPauseMs = 200;

/** The same for one key that comes first: it is a whole message only if no other key follows for so long, in ms. */
export const keyPauseMs = 10_000;

/** Keys come by themselves from a person if so much time is between them, in ms, and so many of them did. */
const keystrokeMs = 30;
const keystrokesOfPerson = 2;

/** In how many pieces an unfinished line is kept: a byte that comes alone takes a hundred times its size. */
const maxPieces = 64;

export type FramingMode = 'auto' | 'lines';
export type LineRefusal = 'lineTooLong' | 'lineNotUtf8';

export interface FramingHandler {
  /** One or more lines that came together, separated by line feeds; none behind the last one. */
  lines(text: string): void;
  /** A line that was refused whole; what follows it is framed as if it had not been sent. */
  refusedLine(reason: LineRefusal): void;
  /** More came without a line feed than is bearable; nothing further should be pushed. */
  limitReached(limit: 'unterminated'): void;
  /** So many bytes were telnet's commands, and no part of any line; telnet expects the replies to be sent back. */
  commands(bytes: number, replies: Buffer | undefined): void;
}

export interface FramingOptions {
  mode: FramingMode;
  /** The longest line, its end not counted. */
  maxLineBytes: number;
  /** How many bytes of a line that is too long may come before its end. */
  maxUnterminatedBytes: number;
  clock: Clock;
  /** Where another one has stopped. */
  state?: FramingState | undefined;
}

/** What is known between two pieces, as plain data. */
export interface FramingState {
  mode: 'undecided' | 'lines' | 'segments';
  pending: readonly Uint8Array[];
  isSkipping: boolean;
  skippedBytes: number;
  isKeyByKey: boolean;
  keystrokes: number;
  /** How long ago the last text came. */
  silentMs: number;
  telnet: TelnetState;
  lineEnds: LineEndsState;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const escapeKey = 0x1b;

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
  /** From the first byte 255 on: few clients speak telnet, and it is as large as everything else here. */
  #telnet: TelnetFilter | undefined;
  readonly #lineEnds = new LineEnds();
  /** A key came by itself: nobody else edits the line, so the erase keys count. */
  #isKeyByKey = false;
  /** How many keys came by themselves as slowly as a person types, up to as many as prove it. */
  #keystrokes = 0;
  #lastTextAt = Number.NEGATIVE_INFINITY;

  constructor(handler: FramingHandler, options: FramingOptions) {
    this.#handler = handler;
    this.#mode = options.mode === 'lines' ? 'lines' : 'undecided';
    this.#maxLineBytes = options.maxLineBytes;
    this.#maxUnterminatedBytes = options.maxUnterminatedBytes;
    this.#clock = options.clock;
    const { state } = options;
    if (state === undefined) return;
    this.#mode = state.mode;
    this.#skipping = state.isSkipping;
    this.#skippedBytes = state.skippedBytes;
    this.#isKeyByKey = state.isKeyByKey;
    this.#keystrokes = state.keystrokes;
    this.#lastTextAt = this.#clock.now() - state.silentMs;
    if (state.telnet.state !== 'text' || state.telnet.commandBytes > 0) {
      this.#telnet = new TelnetFilter();
      this.#telnet.state = state.telnet;
    }
    this.#lineEnds.state = state.lineEnds;
    for (const piece of state.pending) {
      if (this.#mode === 'undecided') this.#guess(Buffer.from(piece));
      else this.#keep(Buffer.from(piece));
    }
  }

  push(received: Buffer): void {
    const text = this.#withoutTelnet(received);
    if (this.#keystrokes < keystrokesOfPerson) this.#countKeystroke(text);
    const piece = text.length === 0 ? text : this.#lineEnds.toLineFeeds(text);
    if (piece.length === 0) return;
    const mayBeKey = this.#mode === 'lines' || (this.#mode === 'undecided' && this.#pending.length === 0);
    if (mayBeKey && isKey(piece)) this.#isKeyByKey = true;
    const chunk = this.#isKeyByKey && hasEraseKeys(piece) ? withoutErased(this.#takeBefore(piece)) : piece;
    if (this.#mode === 'undecided') this.#guess(chunk);
    else if (this.#mode === 'segments') this.#takeSegment(chunk);
    else this.#takeLines(chunk);
  }

  /** What another one needs to go on where this one stops. */
  get state(): FramingState {
    return {
      mode: this.#mode,
      pending: this.#pending,
      isSkipping: this.#skipping,
      skippedBytes: this.#skippedBytes,
      isKeyByKey: this.#isKeyByKey,
      keystrokes: this.#keystrokes,
      silentMs: this.#clock.now() - this.#lastTextAt,
      telnet: (this.#telnet ?? new TelnetFilter()).state,
      lineEnds: this.#lineEnds.state,
    };
  }

  /** A terminal whose person types each key by itself, and that speaks as terminals do: a line feed alone doesn't bring it to the left. */
  get needsCarriageReturns(): boolean {
    const isTyped = this.#isKeyByKey && this.#keystrokes === keystrokesOfPerson;
    return isTyped && (this.#lineEnds.hasCarriageReturns || (this.#telnet?.commandBytes ?? 0) > 0);
  }

  /** No more bytes will come: a last line without a line feed counts. */
  end(): void {
    this.stop();
    const rest = Buffer.concat([this.#lineEnds.end(), this.#telnet?.end() ?? Buffer.alloc(0)]);
    if (rest.length > 0) this.#keepWithinLimit(rest);
    if (this.#skipping) this.#handler.refusedLine('lineTooLong');
    else if (this.#pendingBytes > 0) this.#emitLines(this.#takePending());
    this.#skipping = false;
  }

  /** Gives up whatever is unfinished. */
  stop(): void {
    this.#clock.clearTimeout(this.#pause);
    this.#pause = undefined;
  }

  #withoutTelnet(received: Buffer): Buffer {
    if (this.#telnet === undefined && !mayBeTelnet(received)) return received;
    this.#telnet ??= new TelnetFilter();
    const before = this.#telnet.commandBytes;
    const text = this.#telnet.textOf(received);
    const commandBytes = this.#telnet.commandBytes - before;
    if (commandBytes === 0) return text;
    // A program that speaks telnet says where its lines end.
    if (this.#mode === 'undecided') this.#becomeLineFramed();
    this.#handler.commands(commandBytes, this.#telnet.takeReplies());
    return text;
  }

  /** A program that sends a line byte by byte is faster; nobody looks at what it reads. */
  #countKeystroke(text: Buffer): void {
    if (text.length === 0) return;
    const now = this.#clock.now();
    const isSlow = now - this.#lastTextAt >= keystrokeMs;
    this.#lastTextAt = now;
    if (isSlow && (isKey(text) || isReturnKey(text))) this.#keystrokes++;
  }

  #guess(chunk: Buffer): void {
    this.stop();
    const isFirst = this.#pending.length === 0;
    const isLong = this.#pendingBytes + chunk.length > this.#maxLineBytes || this.#pending.length === maxPieces;
    const followsKey = this.#isKeyByKey && !isFirst;
    if (isLong || followsKey || chunk.includes(lineFeed)) {
      this.#mode = 'lines';
      this.#takeLines(chunk);
      return;
    }
    this.#keep(chunk);
    const pauseMs = this.#isKeyByKey ? keyPauseMs : segmentPauseMs;
    // A server that was busy for longer than the pause finds the next bytes already in the socket: it reads them first.
    this.#pause = this.#clock.setTimeout(() => {
      this.#pause = this.#clock.setTimeout(() => this.#becomeSegmentFramed(), 0);
    }, pauseMs);
  }

  #becomeLineFramed(): void {
    this.stop();
    this.#mode = 'lines';
  }

  #becomeSegmentFramed(): void {
    this.#mode = 'segments';
    this.#isKeyByKey = false;
    const segments = this.#pending;
    this.#pending = [];
    this.#pendingBytes = 0;
    for (const segment of segments) this.#takeSegment(segment);
  }

  #takeSegment(chunk: Buffer): void {
    this.#keep(chunk);
    const bytes = this.#takePending();
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
    if (this.#pendingBytes + chunk.length > this.#maxLineBytes) {
      this.#skipping = true;
      this.#skippedBytes = 0;
      this.#skip(this.#takePending().length + chunk.length);
      return;
    }
    this.#keep(chunk);
  }

  #skip(bytes: number): void {
    this.#skippedBytes += bytes;
    if (this.#skippedBytes >= this.#maxUnterminatedBytes) this.#handler.limitReached('unterminated');
  }

  #keep(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pending.length > maxPieces) this.#pending = [Buffer.concat(this.#pending)];
  }

  /** What is unfinished and these bytes, for somebody else to keep. */
  #takeBefore(chunk: Buffer): Buffer {
    return this.#pendingBytes === 0 ? chunk : Buffer.concat([this.#takePending(), chunk]);
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
    // Bytes that are no UTF-8 are decoded to replacement characters, which somebody may also have sent.
    if (text.includes('\ufffd') && !isUtf8(received)) this.#emitEach(received);
    else if (received.length > this.#maxLineBytes && hasLongerLine(received, this.#maxLineBytes))
      this.#emitEach(received);
    else this.#handler.lines(text);
  }

  /** Whole lines at least one of which has to be refused. */
  #emitEach(bytes: Buffer): void {
    for (const line of linesOf(bytes)) {
      if (line.length > this.#maxLineBytes) this.#handler.refusedLine('lineTooLong');
      else if (isUtf8(line)) this.#handler.lines(line.toString('utf8'));
      else this.#handler.refusedLine('lineNotUtf8');
    }
  }
}

function hasLongerLine(bytes: Buffer, maxLineBytes: number): boolean {
  for (const line of linesOf(bytes)) if (line.length > maxLineBytes) return true;
  return false;
}

/** The lines, without their ends. */
function* linesOf(bytes: Buffer): Iterable<Buffer> {
  for (let start = 0; start <= bytes.length; ) {
    const found = bytes.indexOf(lineFeed, start);
    const end = found === -1 ? bytes.length : found;
    yield bytes.subarray(start, end);
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

/** True for what one key of a keyboard sends: one character, or the escape sequence of an arrow; not the Return key. */
function isKey(piece: Buffer): boolean {
  if (piece.length === 1) return piece[0] !== lineFeed && piece[0] !== carriageReturn;
  if (piece[0] === escapeKey) return piece.length <= 6 && !piece.includes(lineFeed);
  return piece.length <= 4 && [...piece.toString('utf8')].length === 1;
}

function isReturnKey(piece: Buffer): boolean {
  return piece.length <= 2 && ['\r', '\n', '\r\n', '\r\0'].includes(piece.toString('latin1'));
}
