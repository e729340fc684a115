/** The viewer's page in a real browser, with users who come, meet and go over TCP. */
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { maxWatchers } from '../../src/viewer/stream.ts';
import { FakeConnection } from '../support/fakeConnection.ts';
import { ask, enterRoom, gather, join, startChat } from '../support/gathering.ts';
import { startTestServer } from '../support/testServer.ts';
import { chatStarted, invalidOption, menu, partnerLeft } from '../support/wireTexts.ts';
import { describeInBrowser, launch, open } from './browser.ts';
import { Watcher } from './watcher.ts';

const count = (page: Page, state: string) => page.locator(`[data-state="${state}"] > .count`);

/** The text that something shows in the end. */
const expectText = async (page: Page, selector: string, text: string | RegExp): Promise<void> => {
  await expect.poll(() => page.locator(selector).first().textContent()).toMatch(text);
};

const expectCount = async (page: Page, state: string, number: number): Promise<void> => {
  await expect.poll(() => count(page, state).textContent()).toBe(number > 0 ? String(number) : '');
};

/** True if a state is in the part of the chart that can be seen. */
const isInSight = (page: Page, state: string): Promise<boolean> =>
  page.evaluate(`(() => {
    const place = document.getElementById('drawing').getBoundingClientRect();
    const box = document.querySelector('[data-state="${state}"]').getBoundingClientRect();
    return box.top >= place.top && box.bottom <= Math.min(place.bottom, innerHeight);
  })()`);

describeInBrowser('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  async function startWatched(): Promise<{ server: Awaited<ReturnType<typeof startTestServer>>; page: Page }> {
    const server = await startTestServer({ viewerPort: 0 });
    return { server, page: await open(browser, server.viewer?.port ?? 0) };
  }

  it('shows users as they come, meet, chat and part', async () => {
    const { server, page } = await startWatched();
    const [lior, golan] = await gather(server, 'Lior', 'Golan');
    await expectCount(page, 'session.online.menu.choosing', 2);
    await ask(lior, golan);
    await expectCount(page, 'session.online.requesting.awaiting.ringing', 1);
    await expectCount(page, 'session.online.confirming.answering', 1);
    const flash = page.waitForSelector('[data-edge="session.online.confirming.answering line.received 0"].flash');
    golan.accept();
    await flash;
    await expectCount(page, 'session.online.chatting', 2);
    await expectText(page, '#session-list', /Lior.*chatting\.talking.*Golan.*chatting\.talking/);
    await expectText(page, '#dictionaries', /Golans2.*Golanchatting.*LiorGolan/);
    await expectText(page, '#sequence', /request\.accept/);
    lior.say('exit()');
    await golan.expect(chatStarted('Lior'));
    await golan.expect(`${partnerLeft('Lior')}${menu}`);
    await expectCount(page, 'session.online.chatting', 0);
    golan.hangUp();
    await expectCount(page, 'session', 1);
    await expectText(page, '#totals', '1 connected, 1 online');
  });

  it('marks an event that the state has no use for', async () => {
    const { server, page } = await startWatched();
    await join(server, 'Lior');
    server.lobby.sessions.get('s1')?.actor?.send({ type: 'chat.ended', pairingId: 7 });
    await expectText(page, '#log li.ignored', /Lior.*chat\.ended.*ignored/);
    await page.getByLabel('ignored only').check();
    await expect.poll(() => page.locator('#log li').count()).toBe(1);
  });

  it('shows of a chosen session its state, its way, and what it can do next', async () => {
    const { server, page } = await startWatched();
    const [lior] = await gather(server, 'Lior', 'Golan');
    await expectCount(page, 'session.online.menu.choosing', 2);
    await page.locator('#session-list').focus();
    await page.keyboard.press('ArrowDown');
    await expectText(page, '#chosen-title', 'Lior');
    await enterRoom(lior);
    await page.waitForSelector('[data-state="session.online.commonRoom"].here');
    await page.waitForSelector('[data-edge="session.online.menu.choosing line.received 1"].taken');
    await page.waitForSelector('[data-edge="session.online.commonRoom line.received 0"].next');
    await expectText(page, '#chosen-body', /commonRoom.*line\.received \[isExit\] → menu.*move\.granted commonRoom/);
    expect(await page.locator('.here').count()).toBe(3);
  });

  it('shows only those in a state that was chosen in the chart, by mouse or by keyboard', async () => {
    const { server, page } = await startWatched();
    const [lior] = await gather(server, 'Lior', 'Golan', 'Noa');
    await enterRoom(lior);
    await expectCount(page, 'session.online.commonRoom', 1);
    await page.locator('[data-state="session.online.commonRoom"]').focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.locator('#session-list > div').count()).toBe(1);
    await page.locator('#any-state').click();
    await expect.poll(() => page.locator('#session-list > div').count()).toBe(3);
    expect(await page.locator('[data-state="session.online.commonRoom"]').getAttribute('aria-label')).toBe(
      'commonRoom: 1 session',
    );
  });

  it('opens on the part of the chart where people are, and goes where something happens', async () => {
    const server = await startTestServer({ viewerPort: 0 });
    const [lior, golan] = await gather(server, 'Lior', 'Golan');
    await startChat(lior, golan);
    const page = await open(browser, server.viewer?.port ?? 0, { viewport: { width: 1440, height: 900 } });
    await expect.poll(() => isInSight(page, 'session.online.chatting.talking')).toBe(true);
    expect(await isInSight(page, 'session.identifying.prompting')).toBe(false);
    await join(server, 'Noa');
    await expect.poll(() => isInSight(page, 'session.online.menu.choosing')).toBe(true);
  });

  it('stays where the reader has scrolled to, until it shall follow again', async () => {
    const server = await startTestServer({ viewerPort: 0 });
    const page = await open(browser, server.viewer?.port ?? 0, { viewport: { width: 1440, height: 900 } });
    await page.locator('#drawing').hover();
    await page.mouse.wheel(0, 5_000);
    await expect.poll(() => isInSight(page, 'session.closed')).toBe(true);
    const follow = page.getByRole('button', { name: 'Follow' });
    expect(await follow.getAttribute('aria-pressed')).toBe('false');
    await join(server, 'Lior');
    await expectCount(page, 'session.online.menu.choosing', 1);
    expect(await isInSight(page, 'session.closed')).toBe(true);
    await follow.click();
    await join(server, 'Golan');
    await expect.poll(() => isInSight(page, 'session.online.menu.choosing')).toBe(true);
  });

  it('sends a dot with the id along an arrow; where less motion is wanted, it stands still', async () => {
    const server = await startTestServer({ viewerPort: 0 });
    for (const reducedMotion of ['no-preference', 'reduce'] as const) {
      const page = await open(browser, server.viewer?.port ?? 0, { reducedMotion });
      const lior = await join(server, `Lior-${reducedMotion}`);
      const dot = page.locator('.traveller', { hasText: 'Lior' }).first();
      await dot.waitFor();
      const places = new Set<string>();
      for (let look = 0; look < 8 && (await dot.count()) > 0; look++) {
        const place = await page.evaluate("document.querySelector('.traveller')?.getAttribute('transform') ?? ''");
        if (place) places.add(String(place));
        await page.evaluate('new Promise((done) => requestAnimationFrame(done))');
      }
      expect([reducedMotion, places.size > 1]).toEqual([reducedMotion, reducedMotion === 'no-preference']);
      lior.hangUp();
    }
  });

  it('has one choice, a session or a state, which Escape takes back and the address keeps', async () => {
    const { server, page } = await startWatched();
    await gather(server, 'Lior', 'Golan');
    await expectCount(page, 'session.online.menu.choosing', 2);
    await page.locator('#session-list > div').first().click();
    await expectText(page, '#chosen-title', 'Lior');
    expect(new URL(page.url()).hash).toBe('#session=s1');
    await page.locator('[data-state="session.online.commonRoom"]').press('Enter');
    await expectText(page, '#chosen-title', 'commonRoom');
    await expectText(page, '#chosen-body', /In the common room/);
    expect(await page.locator('[aria-selected="true"]').count()).toBe(0);
    await page.locator('#fit').selectOption('whole');
    expect(new URL(page.url()).hash).toBe('#fit=whole&state=session.online.commonRoom');
    await page.reload();
    await expectText(page, '#chosen-title', 'commonRoom');
    expect(await page.locator('#fit').inputValue()).toBe('whole');
    await page.keyboard.press('Escape');
    await expectText(page, '#chosen-title', 'Nothing chosen');
    expect(new URL(page.url()).hash).toBe('#fit=whole');
  });

  it('tells what a state is for, when it is pointed at and when it has the focus', async () => {
    const { page } = await startWatched();
    await page.locator('[data-state="session.online.commonRoom"] > .name').hover();
    await expectText(page, '#about', /^commonRoom: In the common room/);
    await page.locator('[data-state="session.online.menu.choosing"]').focus();
    await expectText(page, '#about', /^choosing: /);
  });

  it('says how to join while nobody is there', async () => {
    const { server, page } = await startWatched();
    await expectText(page, '#join-command', `nc 127.0.0.1 ${server.port}`);
    expect(await page.locator('#join').isVisible()).toBe(true);
    await join(server, 'Lior');
    await expect.poll(() => page.locator('#join').isVisible()).toBe(false);
  });

  it('shows the charts of a server, the lobby in its state', async () => {
    const { server, page } = await startWatched();
    for (const name of ['pairing', 'passwordGate', 'clusterMember', 'lobby']) {
      await page.locator('#which').selectOption(name);
      await page.locator(`[data-state="${name}"]`).waitFor();
      await expectText(page, '#chart-title', `The ${name} chart`);
    }
    await expectCount(page, 'lobby.open', 1);
    const flash = page.waitForSelector('[data-edge*="connection.opened"].flash');
    await join(server, 'Lior');
    await flash;
  });

  it('steps back and on, and plays what has happened', async () => {
    const { server, page } = await startWatched();
    const lior = await join(server, 'Lior');
    await enterRoom(lior);
    await expectCount(page, 'session.online.commonRoom', 1);
    await page.getByRole('button', { name: 'Step back' }).click();
    await expectCount(page, 'session.online.commonRoom', 0);
    const flash = page.waitForSelector('[data-edge="session.online.menu.moving move.granted 0"].flash');
    await page.getByRole('button', { name: 'Step on' }).click();
    await flash;
    await expectCount(page, 'session.online.commonRoom', 1);
    await page.locator('#time').fill('0');
    await page.getByRole('button', { name: 'Play' }).click();
    await expectCount(page, 'session.online.commonRoom', 0);
    await expectText(page, '#time-text', /^now$/);
    await expectCount(page, 'session.online.commonRoom', 1);
  });

  it('goes back in time while things go on, and returns to now', async () => {
    const { server, page } = await startWatched();
    const [lior, golan] = await gather(server, 'Lior', 'Golan');
    await startChat(lior, golan);
    await expectCount(page, 'session.online.chatting', 2);
    for (let back = 0; (await count(page, 'session.online.chatting').textContent()) !== ''; back++) {
      expect(back).toBeLessThan(40);
      await page.locator('#time').focus();
      await page.keyboard.press('ArrowLeft');
    }
    await expectText(page, '#time-text', /ago$/);
    await join(server, 'Noa');
    await expectCount(page, 'session.online.chatting', 0);
    await page.getByRole('button', { name: 'Back to now' }).click();
    await expectCount(page, 'session.online.chatting', 2);
    await expectCount(page, 'session.online', 3);
  });

  it('holds the log still when asked to, and filters it', async () => {
    const { server, page } = await startWatched();
    const [lior] = await gather(server, 'Lior', 'Golan');
    await expectText(page, '#log li', /Golan/);
    await page.getByRole('button', { name: 'Pause' }).click();
    lior.say('9');
    await lior.expect(`${invalidOption}${menu}`);
    const before = await page.locator('#log').textContent();
    await join(server, 'Noa');
    await expectCount(page, 'session.online', 3);
    expect(await page.locator('#log').textContent()).toBe(before);
    await page.getByRole('button', { name: 'Go on' }).click();
    await expectText(page, '#log', /Noa/);
    await page.locator('#log-filter').fill('noa');
    await expect
      .poll(async () => (await page.locator('#log li').allTextContents()).every((text) => /Noa|s3/.test(text)))
      .toBe(true);
  });

  it('shows the same after it is loaded anew', async () => {
    const { server, page } = await startWatched();
    const [lior, golan] = await gather(server, 'Lior', 'Golan');
    await startChat(lior, golan);
    await expectCount(page, 'session.online.chatting', 2);
    await page.reload();
    await expectCount(page, 'session.online.chatting', 2);
    await expectText(page, '#dictionaries', /LiorGolan/);
  });

  it('says when the server is gone, and goes on when it is back', async () => {
    const { server, page } = await startWatched();
    await join(server, 'Lior');
    await expectCount(page, 'session', 1);
    await server.stop();
    await expectText(page, '#status', /not there/);
    await startTestServer({ viewerPort: server.viewer?.port ?? 0 });
    await expectText(page, '#status', /^Live$/);
    await expectCount(page, 'session', 0);
  });

  it('says when too many watch, and gets in when somebody leaves', async () => {
    const { server, page } = await startWatched();
    const port = server.viewer?.port ?? 0;
    const others = [];
    for (let each = 1; each < maxWatchers; each++) others.push(await Watcher.watch(port));
    await page.reload();
    await expectText(page, '#status', /^Live$/);
    const late = await (await browser.newContext()).newPage();
    await late.goto(`http://127.0.0.1:${port}/`);
    await expectText(late, '#status', /^Too many watch/);
    others[0]?.leave();
    await expectText(late, '#status', /^Live$/);
    await late.context().close();
  });

  it('saves the drawing and the log', async () => {
    const { server, page } = await startWatched();
    await join(server, 'Lior');
    await expectCount(page, 'session', 1);
    const save = async (name: string): Promise<[string, string]> => {
      const saved = page.waitForEvent('download');
      await page.getByRole('button', { name }).click();
      const download = await saved;
      return [download.suggestedFilename(), await readFile(await download.path(), 'utf8')];
    };
    const [drawingName, drawing] = await save('Save SVG');
    expect(drawingName).toBe('session.svg');
    expect(drawing).toMatch(/^<svg[^>]*>[\s\S]*data-state="session\.online\.menu"/);
    expect(drawing).toMatch(/<text class="count"[^>]*>1<\/text>/);
    const [logName, log] = await save('Download log');
    expect(logName).toBe('statechat-log.json');
    const types = new Set((JSON.parse(log) as { type: string }[]).map(({ type }) => type));
    expect([...types].sort()).toEqual(['@xstate.actor', '@xstate.snapshot', 'statechat.rows']);
  });

  it('fits a phone, in either theme', async () => {
    const server = await startTestServer({ viewerPort: 0 });
    await join(server, 'Lior');
    const page = await open(browser, server.viewer?.port ?? 0, { viewport: { width: 360, height: 740 } });
    await expectCount(page, 'session', 1);
    const widths = () => page.evaluate('[document.documentElement.scrollWidth, innerWidth]') as Promise<number[]>;
    expect(await widths()).toEqual([360, 360]);
    const background = () => page.evaluate('getComputedStyle(document.body.parentElement).backgroundColor');
    const light = await background();
    await page.getByRole('button', { name: 'Theme: auto' }).click();
    await page.getByRole('button', { name: 'Theme: light' }).click();
    expect(await background()).not.toBe(light);
  });

  it('takes 5,000 sessions, and lists as many as one can read', async () => {
    const server = await startTestServer({ viewerPort: 0, announceLimit: 0 });
    const page = await open(browser, server.viewer?.port ?? 0);
    for (let each = 0; each < 5_000; each++) {
      const terminal = new FakeConnection();
      server.lobby.open(terminal);
      terminal.type(`u${each}`);
    }
    await expectCount(page, 'session.online.menu.choosing', 5_000);
    await expectText(page, '#session-count', '200 of 5000');
    await page.locator('#find').fill('u4999');
    await expect.poll(() => page.locator('#session-list > div').count()).toBe(1);
    await page.reload();
    await expectCount(page, 'session.online.menu.choosing', 5_000);
  });
});
