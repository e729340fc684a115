/** An id that has a password, at the page in a real browser. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nameFile } from '../support/passwordGates.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect } from '../support/user.ts';
import { evicted, menu } from '../support/wireTexts.ts';
import { describeInBrowser, launch } from '../viewer/browser.ts';
import { line, openChat } from './browser.ts';

describeInBrowser('the page', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser?.close());

  it('asks for the password of an id in the same field, and takes the id over from a netcat', async () => {
    const server = await startTestServer({ webPort: 0, names: nameFile(['golan', 'sesame']) });
    const ghost = await connect(server);
    ghost.say('golan');
    ghost.say('sesame');
    await ghost.readThrough(menu);
    const page = await openChat(browser, server);
    const claim = async (password: string): Promise<void> => {
      await page.locator('#id').fill('golan');
      await page.keyboard.press('Enter');
      await page.locator('#password').fill(password);
      await page.keyboard.press('Enter');
    };
    await claim('wrong');
    await line(page, 'Wrong password.').waitFor();
    await claim('sesame');
    await page.getByRole('button', { name: 'Common room', exact: true }).waitFor();
    await ghost.expect(evicted);
    expect(await page.content()).not.toMatch(/sesame|wrong</);
  });
});
