/**
 * Who may connect: how many at once, and how many from one address.
 *
 * Owns: the count of connections. This machine's own addresses count for the whole only. Knows nothing of chat.
 */

import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import type { Limits } from '../config/limits.ts';
import { canonicalAddress } from '../transport/address.ts';

export type ConnectionRefusal = 'serverFull' | 'addressFull';

/** Files the server needs besides its connections: the listening socket, the log, the loop's own. */
const filesKept = 64;

export class ConnectionLimiter {
  readonly maxConnections: number;
  readonly #maxPerAddress: number;
  readonly #perAddress = new Map<string, number>();
  #connections = 0;

  constructor({ maxConnections, maxPerAddress }: Pick<Limits, 'maxConnections' | 'maxPerAddress'>) {
    this.maxConnections = Math.max(1, Math.min(maxConnections, openFilesLimit() - filesKept));
    this.#maxPerAddress = maxPerAddress;
  }

  /** Takes a connection in, unless there are too many; who is taken in has to `leave` once. */
  enter(remoteAddress: string): ConnectionRefusal | undefined {
    if (this.#connections >= this.maxConnections) return 'serverFull';
    const network = networkOf(remoteAddress);
    const others = this.#perAddress.get(network) ?? 0;
    if (this.#maxPerAddress > 0 && others >= this.#maxPerAddress && !isLoopback(network)) return 'addressFull';
    this.#connections++;
    this.#perAddress.set(network, others + 1);
    return undefined;
  }

  leave(remoteAddress: string): void {
    this.#connections--;
    const network = networkOf(remoteAddress);
    const others = (this.#perAddress.get(network) ?? 0) - 1;
    if (others > 0) this.#perAddress.set(network, others);
    else this.#perAddress.delete(network);
  }
}

/** What counts as one address: an IPv4 address, also one that comes as IPv6; of IPv6 the first 64 bits, which one household has. */
export function networkOf(address: string): string {
  const canonical = canonicalAddress(address);
  if (!isIPv6(canonical) || canonical === '::1') return canonical;
  const [head = '', tail] = canonical.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail ? tail.split(':') : [];
  const groups = tail === undefined ? first : [...first, ...Array(8 - first.length - last.length).fill('0'), ...last];
  return `${groups.slice(0, 4).join(':')}::/64`;
}

function isLoopback(network: string): boolean {
  return network.startsWith('127.') || network === '::1';
}

/** How many files this process may have open; without a limit, or where that can't be found out, infinity. */
function openFilesLimit(): number {
  try {
    const [, soft = ''] = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return /^\d+$/.test(soft) ? Number(soft) : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
