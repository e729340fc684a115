/** Each line once, in the order it was sent, the same for all. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { enterRoom, gather, startChat } from '../support/gathering.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect, type User } from '../support/user.ts';
import { idPrompt, menu, targetPrompt } from '../support/wireTexts.ts';

const numbers = Array.from({ length: 500 }, (_, number) => number);

/** Lines 0 to 499, in writes of several sizes, some of them cut inside a line. */
async function sayNumbers(user: User): Promise<void> {
  const bytes = numbers.map((number) => `line ${number}\n`).join('');
  for (let start = 0, size = 1; start < bytes.length; start += size, size = (size * 7) % 509) {
    user.send(bytes.slice(start, start + size));
    if (size % 3 === 0) await nextTurn();
  }
}

const numbersFrom = (id: string) => numbers.map((number) => `${id}: line ${number}\n`).join('');

describe('lines in one write', () => {
  it('are an id, a choice, a target and text for one who waits', async () => {
    const server = await startTestServer();
    const [golan] = await gather(server, 'golan');
    const lior = await connect(server);
    lior.send('lior\n1\ngolan\nhello\nhello again\n');
    await lior.expect(`${idPrompt}${menu}${targetPrompt}Waiting for response...\nWaiting for response...\n`);
    await golan.expect('lior joined the server.\nlior wants to chat with you. Accept? (y/n): ');
    await golan.expectSilence('lior wants to chat with you. Accept? (y/n): ');
  });

  it('reach the partner behind the answer', async () => {
    const [lior, golan] = await gather(await startTestServer(), 'lior', 'golan');
    lior.send('1\ngolan\n');
    await golan.expect('lior wants to chat with you. Accept? (y/n): ');
    golan.send('y\none\ntwo\nthree\n');
    await lior.expect(`${targetPrompt}Chat started with golan. Type exit() to leave.\n`);
    await lior.expect('golan: one\ngolan: two\ngolan: three\n');
    await golan.expect('Chat started with lior. Type exit() to leave.\n');
  });
});

describe('500 numbered lines', () => {
  it('arrive once and in order in a chat, both ways at the same time', async () => {
    const [lior, golan, noa] = await gather(await startTestServer(), 'lior', 'golan', 'noa');
    await startChat(lior, golan);
    await Promise.all([sayNumbers(lior), sayNumbers(golan)]);
    await lior.expect(numbersFrom('golan'));
    await golan.expect(numbersFrom('lior'));
    for (const user of [lior, golan, noa]) await user.expectSilence();
  });

  it('arrive once and in order before what follows them: exit(), quit or FIN', async () => {
    for (const end of ['exit()\n', 'exit()\n2\n', '']) {
      const [lior, golan] = await gather(await startTestServer(), 'lior', 'golan');
      await startChat(lior, golan);
      await sayNumbers(lior);
      lior.send(end);
      lior.halfClose();
      await golan.expect(`${numbersFrom('lior')}lior left the chat.\n${menu}`);
    }
  });

  it('from each of four arrive once in the common room, and all see them in the same order', async () => {
    const users = await gather(await startTestServer(), 'lior', 'golan', 'noa', 'dan', 'witness', 'second');
    await enterRoom(...users);
    const [lior, golan, noa, dan, witness, second] = users;
    const speakers = [lior, golan, noa, dan];
    await Promise.all(speakers.map(sayNumbers));
    const seen = await witness.readBytes(speakers.map(({ name }) => numbersFrom(name)).join('').length);
    await second.expect(seen);
    for (const speaker of speakers) {
      const lines = seen.split(/(?<=\n)/);
      const isOwn = (line: string) => line.startsWith(`${speaker.name}: `);
      expect(lines.filter(isOwn).join('')).toBe(numbersFrom(speaker.name));
      await speaker.expect(lines.filter((line) => !isOwn(line)).join(''));
    }
    for (const user of users) await user.expectSilence();
  });
});
