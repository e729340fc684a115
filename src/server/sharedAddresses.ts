/**
 * Which addresses stand for one person, and which for many: only for the former does what one user did count for the others.
 *
 * Owns: that answer. An address of this machine is everybody's who has come through it (a tunnel, a proxy, a balancer that
 * does not say whom it brings), and the operator may name others: a school, an office. Knows nothing of who asks.
 */
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { canonicalAddress, networkOf } from '../transport/address.ts';

export class SharedAddresses {
  readonly #named = new BlockList();

  /** `named` is what the operator says: addresses and networks, `198.51.100.0/24`, separated by commas. */
  constructor(named = '') {
    for (const each of named.split(',').filter((part) => part.trim() !== '')) {
      const [address = '', bits] = each.trim().split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (bits === undefined) this.#named.addAddress(address, family);
      else this.#named.addSubnet(address, Number(bits), family);
    }
  }

  /** What counts as the address of one person, an IPv4 address or 64 bits of IPv6; empty if others may have the same. */
  personAt(remoteAddress: string): string {
    const address = canonicalAddress(remoteAddress);
    const family = isIP(address);
    if (family === 0 || isOfThisMachine(address)) return '';
    return this.#named.check(address, family === 6 ? 'ipv6' : 'ipv4') ? '' : networkOf(address);
  }
}

function isOfThisMachine(address: string): boolean {
  if (address.startsWith('127.') || address === '::1') return true;
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return own.some((each) => canonicalAddress(each.address) === address);
}
