/**
 * Mermaid itself, in a browser without a network.
 *
 * Owns: how a text is drawn, and what is read in the picture. Next: `mermaid.system.test.ts`.
 */
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';

const folder = new URL('../otherTools/', import.meta.url);

/** The program, which may not be installed. */
export const mermaid = fileURLToPath(new URL('node_modules/@mermaid-js/tiny/dist/mermaid.tiny.js', folder));

export async function mermaidPage(browser: Browser): Promise<Page> {
  const page = await (await browser.newContext({ offline: true })).newPage();
  await page.setContent('<!doctype html><body></body>');
  await page.addScriptTag({ path: mermaid });
  return page;
}

/** Returns the lines of all labels in Mermaid's picture. */
export async function drawInMermaid(page: Page, text: string): Promise<string[]> {
  const picture = await page.evaluate(
    `mermaid.initialize({ startOnLoad: false });
    mermaid.render('picture', ${JSON.stringify(text)}).then(({ svg }) => {
      document.body.innerHTML = svg;
      for (const breaks of document.querySelectorAll('br')) breaks.replaceWith('\\n');
      return [...document.querySelectorAll('text, foreignObject')].map(({ textContent }) => textContent).join('\\n');
    })`,
  );
  return String(picture)
    .split('\n')
    .map((line) => line.trim());
}
