/** A user with a password who has lost the connection in a chat between two servers comes back, at either of them. */
import { it } from 'vitest';
import { describeNeeding } from '../support/describeNeeding.ts';
import { eventually } from '../support/eventually.ts';
import { prove } from '../support/gathering.ts';
import { nameFile } from '../support/passwordGates.ts';
import { hasRedis } from '../support/redisServer.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect } from '../support/user.ts';
import { chatResumed, menu, partnerAway, partnerBack, partnerLeft } from '../support/wireTexts.ts';
import { startRedis } from './cluster.ts';
import { chat } from './phases.ts';

describeNeeding('redis-server', hasRedis, 'a lost connection in a chat between two servers', () => {
  async function startChatting(resumeMs = 30_000) {
    const { url } = await startRedis();
    const names = nameFile('golan');
    const start = () => startTestServer({ redis: url, names, resumeMs, announceLimit: 0 });
    const [east, west] = [await start(), await start()];
    const golan = await prove(await connect(east), 'golan');
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
    const again = await prove(await connect(servers[where]), 'golan');
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
