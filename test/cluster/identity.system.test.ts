/**
 * Several server processes whose Redis becomes another one, refuses, or has another clock.
 *
 * Owns: the promises at each change of identity, with commands and lines under way: each command has its effect once or
 * is refused, no id has two owners, and nobody waits for ever. Next: `faults.test.ts` (all other faults), `cluster.ts`.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasRedis, type RedisServer } from '../support/redisServer.ts';
import { connect } from '../support/user.ts';
import {
  directoryLost,
  evicted,
  idPrompt,
  idTaken,
  menu,
  partnerLeft,
  question,
  requestDenied,
  roomEmpty,
  roomJoined,
  targetPrompt,
  youLeftChat,
} from '../support/wireTexts.ts';
import { expectNoContradiction, type ServerNode, startCluster, startRedis } from './cluster.ts';
import { NetworkProxy } from './networkProxy.ts';
import { chat, claimAtLast, exchangeLines, linesMissing, pairsInEveryPhase, twoUsers } from './phases.ts';

const timeout = 60_000;

/** Two server processes at a primary, and a replica of it that can be promoted. */
async function startWithReplica() {
  const cluster = await startCluster(2);
  const replica = await NetworkProxy.start(cluster.redis.port);
  const second = await startRedis();
  const client = await second.client();
  await client.sendCommand(['REPLICAOF', '127.0.0.1', String(replica.port)]);
  await vi.waitUntil(
    async () => /master_link_status:up/.test(String(await client.sendCommand(['INFO', 'replication']))),
    { timeout: 10_000 },
  );
  const promote = async (...nodes: ServerNode[]): Promise<void> => {
    replica.freeze();
    await client.sendCommand(['REPLICAOF', 'NO', 'ONE']);
    client.destroy();
    for (const { network } of nodes) {
      network.target = second.port;
      network.cut();
    }
  };
  return { cluster, second, replica, promote };
}

/** The replica forgets all that it has copied, and takes part in no replication any more. */
async function emptied(replica: RedisServer): Promise<void> {
  const client = await replica.client();
  await client.sendCommand(['REPLICAOF', 'NO', 'ONE']);
  await client.sendCommand(['FLUSHALL']);
  client.destroy();
}

/** Who was let go at one server has read so before anybody has that id at the other; those they were with read it, too. */
async function expectGoneBeforeHeirs(pairs: Awaited<ReturnType<typeof pairsInEveryPhase>>, other: ServerNode) {
  const gone = pairs.map(async ({ far: user }) => {
    await user.readThrough(directoryLost);
    return performance.now();
  });
  const heirs = pairs.map(async ({ far: user }) => {
    await claimAtLast(other, user.name);
    return performance.now();
  });
  const lastGone = Math.max(...(await Promise.all(gone)));
  expect(Math.min(...(await Promise.all(heirs)))).toBeGreaterThan(lastGone);
  await Promise.all(pairs.map(({ near: user, afterLoss }) => user.expect(afterLoss)));
}

describeNeeding('redis-server', hasRedis, 'several servers and another Redis', () => {
  it('when a replica that lags behind is promoted: all users keep what they had', { timeout }, async () => {
    const { cluster, replica, promote } = await startWithReplica();
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const [one, other] = await twoUsers(near, far, 'early');
    await chat(one, other);
    replica.freeze();
    const pairs = await pairsInEveryPhase(near, far);
    one.say('exit()');
    await one.expect(`${youLeftChat}${menu}`);
    await other.expect(`${partnerLeft(one.name)}${menu}`);
    await promote(near, far);
    for (const { phase, near: user, far: partner } of pairs) {
      if (phase === 'asks') partner.decline();
      if (phase === 'asked') user.decline();
      if (phase.startsWith('ask')) {
        for (const each of [user, partner]) await each.expect(`${requestDenied}${menu}`);
        continue;
      }
      await user.expect(linesMissing);
      await partner.expect(linesMissing);
      await exchangeLines(user, partner, 'still here');
    }
    await chat(other, one);
    const imitator = await connect(near);
    await imitator.expect(idPrompt);
    imitator.say(other.name);
    await imitator.expect(idTaken);
  });

  it('when two servers gave out one id on both sides of a failover: the first to say so keeps it', {
    timeout,
  }, async () => {
    const { cluster, promote } = await startWithReplica();
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const [one, partner] = await twoUsers(near, far, 'first');
    await chat(one, partner);
    await promote(far);
    await partner.expect(linesMissing);
    // The server of the other user hasn't noticed yet. After 3 s the pairing is ended without it.
    await partner.expect(`${partnerLeft(one.name)}${menu}`);
    const heir = await claimAtLast(far, one.name);
    await cluster.redis.kill();
    near.network.target = far.network.target;
    await one.readThrough(evicted);
    await chat(heir, partner);
    await exchangeLines(heir, partner, 'the only one');
  });

  it.each(['a promoted replica', 'an empty Redis'])(
    'with commands under way, when %s takes over: each has its effect',
    {
      timeout,
    },
    async (which) => {
      const { cluster, second, promote } = await startWithReplica();
      const [near, far] = cluster.nodes as [ServerNode, ServerNode];
      const [asker, waiting] = await twoUsers(near, far, 'asks');
      const [visitor, witness] = await twoUsers(near, far, 'visits');
      const [leaver, left] = await twoUsers(near, far, 'leaves');
      await chat(leaver, left);
      // A renewal after these commands: what follows is in no earlier one.
      await wait(700);
      near.network.freeze();
      asker.choose(1);
      visitor.choose(3);
      leaver.say('exit()');
      await wait(300);
      if (which === 'an empty Redis') await emptied(second);
      await promote(near, far);
      near.network.thaw();
      await asker.expect(targetPrompt);
      await visitor.expect(`${roomJoined}${roomEmpty}`);
      await leaver.readThrough(`${youLeftChat}${menu}`);
      await left.readThrough(`${partnerLeft(leaver.name)}${menu}`);
      asker.say(waiting.name);
      await waiting.expect(question(asker.name));
      await witness.expectSilence();
    },
  );

  it('whose address leads to a replica that refuses to write: its users are gone before others get their ids', {
    timeout,
  }, async () => {
    const { cluster, second } = await startWithReplica();
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const pairs = await pairsInEveryPhase(far, near);
    near.network.target = second.port;
    near.network.cut();
    await expectGoneBeforeHeirs(pairs, far);
    near.network.target = cluster.redis.port;
    near.network.cut();
    const late = await claimAtLast(near, 'late');
    await chat(late, await claimAtLast(far, 'other'));
    await expectNoContradiction(cluster);
  });

  it('whose address leads for a moment to a replica that refuses to write: nobody notices, nothing is lost', {
    timeout,
  }, async () => {
    const { cluster, second } = await startWithReplica();
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const [one, other] = await twoUsers(near, far, 'x');
    await chat(one, other);
    near.network.target = second.port;
    near.network.cut();
    one.say('said meanwhile');
    other.say('so was this');
    await wait(1000);
    near.network.target = cluster.redis.port;
    near.network.cut();
    await other.expect(`${one.name}: said meanwhile\n`);
    await one.expect(`${other.name}: so was this\n`);
    await expectNoContradiction(cluster);
  });

  it('emptied by FLUSHALL: all users keep what they had', { timeout }, async () => {
    const cluster = await startCluster(2);
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const pairs = await pairsInEveryPhase(near, far);
    const client = await cluster.redis.client();
    await client.sendCommand(['FLUSHALL']);
    client.destroy();
    for (const { phase, near: user, far: partner } of pairs) {
      if (phase === 'asks') partner.decline();
      if (phase === 'asked') user.decline();
      const isAsked = phase.startsWith('ask');
      for (const each of [user, partner]) await each.expect(isAsked ? `${requestDenied}${menu}` : linesMissing);
      if (!isAsked) await exchangeLines(user, partner, 'still here');
    }
    const imitator = await connect(far);
    await imitator.expect(idPrompt);
    imitator.say((pairs[0] as { near: { name: string } }).near.name);
    await imitator.expect(idTaken);
    await claimAtLast(far, 'stranger');
    await expectNoContradiction(cluster);
  });

  it('refused alone, while the others reach Redis: its users are gone before others get their ids', {
    timeout,
  }, async () => {
    const cluster = await startCluster(2);
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const pairs = await pairsInEveryPhase(far, near);
    near.network.refuse();
    await expectGoneBeforeHeirs(pairs, far);
    await near.network.accept();
    await chat(await claimAtLast(near, 'late'), await claimAtLast(far, 'other'));
    await expectNoContradiction(cluster);
  });

  it('refused like all others, and still refused when they are not: its users are gone before others get their ids', {
    timeout,
  }, async () => {
    const cluster = await startCluster(2);
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const [one, other] = await twoUsers(near, near, 'x');
    await chat(one, other);
    for (const { network } of cluster.nodes) network.refuse();
    await wait(4000);
    await exchangeLines(one, other, 'longer than any lease');
    await far.network.accept();
    const gone = one.readThrough(directoryLost).then(() => performance.now());
    const heir = claimAtLast(far, one.name).then(() => performance.now());
    expect(await heir).toBeGreaterThan(await gone);
    await near.network.accept();
    await chat(await claimAtLast(near, 'late'), await claimAtLast(far, 'other'));
  });
});
