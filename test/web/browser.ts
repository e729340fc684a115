/**
 * A browser at the chat's page, in its user's verbs.
 *
 * Owns: the page, the promise that it asks nobody but its own server for anything and has no errors, and what axe says of it;
 * breaking one of them fails the test. Next: `page.system.test.ts`, `../viewer/browser.ts`.
 */
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';

/** Opens the page; it is closed when the test ends. Lines of the console that begin so are no trouble. */
export async function openChat(
  browser: Browser,
  { webPort }: { webPort: number | undefined },
  { harmless = /^$/, ...options }: BrowserContextOptions & { harmless?: RegExp } = {},
): Promise<Page> {
  const origin = `http://127.0.0.1:${webPort}`;
  const context = await browser.newContext({ locale: 'en-US', ...options });
  const trouble: string[] = [];
  await context.route('**', (route) => {
    const { origin: asked } = new URL(route.request().url());
    if (asked === origin) return route.continue();
    trouble.push(`asks ${asked}`);
    return route.abort();
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => trouble.push(`fails: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !harmless.test(message.text())) trouble.push(`complains: ${message.text()}`);
  });
  onTestFinished(async () => {
    await context.close();
    expect(trouble).toEqual([]);
  });
  await page.goto(`${origin}/`);
  await page.locator('#status.good').waitFor();
  return page;
}

/** Gives an id, and sees who is online. */
export async function comeIn(page: Page, id: string): Promise<void> {
  await page.getByLabel('Your ID').fill(id);
  await page.getByRole('button', { name: 'Come in' }).click();
  await page.getByText(`Connected as ${id}`).waitFor();
}

/** Writes a message, and sends it with Enter. */
export async function write(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.keyboard.press('Enter');
}

/** A line of what was said. */
export const line = (page: Page, text: string) => page.getByRole('log').getByText(text, { exact: true });

/** What is wrong with the page for those who can't see it, or not well: rules of WCAG 2.2 AA, and best practices. */
export async function violations(page: Page): Promise<string[]> {
  // Not as a script element, which the page's security policy forbids.
  const isThere = await page.evaluate(() => 'axe' in globalThis);
  if (!isThere) await page.evaluate(`${axe.source}; undefined`);
  return page.evaluate(async () => {
    const { axe: inPage } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }> };
    };
    const { violations: found } = await inPage.run();
    return found.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
  });
}
