/**
 * A Redis that is not at an address of its own: behind a Unix socket, named by Sentinels, or one of a Cluster's.
 *
 * Owns: that servers find it, and that users keep what they had when another process takes its place.
 * Next: `identity.system.test.ts` (the same without Sentinels), `places.test.ts` (who is asked).
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, onTestFinished, vi } from 'vitest';
import { describeNeeding } from '../support/describeNeeding.ts';
import { freePort, hasRedis, type RedisServer, startSentinel } from '../support/redisServer.ts';
import { ServerProcess } from '../support/serverProcess.ts';
import { connect } from '../support/user.ts';
import { idPrompt, idTaken } from '../support/wireTexts.ts';
import { startRedis } from './cluster.ts';
import { Crowd } from './crowd.ts';
import { chat, exchangeLines, linesMissing, twoUsers } from './phases.ts';

const timeout = 60_000;

async function serversAt(...urls: string[]): Promise<{ port: number }[]> {
  const more = ['--rate-limit', '0', '--room-rate', '0', '--requests-per-minute', '0', '--announce-limit', '0'];
  return Promise.all(urls.map((url) => new ServerProcess(['--port', '0', '--redis', url, ...more]).listening()));
}

async function commandIn(redis: RedisServer, ...command: string[]): Promise<unknown> {
  const client = await redis.client();
  try {
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}

/** Lines between two users, and a crowd, before and after `replace`. Nobody may be disconnected or wait for ever. */
async function expectNobodyLost(servers: readonly { port: number }[], replace: () => Promise<void>): Promise<void> {
  const [near, far] = servers as [{ port: number }, { port: number }];
  const [one, other] = await twoUsers(near, far, 'x');
  await chat(one, other);
  await exchangeLines(one, other, 'before');
  const crowd = new Crowd(servers, 20);
  await crowd.run(1000);
  await Promise.all([replace(), crowd.run(3000)]);
  for (const each of [one, other]) await each.readThrough(linesMissing);
  await exchangeLines(one, other, 'after');
  // The other process gives out no new ids for 3 s.
  await crowd.run(4000);
  await crowd.rest();
  const { chats } = crowd;
  await crowd.run(1000);
  await crowd.rest();
  expect(crowd.lost).toBe(0);
  expect(crowd.chats).toBeGreaterThan(chats);
  const imitator = await connect(far);
  await imitator.expect(idPrompt);
  imitator.say(one.name);
  await imitator.expect(idTaken);
}

describeNeeding('redis-server', hasRedis, 'a Redis', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'behind a Unix socket: started again after %s, nobody is lost',
    {
      timeout,
    },
    async (signal) => {
      const socket = join(mkdtempSync(join(tmpdir(), 'statechat-socket-')), 'redis.sock');
      const redis = await startRedis({ unixsocket: socket });
      const servers = await serversAt(`unix://${socket}`, `redis+unix://${socket}?db=0`, redis.url);
      await expectNobodyLost(servers, async () => {
        redis.signal(signal);
        await wait(1000);
        await redis.restart();
      });
    },
  );

  it('named by Sentinels: its replica is promoted under traffic, and nobody is lost', { timeout }, async () => {
    const [primary, replica] = [await startRedis(), await startRedis()];
    await commandIn(replica, 'REPLICAOF', '127.0.0.1', String(primary.port));
    const sentinel = await startSentinel(primary);
    onTestFinished(() => void sentinel.child.kill('SIGKILL'));
    // Nobody listens at the first of them.
    const url = `redis+sentinel://127.0.0.1:${await freePort()},127.0.0.1:${sentinel.port}/chat`;
    await expectNobodyLost(await serversAt(url, url), () => primary.kill());
    expect(String(await commandIn(replica, 'INFO', 'replication'))).toContain('role:master');
  });

  it('in a Cluster: the node with the directory is found, and when its replica takes over nobody is lost', {
    timeout,
  }, async () => {
    const nodes = await Promise.all(
      [1, 2, 3].map(async () => startRedis({ 'cluster-enabled': 'yes', 'cluster-port': String(await freePort()) })),
    );
    const [stranger, owner, replica] = nodes as [RedisServer, RedisServer, RedisServer];
    const slot = Number(await commandIn(stranger, 'CLUSTER', 'KEYSLOT', '{statechat}'));
    await commandIn(owner, 'CLUSTER', 'ADDSLOTS', String(slot));
    const rest = [...(slot > 0 ? ['0', String(slot - 1)] : []), ...(slot < 16_383 ? [String(slot + 1), '16383'] : [])];
    await commandIn(stranger, 'CLUSTER', 'ADDSLOTSRANGE', ...rest);
    // Two that come with one epoch settle it between them, but that takes seconds.
    for (const [index, node] of nodes.entries()) {
      await commandIn(node, 'CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1));
    }
    for (const node of [owner, replica]) {
      const [, bus] = (await commandIn(stranger, 'CONFIG', 'GET', 'cluster-port')) as [string, string];
      await commandIn(node, 'CLUSTER', 'MEET', '127.0.0.1', String(stranger.port), bus);
    }
    const id = String(await commandIn(owner, 'CLUSTER', 'MYID'));
    const isReady = async () => {
      await commandIn(replica, 'CLUSTER', 'REPLICATE', id).catch(() => {});
      const isCopied = /master_link_status:up/.test(String(await commandIn(replica, 'INFO', 'replication')));
      const infos = await Promise.all(nodes.map((node) => commandIn(node, 'CLUSTER', 'INFO')));
      return isCopied && infos.every((info) => /cluster_state:ok/.test(String(info)));
    };
    await vi.waitUntil(isReady, { timeout: 20_000, interval: 100 });

    const url = `redis+cluster://127.0.0.1:${stranger.port},127.0.0.1:${replica.port}`;
    const servers = await serversAt(url, url);
    expect(String(await commandIn(stranger, 'FUNCTION', 'LIST'))).toBe('');
    await expectNobodyLost(servers, async () => {
      await owner.kill();
      await commandIn(replica, 'CLUSTER', 'FAILOVER', 'TAKEOVER');
    });
  });
});
