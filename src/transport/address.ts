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
  return `${groupsOf(canonical).slice(0, 4).join(':')}::/64`;
}

/** The network of so many bits that an address is in, with the bits behind it as zeros: `198.51.100.0/24`, `2001:db8::/32`. */
export function networkAround(address: string, bits: number): string {
  const canonical = canonicalAddress(address);
  const isOld = isIPv4(canonical);
  const [parts, bitsOfPart] = isOld
    ? ([canonical.split('.').map(Number), 8] as const)
    : ([groupsOf(canonical).map((group) => Number.parseInt(group, 16)), 16] as const);
  const masked = parts.map((part, index) => {
    const kept = Math.min(bitsOfPart, Math.max(0, bits - index * bitsOfPart));
    return part & (((1 << kept) - 1) << (bitsOfPart - kept));
  });
  const first = isOld ? masked.join('.') : masked.map((group) => group.toString(16)).join(':');
  return `${isOld ? first : new SocketAddress({ address: first, family: 'ipv6' }).address}/${bits}`;
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const first = head === '' ? [] : head.split(':');
  const last = tail ? tail.split(':') : [];
  if (tail === undefined) return first;
  return [...first, ...Array<string>(8 - first.length - last.length).fill('0'), ...last];
}
