/** The common room: lines to everybody else in it. */
import { describe, it } from 'vitest';
import { enterRoom, expectOnline, gather } from '../support/gathering.ts';
import { startTestServer } from '../support/testServer.ts';
import { howToLeave, menu, youLeftRoom } from '../support/wireTexts.ts';

describe('in the common room', () => {
  it('says how many are there, and tells those inside who comes', async () => {
    const [lior, golan, noa, dan] = await gather(await startTestServer(), 'lior', 'golan', 'noa', 'dan');
    lior.choose(3);
    await lior.expect('Joined common room. Type exit() to leave.\nNobody else is here yet.\n');
    golan.choose(3);
    await golan.expect('Joined common room. Type exit() to leave.\n2 people are here, you included.\n');
    await lior.expect('golan joined the common room.\n');
    noa.choose(3);
    await noa.expect('Joined common room. Type exit() to leave.\n3 people are here, you included.\n');
    await lior.expect('noa joined the common room.\n');
    await golan.expect('noa joined the common room.\n');
    for (const user of [lior, golan, noa, dan]) await user.expectSilence();
  });

  it('is not told of blank lines and of commands of other chats, and hears every form of exit()', async () => {
    const [lior, golan] = await gather(await startTestServer(), 'lior', 'golan');
    await enterRoom(lior, golan);
    golan.send('\n   \n/quit\nhello\nEXIT()\n');
    await golan.expect(`${howToLeave}${youLeftRoom}${menu}`);
    await lior.expect('golan: hello\ngolan left the common room.\n');
  });

  it('brings a line to everybody else in it, not back, and to nobody outside', async () => {
    const [lior, golan, noa, dan] = await gather(await startTestServer(), 'lior', 'golan', 'noa', 'dan');
    await enterRoom(lior, golan, noa);
    golan.say('hello all');
    await lior.expect('golan: hello all\n');
    await noa.expect('golan: hello all\n');
    for (const user of [lior, golan, noa, dan]) await user.expectSilence();
  });

  it.each(['/me waves', '2', '4', 'y', 'exit', '  two  blanks  '])('brings %j as it is', async (text) => {
    const [lior, golan] = await gather(await startTestServer(), 'lior', 'golan');
    await enterRoom(lior, golan);
    lior.say(text);
    await golan.expect(`lior: ${text}\n`);
    await lior.expectSilence();
  });

  it('is left with exit(), and those inside read of it', async () => {
    const [lior, golan, noa] = await gather(await startTestServer(), 'lior', 'golan', 'noa');
    await enterRoom(lior, golan, noa);
    lior.say(' exit()');
    await lior.expect(`You left the common room.\n${menu}`);
    await golan.expect('lior left the common room.\n');
    await noa.expect('lior left the common room.\n');
    golan.say('gone?');
    await noa.expect('golan: gone?\n');
    await expectOnline(lior, 'lior (free, you)', 'golan (in the common room)', 'noa (in the common room)');
    await golan.expectSilence();
  });

  it('counts again after users left and came back', async () => {
    const [lior, golan] = await gather(await startTestServer(), 'lior', 'golan');
    await enterRoom(lior, golan);
    lior.say('exit()');
    await lior.expect(`You left the common room.\n${menu}`);
    await golan.expect('lior left the common room.\n');
    golan.say('exit()');
    await golan.expect(`You left the common room.\n${menu}`);
    await enterRoom(golan, lior);
  });

  it('takes 3, lines and exit() in one write', async () => {
    const [lior, golan] = await gather(await startTestServer(), 'lior', 'golan');
    await enterRoom(golan);
    lior.send('3\none\ntwo\nexit()\n3\nthree\n');
    await golan.expect('lior joined the common room.\nlior: one\nlior: two\nlior left the common room.\n');
    await golan.expect('lior joined the common room.\nlior: three\n');
    const joined = 'Joined common room. Type exit() to leave.\n2 people are here, you included.\n';
    await lior.expect(`${joined}You left the common room.\n${menu}${joined}`);
  });
});
