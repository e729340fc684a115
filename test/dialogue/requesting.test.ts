/** Wanting to chat with somebody: naming them, and waiting for their answer. */

import { describe, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { ask, enterRoom, expectOnline, gather, questionFrom, startChat } from '../support/gathering.ts';
import { startTestServer } from '../support/testServer.ts';
import { menu, targetPrompt } from '../support/wireTexts.ts';

describe('in naming', () => {
  it.each(['nobody', '', 'go lan', 'golan:', '__proto__', 'toString', '-', 'x'.repeat(4096)])(
    'finds no user %j',
    async (target) => {
      const [lior] = await gather(await startTestServer(), 'lior');
      lior.choose(1);
      await lior.expect(targetPrompt);
      lior.say(target);
      await lior.expect(`User not found.\n${menu}`);
      await lior.expectSilence();
    },
  );

  it.each(['lior', 'LIOR'])('cannot ask oneself, not even as %s', async (target) => {
    const [lior] = await gather(await startTestServer(), 'lior');
    lior.choose(1);
    await lior.expect(targetPrompt);
    lior.say(target);
    await lior.expect(`You can't chat with yourself.\n${menu}`);
  });

  it('finds everybody busy who is not in the menu', async () => {
    const server = await startTestServer();
    const [lior, naming, ringing, confirming, chatting, partner, inRoom] = await gather(
      server,
      ...(['lior', 'naming', 'ringing', 'confirming', 'chatting', 'partner', 'inRoom'] as const),
    );
    await ask(ringing, confirming);
    await startChat(chatting, partner);
    await enterRoom(inRoom);
    naming.choose(1);
    await naming.expect(targetPrompt);
    for (const target of [naming, ringing, confirming, chatting, partner, inRoom]) {
      lior.choose(1);
      await lior.expect(targetPrompt);
      lior.say(target.name);
      await lior.expect(`User busy.\n${menu}`);
    }
    await naming.expectSilence(targetPrompt);
    await confirming.expectSilence(questionFrom(ringing));
    for (const user of [ringing, chatting, partner, inRoom]) await user.expectSilence();
  });

  it('finds a user in whatever letter case, with blanks around', async () => {
    const [lior, golan] = await gather(await startTestServer(), 'lior', 'golan');
    lior.choose(1);
    await lior.expect(targetPrompt);
    lior.say('  GoLaN ');
    await golan.expect('lior wants to chat with you. Accept? (y/n): ');
    golan.accept();
    await lior.expect('Chat started with golan. Type exit() to leave.\n');
  });

  it('is back in the menu after exit()', async () => {
    const [lior, golan] = await gather(await startTestServer(), 'lior', 'golan');
    lior.choose(1);
    await lior.expect(targetPrompt);
    lior.say(' exit() ');
    await lior.expect(menu);
    await ask(golan, lior);
  });
});

describe('in ringing', () => {
  it('reads nothing yet, while the target reads the question', async () => {
    const [lior, golan, noa] = await gather(await startTestServer(), 'lior', 'golan', 'noa');
    await ask(lior, golan);
    await lior.expectSilence();
    await golan.expectSilence('lior wants to chat with you. Accept? (y/n): ');
    await noa.expectSilence();
  });

  it.each(['hello', '', '1', 'golan', 'y', '2'])('is told to wait after %j', async (line) => {
    const [lior, golan] = await gather(await startTestServer(), 'lior', 'golan');
    await ask(lior, golan);
    lior.say(line);
    await lior.expect('Waiting for response...\n');
    lior.say(line);
    await lior.expect('Waiting for response...\n');
    await golan.expectSilence(questionFrom(lior));
  });

  it('withdraws the request with exit()', async () => {
    const [lior, golan] = await gather(await startTestServer(), 'lior', 'golan');
    await ask(lior, golan);
    lior.say('exit()');
    await lior.expect(`Request withdrawn.\n${menu}`);
    await golan.expect(`\nlior withdrew the request.\n${menu}`);
    await expectOnline(golan, 'lior (free)', 'golan (free, you)');
  });

  it('expires for both when nobody answers within 60 seconds', async () => {
    const clock = new SimulatedClock();
    const [lior, golan] = await gather(await startTestServer({ clock }), 'lior', 'golan');
    await ask(lior, golan);
    clock.increment(59_999);
    await lior.expectSilence();
    await golan.expectSilence(questionFrom(lior));
    clock.increment(1);
    await lior.expect(`Request expired.\n${menu}`);
    await golan.expect(`\nRequest expired.\n${menu}`);
    await expectOnline(golan, 'lior (free)', 'golan (free, you)');
  });

  it('has the whole limit again for the next request', async () => {
    const clock = new SimulatedClock();
    const server = await startTestServer({ clock, requestTimeoutMs: 1000 });
    const [lior, golan] = await gather(server, 'lior', 'golan');
    await ask(lior, golan);
    clock.increment(999);
    golan.decline();
    await lior.expect(`Request denied.\n${menu}`);
    await golan.expect(`Request denied.\n${menu}`);
    await ask(lior, golan);
    clock.increment(999);
    golan.accept();
    await lior.expect('Chat started with golan. Type exit() to leave.\n');
    await golan.expect('Chat started with lior. Type exit() to leave.\n');
    clock.increment(1000);
    await lior.expectSilence();
    await golan.expectSilence();
  });
});
