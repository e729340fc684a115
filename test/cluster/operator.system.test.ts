/** What an operator does at one server reaches people at the others, at once and later. */
import { once } from 'node:events';
import { connect as openSocket } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ask } from '../../src/operator/adminClient.ts';
import type { Answer, Request } from '../../src/operator/requests.ts';
import type { ServerOptions } from '../../src/server/options.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { eventually } from '../support/eventually.ts';
import { hasRedis, type RedisServer } from '../support/redisServer.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect, User } from '../support/user.ts';
import { banned, idPrompt, idTaken, lockedDown, operatorSays, partnerLeft, removed } from '../support/wireTexts.ts';
import { startRedis } from './cluster.ts';
import { chat } from './phases.ts';

async function startServerOf({ url }: RedisServer, options: ServerOptions = {}) {
  const adminSocket = join(temporaryFolder(), 'admin.sock');
  const server = await startTestServer({ redis: url, adminSocket, announceLimit: 0, ...options });
  return { server, port: server.port, order: (request: Request) => ask(adminSocket, { by: 'test', ...request }) };
}

/** A new connection from this address of this machine; the first thing that it reads. */
async function connectFrom(localAddress: string, port: number): Promise<User> {
  const socket = openSocket({ port, host: '127.0.0.1', localAddress, noDelay: true });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return new User(socket);
}

const targetsIn = (answer: Answer) => (answer.ok && 'bans' in answer ? answer.bans.map(({ target }) => target) : []);

describeNeeding('redis-server', hasRedis, 'an act at one of several servers', () => {
  it('is seen by people at the other: who, say, kick, ban of an id', async () => {
    const redis = await startRedis();
    const [east, west] = [await startServerOf(redis), await startServerOf(redis)];
    const [lior, golan] = [await connect(east), await connect(west)];
    await lior.identify('lior');
    await golan.identify('golan');
    await chat(lior, golan);
    const who = await east.order({ do: 'who' });
    expect(who).toMatchObject({
      who: [
        { id: 'lior', server: null },
        { id: 'golan', address: null, partner: 'lior' },
      ],
    });

    await east.order({ do: 'say', text: 'hello' });
    for (const user of [lior, golan]) await user.expect(operatorSays('hello'));
    for (const user of [lior, golan]) await user.expectSilence();

    await east.order({ do: 'kick', id: 'golan', reason: 'spam' });
    await golan.expect(removed('spam'));
    await lior.readThrough(partnerLeft('golan'));

    await west.order({ do: 'ban', target: 'lior' });
    await lior.readThrough(removed());
    for (const { port } of [east, west]) {
      const again = await connect({ port });
      await again.expect(idPrompt);
      again.say('LIOR');
      await again.expect(idTaken);
    }
    await east.order({ do: 'unban', target: 'lior' });
    await eventually(async () => targetsIn(await west.order({ do: 'bans' }))).toEqual([]);
    await (await connect(west)).identify('lior');
  });

  it('closes and opens the door of all of them', async () => {
    const redis = await startRedis();
    const [east, west] = [await startServerOf(redis), await startServerOf(redis)];
    await east.order({ do: 'lockdown', on: true });
    await eventually(() => west.server.lobby.operator.door).toBe('lockdown');
    await (await connect(west)).expect(lockedDown);
    await west.order({ do: 'lockdown', on: false });
    await eventually(() => east.server.lobby.operator.door).toBe('open');
  });

  it('that is a ban holds at a server that starts later, and one that was taken back does not come again', async () => {
    const redis = await startRedis();
    const folder = temporaryFolder();
    const file = { bans: join(folder, 'east.json') };
    const east = await startServerOf(redis, file);
    await east.order({ do: 'ban', target: '127.0.0.2' });
    await east.order({ do: 'ban', target: '127.0.0.3' });
    const west = await startServerOf(redis);
    await (await connectFrom('127.0.0.2', west.port)).expect(banned);

    await east.server.stop();
    await west.order({ do: 'unban', target: '127.0.0.3' });
    const next = await startServerOf(redis, file);
    expect(targetsIn(await next.order({ do: 'bans' }))).toEqual(['127.0.0.2/32']);
    await (await connectFrom('127.0.0.3', next.port)).expect(idPrompt);
  });

  it('that is a ban holds when Redis begins anew, empty', async () => {
    const redis = await startRedis();
    const [east, west] = [await startServerOf(redis), await startServerOf(redis)];
    await east.order({ do: 'ban', target: '127.0.0.2' });
    await eventually(async () => targetsIn(await west.order({ do: 'bans' }))).toEqual(['127.0.0.2/32']);
    await redis.restart();
    const third = await startServerOf(redis);
    await eventually(async () => targetsIn(await third.order({ do: 'bans' }))).toEqual(['127.0.0.2/32']);
  });

  it('that empties a server leaves the others as they are', async () => {
    const redis = await startRedis();
    const [east, west] = [await startServerOf(redis), await startServerOf(redis)];
    const golan = await connect(west);
    await golan.identify('golan');
    await east.order({ do: 'drain' });
    await east.server.stopped;
    await golan.expectSilence();
    expect(west.server.lobby.operator.door).toBe('open');
  });
});
