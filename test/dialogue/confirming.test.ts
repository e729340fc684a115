/** Being asked. */
import { describe, it } from 'vitest';
import { ask, expectOnline, gather, questionFrom } from '../support/gathering.ts';
import { startTestServer } from '../support/testServer.ts';
import { menu } from '../support/wireTexts.ts';

async function asked() {
  const [lior, golan, noa] = await gather(await startTestServer(), 'lior', 'golan', 'noa');
  await ask(lior, golan);
  return { lior, golan, noa };
}

describe('in confirming', () => {
  it.each(['y', 'Y', 'yes', 'YES', 'yEs', ' y ', '\tyes'])('starts the chat with %j', async (answer) => {
    const { lior, golan, noa } = await asked();
    golan.say(answer);
    await lior.expect('Chat started with golan. Type exit() to leave.\n');
    await golan.expect('Chat started with lior. Type exit() to leave.\n');
    await lior.expectSilence();
    await golan.expectSilence();
    await expectOnline(noa, 'lior (busy)', 'golan (busy)', 'noa (free, you)');
  });

  it.each(['n', 'N', 'no', 'NO', 'nO', ' n '])('denies the request with %j', async (answer) => {
    const { lior, golan, noa } = await asked();
    golan.say(answer);
    await lior.expect(`Request denied.\n${menu}`);
    await golan.expect(`Request denied.\n${menu}`);
    await expectOnline(noa, 'lior (free)', 'golan (free)', 'noa (free, you)');
  });

  it.each(['', 'maybe', 'yy', 'ye', 'nope', '1', '2', 'exit()', 'y n'])('asks again after %j', async (answer) => {
    const { lior, golan } = await asked();
    golan.say(answer);
    await golan.expect('lior wants to chat with you. Accept? (y/n): ');
    await lior.expectSilence();
    golan.decline();
    await golan.expect(`Request denied.\n${menu}`);
    await lior.expect(`Request denied.\n${menu}`);
  });

  it('can be asked again by the same user, and by another', async () => {
    const { lior, golan, noa } = await asked();
    for (const [asker, next] of [[lior, noa] as const, [noa, lior] as const]) {
      golan.decline();
      await golan.expect(`Request denied.\n${menu}`);
      await asker.expect(`Request denied.\n${menu}`);
      await ask(next, golan);
    }
    await golan.expectSilence(questionFrom(lior));
  });

  it('gives a late answer to the menu, where it is no option', async () => {
    const { lior, golan } = await asked();
    lior.say('exit()');
    await lior.expect(`Request withdrawn.\n${menu}`);
    await golan.expect(`\nlior withdrew the request.\n${menu}`);
    golan.accept();
    await golan.expect(`Invalid option.\n${menu}`);
    await lior.expectSilence();
  });

  it('takes the answer that was sent together with what follows it', async () => {
    const { lior, golan } = await asked();
    golan.send('y\nhello\nexit()\n4\n');
    await lior.expect('Chat started with golan. Type exit() to leave.\n');
    await lior.expect(`golan: hello\ngolan left the chat.\n${menu}`);
    await golan.expect(`Chat started with lior. Type exit() to leave.\nYou left the chat.\n${menu}`);
    await golan.expect(`lior (free)\ngolan (free, you)\nnoa (free)\n${menu}`);
  });
});
