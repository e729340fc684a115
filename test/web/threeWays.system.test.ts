/** Three users who meet: one at the page, one at netcat, one at the bundled client. */
import { spawn, spawnSync } from 'node:child_process';
import { Duplex } from 'node:stream';
import { it, onTestFinished } from 'vitest';
import { describeNeeding } from '../support/describeNeeding.ts';
import { eventually } from '../support/eventually.ts';
import { clientCommand } from '../support/runClient.ts';
import { startTestServer } from '../support/testServer.ts';
import { User } from '../support/user.ts';
import { chatStarted, joinedRoom, menu, partnerLeft, question } from '../support/wireTexts.ts';
import { describeInBrowser, launch } from '../viewer/browser.ts';
import { comeIn, line, openChat, write } from './browser.ts';

/** A user at a program that has a connection. */
function at([command = '', ...args]: readonly string[]): User {
  const program = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  onTestFinished(() => void program.kill());
  return new User(Duplex.from({ readable: program.stdout, writable: program.stdin }));
}

const hasNetcat = spawnSync('nc', ['-h']).error === undefined;

describeNeeding('netcat', hasNetcat, 'a page, netcat and the client', () => {
  describeInBrowser('at one server', () => {
    it('meet in the common room and in a chat, and each reads the two others', async () => {
      const server = await startTestServer({ webPort: 0 });
      const browser = await launch();
      onTestFinished(() => browser.close());
      const page = await openChat(browser, server);
      await comeIn(page, 'lior');
      const golan = at(['nc', '127.0.0.1', String(server.port)]);
      await golan.identify('golan');
      const noa = at(clientCommand(`127.0.0.1:${server.port}`, '--id', 'noa'));
      await noa.readThrough(menu);

      await page.getByRole('button', { name: 'Common room' }).click();
      await eventually(() => page.locator('#stage-title').textContent()).toBe('Common room');
      golan.choose(3);
      await golan.readThrough('2 people are here, you included.\n');
      noa.choose(3);
      await noa.readThrough('3 people are here, you included.\n');
      await golan.expect(joinedRoom('noa'));
      await write(page, 'from a page');
      await golan.expect('lior: from a page\n');
      await noa.readThrough('lior: from a page\n');
      golan.say('from netcat');
      await line(page, 'from netcat').waitFor();
      await noa.readThrough('golan: from netcat\n');
      noa.say('from the client');
      await line(page, 'from the client').waitFor();
      await golan.expect('noa: from the client\n');

      for (const user of [golan, noa]) user.say('exit()');
      await golan.readThrough(menu);
      await noa.readThrough(menu);
      await page.getByRole('button', { name: 'Leave' }).click();
      noa.say('1\nlior');
      await eventually(() => page.locator('#stage-title').textContent()).toBe('noa wants to chat with you');
      await page.getByRole('button', { name: 'Yes' }).click();
      await noa.readThrough(chatStarted('lior'));
      await write(page, 'only for you');
      await noa.readThrough('lior: only for you\n');
      noa.say('exit()');
      await eventually(() => page.locator('#stage-title').textContent()).toMatch(/^Who is online/);
      await page.getByRole('button', { name: 'Ask golan for a chat' }).click();
      await golan.readThrough(question('lior'));
      golan.accept();
      await golan.expect(chatStarted('lior'));
      await write(page, 'exit()');
      await golan.expect(`${partnerLeft('lior')}${menu}`);
    });
  });
});
