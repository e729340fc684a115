/** A private chat: lines to the partner and to nobody else. */
import { describe, it } from 'vitest';
import { ask, expectOnline, gather, startChat } from '../support/gathering.ts';
import { startTestServer } from '../support/testServer.ts';
import { howToLeave, menu, youLeftChat } from '../support/wireTexts.ts';

async function chat() {
  const [lior, golan, noa] = await gather(await startTestServer(), 'lior', 'golan', 'noa');
  await startChat(lior, golan);
  return { lior, golan, noa };
}

describe('in a chat', () => {
  it('brings a line to the partner, to nobody else, and not back', async () => {
    const { lior, golan, noa } = await chat();
    lior.say('hey how are u?');
    await golan.expect('lior: hey how are u?\n');
    await lior.expectSilence();
    await noa.expectSilence();
    golan.say('fine');
    await lior.expect('golan: fine\n');
    await golan.expectSilence();
    await noa.expectSilence();
  });

  it.each([
    '/etc/help',
    'use /help',
    '1',
    '2',
    'y',
    'exit',
    'exit() now',
    'golan: hi',
    '  two  blanks  ',
    'a\tb',
    '👩‍👩‍👧 שלום',
  ])('brings %j as it is', async (text) => {
    const { lior, golan } = await chat();
    lior.say(text);
    await golan.expect(`lior: ${text}\n`);
    await golan.expectSilence();
  });

  it.each(['', '   ', '\t', '\u3000'])('brings %j to nobody', async (text) => {
    const { lior, golan } = await chat();
    lior.send(`${text}\nbefore\n${text}\n${text}\nafter\n`);
    await golan.expect('lior: before\nlior: after\n');
    await lior.expectSilence();
  });

  it.each(['/help', '/quit', '/exit', '/HELP '])('brings %j to nobody, and says so', async (text) => {
    const { lior, golan } = await chat();
    lior.say(text);
    await lior.expect(howToLeave);
    await golan.expectSilence();
  });

  it.each(['Exit()', 'EXIT()', 'exit ()'])('ends with %j', async (text) => {
    const { lior } = await chat();
    lior.say(text);
    await lior.expect(`${youLeftChat}${menu}`);
  });

  it('shows what could steer a terminal or pass for server text', async () => {
    const { lior, golan } = await chat();
    lior.say('\x1b[2J\x07\x7f\u009b\u202e');
    await golan.expect('lior: ␛[2J␇␡<U+009B><U+202E>\n');
    lior.say('x\rgolan left the chat.');
    await golan.expect('lior: x\nlior: golan left the chat.\n');
  });

  it('brings nothing of a line that is too long with what it hides shown', async () => {
    const { lior, golan } = await chat();
    lior.send(`before\n${'\u0080'.repeat(2047)}\n${'\u0080'.repeat(512)}\n`);
    await lior.expect('Line too long: at most 4096 bytes. Nothing was sent.\n');
    await golan.expect(`lior: before\nlior: ${'<U+0080>'.repeat(512)}\n`);
  });

  it('brings a line of exactly 4096 bytes whole', async () => {
    const { lior, golan } = await chat();
    for (const text of ['x'.repeat(4096), 'ü'.repeat(2048), '👍'.repeat(1024)]) {
      lior.say(text);
      await golan.expect(`lior: ${text}\n`);
    }
  });

  it.each(['exit()', ' exit() ', '\texit()'])('ends for both with %j, for whoever says it', async (line) => {
    const { lior, golan, noa } = await chat();
    lior.say(line);
    await lior.expect(`You left the chat.\n${menu}`);
    await golan.expect(`lior left the chat.\n${menu}`);
    await startChat(noa, golan);
    golan.say(line);
    await golan.expect(`You left the chat.\n${menu}`);
    await noa.expect(`golan left the chat.\n${menu}`);
    await expectOnline(lior, 'lior (free, you)', 'golan (free)', 'noa (free)');
  });

  it('gives what comes after exit() to the menu', async () => {
    const { lior, golan } = await chat();
    lior.send('last words\nexit()\n4\n');
    await golan.expect(`lior: last words\nlior left the chat.\n${menu}`);
    await lior.expect(`You left the chat.\n${menu}lior (free, you)\ngolan (free)\nnoa (free)\n${menu}`);
  });

  it('brings both to the menu when both say exit() in the same turn', async () => {
    const { lior, golan, noa } = await chat();
    lior.say('exit()');
    golan.say('exit()');
    const youLeft = `You left the chat.\n${menu}`;
    const liorWasFirst = (await lior.expectOneOf(youLeft, `golan left the chat.\n${menu}`)) === youLeft;
    await golan.expect(liorWasFirst ? `lior left the chat.\n${menu}` : youLeft);
    // The slower one says it in the menu.
    await (liorWasFirst ? golan : lior).expect(`Invalid option.\n${menu}`);
    await expectOnline(noa, 'lior (free)', 'golan (free)', 'noa (free, you)');
  });

  it('keeps two chats apart', async () => {
    const [a, b, c, d] = await gather(await startTestServer(), 'ann', 'bea', 'cleo', 'dan');
    await startChat(a, b);
    await startChat(c, d);
    a.say('to bea');
    c.say('to dan');
    await b.expect('ann: to bea\n');
    await d.expect('cleo: to dan\n');
    for (const user of [a, b, c, d]) await user.expectSilence();
  });

  it('brings nothing of an old chat into the next one', async () => {
    const { lior, golan, noa } = await chat();
    lior.send('one\nexit()\n');
    await lior.expect(`You left the chat.\n${menu}`);
    await golan.expect(`lior: one\nlior left the chat.\n${menu}`);
    await ask(noa, golan);
    golan.accept();
    await golan.expect('Chat started with noa. Type exit() to leave.\n');
    await noa.expect('Chat started with golan. Type exit() to leave.\n');
    golan.say('two');
    await noa.expect('golan: two\n');
    await lior.expectSilence();
  });
});
