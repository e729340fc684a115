/** Two users who ask each other at the same moment. Who is first is chance; that it ends in one question is not. */
import { describe, expect, it } from 'vitest';
import { expectOnline, gather, questionFrom } from '../support/gathering.ts';
import { startTestServer } from '../support/testServer.ts';
import type { User } from '../support/user.ts';
import { menu, neverHint, targetPrompt } from '../support/wireTexts.ts';

const rounds = 50;

/** Who has declined whom. */
const declined = new WeakMap<User, Set<User>>();

/** The asked answers, in odd rounds with yes; both get back to the menu. */
async function backToMenu(asker: User, asked: User, round: number): Promise<void> {
  if (round % 2 === 0) {
    const before = declined.get(asked) ?? new Set();
    const hint = before.has(asker) ? neverHint(asker.name) : '';
    declined.set(asked, before.add(asker));
    asked.decline();
    await asked.expect(`Request denied.\n${hint}${menu}`);
    await asker.expect(`Request denied.\n${menu}`);
    return;
  }
  asked.accept();
  await asked.expect(`Chat started with ${asker.name}. Type exit() to leave.\n`);
  await asker.expect(`Chat started with ${asked.name}. Type exit() to leave.\n`);
  asker.say('exit()');
  await asker.expect(`You left the chat.\n${menu}`);
  await asked.expect(`${asker.name} left the chat.\n${menu}`);
}

describe('requests that cross', () => {
  it(`end in one question, ${rounds} times, when each is sent in one write`, async () => {
    const [lior, golan, noa] = await gather(await startTestServer(), 'lior', 'golan', 'noa');
    for (let round = 0; round < rounds; round++) {
      const [first, second] = round % 4 < 2 ? [lior, golan] : [golan, lior];
      first.send(`1\n${second.name}\n`);
      second.send(`1\n${first.name}\n`);
      const read = await lior.expectOneOf(targetPrompt, questionFrom(golan));
      const [asker, asked] = read === targetPrompt ? [lior, golan] : [golan, lior];
      // Their own two lines are no answers, so the question comes twice more.
      await asked.expect(questionFrom(asker).repeat(asked === golan ? 3 : 2));
      if (asker === golan) await golan.expect(targetPrompt);
      await asker.expectSilence();
      await asked.expectSilence(questionFrom(asker));
      await backToMenu(asker, asked, round);
    }
    await expectOnline(noa, 'lior (free)', 'golan (free)', 'noa (free, you)');
  });

  it(`end in one question, ${rounds} times, when each is sent line by line`, async () => {
    const [lior, golan, noa] = await gather(await startTestServer(), 'lior', 'golan', 'noa');
    for (let round = 0; round < rounds; round++) {
      const [first, second] = round % 4 < 2 ? [lior, golan] : [golan, lior];
      first.choose(1);
      second.choose(1);
      // In some rounds both name the other knowingly, in others the second line follows at once.
      if (round % 3 === 0) await Promise.all([lior.expect(targetPrompt), golan.expect(targetPrompt)]);
      first.say(second.name);
      second.say(first.name);
      await Promise.all([lior.settle(), golan.settle()]);
      const prompts = { lior: (await lior.settle()).prompt, golan: (await golan.settle()).prompt };
      const [asker, asked] = prompts.golan === questionFrom(lior) ? [lior, golan] : [golan, lior];
      expect(prompts).toEqual({ [asker.name]: '', [asked.name]: questionFrom(asker) });
      asker.say('still there?');
      await asker.expect('Waiting for response...\n');
      await backToMenu(asker, asked, round);
    }
    await expectOnline(noa, 'lior (free)', 'golan (free)', 'noa (free, you)');
  });

  it('end in one question at most when three ask in a circle', async () => {
    const [lior, golan, noa] = await gather(await startTestServer(), 'lior', 'golan', 'noa');
    const users = [lior, golan, noa];
    for (let round = 0; round < rounds; round++) {
      users.forEach((user, at) => {
        user.send(`1\n${users[(at + 1) % 3]?.name}\n`);
      });
      await Promise.all(users.map((user) => user.settle()));
      const prompts = [];
      for (const user of users) prompts.push((await user.settle()).prompt);
      const questions = prompts.filter((prompt) => prompt.endsWith('Accept? (y/n): '));
      expect(questions).toHaveLength(1);
      const asked = users[prompts.indexOf(questions[0] ?? '')] as User;
      const asker = users.find((user) => questionFrom(user) === questions[0]) as User;
      await backToMenu(asker, asked, round);
    }
    await expectOnline(noa, 'lior (free)', 'golan (free)', 'noa (free, you)');
  });
});

describe('an answer that crosses the withdrawal', () => {
  it(`leaves both in the menu or both in the chat, ${rounds} times`, async () => {
    const [lior, golan, noa] = await gather(await startTestServer(), 'lior', 'golan', 'noa');
    for (let round = 0; round < rounds; round++) {
      lior.send('1\ngolan\n');
      await lior.expect(targetPrompt);
      await golan.expect(questionFrom(lior));
      const [first, second] = round % 2 === 0 ? [lior, golan] : [golan, lior];
      first.say(first === lior ? 'exit()' : 'y');
      second.say(second === lior ? 'exit()' : 'y');
      const started = 'Chat started with golan. Type exit() to leave.\n';
      const withdrawn = `Request withdrawn.\n${menu}`;
      if ((await lior.expectOneOf(started, withdrawn)) === withdrawn) {
        await golan.expect(`\nlior withdrew the request.\n${menu}Invalid option.\n${menu}`);
      } else {
        // The exit() that wanted the request back now ends the chat.
        await lior.expect(`You left the chat.\n${menu}`);
        await golan.expect(`Chat started with lior. Type exit() to leave.\nlior left the chat.\n${menu}`);
      }
      await lior.expectSilence();
      await golan.expectSilence();
    }
    await expectOnline(noa, 'lior (free)', 'golan (free)', 'noa (free, you)');
  });
});
