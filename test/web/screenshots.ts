/**
 * The pictures of README.md and docs/web.md, from a real server, users over TCP and a browser; part of `npm run screenshots`.
 *
 * Owns: what is on them. Next: `../viewer/screenshots.ts`, `browser.ts`.
 */
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { startServer } from '../../src/server/server.ts';
import { launch } from '../viewer/browser.ts';
import { comeIn, write } from './browser.ts';

const folder = new URL('../../docs/web/', import.meta.url);
const fileOf = (name: string) => fileURLToPath(new URL(`${name}.png`, folder));

const server = await startServer({ port: 0, webPort: 0 });
const browser = await launch();
await mkdir(folder, { recursive: true });

async function join(id: string, ...lines: string[]): Promise<Socket> {
  const socket = connect({ port: server.port, host: '127.0.0.1' }).resume();
  await once(socket, 'connect');
  for (const line of [id, ...lines]) {
    socket.write(`${line}\n`);
    await sleep(250);
  }
  return socket;
}

async function open(options: BrowserContextOptions): Promise<Page> {
  const page = await browser.newPage({ locale: 'en-GB', ...options });
  await page.goto(`http://127.0.0.1:${server.webPort}/`);
  await page.locator('#status.good').waitFor();
  return page;
}

const golan = await join('golan');
const noa = await join('noa', '3');
const page = await open({ colorScheme: 'light', viewport: { width: 1280, height: 760 } });
await comeIn(page, 'lior');
await page.getByRole('button', { name: 'Ask golan for a chat' }).click();
await page.getByText('You have asked golan').waitFor();
golan.write('y\n');
await page.getByRole('heading', { name: 'Chat with golan' }).waitFor();
await write(page, 'hey how are u?');
golan.write('fine, and you? I sit at netcat\n');
await page.getByText('I sit at netcat').waitFor();
await write(page, 'in the browser, and I can see where I am');
// Until the flash of the last transition is over, and the drawing has stopped.
await sleep(1500);
await page.screenshot({ path: fileOf('chat') });

const phone = { viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true } as const;
const dan = await join('dan');
const small = await open({ colorScheme: 'dark', ...phone });
await comeIn(small, 'maya');
await small.getByText('in the room').waitFor();
await sleep(300);
await small.screenshot({ path: fileOf('phone') });

await browser.close();
for (const socket of [golan, noa, dan]) socket.destroy();
await server.stop();
