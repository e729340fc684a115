/**
 * How an address is written: one form for each, wherever it came from (the system, or the header of a load balancer).
 *
 * Owns: that form, for limits and for the log. Knows nothing of who counts by it.
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
