/**
 * A Redis that answers and refuses: no memory left, no replica, no disk, made a replica itself. Nobody has to leave for that.
 *
 * Owns: what users can go on with meanwhile, and that afterwards all is as it was. Next: `identity.system.test.ts` (a
 * Redis that refuses one server only).
 */
import { rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { deadlineMs } from '../support/deadline.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasRedis, type RedisServer } from '../support/redisServer.ts';
import { connect } from '../support/user.ts';
import { idPrompt, idsUnchecked, menu, partnerLeft, youLeftChat } from '../support/wireTexts.ts';
import { expectNoContradiction, type ServerNode, startCluster, startRedis } from './cluster.ts';
import { Crowd } from './crowd.ts';
import { chat, claimAtLast, exchangeLines, twoUsers } from './phases.ts';

const timeout = 60_000;

async function set(redis: RedisServer, ...command: string[]): Promise<void> {
  const client = await redis.client();
  await client.sendCommand(command);
  client.destroy();
}

/** It is meant to save, and its folder is gone. */
async function makeUnableToSave(redis: RedisServer): Promise<void> {
  rmSync(redis.folder, { recursive: true });
  await set(redis, 'CONFIG', 'SET', 'save', '3600 1000000');
}

async function expectRefusal(redis: RedisServer): Promise<void> {
  const client = await redis.client();
  const refusal = /^(NOREPLICAS|MISCONF|READONLY) /;
  const written = () => client.sendCommand(['SET', 'probe', '1']).then(String, (error: Error) => error.message);
  await vi.waitUntil(async () => refusal.test(await written()), { timeout: deadlineMs });
  client.destroy();
}

describeNeeding('redis-server', hasRedis, 'a Redis that refuses to write', () => {
  it('full: who is online goes on, and nobody gets a new id until there is room', { timeout }, async () => {
    const cluster = await startCluster(2);
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const [one, other] = await twoUsers(near, far, 'x');
    await chat(one, other);
    await set(cluster.redis, 'CONFIG', 'SET', 'maxmemory', '1');
    await wait(3500);
    await exchangeLines(one, other, 'longer than any lease');
    one.say('exit()');
    await one.expect(`${youLeftChat}${menu}`);
    await other.expect(`${partnerLeft(one.name)}${menu}`);
    await chat(other, one);
    const stranger = await connect(far);
    await stranger.expect(idPrompt);
    stranger.say('stranger');
    await stranger.expect(idsUnchecked);
    await set(cluster.redis, 'CONFIG', 'SET', 'maxmemory', '0');
    await claimAtLast(far, 'stranger');
    await expectNoContradiction(cluster);
  });

  it.each([
    [
      'without its replica',
      ['CONFIG', 'SET', 'min-replicas-to-write', '1'],
      ['CONFIG', 'SET', 'min-replicas-to-write', '0'],
    ],
    ['that can’t save (MISCONF)', ['BGSAVE'], ['CONFIG', 'SET', 'stop-writes-on-bgsave-error', 'no']],
    ['made a replica in place, and emptied', ['REPLICAOF', '127.0.0.1'], ['REPLICAOF', 'NO', 'ONE']],
  ])('%s: each server goes on for itself, and nobody is disconnected', { timeout }, async (_, refuse, write) => {
    const cluster = await startCluster(3);
    const [near, far, third] = cluster.nodes as [ServerNode, ServerNode, ServerNode];
    const [one, other] = await twoUsers(near, near, 'local');
    await chat(one, other);
    const [here, there] = await twoUsers(near, far, 'across');
    await chat(here, there);
    const crowd = new Crowd([near, far, third], 24);
    await crowd.run(1000);
    const isReplica = refuse[0] === 'REPLICAOF';
    const primary = isReplica ? await startRedis() : undefined;
    if (refuse[0] === 'BGSAVE') await makeUnableToSave(cluster.redis);
    await set(cluster.redis, ...(primary ? [...refuse, String(primary.port)] : refuse));
    await expectRefusal(cluster.redis);
    here.say('said meanwhile');
    await crowd.run(2000);
    await exchangeLines(one, other, 'still here');
    await crowd.run(2500);
    await exchangeLines(one, other, 'longer than any lease');
    await set(cluster.redis, ...write);
    await there.readThrough(`${here.name}: said meanwhile\n`);
    there.say('read');
    await here.readThrough(`${there.name}: read\n`);
    await crowd.run(4000);
    await crowd.rest();
    expect(crowd.lost).toBe(0);
    await claimAtLast(third, 'stranger');
    // An emptied directory has other rows for a moment than the monitor has seen.
    if (!isReplica) await expectNoContradiction(cluster);
    expect((await cluster.rows()).filter(({ state }) => state !== 'menu').length).toBe(4);
  });
});
