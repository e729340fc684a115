/**
 * How many connections there may be at once, and how many from one address.
 *
 * Owns: the count of connections. Those from this machine count for the first limit only. Knows nothing of chat.
 */

import { readFileSync } from 'node:fs';
import { isIPv4, isIPv6 } from 'node:net';
import type { Limits } from '../config/limits.ts';

export type ConnectionRefusal = 'serverFull' | 'addressFull';

/** How many files the server needs besides its connections: the listening socket, the log, those of the event loop. */
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

  /** Counts a connection, or returns why it is refused. Each one that was counted needs one call of `leave`. */
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

/**
 * Returns what counts as one address: an IPv4 address, also one in IPv6 form; the first 64 bits of an IPv6 address,
 * which one household has.
 */
export function networkOf(address: string): string {
  const mapped = address.replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIPv4(mapped) || !isIPv6(address)) return mapped;
  const [head = '', tail] = address.replace(/%.*$/, '').toLowerCase().split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail ? tail.split(':') : [];
  const groups = tail === undefined ? first : [...first, ...Array(8 - first.length - last.length).fill('0'), ...last];
  if (groups.slice(0, 7).every((group) => Number.parseInt(group, 16) === 0) && groups[7] === '1') return '::1';
  return `${groups.slice(0, 4).join(':')}::/64`;
}

function isLoopback(network: string): boolean {
  return network.startsWith('127.') || network === '::1';
}

/** Returns how many files this process may have open; infinity if there is no limit, or if it can't be read. */
function openFilesLimit(): number {
  try {
    const [, soft = ''] = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return /^\d+$/.test(soft) ? Number(soft) : Number.POSITIVE_INFINITY;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
