/** The monitor of the other tests: it notices a contradiction in an inbox, and makes none of entries that it has missed. */
import { expect, it, onTestFinished } from 'vitest';
import { defaultPrefix, directoryKeyOf } from '../../src/cluster/luaLibrary.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { eventually } from '../support/eventually.ts';
import { hasRedis } from '../support/redisServer.ts';
import { rowOf } from './calledDirectory.ts';
import { startRedis } from './cluster.ts';
import { Monitor } from './monitor.ts';

const key = directoryKeyOf(defaultPrefix);

describeNeeding('redis-server', hasRedis, 'the monitor', () => {
  /** A Redis without a directory, whose one inbox has begun. */
  async function start() {
    const redis = await startRedis();
    const client = await redis.client();
    onTestFinished(() => client.destroy());
    const add = (...items: unknown[]) => ['XADD', `${key}:in:one`, '*', 'd', JSON.stringify(items)];
    await client.sendCommand(add(['snapshot'], ['row', rowOf('ann', 'one/a')], ['row', rowOf('bob', 'one/b')]));
    await client.sendCommand(add(['leaseAck', 1, 1]));
    const monitor = await Monitor.watch(redis);
    await eventually(() => monitor.entries).toBe(2);
    return { client, add, monitor };
  }

  const ann = rowOf('ann', 'one/a', { state: 'chatting', other: 'one/b', pairingId: 7 });
  const bob = rowOf('bob', 'one/b', { state: 'chatting', other: 'one/a', pairingId: 7 });

  it('notices partners who do not name each other', async () => {
    const { client, add, monitor } = await start();
    await client.sendCommand(add(['row', ann], ['row', bob]));
    await client.sendCommand(add(['row', ann]));
    await eventually(() => monitor.entries).toBe(4);
    expect(monitor.violations).toEqual([]);
    await client.sendCommand(add(['row', { ...bob, pairingId: 8 }]));
    await eventually(() => monitor.violations.length).toBe(1);
  });

  it('goes on with the rows as they are, where an entry was thrown away before it was read', async () => {
    const { client, add, monitor } = await start();
    const rows = [ann, bob].flatMap((row) => [row.session, JSON.stringify(row)]);
    const transaction = client
      .multi()
      .addCommand(add(['row', ann]))
      .addCommand(add(['row', bob]));
    await transaction
      .addCommand(['XTRIM', `${key}:in:one`, 'MAXLEN', '1'])
      .addCommand(['HSET', `${key}:rows`, ...rows])
      .exec();
    await eventually(() => monitor.jumps).toBe(1);
    await client.sendCommand(add(['row', ann]));
    await eventually(() => monitor.entries).toBe(3);
    expect(monitor.violations).toEqual([]);
    await client.sendCommand(add(['row', { ...ann, other: 'one/c' }]));
    await eventually(() => monitor.violations.length).toBe(1);
  });
});
