/**
 * How an address is written: one form for each, wherever it came from (the system, or the header of a load balancer).
 *
 * Owns: that form, for limits and for the log, and what counts as one address. Knows nothing of who counts by it.
 */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/**
 * IPv4 in dots, also what comes as IPv6 (`::ffff:198.51.100.1`, `::ffff:c633:6401`); IPv6 in its shortest form, without a
 * zone. Anything else as it is.
 */
export function canonicalAddress(address: string): string {
  const withoutZone = address.replace(/%.*$/, '');
  if (isIPv4(withoutZone) || !isIPv6(withoutZone)) return withoutZone;
  const shortest = new SocketAddress({ address: withoutZone, family: 'ipv6' }).address;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(shortest)?.[1] ?? shortest;
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
