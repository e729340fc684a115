/** One form for each address, whoever wrote it. */
import { describe, expect, it } from 'vitest';

import { canonicalAddress, networkOf } from '../../src/transport/address.ts';

describe('an address', () => {
  it.each([
    ['198.51.100.1', '198.51.100.1'],
    ['::ffff:198.51.100.1', '198.51.100.1'],
    ['::ffff:198.51.100.101', '198.51.100.101'],
    ['::FFFF:198.51.100.1', '198.51.100.1'],
    ['::ffff:c633:6401', '198.51.100.1'],
    ['0:0:0:0:0:ffff:c633:6401', '198.51.100.1'],
    ['0000:0000:0000:0000:0000:ffff:198.51.100.1', '198.51.100.1'],
    ['2001:0DB8:0009:0:0:0:0:1', '2001:db8:9::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['unknown', 'unknown'],
  ])('%s is %s', (written, canonical) => {
    expect(canonicalAddress(written)).toBe(canonical);
  });

  it.each([
    ['0:0:0:0:0:ffff:c633:6401', '198.51.100.1'],
    ['2001:0db8:0009::2', '2001:db8:9:0::/64'],
    ['2001:db8:9:00:1::3', '2001:db8:9:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '::1'],
    ['::5', '0:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'],
    ['2001:db8::2:3:4:5', '2001:db8:0:0::/64'],
  ])('%s counts as %s', (written, network) => {
    expect(networkOf(written)).toBe(network);
  });
});
