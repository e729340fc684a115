/** Buttons of the page that are pressed before the server has answered what was said last. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { enterRoom, join } from '../support/gathering.ts';
import { startTestServer } from '../support/testServer.ts';
import {
  chatStarted,
  disconnected,
  joinedRoom,
  joinedServer,
  leftRoom,
  menu,
  partnerLeft,
  question,
  requestDenied,
} from '../support/wireTexts.ts';
import { describeInBrowser, launch } from '../viewer/browser.ts';
import { comeIn, openChat } from './browser.ts';

/** Long enough for what others do meanwhile, on a busy machine too. */
const deafMs = 1_000;

const title = (page: Page) => page.locator('#stage-title').textContent();

/** Presses these buttons one after the other before the page hears anything, the first one after a while. */
function pressAtOnce(page: Page, names: readonly string[], afterMs = 0): Promise<void> {
  return page.evaluate(`{
    console.log('waiting');
    const end = performance.now() + ${afterMs};
    while (performance.now() < end);
    for (const name of ${JSON.stringify(names)}) {
      const buttons = [...document.querySelectorAll('button')];
      buttons.find((each) => each.checkVisibility() && each.textContent === name).click();
    }
  }`);
}

/** The page hears nothing of what is done meanwhile until these buttons were pressed. */
async function pressLate(page: Page, names: readonly string[], meanwhile: () => Promise<void>): Promise<void> {
  const waits = page.waitForEvent('console', (message) => message.text() === 'waiting');
  const pressed = pressAtOnce(page, names, deafMs);
  await waits;
  await meanwhile();
  await pressed;
}

describeInBrowser('a button that is pressed while the server answers', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  /** lior is at the page, golan at netcat. */
  async function start() {
    const server = await startTestServer({ webPort: 0 });
    const golan = await join(server, 'golan');
    const page = await openChat(browser, server);
    await comeIn(page, 'lior');
    await golan.expect(joinedServer('lior'));
    await page.getByText('Who is online: 2').waitFor();
    return { server, golan, page };
  }

  it('does what it says when the answer is there', async () => {
    const { golan, page } = await start();
    await pressAtOnce(page, ['Refresh', 'Quit']);
    await eventually(() => title(page)).toBe('Goodbye');
    await golan.expect(disconnected('lior'));
  });

  it('counts instead of those before it', async () => {
    const { golan, page } = await start();
    await enterRoom(golan);
    await pressAtOnce(page, ['Refresh', 'Quit', 'Common room']);
    await golan.expect(joinedRoom('lior'));
  });

  it('says nothing where the answer has led to', async () => {
    const { golan, page } = await start();
    await enterRoom(golan);
    await pressAtOnce(page, ['Common room', 'Common room']);
    await golan.expect(joinedRoom('lior'));
    await eventually(() => title(page)).toBe('Common room');
    await pressAtOnce(page, ['Leave', 'Leave']);
    await golan.expect(leftRoom('lior'));
    golan.say('exit()');
    await golan.readThrough(menu);
    golan.say('1\nlior');
    await eventually(() => title(page)).toBe('golan wants to chat with you');
    await pressAtOnce(page, ['Yes', 'Yes']);
    await golan.readThrough(chatStarted('lior'));
    await eventually(() => title(page)).toBe('Chat with golan');
    await pressAtOnce(page, ['Leave', 'Leave']);
    await golan.expect(`${partnerLeft('lior')}${menu}`);
    await eventually(() => title(page)).toBe('Who is online: 2');
  });

  it('says nothing after a question that comes first', async () => {
    const { golan, page } = await start();
    await pressLate(page, ['Refresh', 'Common room'], async () => {
      golan.say('1\nlior');
      await golan.expect('Enter user ID: ');
    });
    await eventually(() => title(page)).toBe('golan wants to chat with you');
    await pressAtOnce(page, ['Yes']);
    await golan.readThrough(chatStarted('lior'));
    await eventually(() => title(page)).toBe('Chat with golan');
    await pressAtOnce(page, ['Leave']);
    await golan.expect(`${partnerLeft('lior')}${menu}`);
    expect(await page.locator('#steps').textContent()).not.toContain('“3”');
    await eventually(() => title(page)).toBe('Who is online: 2');
  });

  it('is no answer to somebody else, who asks meanwhile', async () => {
    const { server, golan, page } = await start();
    const noa = await join(server, 'noa');
    golan.say('1\nlior');
    await eventually(() => title(page)).toBe('golan wants to chat with you');
    await page.getByRole('textbox', { name: 'Message' }).fill('perhaps');
    await pressLate(page, ['Send', 'Yes'], async () => {
      golan.say('exit()');
      await golan.readThrough('Request withdrawn.');
      noa.say('1\nlior');
      await noa.readThrough('Enter user ID: ');
    });
    await eventually(() => title(page)).toBe('noa wants to chat with you');
    await pressAtOnce(page, ['No']);
    await noa.readThrough(requestDenied);
  });

  it('asks nobody after another one was pressed, also if the server wants to know whom', async () => {
    const asking = await start();
    await pressAtOnce(asking.page, ['Ask', 'Common room']);
    await eventually(() => title(asking.page)).toBe('Common room');
    const { golan, page } = await start();
    await pressAtOnce(page, ['Refresh', 'Ask', 'Quit']);
    await golan.expect(disconnected('lior'));
    const again = await start();
    await pressAtOnce(again.page, ['Refresh', 'Quit', 'Ask']);
    await again.golan.expect(question('lior'));
    expect(await title(again.page)).not.toBe('Goodbye');
  });
});
