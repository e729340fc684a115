import { once } from 'node:events';
import { connect as openSocket, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readProxyHeader } from '../../src/transport/proxyHeader.ts';
import { CountingClock } from '../limits/countingClock.ts';
import { eventually } from '../support/eventually.ts';
import { makeCertificate } from '../support/secure.ts';
import { startTestServer } from '../support/testServer.ts';
import { User } from '../support/user.ts';
import { addressFull, idPrompt, menu } from '../support/wireTexts.ts';

const text = (line: string): Buffer => Buffer.from(line, 'latin1');
const signature = '\r\n\r\n\0\r\nQUIT\n';

function version2(command: number, family: number, addresses: readonly number[]): Buffer {
  const length = [addresses.length >> 8, addresses.length & 0xff];
  return Buffer.concat([text(signature), Buffer.from([0x20 | command, family, ...length, ...addresses])]);
}

const ipv4 = [203, 0, 113, 7, 10, 0, 0, 1, 0x12, 0x34, 0xff, 0x98];
const ipv6 = [0x20, 0x01, 0x0d, 0xb8, ...Array(11).fill(0), 7, ...Array(16).fill(0), 0x12, 0x34, 0xff, 0x98];

const headers: [what: string, bytes: Buffer, address: string | undefined][] = [
  ['a line for IPv4', text('PROXY TCP4 203.0.113.7 10.0.0.1 4660 65432\r\n'), '203.0.113.7'],
  ['a line for IPv6', text('PROXY TCP6 2001:db8::7 ::1 4660 65432\r\n'), '2001:db8::7'],
  ['a line that says nothing', text('PROXY UNKNOWN\r\n'), undefined],
  ['bytes for IPv4', version2(1, 0x11, ipv4), '203.0.113.7'],
  ['bytes for IPv6', version2(1, 0x21, ipv6), '2001:db8:0:0:0:0:0:7'],
  ['bytes with more behind the addresses', version2(1, 0x11, [...ipv4, 1, 0, 2, 104, 50]), '203.0.113.7'],
  ["bytes for the balancer's own check", version2(0, 0, []), undefined],
  ['bytes for that check with addresses', version2(0, 0x11, ipv4), undefined],
  ['bytes that say nothing', version2(1, 0, []), undefined],
  ['bytes for a socket in the file system', version2(1, 0x31, Array(216).fill(0)), undefined],
  ['as many bytes as there may be', version2(1, 0x11, [...ipv4, ...Array(996).fill(0)]), '203.0.113.7'],
];

const wrong: [what: string, bytes: Buffer][] = [
  ['an id', text('lior\n')],
  ['HTTP', text('GET / HTTP/1.1\r\n')],
  ['TLS', Buffer.from([0x16, 0x03, 0x01])],
  ['a line that never ends', text(`PROXY TCP4 ${'1'.repeat(120)}`)],
  ['a line with an address of the other kind', text('PROXY TCP4 ::1 ::1 1 2\r\n')],
  ['a line with too little', text('PROXY TCP4 203.0.113.7\r\n')],
  ['bytes of another version', Buffer.concat([text(signature), Buffer.from([0x31, 0x11, 0, 12, ...ipv4])])],
  ['bytes of another command', version2(2, 0x11, ipv4)],
  ['a line with another name', text('PROXI TCP4 203.0.113.7 10.0.0.1 4660 65432\r\n')],
  ['a line with another family', text('PROXY TCP5 203.0.113.7 10.0.0.1 4660 65432\r\n')],
  ['a line with one part too few', text('PROXY TCP4 203.0.113.7 10.0.0.1 4660\r\n')],
  ['a line with one part too many', text('PROXY TCP4 203.0.113.7 10.0.0.1 4660 65432 1\r\n')],
  ...['x4660', '4660x', '466000', ''].map((port): [string, Buffer] => [
    `a line with the port ${port}`,
    text(`PROXY TCP4 203.0.113.7 10.0.0.1 ${port} 65432\r\n`),
  ]),
  ['bytes of another family', version2(1, 0x41, ipv6)],
  ['what begins as the bytes do', text('\r\nQUIT\n')],
  ['bytes with too few for their address', version2(1, 0x11, [1, 2, 3])],
  ['bytes with one too few for an address of IPv4', version2(1, 0x11, ipv4.slice(1))],
  ['bytes with one too few for an address of IPv6', version2(1, 0x21, ipv6.slice(1))],
  ['one byte more than there may be', version2(1, 0x11, [...ipv4, ...Array(997).fill(0)])],
  ['bytes that are too many', Buffer.concat([text(signature), Buffer.from([0x21, 0x11, 0xff, 0xff])])],
];

describe('a header', () => {
  it.each(headers)('%s is read, and nothing behind it', (_, bytes, address) => {
    const header = { address, length: bytes.length };
    expect(readProxyHeader(bytes)).toEqual(header);
    expect(readProxyHeader(Buffer.concat([bytes, text('lior\n')]))).toEqual(header);
  });

  it.each(headers)('%s is waited for, wherever it is cut', (_, bytes) => {
    for (let end = 0; end < bytes.length; end++) expect(readProxyHeader(bytes.subarray(0, end))).toBe('incomplete');
  });

  it.each(wrong)('%s is none', (_, bytes) => {
    expect(readProxyHeader(bytes)).toBe('none');
  });
});

async function open(port: number): Promise<Socket> {
  const socket = openSocket({ port, host: '127.0.0.1', noDelay: true });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

describe('behind a load balancer', () => {
  it.each(headers)('%s comes before the dialogue, in one piece with it or in many', async (_, bytes) => {
    const server = await startTestServer({ proxyProtocol: 'on' });
    const together = await open(server.port);
    together.write(Buffer.concat([bytes, text('lior\n')]));
    await new User(together).expect(idPrompt + menu);
    const apart = await open(server.port);
    for (const byte of bytes) {
      apart.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    const golan = new User(apart);
    await golan.expect(idPrompt);
    golan.say('golan');
    await golan.expect(menu);
  });

  it('counts connections by the address it is told, and so does the log', async () => {
    const server = await startTestServer({ proxyProtocol: 'on', maxPerAddress: 1 });
    const from = async (address: string): Promise<User> => {
      const socket = await open(server.port);
      socket.write(`PROXY TCP4 ${address} 10.0.0.1 4660 65432\r\n`);
      return new User(socket);
    };
    await (await from('203.0.113.7')).expect(idPrompt);
    await (await from('203.0.113.8')).expect(idPrompt);
    await (await from('203.0.113.7')).expect(addressFull);
    const addresses = [...server.lobby.sessions.values()].map(({ remoteAddress }) => remoteAddress);
    expect(addresses).toEqual(['203.0.113.7', '203.0.113.8']);
  });

  it.each(wrong)('%s is an end without a word', async (_, bytes) => {
    const server = await startTestServer({ proxyProtocol: 'on' });
    const socket = await open(server.port);
    socket.on('error', () => {});
    let said = '';
    socket.setEncoding('utf8').on('data', (more: string) => {
      said += more;
    });
    socket.write(bytes);
    await once(socket, 'close');
    expect(said).toBe('');
    expect([...server.limitsReached]).toEqual([['proxyHeader', 1]]);
  });

  it('who says nothing has as long as for a handshake, and holds a place meanwhile', async () => {
    const clock = new CountingClock();
    const server = await startTestServer({ proxyProtocol: 'on', clock, handshakeMs: 10_000, maxConnections: 1 });
    const silent = await open(server.port);
    const second = await open(server.port);
    second.on('error', () => {}).resume();
    await once(second, 'close');
    const closed = once(silent.on('error', () => {}).resume(), 'close');
    clock.increment(9_999);
    expect([...server.limitsReached]).toEqual([['serverFull', 1]]);
    clock.increment(1);
    await closed;
    expect(server.limitsReached.get('proxyHeader')).toBe(1);
  });
});

describe('who has not said yet who they are', () => {
  async function silent() {
    const clock = new CountingClock();
    const server = await startTestServer({ proxyProtocol: 'on', clock });
    const before = clock.pending;
    const socket = await open(server.port);
    socket.on('error', () => {}).resume();
    await eventually(() => clock.pending).toBe(before + 1);
    return { clock, before, server, socket };
  }

  it.each(['end', 'resetAndDestroy'] as const)('and goes holds no place any more: %s', async (how) => {
    const { clock, before, server, socket } = await silent();
    socket.write('PROXY ');
    socket[how]();
    await eventually(() => clock.pending).toBe(before);
    expect(server.connections).toBe(0);
  });

  it('keeps no stop waiting', async () => {
    const { server, socket } = await silent();
    const closed = once(socket, 'close');
    await server.stop();
    await closed;
  });
});

describe('behind a load balancer, with TLS', () => {
  it('the header comes before the handshake, in one piece with it too', async () => {
    const server = await startTestServer({ proxyProtocol: 'on', ...makeCertificate() });
    const raw = await open(server.port);
    raw.write('PROXY TCP4 203.0.113.7 10.0.0.1 4660 65432\r\n');
    const lior = new User(connectSecurely({ socket: raw, rejectUnauthorized: false }));
    await lior.expect(idPrompt);
    lior.say('lior');
    await lior.expect(menu);
    expect([...server.lobby.sessions.values()].map(({ remoteAddress }) => remoteAddress)).toEqual(['203.0.113.7']);
  });
});
