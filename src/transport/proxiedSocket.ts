/**
 * Connections that come through a load balancer, up to the end of its header.
 *
 * Owns: reading it, its deadline, and handing the socket on as if it had just come, with every byte behind the header still to
 * be read. A connection without a header is closed: nobody but the balancer should get here, so nobody is told why.
 */

import type { Socket } from 'node:net';
import type { Clock } from '../runtime/clock.ts';
import { ignoreError } from '../runtime/ignoreError.ts';
import { canonicalAddress } from './address.ts';
import { readProxyHeader } from './proxyHeader.ts';

export interface ProxiedOptions {
  clock: Clock;
  /** From the connection to the end of its header, in ms. */
  headerMs: number;
}

export interface ProxiedOwner {
  /** A connection has come; `address` is its client's. */
  arrived(socket: Socket, address: string): void;
  /** It had no header, or none in time, and is closed. `address` is the one it came from. */
  refused(address: string): void;
}

export class Proxied {
  readonly #options: ProxiedOptions;
  readonly #owner: ProxiedOwner;
  readonly #pending = new Set<Socket>();

  constructor(options: ProxiedOptions, owner: ProxiedOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  /** How many have not said who they are. */
  get count(): number {
    return this.#pending.size;
  }

  begin(socket: Socket): void {
    const from = canonicalAddress(socket.remoteAddress ?? 'unknown');
    let bytes: Buffer = Buffer.alloc(0);
    const finish = (): void => {
      this.#options.clock.clearTimeout(deadline);
      this.#pending.delete(socket);
      socket.off('readable', onReadable).off('end', refuse).off('close', finish);
    };
    const refuse = (): void => {
      finish();
      this.#owner.refused(from);
      socket.destroy();
    };
    const onReadable = (): void => {
      for (let more = socket.read() as Buffer | null; more !== null; more = socket.read() as Buffer | null) {
        bytes = Buffer.concat([bytes, more]);
      }
      const header = readProxyHeader(bytes);
      if (header === 'incomplete') return;
      if (header === 'none') {
        refuse();
        return;
      }
      finish();
      if (bytes.length > header.length) socket.unshift(bytes.subarray(header.length));
      this.#owner.arrived(socket, header.address === undefined ? from : canonicalAddress(header.address));
    };
    const deadline = this.#options.clock.setTimeout(refuse, this.#options.headerMs);
    this.#pending.add(socket);
    // A socket that fails also closes.
    socket.on('error', ignoreError).on('end', refuse).on('close', finish).on('readable', onReadable);
  }

  /** Cuts all that have said nothing yet. */
  stop(): void {
    for (const socket of this.#pending) socket.destroy();
  }
}
