/**
 * What can go wrong with several server processes and their Redis, done to real ones: whoever is left is told in time, nobody
 * waits for ever, no id has two owners, and every inbox was free of contradictions throughout.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { describeNeeding } from '../support/describeNeeding.ts';
import { connect, idPrompt, menu, type Person, targetPrompt } from '../support/person.ts';
import { hasRedis } from '../support/redisServer.ts';
import { type Cluster, type ServerNode, startCluster } from './cluster.ts';
import { ask, chat, pairsInEveryPhase, roomJoined, tellEachOther, twoPeople } from './phases.ts';

const timeout = 60_000;
const evicted = 'This server has lost its connection to the others. Goodbye!\n';
const idsUnchecked = `User IDs can't be checked just now. Try again in a moment.\n${idPrompt}`;
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
  expect(monitor.entries).toBeGreaterThan(20);
  const all = await rows();
  const bySession = new Map(all.map((row) => [row.session, row]));
  expect(all.filter(({ other, session }) => other !== '' && bySession.get(other)?.other !== session)).toEqual([]);
}

async function measured(what: string, run: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await run();
  console.log(`${what}: ${Math.round(performance.now() - start)} ms`);
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
    for (const { far: person } of pairs) await person.readThrough('The server is shutting down. Goodbye!\n');
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
    for (const { far: person } of pairs) await person.readThrough(evicted);
    for (const heir of heirs) await heir.expectSilence();
    for (const { near: person } of pairs) await person.expectSilence();
    await (await claimAtLast(far, 'newcomer')).expectSilence();
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
      await person.readThrough(evicted);
      goneAt.push(performance.now());
    });
    far.cable.freeze();
    await tellEachOther(one, other, 'still here');
    const heirs = pairs.map(async ({ far: person }) => {
      const heir = await claimAtLast(third, person.name);
      return { heir, at: performance.now() };
    });
    await Promise.all(gone);
    await one.readThrough(evicted);
    const firstHeir = Math.min(...(await Promise.all(heirs)).map(({ at }) => at));
    expect(firstHeir).toBeGreaterThan(Math.max(...goneAt));
    await Promise.all(pairs.map(({ near: person, afterLoss }) => person.expect(afterLoss)));
    const early = await connect(far);
    await early.expect(idPrompt);
    early.say('early');
    await early.expect(idsUnchecked);
    far.cable.thaw();
    far.cable.cut();
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
        if (index === 20) (round % 2 ? near : far).cable.cut();
      }
      await other.expect(lines.map((line) => `${one.name}: ${line}\n`).join(''));
      near.cable.cut();
      await chat(asker, target);
      asker.say('exit()');
      await asker.expect(`You left the chat.\n${menu}`);
      await target.expect(`${asker.name} left the chat.\n${menu}`);
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
    for (const [index, person] of [speaker, listener].entries()) {
      person.choose(3);
      await person.expect(roomJoined(index + 1));
    }
    await speaker.expect(`${listener.name} joined the common room.\n`);
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
    await one.expect(`You left the chat.\n${menu}`);
    await other.expect(`${one.name} left the chat.\n${menu}`);
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
    await asked.expect(`Chat started with ${asker.name}. Type exit() to leave.\n`);
    await asker.expect(`Chat started with ${asked.name}. Type exit() to leave.\n`);
    await claimAtLast(far, 'stranger');
    const imitator = await connect(far);
    await imitator.expect(idPrompt);
    imitator.say(one.name);
    await imitator.expect('User ID taken. Choose another user ID: ');
    await chat(one, other);
    await expectNoContradiction(cluster);
  });
});
