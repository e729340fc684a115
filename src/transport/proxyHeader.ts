/**
 * The PROXY protocol: what a load balancer says of a connection before the connection says anything itself.
 *
 * Owns: both forms of the header, the line of version 1 and the bytes of version 2, as HAProxy's documentation describes them
 * (https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt). Knows nothing of sockets. Next: `proxiedSocket.ts`.
 */
import { isIP } from 'node:net';

/** The longest line of version 1, its end included. */
const maxHeaderBytesV1 = 107;
/** What version 2 begins with. */
const signature = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
const fixedBytes = 16;
/** Version 2 may add much that nobody here reads; a header that is longer is refused. */
const maxHeaderBytesV2 = 1024;

export type ProxyHeader =
  /** More has to come. */
  | 'incomplete'
  /** This is no header. */
  | 'none'
  /** `address` is the client's; undefined if the proxy speaks for itself, or doesn't know. `length` in bytes. */
  | { address: string | undefined; length: number };

/** Reads the header at the beginning of a connection's bytes. */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (bytes.length === 0) return 'incomplete';
  return bytes[0] === signature[0] ? readVersion2(bytes) : readVersion1(bytes);
}

function readVersion1(bytes: Buffer): ProxyHeader {
  const text = bytes.subarray(0, maxHeaderBytesV1).toString('latin1');
  const end = text.indexOf('\r\n');
  if (end === -1) {
    const begin = 'PROXY ';
    const canBecomeOne = text.length < maxHeaderBytesV1 && (text.startsWith(begin) || begin.startsWith(text));
    return canBecomeOne ? 'incomplete' : 'none';
  }
  const [name, family = '', source = '', , sourcePort = '', ...rest] = text.slice(0, end).split(' ');
  if (name !== 'PROXY') return 'none';
  const length = end + 2;
  if (family === 'UNKNOWN') return { address: undefined, length };
  const version = { TCP4: 4, TCP6: 6 }[family];
  const isWhole = rest.length === 1 && /^\d{1,5}$/.test(sourcePort);
  return isWhole && version !== undefined && isIP(source) === version ? { address: source, length } : 'none';
}

function readVersion2(bytes: Buffer): ProxyHeader {
  const begin = bytes.subarray(0, signature.length);
  if (!signature.subarray(0, begin.length).equals(begin)) return 'none';
  if (bytes.length < fixedBytes) return 'incomplete';
  const [version, command] = [(bytes[12] as number) >> 4, (bytes[12] as number) & 0xf];
  const length = fixedBytes + bytes.readUInt16BE(14);
  if (version !== 2 || command > 1 || length > maxHeaderBytesV2) return 'none';
  if (bytes.length < length) return 'incomplete';
  // LOCAL: a health check of the proxy itself.
  if (command === 0) return { address: undefined, length };
  const addresses = bytes.subarray(fixedBytes, length);
  const family = (bytes[13] as number) >> 4;
  if (family === 1 && addresses.length >= 12) return { address: addresses.subarray(0, 4).join('.'), length };
  if (family === 2 && addresses.length >= 36) return { address: ipv6Of(addresses.subarray(0, 16)), length };
  return family === 0 || family === 3 ? { address: undefined, length } : 'none';
}

function ipv6Of(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(2 * index).toString(16));
  return groups.join(':');
}
