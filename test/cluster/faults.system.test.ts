/**
 * What can go wrong with several server processes and their Redis, done to real ones.
 *
 * Owns: the promises at each fault: the users that are left are notified in time, no user waits for ever, no id has two
 * owners, and no inbox ever contained a contradiction.
 * Next: `docs/scale-out.md` (the same as a table), `cluster.ts`, `identity.test.ts` (another Redis, or one that refuses).
 */
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { deadlineMs } from '../support/deadline.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasRedis } from '../support/redisServer.ts';
import { connect, type User } from '../support/user.ts';
import {
  chatStarted,
  directoryLost,
  idPrompt,
  idsUnchecked,
  idTaken,
  menu,
  partnerLeft,
  roomCount,
  roomJoined,
  serverClosing,
  targetPrompt,
  youLeftChat,
} from '../support/wireTexts.ts';
import { expectNoContradiction, type ServerNode, startCluster } from './cluster.ts';
import { Crowd } from './crowd.ts';
import {
  ask,
  chat,
  claimAtLast,
  exchangeLines,
  linesMissing,
  meetInRoom,
  pairsInEveryPhase,
  twoUsers,
} from './phases.ts';

const timeout = 60_000;
const askedInVain = `Nobody can be asked just now. Try again in a moment.\n${menu}`;

async function measured(what: string, run: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  await run();
  console.log(`${what}: ${Math.round(performance.now() - start)} ms`);
}

describeNeeding('redis-server', hasRedis, 'several servers', () => {
  it('killed: the partners of its users are notified in every phase, and the ids are free', { timeout }, async () => {
    const cluster = await startCluster(3);
    const [near, far, third] = cluster.nodes as [ServerNode, ServerNode, ServerNode];
    const pairs = await pairsInEveryPhase(near, far);
    far.process.signal('SIGKILL');
    await measured('partners of users at a killed server read it after', async () => {
      await Promise.all(pairs.map(({ near: user, afterLoss }) => user.expect(afterLoss)));
    });
    for (const { far: user } of pairs) await claimAtLast(third, user.name);
    const [chatting] = pairs.filter(({ phase }) => phase === 'chats');
    const again = await connect(third);
    await again.identify('again');
    await chat(again, (chatting as { near: User }).near);
    await expectNoContradiction(cluster);
  });

  it('stopped: the partners of its users are notified at once', { timeout }, async () => {
    const cluster = await startCluster(2);
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const pairs = await pairsInEveryPhase(near, far);
    far.process.signal('SIGTERM');
    await measured('partners of users at a stopped server read it after', async () => {
      await Promise.all(pairs.map(({ near: user, afterLoss }) => user.expect(afterLoss)));
    });
    for (const { far: user } of pairs) await user.readThrough(serverClosing);
    await expectNoContradiction(cluster);
  });

  it('frozen: other users get its ids, and when it wakes its users are gone', { timeout }, async () => {
    const cluster = await startCluster(3);
    const [near, far, third] = cluster.nodes as [ServerNode, ServerNode, ServerNode];
    const pairs = await pairsInEveryPhase(near, far);
    far.process.signal('SIGSTOP');
    await Promise.all(pairs.map(({ near: user, afterLoss }) => user.expect(afterLoss)));
    const heirs = await Promise.all(pairs.map(({ far: user }) => claimAtLast(third, user.name)));
    await wait(1500);
    for (const { far: user } of pairs) user.say('said in sleep');
    far.process.signal('SIGCONT');
    for (const { far: user } of pairs) await user.readThrough(directoryLost);
    for (const heir of heirs) await heir.expectSilence();
    const newcomer = await claimAtLast(far, 'newcomer');
    // What the newcomer's server sends to another server comes behind all that it has sent before.
    const witness = await connect(near);
    await witness.identify('witness');
    await ask(newcomer, witness);
    // The users who are gone were announced as gone once, and are not announced again.
    for (const { near: user } of pairs) await user.expectSilence();
    await expectNoContradiction(cluster);
  });

  it('cut off from Redis: its users are gone before others get their ids; connected again, it goes on', {
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
    const gone = pairs.map(async ({ far: user }) => {
      await user.readThrough(directoryLost);
      goneAt.push(performance.now());
    });
    far.network.freeze();
    await exchangeLines(one, other, 'still here');
    const heirs = pairs.map(async ({ far: user }) => {
      const heir = await claimAtLast(third, user.name);
      return { heir, at: performance.now() };
    });
    await Promise.all(gone);
    await one.readThrough(directoryLost);
    const firstHeir = Math.min(...(await Promise.all(heirs)).map(({ at }) => at));
    expect(firstHeir).toBeGreaterThan(Math.max(...goneAt));
    await Promise.all(pairs.map(({ near: user, afterLoss }) => user.expect(afterLoss)));
    const early = await connect(far);
    await early.expect(idPrompt);
    early.say('early');
    await early.expect(idsUnchecked);
    far.network.thaw();
    far.network.cut();
    const late = await claimAtLast(far, 'late');
    await chat(late, (await Promise.all(heirs))[0]?.heir as User);
    await expectNoContradiction(cluster);
  });

  it('whose connections to Redis break for a moment go on as if nothing had happened', { timeout }, async () => {
    const cluster = await startCluster(2);
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const [one, other] = await twoUsers(near, far, 'x');
    await chat(one, other);
    const [asker, target] = await twoUsers(near, far, 'y');
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

  it('while Redis is down: local chats go on; when it is back, empty, all users have what they had', {
    timeout,
  }, async () => {
    const cluster = await startCluster(2, { isDirect: true });
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const [one, other] = await twoUsers(near, near, 'local');
    await chat(one, other);
    const [here, there] = await twoUsers(near, far, 'across');
    await chat(here, there);
    const [asker, asked] = await twoUsers(near, far, 'asks');
    await ask(asker, asked);
    const [speaker, listener] = await twoUsers(near, far, 'room');
    await meetInRoom(near, speaker, listener);
    const stranger = await connect(near);
    await stranger.expect(idPrompt);

    await cluster.redis.kill();
    await exchangeLines(one, other, 'still here');
    await measured('ids are refused after', async () => {
      stranger.say('stranger');
      await stranger.expect(idsUnchecked);
    });
    await exchangeLines(one, other, 'for as long as it takes');
    await wait(4000);
    await exchangeLines(one, other, 'longer than any lease');
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
    await listener.expect(`${linesMissing}${linesMissing}${speaker.name}: said to the room meanwhile\n`);
    await speaker.expect(`${linesMissing}${linesMissing}`);
    await exchangeLines(here, there, 'together again');
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

  it('while Redis is down: the room goes on however much is said, and its order stays', { timeout }, async () => {
    const cluster = await startCluster(2, { isDirect: true });
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const [speaker, elsewhere] = await twoUsers(near, far, 'speaks');
    await meetInRoom(near, speaker, elsewhere);
    const listener = await connect(near);
    await listener.identify('listens');
    listener.choose(3);
    await listener.expect(`${roomJoined}${roomCount(3)}`);
    const said = Array.from({ length: 3000 }, (_, index) => `${index}`.padEnd(500, '.'));
    const heard = said.map((line) => `${speaker.name}: ${line}\n`);
    // Redis goes in the middle: some lines are on their way, and more than what is kept follow.
    for (const line of said.slice(0, 200)) speaker.say(line);
    const gone = cluster.redis.kill();
    for (const line of said.slice(200)) speaker.say(line);
    await gone;
    // The others' lines are missing from the moment on in which Redis went: so it is told there, and once.
    const shown = await listener.readThrough(heard.at(-1) as string);
    expect(shown.split(linesMissing).length).toBe(2);
    expect(shown.replace(linesMissing, '')).toBe(heard.join(''));
    listener.say('exit()');
    await listener.readThrough(menu);
    await cluster.redis.restart();
    const late = await elsewhere.readThrough(heard.at(-1) as string);
    const numbers = [...late.matchAll(/: (\d+)\./g)].map(([, number]) => Number(number));
    expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other));
    expect(late).toContain(linesMissing);
    expect(numbers.length).toBeGreaterThan(1000);
  });

  it('while Redis stands still for a second: commands wait, and nothing is lost', {
    timeout,
  }, async () => {
    const cluster = await startCluster(2);
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const [one, other] = await twoUsers(near, far, 'x');
    await chat(one, other);
    cluster.redis.signal('SIGSTOP');
    one.say('into the silence');
    await wait(800);
    cluster.redis.signal('SIGCONT');
    await other.expect(`${one.name}: into the silence\n`);
    await exchangeLines(one, other, 'and after it');
    await expectNoContradiction(cluster);
  });

  it('when Redis stands still for longer than a lease: all users are told and disconnected, and can come again', {
    timeout,
  }, async () => {
    const cluster = await startCluster(2);
    const [near, far] = cluster.nodes as [ServerNode, ServerNode];
    const pairs = await pairsInEveryPhase(near, far);
    const users = pairs.flatMap(({ near: one, far: other }) => [one, other]);
    const stranger = await connect(near);
    await stranger.expect(idPrompt);
    cluster.redis.signal('SIGSTOP');
    stranger.say('stranger');
    await stranger.expect(idsUnchecked);
    await Promise.all(users.map((user) => user.readThrough(directoryLost)));
    await wait(1000);
    cluster.redis.signal('SIGCONT');
    for (const [index, { name }] of users.entries()) await claimAtLast(index % 2 ? near : far, name);
    await expectNoContradiction(cluster);
  });

  it('killed in the middle of everything: the users that are left can go on', { timeout }, async () => {
    const cluster = await startCluster(3);
    const [near, far, third] = cluster.nodes as [ServerNode, ServerNode, ServerNode];
    const crowd = new Crowd([near, far, third], 30);
    await crowd.run(1500);
    third.process.signal('SIGKILL');
    await crowd.run(6000);
    await vi.waitUntil(() => crowd.chats > 50, { timeout: 2 * deadlineMs });
    await crowd.rest();
    console.log(`${crowd.chats} chats around a killed server, ${crowd.lost} users were connected to it`);
    await expectNoContradiction(cluster);
    const left = (await cluster.rows()).filter(({ state }) => state !== 'menu');
    expect(left).toEqual([]);
  });
});
