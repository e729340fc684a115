/** A user with a password who has lost the connection in a chat between two servers comes back, at either of them. */
import { it } from 'vitest';
import type { Server } from '../../src/server/server.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { eventually } from '../support/eventually.ts';
import { nameFile } from '../support/passwordGates.ts';
import { hasRedis } from '../support/redisServer.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect, type User } from '../support/user.ts';
import {
  chatResumed,
  idPrompt,
  menu,
  partnerAway,
  partnerBack,
  partnerLeft,
  proofPrompt,
} from '../support/wireTexts.ts';
import { startRedis } from './cluster.ts';
import { chat } from './phases.ts';

async function prove(server: Server): Promise<User> {
  const golan = await connect(server);
  golan.name = 'golan';
  await golan.expect(idPrompt);
  golan.say('golan');
  await golan.expect(proofPrompt('golan'));
  golan.say('golan');
  return golan;
}

describeNeeding('redis-server', hasRedis, 'a lost connection in a chat between two servers', () => {
  async function startChatting(resumeMs = 30_000) {
    const { url } = await startRedis();
    const names = nameFile('golan');
    const start = () => startTestServer({ redis: url, names, resumeMs, announceLimit: 0 });
    const [east, west] = [await start(), await start()];
    const golan = await prove(east);
    await golan.expect(menu);
    const lior = await connect(west);
    await lior.identify('lior');
    await chat(golan, lior);
    return { east, west, golan, lior };
  }

  it.each(['east', 'west'] as const)('leads back into it at the %s server', async (where) => {
    const servers = await startChatting();
    const { golan, lior } = servers;
    golan.resetConnection();
    await lior.expect(partnerAway('golan'));
    lior.send('one\ntwo\n');
    await lior.expectSilence();
    const again = await prove(servers[where]);
    await again.expect(`${chatResumed('lior')}lior: one\nlior: two\n`);
    await lior.expect(partnerBack('golan'));
    again.say('here I am');
    await lior.expect('golan: here I am\n');
    lior.say('three');
    await again.expect('lior: three\n');
    again.say('exit()');
    await lior.expect(`${partnerLeft('golan')}${menu}`);
    await eventually(() => servers.east.lobby.sessions.size + servers.west.lobby.sessions.size).toBe(2);
  });

  it('ends the chat when nobody comes in time', async () => {
    const { golan, lior } = await startChatting(1);
    golan.resetConnection();
    await lior.expect(`${partnerAway('golan')}${partnerLeft('golan')}${menu}`);
  });
});
