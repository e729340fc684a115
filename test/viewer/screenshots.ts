/**
 * `npm run screenshots`: the pictures of docs/viewer.md, from a real server, users over TCP and a browser.
 * Needs chromium.
 *
 * Owns: what is on those of docs/viewer.md. Next: `terminalsPicture.ts`, `browser.ts`.
 */

import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { startServer } from '../../src/server/server.ts';
import { launch } from './browser.ts';
import { takeTerminalsPicture } from './terminalsPicture.ts';

const server = await startServer({ port: 0, viewerPort: 0 });
const browser = await launch();

async function join(id: string): Promise<Socket> {
  const socket = connect({ port: server.port, host: '127.0.0.1' }).resume();
  await once(socket, 'connect');
  await say(socket, id);
  return socket;
}

/** One line after the other, as a user types them. */
async function say(socket: Socket, ...lines: string[]): Promise<void> {
  for (const line of lines) {
    socket.write(`${line}\n`);
    await sleep(250);
  }
}

async function openPage(colorScheme: 'light' | 'dark', width: number, height: number): Promise<Page> {
  const page = await browser.newPage({ colorScheme, viewport: { width, height } });
  await page.goto(`http://127.0.0.1:${server.viewer?.port}/`);
  await page.getByText('Live', { exact: true }).waitFor();
  return page;
}

const fileOf = (name: string) => fileURLToPath(new URL(`../../docs/viewer/${name}.png`, import.meta.url));

async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: fileOf(name) });
}

await writeFile(fileOf('terminals'), await takeTerminalsPicture(browser, server.port, server.viewer?.port ?? 0));

const light = await openPage('light', 1440, 900);
const lior = await join('lior');
const golan = await join('golan');
const noa = await join('noa');
await say(noa, '3');
await say(lior, '1', 'golan');
await light.locator('#session-list > div').nth(1).click();
await sleep(400);
await shoot(light, 'asked');

const dark = await openPage('dark', 1440, 900);
await dark.locator('#session-list > div').nth(0).click();
await say(golan, 'perhaps', 'y');
await sleep(150);
await shoot(dark, 'chatting');

await say(golan, 'exit()', '2');
await sleep(400);
await light.locator('#between').scrollIntoViewIfNeeded();
await shoot(light, 'ended');

const phone = await openPage('light', 390, 844);
await say(noa, 'exit()', '4');
await sleep(200);
await shoot(phone, 'phone');

await browser.close();
for (const socket of [lior, golan, noa]) socket.destroy();
await server.stop();
