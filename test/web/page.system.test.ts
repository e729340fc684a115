/** The chat's page in a real browser, with users who sit at other programs. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { enterRoom, join } from '../support/gathering.ts';
import { passwordFile } from '../support/passwordGates.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect } from '../support/user.ts';
import {
  chatStarted,
  joinedRoom,
  joinedServer,
  leftRoom,
  menu,
  partnerLeft,
  question,
  requestDenied,
} from '../support/wireTexts.ts';
import { describeInBrowser, launch } from '../viewer/browser.ts';
import { comeIn, line, openChat, violations, write } from './browser.ts';

const title = (page: Page) => page.locator('#stage-title');
const here = (page: Page) => page.locator('[aria-current="step"]').getAttribute('data-state');
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

describeInBrowser('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  const start = (options: Parameters<typeof startTestServer>[0] = {}) => startTestServer({ webPort: 0, ...options });

  it('asks somebody at netcat, chats, and parts; its chart follows', async () => {
    const server = await start();
    const golan = await join(server, 'golan');
    const page = await openChat(browser, server);
    await comeIn(page, 'lior');
    await golan.expect(joinedServer('lior'));
    await eventually(() => here(page)).toBe('session.online.menu.choosing');
    await button(page, 'Ask golan for a chat').click();
    await golan.expect(question('lior'));
    await eventually(() => title(page).textContent()).toBe('You have asked golan');
    expect(await here(page)).toBe('session.online.requesting.awaiting.ringing');
    golan.accept();
    await golan.expect(chatStarted('lior'));
    await eventually(() => title(page).textContent()).toBe('Chat with golan');
    await write(page, 'hey how are u?');
    await golan.expect('lior: hey how are u?\n');
    golan.say('<img src=x onerror=alert(1)> https://example.org');
    await line(page, '<img src=x onerror=alert(1)> https://example.org').waitFor();
    expect(await page.locator('#log a, #log img').count()).toBe(0);
    expect(await here(page)).toBe('session.online.chatting.talking');
    const steps = await page.locator('#steps li').allTextContents();
    expect(steps.map((step) => step.replace(/^\S+ [AP]M /, '')).slice(0, 5)).toEqual([
      'the lobby brought you and golan together → talking',
      'the lobby asked them → ringing',
      'you said “golan” → looking',
      'the lobby let you go → naming',
      'you said “1” → moving',
    ]);
    await button(page, 'Leave').click();
    await golan.expect(`${partnerLeft('lior')}${menu}`);
    await line(page, 'You have left the chat.').waitFor();
    await button(page, 'Quit').click();
    await eventually(() => title(page).textContent()).toBe('Goodbye');
    await button(page, 'Come in again').click();
    await page.getByText('Connected as lior').waitFor();
  });

  it('answers, with a button or by typing, and shows the answer of others', async () => {
    const server = await start();
    const page = await openChat(browser, server);
    await comeIn(page, 'lior');
    const golan = await join(server, 'golan');
    const ask = async () => {
      golan.say('1\nlior');
      await golan.expect('Enter user ID: ');
      await eventually(() => title(page).textContent()).toBe('golan wants to chat with you');
    };
    await ask();
    await button(page, 'No').click();
    await golan.expect(`${requestDenied}${menu}`);
    await ask();
    await write(page, 'y');
    await golan.expect(chatStarted('lior'));
    await eventually(() => title(page).textContent()).toBe('Chat with golan');
    await write(page, 'exit()');
    await golan.expect(`${partnerLeft('lior')}${menu}`);
    // What is begun before the page knows that the chat is over would not be sent.
    await eventually(() => title(page).textContent()).toMatch(/^Who is online/);
    await write(page, '1');
    await page.getByLabel('Their ID').fill('golan');
    await page.keyboard.press('Enter');
    await golan.expect(question('lior'));
    await button(page, 'Take it back').click();
    await golan.expect(`\nlior withdrew the request.\n${menu}`);
    await line(page, 'You have taken it back.').waitFor();
  });

  it('is in the common room with others, and knows who is where', async () => {
    const server = await start();
    const [golan, noa] = [await join(server, 'golan'), await connect(server)];
    await noa.identify('noa');
    await golan.expect(joinedServer('noa'));
    await enterRoom(golan);
    const page = await openChat(browser, server);
    await comeIn(page, 'lior');
    await eventually(() => page.locator('#people li').allTextContents()).toEqual(['golanin the roomAsk', 'noafreeAsk']);
    expect(await button(page, 'Ask golan for a chat').getAttribute('aria-disabled')).toBe('true');
    await button(page, 'Common room').click();
    await golan.expect(joinedRoom('lior'));
    golan.say('שלום lior');
    await line(page, 'שלום lior').waitFor();
    await write(page, 'hello');
    await golan.expect('lior: hello\n');
    await button(page, 'Leave').click();
    await golan.expect(leftRoom('lior'));
    noa.hangUp();
    await eventually(() => page.locator('#people li').allTextContents()).toEqual(['golanin the roomAsk']);
  });

  it('asks for a password in a field that does not show it, and shows it nowhere', async () => {
    const server = await start({ passwordFile: passwordFile('sesame') });
    const page = await openChat(browser, server);
    await page.locator('#password').fill('wrong');
    await page.keyboard.press('Enter');
    await line(page, 'Wrong password.').waitFor();
    await page.locator('#password').fill('sesame');
    expect(await page.locator('#password').getAttribute('type')).toBe('password');
    await page.keyboard.press('Enter');
    await comeIn(page, 'lior');
    expect(await page.content()).not.toMatch(/sesame|wrong</);
  });

  it('waits for an id as long as one likes, though the server does not', async () => {
    const server = await start({ idTimeoutMs: 2000 });
    const page = await openChat(browser, server);
    await page.getByText('Not connected: give an ID to come in.').waitFor();
    await line(page, 'No user ID was given in time. Goodbye!').waitFor();
    expect(await title(page).textContent()).toBe('Who are you?');
    await eventually(() => server.connections).toBe(0);
    await comeIn(page, 'lior');
    expect([...server.lobby.directory.rows()].map(({ id }) => id)).toEqual(['lior']);
  });

  it('says that the connection is lost, comes back by itself, and has the same id', async () => {
    const server = await start();
    const page = await openChat(browser, server, { harmless: /WebSocket/ });
    await comeIn(page, 'lior');
    const [session] = [...server.lobby.sessions.keys()];
    // Whatever the status says, in order.
    await page.evaluate(`globalThis.seen = [];
      const status = document.getElementById('status');
      new MutationObserver(() => seen.push(status.textContent)).observe(status, { childList: true });`);
    server.lobby.sessions.get(session ?? '')?.hangUp();
    await eventually(() => page.evaluate('seen.at(-1)')).toBe('Connected as lior');
    expect(await page.evaluate("seen.join(' ')")).toMatch(/The connection is lost\. Trying again in [12] s\./);
    expect([...server.lobby.directory.rows()].map(({ id }) => id)).toEqual(['lior']);
  });

  it('comes back with the same id to a server that was stopped and is started again', async () => {
    const server = await start();
    const page = await openChat(browser, server, { harmless: /WebSocket/ });
    await comeIn(page, 'lior');
    const { webPort = 0 } = server;
    await server.stop();
    await line(page, 'The server is shutting down.').waitFor();
    const again = await start({ webPort });
    await eventually(() => [...again.lobby.directory.rows()].map(({ id }) => id)).toEqual(['lior']);
    await page.getByText('Connected as lior').waitFor();
  });

  it('does not come back to a server that ends for good', async () => {
    const server = await start();
    const page = await openChat(browser, server);
    await comeIn(page, 'lior');
    server.lobby.operator.act({ type: 'operator.drain', forMs: 1, by: 'root' });
    await line(page, 'The server is shutting down and will not be back soon.').waitFor();
    await page.getByText('You have left.').waitFor();
  });

  it('does not send to somebody else what was begun for another', async () => {
    const server = await start();
    const page = await openChat(browser, server);
    await comeIn(page, 'lior');
    const golan = await join(server, 'golan');
    await button(page, 'Common room').click();
    await eventually(() => title(page).textContent()).toBe('Common room');
    await page.getByRole('textbox', { name: 'Message' }).pressSequentially('2');
    const [session] = [...server.lobby.sessions.values()];
    session?.receive({ lines: 'exit()' });
    await eventually(() => title(page).textContent()).toMatch(/^Who is online/);
    await page.keyboard.press('Enter');
    await line(page, 'What you type goes elsewhere now, so it was not sent. Press Enter again to send it.').waitFor();
    expect(await title(page).textContent()).toMatch(/^Who is online/);
    expect(await page.evaluate('document.activeElement.id')).toBe('message');
    golan.choose(4);
    await golan.readThrough('lior (free)\n');
  });

  it('does everything by keyboard, and the focus is where one goes on', async () => {
    const server = await start();
    const golan = await join(server, 'golan');
    const page = await openChat(browser, server);
    const press = (...keys: string[]) =>
      keys.reduce((done, key) => done.then(() => page.keyboard.press(key)), Promise.resolve());
    const focused = () => page.evaluate('document.activeElement.id || document.activeElement.textContent');
    await eventually(focused).toBe('id');
    await page.keyboard.type('lior');
    await press('Enter');
    await golan.expect(joinedServer('lior'));
    await page.getByText('Connected as lior').waitFor();
    await page.locator('#stage-title').focus();
    await press('Tab', 'Tab', 'Tab', 'Tab', 'Tab');
    expect(await focused()).toBe('Ask');
    await press('Enter');
    await golan.expect(question('lior'));
    golan.accept();
    await eventually(() => title(page).textContent()).toBe('Chat with golan');
    await eventually(focused).toBe('message');
    golan.say('exit()');
    await eventually(() => title(page).textContent()).toMatch(/^Who is online/);
    expect(await focused()).toBe('message');
  });

  it('calls its user only if they want it, and asks the browser only then', async () => {
    const server = await start();
    const page = await openChat(browser, server);
    await page.evaluate(`globalThis.asked = [];
      Notification.requestPermission = async () => {
        asked.push('notify');
        return 'denied';
      };
      Object.defineProperty(document, 'hidden', { get: () => true });`);
    await comeIn(page, 'lior');
    const golan = await join(server, 'golan');
    golan.say('1\nlior');
    await eventually(() => title(page).textContent()).toBe('golan wants to chat with you');
    expect(await page.title()).toBe('statechat');
    expect(await page.evaluate('asked')).toEqual([]);
    await button(page, 'No').click();
    await page.getByText('Settings').click();
    await page.getByLabel('Mark the title of the page').check();
    await page.getByLabel('Notifications of the browser').click();
    await page.getByText('The browser does not allow notifications here.').waitFor();
    expect(await page.evaluate('asked')).toEqual(['notify']);
    golan.say('1\nlior');
    await eventually(() => page.title()).toBe('● golan wants to chat with you.');
  });

  type Arrange = (page: Page, server: Awaited<ReturnType<typeof start>>) => Promise<unknown>;
  const views: [string, Arrange, options?: () => Parameters<typeof start>[0]][] = [
    ['joining', async () => {}],
    ['nobody there', (page) => comeIn(page, 'lior')],
    [
      'who is online',
      async (page, server) => {
        await join(server, 'golan');
        await comeIn(page, 'lior');
        await page.getByText('Settings').click();
      },
    ],
    [
      'naming',
      async (page) => {
        await comeIn(page, 'lior');
        await button(page, 'Ask by ID …').click();
        await page.getByLabel('Their ID').waitFor();
      },
    ],
    [
      'a question',
      async (page, server) => {
        await comeIn(page, 'lior');
        (await join(server, 'golan')).say('1\nlior');
        await page.getByText('Do you want to?').waitFor();
      },
    ],
    [
      'an asked user who has not answered yet',
      async (page, server) => {
        await join(server, 'golan');
        await comeIn(page, 'lior');
        await button(page, 'Ask golan for a chat').click();
        await eventually(() => title(page).textContent()).toBe('You have asked golan');
      },
    ],
    [
      'a private chat',
      async (page, server) => {
        const golan = await join(server, 'golan');
        await comeIn(page, 'lior');
        await button(page, 'Ask golan for a chat').click();
        await golan.readThrough(question('lior'));
        golan.say('y\nhello');
        await line(page, 'hello').waitFor();
        await write(page, 'hey');
        await line(page, 'hey').waitFor();
      },
    ],
    [
      'a password',
      async (page) => {
        await page.locator('#password').fill('wrong');
        await page.keyboard.press('Enter');
        await line(page, 'Wrong password.').waitFor();
      },
      () => ({ passwordFile: passwordFile('sesame') }),
    ],
    [
      'the room',
      async (page, server) => {
        await comeIn(page, 'lior');
        await button(page, 'Common room').click();
        const golan = await join(server, 'golan');
        golan.say('3\nhello');
        await line(page, 'hello').waitFor();
      },
    ],
    [
      'the end',
      async (page) => {
        await comeIn(page, 'lior');
        await button(page, 'Quit').click();
        await button(page, 'Come in again').waitFor();
      },
    ],
  ];

  it.each(views)(
    'has nothing that keeps people out, in light and dark, wide and narrow: %s',
    async (_, arrange, options) => {
      for (const colorScheme of ['light', 'dark'] as const) {
        const server = await start(options?.());
        const page = await openChat(browser, server, { colorScheme, viewport: { width: 1440, height: 900 } });
        await arrange(page, server);
        expect(await violations(page)).toEqual([]);
        // The narrowest phone, which is also a window of 640 pixels at 200 %.
        await page.setViewportSize({ width: 320, height: 640 });
        expect(await violations(page)).toEqual([]);
        const isTooWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth');
        expect(isTooWide).toBe(false);
        await page.getByRole('button', { name: 'Your chart' }).click();
        expect(await violations(page)).toEqual([]);
      }
    },
  );

  it('speaks other languages, right to left too, and keeps what was chosen', async () => {
    const server = await start();
    const page = await openChat(browser, server, { locale: 'de-DE' });
    await page.getByRole('button', { name: 'Hereinkommen' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('de');
    await page.getByText('Einstellungen').click();
    await page.getByLabel('Sprache').selectOption('English');
    await page.getByLabel('Colours').selectOption('dark');
    await page.reload();
    await page.getByRole('button', { name: 'Come in' }).waitFor();
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    for (const id of ['message', 'id']) expect(await page.locator(`#${id}`).getAttribute('dir')).toBe('auto');
  });

  it('is three taps away from a chat, on a phone', async () => {
    const server = await start();
    const golan = await join(server, 'golan');
    const page = await openChat(browser, server, {
      ...{ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
    });
    await page.getByLabel('Your ID').tap();
    await page.keyboard.type('lior');
    await page.getByRole('button', { name: 'Come in' }).tap();
    await button(page, 'Ask golan for a chat').tap();
    await golan.readThrough(question('lior'));
    golan.accept();
    await golan.expect(chatStarted('lior'));
    await eventually(() => title(page).textContent()).toBe('Chat with golan');
    await page.keyboard.type('hi');
    await page.keyboard.press('Enter');
    await golan.expect('lior: hi\n');
  });

  it('folds the chart, and on a phone it stands behind a tab', async () => {
    const server = await start();
    const page = await openChat(browser, server, { viewport: { width: 390, height: 844 }, hasTouch: true });
    expect(await page.locator('#chart').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Your chart' }).tap();
    await page.getByText('You are in: identifying › prompting').waitFor();
    expect(await page.locator('#chat').isVisible()).toBe(false);
    await page.setViewportSize({ width: 1440, height: 900 });
    await button(page, 'Hide the chart').click();
    expect(await page.locator('#drawing').isVisible()).toBe(false);
    expect(await button(page, 'Show the chart').getAttribute('aria-expanded')).toBe('false');
  });
});
