/** Who is gone without a word: as the system tells it, and as it is in truth. */
import { once } from 'node:events';
import { createServer, Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SimulatedClock } from 'xstate';
import { DeadPeers, lookMs } from '../../src/transport/deadPeers.ts';
import { keyOf, readKernelQueues } from '../../src/transport/kernelQueues.ts';

function startWatch(goneMs = 60_000) {
  const clock = new SimulatedClock();
  let queue = { unsentBytes: 10, retries: 0 };
  let reads = 0;
  let gone = 0;
  const endpoints = { localAddress: '127.0.0.1', localPort: 1, remoteAddress: '127.0.0.1', remotePort: 2 };
  const peers = new DeadPeers(clock, goneMs, async () => {
    reads++;
    return new Map([[keyOf(endpoints), queue]]);
  });
  const watched = { endpoints, isUnheard: true, gone: () => void gone++ };
  peers.add(watched);
  return {
    watched,
    peers,
    reads: () => reads,
    gone: () => gone,
    async pass(retries: number): Promise<void> {
      queue = { unsentBytes: 10, retries };
      clock.increment(lookMs);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('somebody of whom nothing is acknowledged', () => {
  it('is gone after the time, and not before', async () => {
    const watch = startWatch();
    for (let look = 1; look <= 6; look++) await watch.pass(look);
    expect(watch.gone()).toBe(0);
    await watch.pass(7);
    expect(watch.gone()).toBe(1);
  });

  it('is there if something is acknowledged in between', async () => {
    const watch = startWatch();
    for (let look = 0; look < 30; look++) await watch.pass(look % 5);
    expect(watch.gone()).toBe(0);
  });

  it('is nobody who was heard of: the system is not even asked', async () => {
    const watch = startWatch();
    watch.watched.isUnheard = false;
    for (let look = 1; look <= 20; look++) await watch.pass(look);
    expect([watch.gone(), watch.reads()]).toEqual([0, 0]);
  });

  it('is not looked for when they have left, or where it is switched off', async () => {
    const [left, off] = [startWatch(), startWatch(0)];
    left.peers.delete(left.watched);
    for (let look = 1; look <= 20; look++) await Promise.all([left.pass(look), off.pass(look)]);
    expect([left.gone(), left.reads(), off.reads()]).toEqual([0, 0, 0]);
  });
});

describe.runIf(process.platform === 'linux')('what the system holds', () => {
  it.each(['127.0.0.1', '::1', '::'])('is found for a connection to %s', async (host) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write(Buffer.alloc(8_000_000));
    }).listen(0, host);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const client = new Socket();
    onTestFinished(() => void client.destroy());
    const [[socket]] = await Promise.all([
      once(server, 'connection') as Promise<[Socket]>,
      once(client.connect((server.address() as { port: number }).port, host === '::' ? '127.0.0.1' : host), 'connect'),
    ]);
    await expect.poll(async () => (await readKernelQueues()).get(keyOf(socket))?.unsentBytes).toBeGreaterThan(1000);
  });
});
