/**
 * A TCP connection in memory, both ends of it.
 *
 * Owns: the bytes under way, FIN and RST in their place behind them, and when `data`, `end`, `error` and `close` come,
 * as `net.Socket` has it with `allowHalfOpen`. Nothing moves by itself: `randomWorld.ts` decides what reaches which
 * end, and when. The server's end has just the part of `net.Socket` that `src/transport/connection.ts` uses.
 */
type Name = 'data' | 'drain' | 'end' | 'error' | 'close' | 'limit';
// biome-ignore lint/suspicious/noExplicitAny: as in node:events.
type Listener = (...args: any[]) => void;

export class MemorySocket {
  readonly remoteAddress = 'memory';
  readonly writableLength = 0;
  destroyed = false;
  /** A forbidden thing that the server did to the socket; undefined if there was none. */
  misuse: string | undefined;
  /** What is under way to the server. */
  readonly up: Buffer[] = [];
  upEnd: 'open' | 'fin' | 'reset' = 'open';
  /** What is under way to the user. */
  readonly down: Buffer[] = [];
  downEnd: 'open' | 'fin' | 'reset' = 'open';
  /** True if the server's end has got everything, except that the connection is closed. */
  closing = false;
  closed = false;
  flowing = true;
  #inputEnded = false;
  readonly #listeners: Record<Name, Listener[]> = { data: [], drain: [], end: [], error: [], close: [], limit: [] };

  // What the server calls.

  on(name: Name, listener: Listener): this {
    this.#listeners[name].push(listener);
    return this;
  }

  once(name: Name, listener: Listener): this {
    return this.on(name, (...args) => {
      this.off(name, listener);
      listener(...args);
    });
  }

  off(name: Name, listener: Listener): this {
    this.#listeners[name] = this.#listeners[name].filter((other) => other !== listener);
    return this;
  }

  write(text: string): boolean {
    if (this.downEnd === 'fin') this.misuse ??= `writes ${JSON.stringify(text)} after the end`;
    // A user who has cut the connection reads nothing more, even if the server doesn't know it yet.
    if (!this.destroyed && this.upEnd !== 'reset') this.down.push(Buffer.from(text));
    return true;
  }

  end(): void {
    if (this.downEnd === 'open') this.downEnd = 'fin';
    this.closing = this.#inputEnded && !this.closed;
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.closing = !this.closed;
    this.up.length = 0;
    this.down.length = 0;
    this.downEnd = 'reset';
  }

  pause(): void {
    this.flowing = false;
  }

  resume(): void {
    this.flowing = true;
  }

  /** The same connection in another process; this one's end is closed there, and the user notices nothing. */
  inherited(heir = new MemorySocket()): MemorySocket {
    heir.up.push(...this.up.splice(0));
    heir.down.push(...this.down.splice(0));
    heir.upEnd = this.upEnd;
    heir.downEnd = this.downEnd;
    heir.misuse = this.misuse;
    this.destroyed = true;
    this.closed = true;
    return heir;
  }

  // What the user does.

  send(bytes: Buffer): void {
    this.up.push(bytes);
  }

  finish(): void {
    if (this.upEnd === 'open') this.upEnd = 'fin';
  }

  /** Cuts the connection: what is under way in either direction is lost. */
  reset(): void {
    this.upEnd = 'reset';
    this.up.length = 0;
    this.down.length = 0;
  }

  // What the network does.

  /** True if something is under way to the server's end. */
  get hasUp(): boolean {
    if (!this.flowing || this.destroyed || this.closed) return false;
    return this.up.length > 0 || (this.upEnd === 'fin' ? !this.#inputEnded : this.upEnd === 'reset');
  }

  /** Gives the server's end the next thing under way: at most so many bytes, or the end. */
  deliverUp(most: number): void {
    const first = this.up[0];
    if (first === undefined) {
      this.#deliverUpEnd();
    } else if (first.length <= most) {
      this.up.shift();
      this.#emit('data', first);
    } else {
      this.up[0] = first.subarray(most);
      this.#emit('data', first.subarray(0, most));
    }
  }

  /** Puts the first two sendings together, as a network may. */
  joinUp(): void {
    const [first, second, ...rest] = this.up;
    if (first === undefined || second === undefined) return;
    this.up.splice(0, this.up.length, Buffer.concat([first, second]), ...rest);
  }

  /** The next bytes for the user, at most so many. */
  takeDown(most: number): Buffer | undefined {
    const first = this.down[0];
    if (first === undefined) return undefined;
    if (first.length <= most) return this.down.shift();
    this.down[0] = first.subarray(most);
    return first.subarray(0, most);
  }

  /** Notifies the server's end that the connection is closed. */
  close(): void {
    this.closing = false;
    this.closed = true;
    this.destroyed = true;
    this.#emit('close');
  }

  #deliverUpEnd(): void {
    if (this.upEnd === 'reset') {
      this.destroyed = true;
      this.#emit('error', new Error('read ECONNRESET'));
      this.closing = true;
      return;
    }
    this.#inputEnded = true;
    this.#emit('end');
    if (this.downEnd === 'fin') this.closing = !this.closed;
  }

  #emit(name: Name, argument?: unknown): void {
    for (const listener of this.#listeners[name]) listener(argument);
  }
}
