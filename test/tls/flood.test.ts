/** What is TLS's own is counted: a connection that sends too much of it ends, and TLS gets it in small pieces. */
import { once } from 'node:events';
import { createServer, connect as openSocket, type Socket } from 'node:net';
import { getDefaultHighWaterMark, setDefaultHighWaterMark } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SimulatedClock } from 'xstate';
import { MeteredSocket } from '../../src/transport/meteredSocket.ts';
import { eventually } from '../support/eventually.ts';

async function startMetered(overheadRate: number) {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = openSocket((server.address() as { port: number }).port, '127.0.0.1');
  const [raw] = (await once(server, 'connection')) as [Socket];
  let floods = 0;
  const metered = new MeteredSocket(raw, { clock: new SimulatedClock(), overheadRate }, () => void floods++);
  metered.on('error', () => {});
  client.on('error', () => {});
  onTestFinished(() => {
    client.destroy();
    metered.destroy();
    server.close();
  });
  return { client, metered, floods: () => floods };
}

describe('a connection in front of TLS', () => {
  it('ends when more came than twice the rate that no text was made of', async () => {
    const { client, metered, floods } = await startMetered(20_000);
    let passed = 0;
    metered.on('data', (piece: Buffer) => {
      passed += piece.length;
    });
    client.write(Buffer.alloc(1_000_000));
    await once(metered, 'close');
    expect(floods()).toBe(1);
    expect(passed).toBeLessThan(40_000 + 2 * 16_384);
  });

  it('passes on any amount of text, in order, not more than a piece in a turn', async () => {
    const { client, metered, floods } = await startMetered(20_000);
    let text = 0;
    metered.textBytes = () => text;
    const pieces: Buffer[] = [];
    metered.on('data', (piece: Buffer) => {
      text += piece.length;
      pieces.push(piece);
    });
    const sent = Buffer.from(Array.from({ length: 1_000_000 }, (_, at) => at % 251));
    client.end(sent);
    await eventually(() => text).toBe(sent.length);
    expect(Buffer.concat(pieces).equals(sent)).toBe(true);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(16_384);
    expect(floods()).toBe(0);
  });

  it('does not count what waits because the text is not read, however much a stream lets wait', async () => {
    const usual = getDefaultHighWaterMark(false);
    setDefaultHighWaterMark(false, 131_072);
    onTestFinished(() => setDefaultHighWaterMark(false, usual));
    const { client, metered, floods } = await startMetered(20_000);
    let text = 0;
    metered.textBytes = () => text;
    // A stream takes in what waits as soon as somebody has looked at it once.
    metered.read();
    client.write(Buffer.alloc(300_000));
    await eventually(() => metered.readableLength).toBeGreaterThanOrEqual(131_072);
    metered.on('data', (piece: Buffer) => {
      text += piece.length;
    });
    await eventually(() => text).toBe(300_000);
    expect(floods()).toBe(0);
  });
});
