/** TLS on a Node that does not say which stream a TLS socket was made of: everything works, but nothing in front of TLS counts. */
import { once } from 'node:events';
import { createServer, connect as openSocket, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { SimulatedClock } from 'xstate';
import { Handshakes } from '../../src/transport/tlsHandshakes.ts';
import { selfSigned } from '../support/certificate.ts';
import { connectSecurely } from '../support/secure.ts';

async function startHandshakes(isMetered?: boolean, overheadRate = 20_000) {
  const { certificate: cert, key } = selfSigned('localhost');
  const seen: string[] = [];
  const options = { clock: new SimulatedClock(), handshakeMs: 1000, overheadRate, isMetered };
  const handshakes = new Handshakes({ cert, key, asksClients: false }, options, {
    secured: (socket, address) => {
      const { remotePort, localPort } = socket;
      seen.push(`${address} ${remotePort} ${localPort}`);
      socket.on('data', (text: Buffer) => socket.write(`read ${text}`));
      socket.on('end', () => socket.end('bye'));
    },
    handshakeFailed: (code) => seen.push(code),
    handshakeTimedOut: () => seen.push('too long'),
    flooded: () => seen.push('flooded'),
  });
  const server = createServer({ allowHalfOpen: true }, (socket: Socket) => handshakes.begin(socket, 'somewhere'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port: tlsPort } = server.address() as { port: number };
  return { handshakes, seen, tlsPort };
}

it.each([true, false])(
  'a user comes through, says something, and reads the answer after their own end: %s',
  async (is) => {
    const server = await startHandshakes(is);
    // Who came first is another one, who has not said a word yet.
    const silent = openSocket(server.tlsPort, '127.0.0.1');
    onTestFinished(() => void silent.destroy());
    await once(silent, 'connect');
    const { socket } = await connectSecurely(server, { keepsOpen: true });
    const { localPort } = socket;
    let read = '';
    socket.on('data', (text: Buffer) => {
      read += text;
    });
    socket.write('hello');
    socket.end();
    await once(socket, 'close');
    expect(read).toBe('read hellobye');
    expect(server.seen.at(-1)).toBe(`somewhere ${localPort} ${server.tlsPort}`);
  },
);

it.each([true, false])('more than text is made of is heard of if it is metered: %s', async (is) => {
  const server = await startHandshakes(is, 100);
  const { socket } = await connectSecurely(server, { keepsOpen: true });
  socket.on('error', () => {}).end('hello');
  await once(socket.resume(), 'close');
  expect(server.seen.includes('flooded')).toBe(is);
});

it('this Node says which stream it was', async () => {
  expect((await startHandshakes()).handshakes.isMetered).toBe(true);
});
