/**
 * Private chats between two servers whose lines have Redis processes of their own: what becomes of lines when these are
 * down, frozen, refuse, and are back.
 *
 * Owns: that each line is read once, in order and before the end of its chat, and that nobody is disconnected or notices.
 * Forced orders of messages are in `lineFlows.test.ts`, all of them together in `exploration.proof.test.ts`.
 */
import { join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import type { Server } from '../../src/server/server.ts';
import { scrape } from '../metrics/scrape.ts';
import { deadlineMs } from '../support/deadline.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasRedis, type RedisServer } from '../support/redisServer.ts';
import { startTestServer } from '../support/testServer.ts';
import type { User } from '../support/user.ts';
import { menu, partnerLeft } from '../support/wireTexts.ts';
import { startRedis } from './cluster.ts';
import { chat, exchangeLines, twoUsers } from './phases.ts';

const timeout = 60_000;
const deadline = { timeout: deadlineMs, interval: 20 };

let directory: RedisServer;
let places: [RedisServer, RedisServer];
let servers: [Server, Server];

async function ways(server: Server): Promise<Partial<Record<'quick' | 'slow', number>>> {
  const samples = await scrape(server);
  const of = (way: string): number => samples.get(`statechat_cluster_line_ways{way="${way}"}`) ?? 0;
  return { quick: of('quick'), slow: of('slow') };
}

/** Two who chat: from now on their lines go past the directory. */
async function chatting(name: string): Promise<[User, User]> {
  const [near, far] = await twoUsers(...servers, name);
  await chat(near, far);
  await vi.waitFor(async () => {
    await exchangeLines(near, far, 'hello');
    for (const server of servers) expect(await ways(server)).toEqual({ quick: 1, slow: 0 });
  }, deadline);
  return [near, far];
}

/** Each says so many lines at once, and reads those of the other. */
async function talk(one: User, other: User, what: string): Promise<void> {
  const numbers = Array.from({ length: 50 }, (_, number) => `${what} ${number}`);
  for (const user of [one, other]) user.send(`${numbers.join('\n')}\n`);
  await other.expect(numbers.map((line) => `${one.name}: ${line}\n`).join(''));
  await one.expect(numbers.map((line) => `${other.name}: ${line}\n`).join(''));
}

async function commandIn(redis: RedisServer, ...command: string[]): Promise<unknown> {
  const client = await redis.client();
  try {
    return await client.sendCommand(command);
  } finally {
    client.destroy();
  }
}

describeNeeding('redis-server', hasRedis, 'lines with a Redis of their own', () => {
  beforeEach(async () => {
    directory = await startRedis();
    places = [await startRedis(), await startRedis()];
    const redisLines = places.map(({ url }) => url).join(' ');
    const options = { redis: directory.url, redisLines, announceLimit: 0, metricsPort: 0 };
    servers = [await startTestServer(options), await startTestServer(options)];
  });

  it('go through it, and not through the directory', { timeout }, async () => {
    const [near, far] = await chatting('quick');
    await commandIn(directory, 'CONFIG', 'RESETSTAT');
    await talk(near, far, 'line');
    const said = 100;
    const stats = String(await commandIn(directory, 'INFO', 'commandstats'));
    // Leases are renewed meanwhile.
    expect(Number(/cmdstat_fcall:calls=(\d+)/.exec(stats)?.[1] ?? 0)).toBeLessThan(said / 2);
    expect(stats).not.toContain('spublish');
    const inPlaces = await Promise.all(places.map((redis) => commandIn(redis, 'INFO', 'commandstats')));
    expect(inPlaces.join()).toContain('cmdstat_spublish');
  });

  it('are all read, in order, when it is killed, and go through it again when it is back', { timeout }, async () => {
    const [near, far] = await chatting('killed');
    const kill = Promise.all(places.map((redis) => redis.kill()));
    await talk(near, far, 'while it dies');
    await kill;
    await talk(near, far, 'without it');
    expect(await ways(servers[0])).toEqual({ quick: 0, slow: 1 });
    await Promise.all(places.map((redis) => redis.restart()));
    await vi.waitFor(async () => {
      await exchangeLines(near, far, 'is it back?');
      for (const server of servers) expect(await ways(server)).toEqual({ quick: 1, slow: 0 });
    }, deadline);
    await talk(near, far, 'with it');
  });

  it('are all read, in order, when it stands still and when it goes on', { timeout }, async () => {
    const [near, far] = await chatting('frozen');
    for (const redis of places) redis.signal('SIGSTOP');
    await talk(near, far, 'while it stands still');
    for (const redis of places) redis.signal('SIGCONT');
    await talk(near, far, 'afterwards');
    for (const user of [near, far]) await user.expectSilence();
  });

  it('are all read when it refuses them', { timeout }, async () => {
    const [near, far] = await chatting('refused');
    for (const redis of places) {
      await commandIn(redis, 'ACL', 'SETUSER', 'default', '-spublish', '-ssubscribe');
      await commandIn(redis, 'CLIENT', 'KILL', 'TYPE', 'pubsub');
    }
    await talk(near, far, 'refused');
    expect(await ways(servers[0])).toEqual({ quick: 0, slow: 1 });
  });

  it('may have one with a password, and one behind a Unix socket', { timeout }, async () => {
    const locked = await startRedis({ requirepass: 'p@ss' });
    const path = join(directory.folder, 'lines.sock');
    await startRedis({ unixsocket: path });
    for (const redisLines of [`redis://:p%40ss@127.0.0.1:${locked.port}`, `unix://${path}`]) {
      const options = {
        redis: directory.url,
        redisLines,
        redisPrefix: redisLines.slice(0, 4),
        announceLimit: 0,
        metricsPort: 0,
      };
      servers = [await startTestServer(options), await startTestServer(options)];
      await chatting('elsewhere');
    }
  });

  it('go through the directory if the password is wrong', { timeout }, async () => {
    const locked = await startRedis({ requirepass: 'p@ss' });
    const redisLines = `redis://:wrong@127.0.0.1:${locked.port}`;
    const options = { redis: directory.url, redisLines, redisPrefix: 'wrong', announceLimit: 0, metricsPort: 0 };
    servers = [await startTestServer(options), await startTestServer(options)];
    const [near, far] = await twoUsers(...servers, 'wrong');
    await chat(near, far);
    await talk(near, far, 'without a password');
    expect(await ways(servers[0])).toEqual({ quick: 0, slow: 1 });
  });

  it('go on while the directory is down', { timeout }, async () => {
    const [near, far] = await chatting('alone');
    await directory.kill();
    await vi.waitFor(async () => {
      for (const server of servers) {
        expect((await scrape(server)).get('statechat_cluster_state{state="standalone"}')).toBe(1);
      }
    }, deadline);
    await talk(near, far, 'without the directory');
  });

  it('are all read before the end of their chat, at every end', { timeout }, async () => {
    const [near, far] = await twoUsers(...servers, 'ends');
    for (let number = 0; number < 40; number++) {
      await chat(near, far);
      near.send(`one ${number}\ntwo ${number}\nexit()\n`);
      await far.expect(`${near.name}: one ${number}\n${near.name}: two ${number}\n${partnerLeft(near.name)}${menu}`);
      await near.readThrough(menu);
      if (number !== 20) continue;
      for (const redis of places) redis.signal('SIGSTOP');
    }
    for (const redis of places) redis.signal('SIGCONT');
  });
});
