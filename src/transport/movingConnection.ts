/**
 * A connection on its way to another process, which inherits its socket.
 *
 * Owns: that every byte is read once and sent once, in order: what the old process has read and not looked at, what it
 * still has to send, and what the new one may not send before that. Next: `connection.ts`, `../server/handOver.ts`.
 */
import { Socket, type SocketConstructorOpts } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Connection, ConnectionState } from './connection.ts';

/** What goes with it, as plain data. */
export interface MovingConnection {
  state: ConnectionState;
  /** Came, and nobody has looked at it. */
  unread: Uint8Array | undefined;
  /** Waits for the reader. */
  unsent: Uint8Array;
  /** True if that has to wait for bytes that the old process still has to send. */
  mustWait: boolean;
}

/** Its socket, if another process can go on with it: not one with TLS, and none that is at its end. */
export function movableSocketOf(connection: Connection): Socket | undefined {
  const wire: unknown = connection.endpoints;
  if (!(wire instanceof Socket) || wire instanceof TLSSocket) return undefined;
  return wire.destroyed || wire.writableEnded ? undefined : wire;
}

/**
 * Takes it from this process. `sent` resolves when the last bytes from here are on their way, with false if they never will
 * be.
 */
export function giveAway(connection: Connection, socket: Socket): { moving: MovingConnection; sent: Promise<boolean> } {
  const { state, gathered: unsent } = connection.giveAway();
  const unread = (socket.read() as Buffer | null) ?? undefined;
  const mustWait = socket.writableLength > 0;
  let isAll = !mustWait;
  const sent = new Promise<boolean>((resolve) => {
    // A socket that has failed forgets what it still had to send: only the write itself tells.
    socket.once('close', () => resolve(isAll));
  });
  const sentAll = (error?: Error | null): void => {
    isAll = !error;
    socket.destroy();
  };
  // An empty write is done when those before it are; `drain` would come only if there had been too many.
  if (mustWait) socket.write('', sentAll);
  else socket.destroy();
  return { moving: { state, unread, unsent, mustWait }, sent };
}

/** The socket in the process that goes on. What is written there waits until the old process has sent its last bytes. */
export class InheritedSocket extends Socket {
  #mustWait: boolean;
  #later: (() => void) | undefined;

  constructor(options: SocketConstructorOpts, { unread, unsent, mustWait }: MovingConnection) {
    super(options);
    this.#mustWait = mustWait;
    if (unread !== undefined) this.unshift(Buffer.from(unread));
    if (unsent.length > 0) this.write(Buffer.from(unsent));
  }

  /** The old process has sent its last bytes; or never will, and then what its reader got has a hole. */
  released(isAll: boolean): void {
    if (!this.#mustWait) return;
    this.#mustWait = false;
    if (isAll) this.#later?.();
    else this.destroy();
  }

  override _write(chunk: unknown, encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#inTurn(() => super._write(chunk, encoding, callback));
  }

  override _writev(chunks: { chunk: unknown; encoding: BufferEncoding }[], callback: (error?: Error | null) => void) {
    this.#inTurn(() => super._writev?.(chunks, callback));
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.#inTurn(() => super._final(callback));
  }

  /** Node asks for one thing at a time. */
  #inTurn(act: () => void): void {
    if (this.#mustWait) this.#later = act;
    else act();
  }
}
