/** Who is gone without a word: as the system tells it, and as it is in truth. */
import { once } from 'node:events';
import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { createServer, Socket } from 'node:net';
import { endianness } from 'node:os';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';
import { DeadPeers, lookMs } from '../../src/transport/deadPeers.ts';
import { KernelQueues, keyOf, queuesIn, readKernelQueues } from '../../src/transport/kernelQueues.ts';
import { systemWatch } from '../../src/transport/systemWatch.ts';
import { CountingClock } from '../limits/countingClock.ts';

function startWatch(goneMs = 60_000, keepAliveMs = 50_000) {
  const clock = new CountingClock();
  let queue = { unsentBytes: 10, retries: 0 };
  let reads = 0;
  let gone = 0;
  const asked: [boolean, number][] = [];
  const setKeepAlive = (...ask: [boolean, number]): void => void asked.push(ask);
  const endpoints = {
    setKeepAlive,
    localAddress: '127.0.0.1',
    localPort: 1,
    remoteAddress: '127.0.0.1',
    remotePort: 2,
  };
  const peers = new DeadPeers(clock, goneMs, keepAliveMs, async () => {
    reads++;
    return new Map([[keyOf(endpoints), queue]]);
  });
  const limitReached = (limit: string): void => {
    if (limit === 'unreachable') gone++;
  };
  const watched = { endpoints, isUnheard: true, limitReached };
  peers.add(watched);
  return {
    clock,
    watched,
    asked,
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

  it('is gone though nothing is sent again any more, and only once for each silence', async () => {
    const watch = startWatch();
    for (let look = 1; look <= 7; look++) await watch.pass(3);
    expect(watch.gone()).toBe(1);
    await watch.pass(3);
    expect(watch.gone()).toBe(1);
  });

  it('is not watched any more after leaving, though it was just being looked at', async () => {
    const watch = startWatch();
    const other = { ...watch.watched };
    watch.peers.add(other);
    watch.watched.limitReached = () => {
      for (const peer of [watch.watched, other]) watch.peers.delete(peer);
    };
    for (let look = 1; look <= 7; look++) await watch.pass(look);
    expect([watch.gone(), watch.clock.pending]).toEqual([0, 0]);
  });

  it('is there as long as nothing had to be sent again', async () => {
    const watch = startWatch();
    for (let look = 1; look <= 20; look++) await watch.pass(0);
    expect(watch.gone()).toBe(0);
  });

  it('is there if fewer tries are needed than before', async () => {
    const watch = startWatch();
    for (let look = 0; look < 30; look++) await watch.pass(1 + (look % 4));
    expect(watch.gone()).toBe(0);
  });

  it('is there if the system does not know the connection', async () => {
    const watch = startWatch();
    let gone = 0;
    watch.peers.add({ endpoints: { localPort: 7 }, isUnheard: true, limitReached: () => gone++ });
    for (let look = 1; look <= 20; look++) await watch.pass(look);
    expect([gone, watch.gone()]).toEqual([0, 2]);
  });

  it('is looked for among others who were heard of, and when another one has left or just come', async () => {
    const watch = startWatch();
    const heard = { endpoints: {}, isUnheard: false, limitReached: () => {} };
    watch.clock.increment(lookMs - 1);
    watch.peers.add(heard);
    watch.clock.increment(1);
    expect(watch.reads()).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    watch.peers.delete(heard);
    for (let look = 1; look <= 7; look++) await watch.pass(look);
    expect(watch.gone()).toBe(1);
  });

  it('is nobody who leaves while the system is asked', async () => {
    const watch = startWatch();
    for (let look = 1; look <= 6; look++) await watch.pass(look);
    watch.clock.increment(lookMs);
    watch.peers.delete(watch.watched);
    await new Promise((resolve) => setImmediate(resolve));
    expect([watch.gone(), watch.clock.pending]).toEqual([0, 0]);
    watch.peers.add({ endpoints: { localPort: 7 }, isUnheard: true, limitReached: () => {} });
    for (let look = 1; look <= 20; look++) await watch.pass(look);
    expect(watch.gone()).toBe(0);
  });

  it('is not looked for when they have left, or where it is switched off', async () => {
    const [left, off] = [startWatch(), startWatch(0)];
    left.peers.delete(left.watched);
    for (let look = 1; look <= 20; look++) await Promise.all([left.pass(look), off.pass(look)]);
    expect([left.gone(), left.reads(), off.reads()]).toEqual([0, 0, 0]);
  });
});

describe('somebody who is probed', () => {
  async function probed(retries: number, goneMs?: number, keepAliveMs?: number) {
    const watch = startWatch(goneMs, keepAliveMs);
    await watch.pass(retries);
    watch.peers.probe(watch.watched);
    watch.clock.increment(2299);
    expect([watch.gone(), watch.asked]).toEqual([0, [[true, 1000]]]);
    watch.clock.increment(1);
    await new Promise((resolve) => setImmediate(resolve));
    return watch;
  }

  it.each([0, 1])(
    'is there who has not answered %i questions, and is asked as before from then on',
    async (retries) => {
      const watch = await probed(retries);
      expect([watch.gone(), watch.asked]).toEqual([
        0,
        [
          [true, 1000],
          [true, 50_000],
        ],
      ]);
    },
  );

  it.each([60_000, 0])('is gone who has not answered two, with a time of %i ms for others', async (goneMs) => {
    const watch = await probed(2, goneMs);
    expect([watch.gone(), watch.asked]).toEqual([1, [[true, 1000]]]);
  });

  it('is asked nothing any more from then on if nobody is', async () => {
    expect((await probed(0, 60_000, 0)).asked.at(-1)).toEqual([false, 0]);
  });

  it('is asked once at a time, and again later', async () => {
    const watch = await probed(0);
    watch.peers.probe(watch.watched);
    watch.peers.probe(watch.watched);
    expect(watch.asked).toEqual([
      [true, 1000],
      [true, 50_000],
      [true, 1000],
    ]);
  });

  it.each(['before', 'while'])('is nobody who leaves %s the system is asked', async (when) => {
    const watch = startWatch(0);
    await watch.pass(2);
    watch.peers.probe(watch.watched);
    if (when === 'while') watch.clock.increment(2300);
    watch.peers.delete(watch.watched);
    watch.clock.increment(2300);
    await new Promise((resolve) => setImmediate(resolve));
    expect([watch.gone(), watch.clock.pending, watch.asked]).toEqual([0, 0, [[true, 1000]]]);
  });

  it('is there if the system knows nothing of the connection', async () => {
    const watch = startWatch(0);
    await watch.pass(2);
    let gone = 0;
    const asked: number[] = [];
    const setKeepAlive = (_: boolean, ms: number): void => void asked.push(ms);
    const other = { ...watch.watched, endpoints: { localPort: 7, setKeepAlive }, limitReached: () => gone++ };
    watch.peers.probe(other);
    watch.clock.increment(2300);
    await new Promise((resolve) => setImmediate(resolve));
    expect([gone, asked]).toEqual([0, [1000, 50_000]]);
  });
});

describe.runIf(endianness() === 'LE')('the system’s name of a connection', () => {
  it.each([
    ['127.0.0.1', 8080, '10.20.30.40', 80, '0100007F:1F90 281E140A:0050'],
    ['::1', 1, 'fe80::1%eth0', 443, `${'0'.repeat(24)}01000000:0001 000080FE${'0'.repeat(16)}01000000:01BB`],
    ['::', 0, '2001:db8:1:2:3:4:5:6', 1, `${'0'.repeat(32)}:0000 B80D0120020001000400030006000500:0001`],
    ['1::', 1, '2001:db8::2:3', 1, `${'00000100'}${'0'.repeat(24)}:0001 B80D0120${'0'.repeat(16)}03000200:0001`],
    [
      '::ffff:198.51.100.21',
      1,
      '::ffff:10.20.30.40',
      1,
      `${'0'.repeat(16)}FFFF0000156433C6:0001 ${'0'.repeat(16)}FFFF0000281E140A:0001`,
    ],
  ])('%s port %i to %s port %i', (localAddress, localPort, remoteAddress, remotePort, name) => {
    expect(keyOf({ localAddress, localPort, remoteAddress, remotePort })).toBe(name);
  });
});

describe('the system’s table', () => {
  const row = (unsent: string, retransmitted: string, probes: number): string =>
    `   0: 0100007F:1F90 0100007F:0050 01 ${unsent}:00000000 01:00000014 ${retransmitted}  1000        ${probes} 447 1\n`;

  it('says how much is on its way, and how often it was sent again or asked for', () => {
    const key = '0100007F:1F90 0100007F:0050';
    expect([...queuesIn(row('000000FF', '0000000B', 0))]).toEqual([[key, { unsentBytes: 255, retries: 11 }]]);
    expect([...queuesIn(row('00000001', '00000000', 12))]).toEqual([[key, { unsentBytes: 1, retries: 12 }]]);
    expect([...queuesIn(row('00000001', '00000000', 0))]).toEqual([[key, { unsentBytes: 1, retries: 0 }]]);
    expect([...queuesIn(row('00000000', '00000000', 3))]).toEqual([[key, { unsentBytes: 0, retries: 3 }]]);
    expect([...queuesIn(row('00000000', '00000000', 0))]).toEqual([]);
  });

  it('says nothing where there is none', async () => {
    vi.spyOn(files, 'readFile').mockRejectedValue(new Error('ENOENT'));
    syncBuiltinESMExports();
    onTestFinished(() => {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    });
    expect([...(await readKernelQueues())]).toEqual([]);
    expect(await new KernelQueues(new CountingClock()).unsentBytes({})).toBeUndefined();
  });

  it.runIf(process.platform === 'linux')('is read at most once a second', async () => {
    const clock = new CountingClock();
    const queues = new KernelQueues(clock);
    const read = vi.spyOn(files, 'readFile');
    syncBuiltinESMExports();
    onTestFinished(() => {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    });
    const readsAfter = async (ms: number): Promise<number> => {
      clock.increment(ms);
      expect(await queues.unsentBytes({ localAddress: '127.0.0.1', localPort: 1 })).toBeUndefined();
      return read.mock.calls.length;
    };
    expect([await readsAfter(0), await readsAfter(999), await readsAfter(1), await readsAfter(999)]).toEqual([
      2, 2, 4, 4,
    ]);
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
    const watch = systemWatch({ goneMs: 0, keepAliveMs: 0 }, systemClock);
    expect(await watch.unsentBytes?.(socket)).toBeGreaterThan(1000);
  });
});
