/** The chat's page in Firefox: from the id to goodbye, without an error and with nothing that its security policy forbids. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeNeeding } from '../support/describeNeeding.ts';
import { eventually } from '../support/eventually.ts';
import { join } from '../support/gathering.ts';
import { startTestServer } from '../support/testServer.ts';
import { chatStarted, joinedServer, menu, partnerLeft, question } from '../support/wireTexts.ts';
import { Firefox, firefox } from './firefox.ts';

describeNeeding('firefox-esr', firefox !== undefined, 'the page in Firefox', () => {
  let browser: Firefox;
  beforeAll(async () => {
    browser = await Firefox.start();
  });
  afterAll(() => browser?.stop());

  it('asks, answers, chats, is in the room, and leaves', async () => {
    const server = await startTestServer({ webPort: 0 });
    const golan = await join(server, 'golan');
    const title = () => browser.read("document.getElementById('stage-title').textContent");
    const log = () => browser.read("document.getElementById('log').textContent");
    await browser.open(`http://127.0.0.1:${server.webPort}/`);
    await eventually(title).toBe('Who are you?');
    await browser.type('id', 'lior');
    await golan.expect(joinedServer('lior'));

    await eventually(title).toMatch(/^Who is online/);
    await browser.click('Ask golan for a chat');
    await golan.expect(question('lior'));
    golan.accept();
    await golan.expect(chatStarted('lior'));
    await eventually(title).toBe('Chat with golan');
    await browser.type('message', 'hey <b> שלום');
    await golan.expect('lior: hey <b> שלום\n');
    golan.say('fine');
    await eventually(log).toContain('fine');
    const lit = "document.querySelector('[aria-current=step]').dataset.state";
    expect(await browser.read(lit)).toBe('session.online.chatting.talking');
    await browser.click('Leave');
    await golan.expect(`${partnerLeft('lior')}${menu}`);

    golan.say('1\nlior');
    await eventually(title).toBe('golan wants to chat with you');
    await browser.click('Yes');
    await golan.readThrough(chatStarted('lior'));
    golan.say('exit()');
    await eventually(title).toMatch(/^Who is online/);

    await browser.click('Common room');
    await eventually(title).toBe('Common room');
    await browser.click('Leave');
    await eventually(title).toMatch(/^Who is online/);
    await browser.click('Quit');
    await eventually(title).toBe('Goodbye');
    expect(browser.trouble).toEqual([]);
    expect(await browser.read('forbidden.length')).toBe('0');
    expect(await browser.read('document.styleSheets.length > 0')).toBe('true');
  });
});
