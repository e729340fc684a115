/** An id with a password is one person's on all servers that share a Redis: it is proved at one, and taken from another. */
import { expect, it } from 'vitest';
import type { Server } from '../../src/server/server.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { eventually } from '../support/eventually.ts';
import { nameFile, writeNames } from '../support/passwordGates.ts';
import { hasRedis } from '../support/redisServer.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect, type User } from '../support/user.ts';
import {
  disconnected,
  evicted,
  idPrompt,
  joinedServer,
  menu,
  partnerLeft,
  proofPrompt,
  wrongPassword,
} from '../support/wireTexts.ts';
import { startRedis } from './cluster.ts';
import { chat } from './phases.ts';

async function prove(server: Server, password = 'sesame'): Promise<User> {
  const golan = await connect(server);
  golan.name = 'golan';
  await golan.expect(idPrompt);
  golan.say('golan');
  await golan.expect(proofPrompt('golan'));
  golan.say(password);
  return golan;
}

const idsAt = (server: Server) => [...server.lobby.directory.rows()].map(({ id, session }) => `${id} ${session}`);

describeNeeding('redis-server', hasRedis, 'an id with a password, on two servers', () => {
  async function startTwo(announceLimit = 100) {
    const { url } = await startRedis();
    const names = nameFile(['golan', 'sesame']);
    const start = () => startTestServer({ redis: url, names, announceLimit });
    return { names, east: await start(), west: await start() };
  }

  it('is taken over from the other server: its session ends, its partner is in the menu again', async () => {
    const { east, west } = await startTwo(0);
    const ghost = await prove(east);
    await ghost.expect(menu);
    const lior = await connect(west);
    await lior.identify('lior');
    await chat(lior, ghost);
    const golan = await prove(west);
    await golan.expect(menu);
    await ghost.expect(evicted);
    await ghost.expectEnd();
    await lior.expect(`${partnerLeft('golan')}${menu}`);
    await chat(golan, lior);
    await eventually(() => east.lobby.sessions.size).toBe(0);
    await eventually(() => idsAt(east).length).toBe(2);
    expect(idsAt(west).map((row) => row.split(' ')[0])).toEqual(['lior', 'golan']);
  });

  it('is announced everywhere as one who has gone and one who has come, in this order', async () => {
    const { east, west } = await startTwo();
    const [noa, lior] = [await connect(east), await connect(west)];
    await noa.identify('noa');
    await lior.identify('lior');
    await noa.expect(joinedServer('lior'));
    const ghost = await prove(east);
    await ghost.expect(menu);
    for (const reader of [noa, lior]) await reader.expect(joinedServer('golan'));
    await (await prove(west)).expect(menu);
    for (const reader of [noa, lior]) await reader.expect(`${disconnected('golan')}${joinedServer('golan')}`);
    await ghost.expect(evicted);
  });

  it('is given at no server without its password', async () => {
    const { east, west } = await startTwo();
    const golan = await prove(east);
    await golan.expect(menu);
    const eve = await prove(west, 'guess');
    await eve.expect(`${wrongPassword}${idPrompt}`);
    await golan.expectSilence();
  });

  it('is taken from one who got it at a server that had not read the file yet', async () => {
    const { names, east, west } = await startTwo(0);
    writeNames(names);
    east.reload();
    const eve = await connect(east);
    await eve.identify('golan');
    const golan = await prove(west);
    await golan.expect(menu);
    await eve.expect(evicted);
  });
});
