/**
 * A user with a name comes back from a connection that is lost, though the server has not been told: as from one of which it
 * has. Next: `resume.test.ts` (losses that are told), `../transport/deadPeers.test.ts` (what the system says).
 */
import { expect, it } from 'vitest';
import type { ServerOptions } from '../../src/server/options.ts';
import type { Server } from '../../src/server/server.ts';
import { startRedis } from '../cluster/cluster.ts';
import { Cable, hasCable } from '../support/cable.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { gather, prove, startChat } from '../support/gathering.ts';
import { nameFile } from '../support/passwordGates.ts';
import { hasRedis } from '../support/redisServer.ts';
import { connectSecurely, makeCertificate } from '../support/secure.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect, type User } from '../support/user.ts';
import { chatResumed, menu, partnerAway, partnerBack, partnerLeft } from '../support/wireTexts.ts';
import { connectByWeb } from '../web/webUser.ts';

/** How somebody comes to the server by its cable. */
const ways = {
  plain: { needs: () => ({}), portOf: ({ port }: Server) => port, come: (port: number) => connect({ port }) },
  TLS: {
    needs: () => ({ ...makeCertificate(), tlsPort: 0 }),
    portOf: ({ tlsPort }: Server) => tlsPort,
    come: async (port: number) => (await connectSecurely({ tlsPort: port })).user,
  },
  WebSocket: {
    needs: () => ({ webPort: 0 }),
    portOf: ({ webPort }: Server) => webPort,
    come: async (port: number) => (await connectByWeb({ webPort: port })).user,
  },
};

describeNeeding('python3 on Linux', hasCable, 'a connection in a chat that is lost without a word', () => {
  interface Lost {
    server: Server;
    lior: User;
    cable: Cable;
  }

  async function chatOverCable(options: ServerOptions = {}, way: keyof typeof ways = 'plain'): Promise<Lost> {
    const { needs, portOf, come } = ways[way];
    const server = await startTestServer({ names: nameFile('golan'), announceLimit: 0, ...options, ...needs() });
    const cable = await Cable.to(portOf(server) ?? 0);
    const golan = await come(cable.port);
    await prove(golan, 'golan');
    await golan.expect(menu);
    const [lior] = await gather(server, 'lior');
    await startChat(golan, lior);
    return { server, lior, cable };
  }

  async function expectBack(server: { port: number }, lior: User): Promise<void> {
    const again = await prove(await connect(server), 'golan');
    await lior.expect(`${partnerAway('golan')}${partnerBack('golan')}`);
    await again.expect(chatResumed('lior'));
    lior.say('still here');
    await again.expect('lior: still here\n');
    again.say('back');
    await lior.expect('golan: back\n');
  }

  it.each(['plain', 'TLS', 'WebSocket'] as const)('leads back into it: %s, nothing said meanwhile', async (way) => {
    const { server, lior, cable } = await chatOverCable({}, way);
    await cable.cut();
    await expectBack(server, lior);
  });

  it('leads back into it, though something was said meanwhile', async () => {
    const { server, lior, cable } = await chatOverCable();
    await cable.cut();
    lior.say('are you there?');
    await lior.expectSilence();
    await expectBack(server, lior);
  });

  it('leads back into it where nobody else is looked for', async () => {
    const { server, lior, cable } = await chatOverCable({ goneMs: 0, keepAliveMs: 0 });
    await cable.cut();
    await expectBack(server, lior);
  });

  it('is taken for one that is there while the cable is whole, and the chat ends', async () => {
    const { server, lior } = await chatOverCable();
    const again = await prove(await connect(server), 'golan');
    await lior.expect(`${partnerLeft('golan')}${menu}`);
    await again.expect(menu);
  });

  it('is gone at once with --resume 0', async () => {
    const { server, lior, cable } = await chatOverCable({ resumeMs: 0 });
    await cable.cut();
    const begin = performance.now();
    const again = await prove(await connect(server), 'golan');
    await again.expect(menu);
    await lior.expect(`${partnerLeft('golan')}${menu}`);
    expect(performance.now() - begin).toBeLessThan(2300);
  });

  describeNeeding('redis-server', hasRedis, 'at one of two servers', () => {
    it('leads back into it at the other one', async () => {
      const { url } = await startRedis();
      const { lior, cable } = await chatOverCable({ redis: url });
      const other = await startTestServer({ names: nameFile('golan'), redis: url });
      await cable.cut();
      await expectBack(other, lior);
    });
  });
});
