/**
 * A browser that looks at the viewer's page.
 *
 * Owns: the browser, and the promise that the page asks nobody but its own server for anything and has no errors; breaking it
 * fails the test. Next: `page.test.ts`.
 */
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { describeNeeding } from '../support/describeNeeding.ts';

const program = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

export function describeInBrowser(title: string, define: () => void): void {
  describeNeeding('chromium', program !== undefined, title, define);
}

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: program ?? '', args: flags });
}

/** The viewer's page, which is live. */
export async function open(browser: Browser, port: number, options: BrowserContextOptions = {}): Promise<Page> {
  const origin = `http://127.0.0.1:${port}`;
  const context = await browser.newContext(options);
  const trouble: string[] = [];
  await context.route('**', (route) => {
    const { origin: asked, protocol } = new URL(route.request().url());
    if (asked === origin || protocol === 'blob:') return route.continue();
    trouble.push(`asks ${asked}`);
    return route.abort();
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => trouble.push(`fails: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes('ERR_')) trouble.push(`complains: ${message.text()}`);
  });
  onTestFinished(async () => {
    await context.close();
    expect(trouble).toEqual([]);
  });
  await page.goto(`${origin}/`);
  await page.getByText('Live', { exact: true }).waitFor();
  return page;
}
