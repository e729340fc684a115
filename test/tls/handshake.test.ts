/** The handshake: what is refused, how long it may take, and that whoever fails at it costs nobody else anything. */
import { once } from 'node:events';
import { connect as openSocket, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import tls from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CountingClock } from '../limits/countingClock.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { eventually } from '../support/eventually.ts';
import { connectSecurely, makeCertificate } from '../support/secure.ts';
import { startTestServer } from '../support/testServer.ts';
import type { User } from '../support/user.ts';
import { idPrompt } from '../support/wireTexts.ts';

/** A connection that has not begun to speak TLS. */
async function knock(server: { tlsPort: number | undefined }, host = '127.0.0.1'): Promise<Socket> {
  const socket = openSocket({ port: server.tlsPort ?? 0, host, noDelay: true });
  onTestFinished(() => {
    socket.destroy();
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** What was read until the end, whichever end. */
async function readToEnd(socket: Socket, { mayBeReset = false } = {}): Promise<Buffer> {
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  await once(socket, 'close').catch((error: NodeJS.ErrnoException) => {
    if (!mayBeReset || error.code !== 'ECONNRESET') throw error;
  });
  return Buffer.concat(pieces);
}

describe('the handshake', () => {
  it('is refused below TLS 1.2, whatever the command line of Node says', async () => {
    const { DEFAULT_MIN_VERSION: usual } = tls;
    tls.DEFAULT_MIN_VERSION = 'TLSv1';
    onTestFinished(() => {
      tls.DEFAULT_MIN_VERSION = usual;
    });
    const server = await startTestServer(makeCertificate());
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await expect(connectSecurely(server, old)).rejects.toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
    expect(server.handshakesFailed).toBe(1);
  });

  it.each([
    ['plain text', 'lior\n4\n'],
    ['a browser without TLS', 'GET / HTTP/1.1\r\n\r\n'],
    ['random bytes', Buffer.from('160301ffff01fffffeedface', 'hex').toString('latin1')],
    ['an oversized record', `\x16\x03\x01\xff\xff${'x'.repeat(70_000)}`],
  ])('ends the connection for %s, and nobody else notices', async (_, sent) => {
    const server = await startTestServer(makeCertificate());
    const { user: golan } = await connectSecurely(server);
    await golan.identify('golan');
    const socket = await knock(server);
    socket.write(Buffer.from(sent, 'latin1'));
    // A complaint in TLS's own words at most, and never a sentence of the dialogue. Where TLS gives up before all was read
    // (from Node 24 on), the system ends the connection with a reset.
    expect((await readToEnd(socket, { mayBeReset: true })).length).toBeLessThan(20);
    await golan.expectSilence();
    expect(server.handshakesFailed).toBe(1);
    await eventually(() => server.connections).toBe(1);
  });

  it.each(['end', 'resetAndDestroy'] as const)('costs nothing any more after %s in the middle of it', async (how) => {
    const clock = new CountingClock();
    const server = await startTestServer({ ...makeCertificate(), clock });
    const socket = await knock(server);
    await eventually(() => server.connections).toBe(1);
    expect(clock.pending).toBe(1);
    socket.write(Buffer.from('1603010200', 'hex'));
    socket[how]();
    await eventually(() => server.connections).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('has a deadline, which bytes now and then don’t put off', async () => {
    const clock = new CountingClock();
    const server = await startTestServer({ ...makeCertificate(), clock, handshakeMs: 10_000 });
    const { user: golan } = await connectSecurely(server);
    await golan.identify('golan');
    const silent = await knock(server);
    const slow = await knock(server);
    slow.write(Buffer.from('16', 'hex'));
    await eventually(() => server.connections).toBe(3);
    clock.increment(9_999);
    slow.write(Buffer.from('0301', 'hex'));
    await golan.expectSilence();
    expect(server.connections).toBe(3);
    clock.increment(1);
    await Promise.all([readToEnd(silent), readToEnd(slow)]);
    await golan.expectSilence();
    expect([...server.limitsReached]).toEqual([['handshakeTimeout', 2]]);
    expect(server.handshakesFailed).toBe(2);
  });

  it('leaves no deadline behind when it is over', async () => {
    const clock = new CountingClock();
    const server = await startTestServer({ ...makeCertificate(), clock });
    const { user: lior } = await connectSecurely(server);
    // The id's clock begins, the handshake's is gone.
    await lior.expect(idPrompt);
    expect(clock.pending).toBe(1);
  });

  it('does not keep a stop waiting', async () => {
    const server = await startTestServer({ ...makeCertificate(), drainMs: 60_000, handshakeMs: 60_000 });
    const socket = await knock(server);
    await eventually(() => server.connections).toBe(1);
    const [read] = await Promise.all([readToEnd(socket), server.stop()]);
    expect(read).toHaveLength(0);
  });
});

describe('a connection counts before its handshake', () => {
  it('among all: those over the limit are closed without a word, until somebody leaves', async () => {
    const server = await startTestServer({ ...makeCertificate(), maxConnections: 2 });
    const first = await knock(server);
    await knock(server);
    await eventually(() => server.connections).toBe(2);
    const third = await knock(server);
    expect(await readToEnd(third)).toHaveLength(0);
    expect([...server.limitsReached]).toEqual([['serverFull', 1]]);
    first.destroy();
    await eventually(() => server.connections).toBe(1);
    const { user: lior } = await connectSecurely(server);
    await lior.expect(idPrompt);
  });
});

const ownAddress = Object.values(networkInterfaces())
  .flat()
  .find((each) => each?.family === 'IPv4' && !each.internal)?.address;

describeNeeding('an address besides 127.0.0.1', ownAddress !== undefined, 'a handshake counts for its address', () => {
  it('and the next one is closed', async () => {
    const server = await startTestServer({ ...makeCertificate(), host: '0.0.0.0', maxPerAddress: 1 });
    await knock(server, ownAddress);
    await eventually(() => server.connections).toBe(1);
    expect(await readToEnd(await knock(server, ownAddress))).toHaveLength(0);
    expect([...server.limitsReached]).toEqual([['addressFull', 1]]);
    const { user: lior } = await connectSecurely(server);
    await lior.expect(idPrompt);
  });
});

describe('a hundred users in one turn', () => {
  it('all come through', async () => {
    const server = await startTestServer(makeCertificate());
    const users = await Promise.all(Array.from({ length: 100 }, () => connectSecurely(server)));
    const expectPrompt = async ({ user }: { user: User }): Promise<void> => user.expect(idPrompt);
    await Promise.all(users.map(expectPrompt));
    expect(server.handshakesFailed).toBe(0);
  });
});
