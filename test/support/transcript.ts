/**
 * What came out of a stream, compared piece by piece: exactly these bytes have to come next.
 *
 * Owns: the reading, its deadline, and the report of a failure, which shows everything that was said and read so far.
 * Knows nothing of the dialogue. The stream may be a socket or the output of a process.
 */
import type { Readable } from 'node:stream';
import { deadlineMs } from './deadline.ts';

export class Transcript {
  /** The reader's name, for the report. */
  name: string;
  readonly #pieces: { by: '<' | '>'; bytes: Buffer }[] = [];
  #unread: Buffer = Buffer.alloc(0);
  #end: 'open' | 'ended' | 'closed' | 'broken' = 'open';
  #onChange = (): void => {};

  constructor(incoming: Readable, name: string) {
    this.name = name;
    incoming.on('data', (bytes: Buffer) => {
      this.#pieces.push({ by: '<', bytes });
      this.#unread = Buffer.concat([this.#unread, bytes]);
      this.#onChange();
    });
    incoming.on('end', () => this.#ended('ended'));
    incoming.on('error', () => this.#ended('broken'));
    incoming.on('close', () => this.#ended(this.#end === 'ended' ? 'closed' : 'broken'));
  }

  /** Adds what was said to the report. */
  noteSaid(bytes: Buffer): void {
    this.#pieces.push({ by: '>', bytes });
  }

  /** Reads exactly this next. */
  async expect(text: string): Promise<void> {
    await this.expectOneOf(text);
  }

  /** Reads exactly one of these next, and resolves with it. None of them may be the beginning of another. */
  async expectOneOf<T extends string>(...texts: T[]): Promise<T> {
    const isMissing = (text: string) => !this.#startsWith(text) && this.#mayStillRead(text);
    await this.#until(() => texts.some((text) => this.#startsWith(text)) || !texts.some(isMissing));
    const found = texts.find((text) => this.#startsWith(text));
    if (found === undefined) throw this.#failure(texts.map(quote).join('\n or '));
    this.#unread = this.#unread.subarray(Buffer.byteLength(found));
    return found;
  }

  /** Reads everything up to the end of this text. */
  async readThrough(text: string): Promise<string> {
    await this.#until(() => this.#unread.includes(text) || this.#end !== 'open');
    const at = this.#unread.indexOf(text);
    if (at === -1) throw this.#failure(`anything, then ${quote(text)}`);
    return this.readBytes(at + Buffer.byteLength(text));
  }

  /** Reads this many bytes. */
  async readBytes(count: number): Promise<string> {
    await this.#until(() => this.#unread.length >= count || this.#end !== 'open');
    if (this.#unread.length < count) throw this.#failure(`${count} bytes`);
    const read = this.#unread.toString('utf8', 0, count);
    this.#unread = this.#unread.subarray(count);
    return read;
  }

  /** Reads everything that has arrived. */
  takeUnread(): string {
    const read = this.#unread.toString('utf8');
    this.#unread = Buffer.alloc(0);
    return read;
  }

  /** Sees the other side end in order (a FIN, never an RST), with nothing left to read. */
  async expectEnd(): Promise<void> {
    await this.#until(() => this.#unread.length > 0 || this.#end !== 'open');
    if (this.#unread.length > 0 || this.#hasNotEnded) throw this.#failure('the end, in order');
  }

  /** Sees both sides close, without an RST. */
  async expectClosed(): Promise<void> {
    await this.#until(() => this.#end === 'closed' || this.#end === 'broken');
    if (this.#end !== 'closed') throw this.#failure('the end of both sides, in order');
  }

  /** Reads everything up to the end of the stream. */
  async readToEnd(): Promise<string> {
    await this.#until(() => this.#end !== 'open');
    if (this.#hasNotEnded) throw this.#failure('anything, then the end, in order');
    return this.takeUnread();
  }

  get #hasNotEnded(): boolean {
    return this.#end !== 'ended' && this.#end !== 'closed';
  }

  #startsWith(text: string): boolean {
    const expected = Buffer.from(text);
    return this.#unread.subarray(0, expected.length).equals(expected);
  }

  #mayStillRead(text: string): boolean {
    return this.#end === 'open' && Buffer.from(text).subarray(0, this.#unread.length).equals(this.#unread);
  }

  #ended(how: 'ended' | 'closed' | 'broken'): void {
    this.#end = how;
    this.#onChange();
  }

  /** Waits until this is true. After the deadline it resolves, too, and the caller finds what is missing. */
  #until(isTrue: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const deadline = setTimeout(() => done(), deadlineMs);
      const done = (): void => {
        clearTimeout(deadline);
        this.#onChange = () => {};
        resolve();
      };
      this.#onChange = () => {
        if (isTrue()) done();
      };
      this.#onChange();
    });
  }

  #failure(expected: string): Error {
    const pieces = this.#pieces.map(({ by, bytes }) => `  ${by} ${quote(bytes)}`);
    const next = quote(this.#unread);
    const report = [`${this.name} should read\n    ${expected}`, `but read\n    ${next}, connection ${this.#end}`];
    return new Error(`${report.join('\n')}\nAll that was said (>) and read (<):\n${pieces.join('\n')}`);
  }
}

/** Returns a text as the source of a test would hold it. A very long one loses its middle. */
function quote(text: string | Buffer): string {
  const quoted = JSON.stringify(text.toString());
  return quoted.length <= 2_000 ? quoted : `${quoted.slice(0, 1_000)} ... ${quoted.slice(-1_000)}`;
}
