/** The menu: choosing, and hearing who comes and goes. */
import { describe, expect, it } from 'vitest';
import { ask, enterRoom, expectOnline, gather, join, startChat } from '../support/gathering.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect, type User } from '../support/user.ts';
import { idPrompt, menu, noOptions, targetPrompt } from '../support/wireTexts.ts';

describe('in the menu', () => {
  it.each(noOptions)('calls %j no option', async (line) => {
    const [lior] = await gather(await startTestServer(), 'lior');
    lior.say(line);
    await lior.expect(`Invalid option.\n${menu}`);
    await lior.expectSilence();
  });

  it('asks whom to connect to after 1, with these 15 bytes', async () => {
    const [lior] = await gather(await startTestServer(), 'lior');
    lior.choose(1);
    await lior.expect('Enter user ID: ');
    await lior.expectSilence('Enter user ID: ');
  });

  it('says goodbye after 2, then FIN', async () => {
    const [golan, lior] = await gather(await startTestServer(), 'golan', 'lior');
    lior.choose(2);
    await lior.expect('Goodbye!\n');
    await lior.expectEnd();
    await golan.expect('lior disconnected.\n');
    await expectOnline(golan, 'golan (free, you)');
  });

  it('ignores what is sent behind the 2, and never answers it with RST', async () => {
    const server = await startTestServer();
    const [golan] = await gather(server, 'golan');
    const lior = await connect(server, { keepsOpen: true });
    await lior.identify('lior');
    await golan.expect('lior joined the server.\n');
    lior.send(`2\n4\n${'1\ngolan\n'.repeat(1e6)}`);
    await lior.expect('Goodbye!\n');
    await lior.expectEnd();
    lior.send('still here\n');
    lior.halfClose();
    await lior.expectClosed();
    await golan.expect('lior disconnected.\n');
    await golan.expectSilence();
  });

  it('enters the common room after 3', async () => {
    const [lior] = await gather(await startTestServer(), 'lior');
    lior.choose(3);
    await lior.expect('Joined common room. Type exit() to leave.\nNobody else is here yet.\n');
    await lior.expectSilence();
  });

  it('lists everybody after 4: free, busy or in the common room', async () => {
    const server = await startTestServer();
    const [lior, a, b, c, d, e, f] = await gather(server, 'lior', 'Ann', 'bea', 'cleo', 'dan', 'eva', 'finn');
    await startChat(a, b);
    await ask(c, d);
    e.choose(1);
    await e.expect(targetPrompt);
    await enterRoom(f);
    await join(server, 'gil', [lior]);
    lior.choose(4);
    await lior.expect(
      'lior (free, you)\nAnn (busy)\nbea (busy)\ncleo (busy)\ndan (busy)\neva (busy)\nfinn (in the common room)\ngil (free)\n' +
        menu,
    );
    await lior.expectSilence();
  });

  it('lists 500 users and how many more there are', async () => {
    const ids = Array.from({ length: 502 }, (_, index) => `user${index}`);
    const server = await startTestServer({ announceLimit: 0 });
    const users = await Promise.all(ids.map((id) => join(server, id)));
    const reader = users[501] as User;
    reader.choose(4);
    const list = await reader.readThrough(menu);
    const rows = list.split('\n').filter((row) => row.endsWith('(free)') || row.endsWith('(free, you)'));
    expect(rows).toHaveLength(500);
    expect(list.endsWith(`)\n... and 2 more\n${menu}`)).toBe(true);
  });

  it.each([' 4', '4 ', '\t4\t'])('takes %j for 4', async (line) => {
    const [lior] = await gather(await startTestServer(), 'lior');
    lior.say(line);
    await lior.expect(`lior (free, you)\n${menu}`);
  });

  it('reads who joins and who disconnects', async () => {
    const server = await startTestServer();
    const [lior] = await gather(server, 'lior');
    const golan = await join(server, 'golan');
    await lior.expect('golan joined the server.\n');
    golan.resetConnection();
    await lior.expect('golan disconnected.\n');
    await lior.expectSilence();
  });

  it('reads nothing of somebody who never had an id', async () => {
    const server = await startTestServer();
    const [lior] = await gather(server, 'lior');
    const stranger = await connect(server);
    await stranger.expect(idPrompt);
    stranger.halfClose();
    await stranger.expectEnd();
    await lior.expectSilence();
  });

  it('is the only place where arrivals and departures are read', async () => {
    const server = await startTestServer();
    const [naming, ringing, confirming, chatting, partner, inRoom] = await gather(
      server,
      ...(['naming', 'ringing', 'confirming', 'chatting', 'partner', 'inRoom'] as const),
    );
    await ask(ringing, confirming);
    await startChat(chatting, partner);
    await enterRoom(inRoom);
    naming.choose(1);
    await naming.expect(targetPrompt);
    const noa = await join(server, 'noa');
    const guest = await join(server, 'guest', [noa]);
    guest.hangUp();
    await noa.expect('guest disconnected.\n');
    await naming.expectSilence(targetPrompt);
    await confirming.expectSilence('ringing wants to chat with you. Accept? (y/n): ');
    for (const user of [ringing, chatting, partner, inRoom]) await user.expectSilence();
  });

  it('reads no arrivals and departures while more than the announce limit are online', async () => {
    const server = await startTestServer({ announceLimit: 2 });
    const [lior] = await gather(server, 'lior', 'golan');
    const third = await join(server, 'third');
    third.choose(2);
    await third.expect('Goodbye!\n');
    await third.expectEnd();
    const guest = await join(server, 'guest');
    guest.choose(2);
    await guest.expect('Goodbye!\n');
    await guest.expectEnd();
    await expectOnline(lior, 'lior (free, you)', 'golan (free)');
  });
});
