/**
 * The first picture of docs/viewer.md: two terminals while lior and golan chat, and the live chart between what they type.
 *
 * Owns: what the terminals and the frame look like; everything that stands in them was read from a real server, typed, or
 * drawn by the viewer's page. Knows nothing of where the picture is kept. Next: `screenshots.ts`.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';

/** The part of the drawing that the picture shows, in its own units beyond the box of the state `chatting`. */
const margin = { left: 170, top: 98, right: 62, bottom: 14 };
const pixelsPerUnit = 2;

/** A terminal that keeps what its screen shows: what was read, and what was typed. */
class Terminal {
  screen = '';
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.screen += text;
    });
  }

  static async open(port: number): Promise<Terminal> {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    return new Terminal(socket);
  }

  /** Types one line when the screen shows `after`. */
  async type(line: string, after: string): Promise<void> {
    while (!this.screen.trimEnd().endsWith(after)) await sleep(10);
    this.screen += `${line}\n`;
    this.#socket.write(`${line}\n`);
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Returns the picture as PNG. */
export async function takeTerminalsPicture(browser: Browser, port: number, viewerPort: number): Promise<Buffer> {
  const viewer = await openViewer(browser, viewerPort);
  const lior = await Terminal.open(port);
  await lior.type('lior', 'user ID:');
  const golan = await Terminal.open(port);
  await golan.type('golan', 'user ID:');
  await lior.type('1', 'golan joined the server.');
  await lior.type('golan', 'Enter user ID:');
  await viewer.locator('#session-list > div').nth(0).click();
  await golan.type('y', '(y/n):');
  await lior.type('hey how are u?', 'to leave.');
  await golan.type('fine, and you?', 'how are u?');
  await sleep(300);
  const chart = await chattingPart(viewer);
  const page = await browser.newPage({ deviceScaleFactor: pixelsPerUnit, viewport: { width: 904, height: 600 } });
  await page.setContent(frame([lior.screen, golan.screen], chart));
  const picture = await page.locator('main').screenshot({ omitBackground: true });
  for (const terminal of [lior, golan]) terminal.close();
  await page.close();
  await viewer.close();
  return picture;
}

async function openViewer(browser: Browser, port: number): Promise<Page> {
  const page = await browser.newPage({
    colorScheme: 'dark',
    deviceScaleFactor: pixelsPerUnit,
    viewport: { width: 1700, height: 3000 },
  });
  await page.goto(`http://127.0.0.1:${port}/`);
  await page.getByText('Live', { exact: true }).waitFor();
  return page;
}

/** The drawing around the state in which both are, as it is at this moment. */
async function chattingPart(viewer: Page): Promise<Buffer> {
  const box = await viewer.locator('[data-state="session.online.chatting"] > .box').first().boundingBox();
  if (box === null) throw new Error('The drawing has no state called chatting.');
  return viewer.screenshot({
    clip: {
      x: box.x - margin.left,
      y: box.y - margin.top,
      width: margin.left + box.width + margin.right,
      height: margin.top + box.height + margin.bottom,
    },
  });
}

function frame([lior, golan]: [string, string], chart: Buffer): string {
  const terminal = (id: string, screen: string) => `
    <section class="terminal"><h1>${id}: nc 127.0.0.1 65432</h1><pre>${screen.replaceAll('<', '&lt;')}</pre></section>`;
  return `<!doctype html><style>
    body { margin: 0; background: transparent; }
    main { display: grid; grid-template-columns: 376px 1fr; gap: 10px; padding: 10px; background: #0d1220;
           border-radius: 14px; width: 884px; box-sizing: border-box; font: 14px Inter, Helvetica, Arial, "Liberation Sans", sans-serif; }
    .terminals { display: grid; gap: 10px; }
    section { background: #05070d; border: 1px solid #2b3650; border-radius: 10px; overflow: hidden;
              display: flex; flex-direction: column; }
    h1 { margin: 0; padding: 5px 12px; font-size: 13px; font-weight: 600; color: #98a4bb; background: #161d2e; }
    pre { margin: 0; padding: 6px 12px; color: #e5eaf4; font: 12.5px/1.28 "Liberation Mono", Menlo, Consolas, monospace; }
    pre::after { content: "▌"; color: #4ade80; }
    .chart { background: #1a2331; }
    img { display: block; width: 100%; flex: 1; object-fit: cover; min-height: 0; }
  </style><main><div class="terminals">${terminal('lior', lior)}${terminal('golan', golan)}</div>
    <section class="chart"><h1>The chart that runs, live at http://127.0.0.1:65433</h1>
    <img src="data:image/png;base64,${chart.toString('base64')}"></section></main>`;
}
