/**
 * What can go wrong with several server processes and their Redis, done to real ones: whoever is left is told in time, nobody
 * waits for ever, no id has two owners, and every inbox was free of contradictions throughout.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasRedis } from '../support/redisServer.ts';
import { connect, type User as Person } from '../support/user.ts';
import {
  chatStarted,
  directoryLost,
  evicted,
  idPrompt,
  idsUnchecked,
  idTaken,
  menu,
  partnerLeft,
  requestDenied,
  serverClosing,
  targetPrompt,
  youLeftChat,
} from '../support/wireTexts.ts';
import { type Cluster, type ServerNode, startCluster, startRedis } from './cluster.ts';
import { Crowd } from './crowd.ts';
import { NetworkProxy } from './networkProxy.ts';
import { ask, chat, meetInRoom, pairsInEveryPhase, tellEachOther, twoPeople } from './phases.ts';

const timeout = 60_000;
const askedInVain = `Nobody can be asked just now. Try again in a moment.\n${menu}`;
const linesMissing = 'The connection between the servers was lost for a moment. Lines may be missing.\n';

/** Claims an id again and again, until it is granted. */
async function claimAtLast(node: ServerNode, id: string): Promise<Person> {
  for (;;) {
    const person = await connect(node);
    await person.expect(idPrompt);
    person.say(id);
    if ((await person.settle()).read.endsWith(menu)) {
      person.name = id;
      return person;
    }
    person.hangUp();
    await wait(50);
  }
}

async function expectNoContradiction({ monitor, rows }: Cluster): Promise<void> {
  expect(monitor.violations).toEqual([]);
  expect(monitor.entries).toBeGreaterThan(10);
  const all = await rows();
  const bySession = new Map(all.map((row) => [row.session, row]));
  expect(all.filter(({ other, session }) => other !== '' && bySession.get(other)?.other !== session)).toEqual([]);
}

async function measured(what: string, run: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await run();
  console.log(`${what}: ${Math.round(performance.now() - start)} ms`);
}

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
  return { cluster, replica, promote };
}

describeNeeding('redis-server', hasRedis, 'several servers', () => {
  it('killed: the partners of its people are told, in whatever phase, and the ids are free', { timeout }, async () => {
    const cluster = await startCluster(3);
    const [near, far, third] = cluster.nodes as [ServerNode, ServerNode, ServerNode];
    const pairs = await pairsInEveryPhase(near, far);
    far.process.signal('SIGKILL');
    await measured('partners of people at a killed server are told after', async () => {
      await Promise.all(pairs.map(({ near: person, afterLoss }) => person.expect(afterLoss)));
    });
    for (const { far: person } of pairs) await claimAtLast(third, person.name);
    const [chatting] = pairs.filter(({ phase }) => phase === 'chats');
    const again = await connect(third);
    await again.identify('again');
    await chat(again, (chatting as { near: Person }).near);
    await expectNoContradiction(cluster);
  });

  it('stopped: the partners of its people are told at once', { timeout }, async () => {
    const cluster = await startCluster(2);
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const pairs = await pairsInEveryPhase(near, far);
    far.process.signal('SIGTERM');
    await measured('partners of people at a stopped server are told after', async () => {
      await Promise.all(pairs.map(({ near: person, afterLoss }) => person.expect(afterLoss)));
    });
    for (const { far: person } of pairs) await person.readThrough(serverClosing);
    await expectNoContradiction(cluster);
  });

  it('frozen: others get its ids, and when it wakes its people are gone', { timeout }, async () => {
    const cluster = await startCluster(3);
    const [near, far, third] = cluster.nodes as [ServerNode, ServerNode, ServerNode];
    const pairs = await pairsInEveryPhase(near, far);
    far.process.signal('SIGSTOP');
    await Promise.all(pairs.map(({ near: person, afterLoss }) => person.expect(afterLoss)));
    const heirs = await Promise.all(pairs.map(({ far: person }) => claimAtLast(third, person.name)));
    await wait(1500);
    for (const { far: person } of pairs) person.say('said in sleep');
    far.process.signal('SIGCONT');
    for (const { far: person } of pairs) await person.readThrough(directoryLost);
    for (const heir of heirs) await heir.expectSilence();
    const newcomer = await claimAtLast(far, 'newcomer');
    // What the newcomer's server says to another one comes behind all that it has said there before.
    const witness = await connect(near);
    await witness.identify('witness');
    await ask(newcomer, witness);
    // Those who are gone were said to be gone, and are not said so again.
    for (const { near: person } of pairs) await person.expectSilence();
    await expectNoContradiction(cluster);
  });

  it('cut off from Redis: its people are gone before others get their ids; connected again it goes on', {
    timeout,
  }, async () => {
    const cluster = await startCluster(3);
    const [near, far, third] = cluster.nodes as [ServerNode, ServerNode, ServerNode];
    const pairs = await pairsInEveryPhase(near, far);
    const [one, other] = [await connect(far), await connect(far)];
    await one.identify('one');
    await other.identify('other');
    await chat(one, other);
    const goneAt: number[] = [];
    const gone = pairs.map(async ({ far: person }) => {
      await person.readThrough(directoryLost);
      goneAt.push(performance.now());
    });
    far.network.freeze();
    await tellEachOther(one, other, 'still here');
    const heirs = pairs.map(async ({ far: person }) => {
      const heir = await claimAtLast(third, person.name);
      return { heir, at: performance.now() };
    });
    await Promise.all(gone);
    await one.readThrough(directoryLost);
    const firstHeir = Math.min(...(await Promise.all(heirs)).map(({ at }) => at));
    expect(firstHeir).toBeGreaterThan(Math.max(...goneAt));
    await Promise.all(pairs.map(({ near: person, afterLoss }) => person.expect(afterLoss)));
    const early = await connect(far);
    await early.expect(idPrompt);
    early.say('early');
    await early.expect(idsUnchecked);
    far.network.thaw();
    far.network.cut();
    const late = await claimAtLast(far, 'late');
    await chat(late, (await Promise.all(heirs))[0]?.heir as Person);
    await expectNoContradiction(cluster);
  });

  it('whose connections to Redis break for a moment goes on as if nothing had been', { timeout }, async () => {
    const cluster = await startCluster(2);
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const [one, other] = await twoPeople(near, far, 'x');
    await chat(one, other);
    const [asker, target] = await twoPeople(near, far, 'y');
    for (let round = 0; round < 5; round++) {
      const lines = Array.from({ length: 40 }, (_, index) => `line ${round}.${index}`);
      for (const [index, line] of lines.entries()) {
        one.say(line);
        if (index === 20) (round % 2 ? near : far).network.cut();
      }
      await other.expect(lines.map((line) => `${one.name}: ${line}\n`).join(''));
      near.network.cut();
      await chat(asker, target);
      asker.say('exit()');
      await asker.expect(`${youLeftChat}${menu}`);
      await target.expect(`${partnerLeft(asker.name)}${menu}`);
    }
    await expectNoContradiction(cluster);
  });

  it('while Redis is down: chats go on, the rest can wait; when it is back, empty, everybody has what they had', {
    timeout,
  }, async () => {
    const cluster = await startCluster(2, { isDirect: true });
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const [one, other] = await twoPeople(near, near, 'local');
    await chat(one, other);
    const [here, there] = await twoPeople(near, far, 'across');
    await chat(here, there);
    const [asker, asked] = await twoPeople(near, far, 'asks');
    await ask(asker, asked);
    const [speaker, listener] = await twoPeople(near, far, 'room');
    await meetInRoom(near, speaker, listener);
    const stranger = await connect(near);
    await stranger.expect(idPrompt);

    await cluster.redis.kill();
    await tellEachOther(one, other, 'still here');
    await measured('ids are refused after', async () => {
      stranger.say('stranger');
      await stranger.expect(idsUnchecked);
    });
    await tellEachOther(one, other, 'for as long as it takes');
    await wait(4000);
    await tellEachOther(one, other, 'longer than any lease');
    one.say('exit()');
    await one.expect(`${youLeftChat}${menu}`);
    await other.expect(`${partnerLeft(one.name)}${menu}`);
    one.choose(1);
    await one.expect(targetPrompt);
    one.say(other.name);
    await one.expect(askedInVain);
    here.say('said meanwhile');
    speaker.say('said to the room meanwhile');

    await cluster.redis.restart();
    await here.expect(linesMissing);
    await there.expect(`${linesMissing}${here.name}: said meanwhile\n`);
    await listener.expect(`${linesMissing}${speaker.name}: said to the room meanwhile\n`);
    await speaker.expect(linesMissing);
    await tellEachOther(here, there, 'together again');
    asked.accept();
    await asked.expect(chatStarted(asker.name));
    await asker.expect(chatStarted(asked.name));
    await claimAtLast(far, 'stranger');
    const imitator = await connect(far);
    await imitator.expect(idPrompt);
    imitator.say(one.name);
    await imitator.expect(idTaken);
    await chat(one, other);
    await expectNoContradiction(cluster);
  });

  it('while Redis stands still for a second: what is asked waits or is to be tried again, and nothing is lost', {
    timeout,
  }, async () => {
    const cluster = await startCluster(2);
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const [one, other] = await twoPeople(near, far, 'x');
    await chat(one, other);
    cluster.redis.signal('SIGSTOP');
    one.say('into the silence');
    await wait(800);
    cluster.redis.signal('SIGCONT');
    await other.expect(`${one.name}: into the silence\n`);
    await tellEachOther(one, other, 'and after it');
    await expectNoContradiction(cluster);
  });

  it('when Redis stands still for longer than a lease: everybody is told, and then all begin anew', {
    timeout,
  }, async () => {
    const cluster = await startCluster(2);
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const pairs = await pairsInEveryPhase(near, far);
    const people = pairs.flatMap(({ near: one, far: other }) => [one, other]);
    const stranger = await connect(near);
    await stranger.expect(idPrompt);
    cluster.redis.signal('SIGSTOP');
    stranger.say('stranger');
    await stranger.expect(idsUnchecked);
    await Promise.all(people.map((person) => person.readThrough(directoryLost)));
    await wait(1000);
    cluster.redis.signal('SIGCONT');
    for (const [index, { name }] of people.entries()) await claimAtLast(index % 2 ? near : far, name);
    await expectNoContradiction(cluster);
  });

  it('when a replica that lags behind is promoted: everybody keeps what they had', { timeout }, async () => {
    const { cluster, replica, promote } = await startWithReplica();
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const [one, other] = await twoPeople(near, far, 'early');
    await chat(one, other);
    replica.freeze();
    const pairs = await pairsInEveryPhase(near, far);
    one.say('exit()');
    await one.expect(`${youLeftChat}${menu}`);
    await other.expect(`${partnerLeft(one.name)}${menu}`);
    await promote(near, far);
    for (const { phase, near: person, far: partner } of pairs) {
      if (phase === 'asks') partner.decline();
      if (phase === 'asked') person.decline();
      if (phase.startsWith('ask')) {
        for (const each of [person, partner]) await each.expect(`${requestDenied}${menu}`);
        continue;
      }
      await person.expect(linesMissing);
      await partner.expect(linesMissing);
      await tellEachOther(person, partner, 'still here');
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
    const [one, partner] = await twoPeople(near, far, 'first');
    await chat(one, partner);
    await promote(far);
    await partner.expect(linesMissing);
    // The server of the other one hasn't noticed yet; after a while nobody waits for it any more.
    await partner.expect(`${partnerLeft(one.name)}${menu}`);
    const heir = await claimAtLast(far, one.name);
    await cluster.redis.kill();
    near.network.target = far.network.target;
    await one.readThrough(evicted);
    await chat(heir, partner);
    await tellEachOther(heir, partner, 'the only one');
  });

  it('killed in the middle of everything: whoever is left can go on', { timeout }, async () => {
    const cluster = await startCluster(3);
    const [near, far, third] = cluster.nodes as [ServerNode, ServerNode, ServerNode];
    const crowd = new Crowd([near, far, third], 30);
    await crowd.run(1500);
    third.process.signal('SIGKILL');
    await crowd.run(6000);
    await crowd.rest();
    expect(crowd.chats).toBeGreaterThan(50);
    console.log(`${crowd.chats} chats around a killed server, ${crowd.lost} people were connected to it`);
    await expectNoContradiction(cluster);
    const left = (await cluster.rows()).filter(({ state }) => state !== 'menu');
    expect(left).toEqual([]);
  });
});
