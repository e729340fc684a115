/** Who may speak with the server by its page, and what one browser, or what is none, can take of it. */
import { once } from 'node:events';
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { ServerOptions } from '../../src/server/options.ts';
import { maxVisitors } from '../../src/web/visitorPool.ts';
import { CountingClock } from '../limits/countingClock.ts';
import { eventually } from '../support/eventually.ts';
import { join } from '../support/gathering.ts';
import { startTestServer } from '../support/testServer.ts';
import { idPrompt, menu } from '../support/wireTexts.ts';
import { frame, handshake, opcodes, openRaw } from './rawFrames.ts';
import { connectByWeb } from './webUser.ts';

const start = (options: ServerOptions = {}) => startTestServer({ webPort: 0, ...options });

/** The status of an attempt to speak WebSocket, with these headers. */
async function statusOf(server: { webPort: number | undefined }, headers: Record<string, string>): Promise<number> {
  const page = await openRaw(server, handshake(headers));
  await eventually(() => page.read()).toMatch(/^HTTP\/1\.1 \d{3} /);
  page.socket.destroy();
  return Number(page.read().slice(9, 12));
}

/** The status of the page itself, asked for by this name. */
async function statusOfPage(server: { webPort: number | undefined }, host: string, method = 'GET'): Promise<number> {
  const asked = request({ port: server.webPort, host: '127.0.0.1', path: '/', method, headers: { host } }).end();
  const [response] = await once(asked, 'response');
  response.resume();
  return response.statusCode;
}

describe('a page may speak with the server', () => {
  const own = '127.0.0.1:65435';

  it.each([
    ['its own', { host: own, origin: `http://${own}` }, 101],
    ['its own, over TLS in front', { host: own, origin: `https://${own}` }, 101],
    ['its own under a name of this machine', { host: 'localhost:8', origin: 'http://localhost:8' }, 101],
    ['its own by an address of version 6', { host: '[::1]:8', origin: 'http://[::1]:8' }, 101],
    ['none, and is no page', { host: own }, 101],
    ['another port of the same machine', { host: own, origin: 'http://127.0.0.1:8080' }, 403],
    ['elsewhere', { host: own, origin: 'https://evil.example' }, 403],
    ['one that begins like its own', { host: own, origin: `http://${own}.evil.example` }, 403],
    ['its own under a name that means this machine', { host: 'evil.example', origin: 'http://evil.example' }, 403],
    ['nowhere: a file, or a frame without rights', { host: own, origin: 'null' }, 403],
    ['no text that is an address', { host: own, origin: 'http://' }, 403],
    ['its own, but the server has no name that it was told', { host: 'x y', origin: 'http://x y' }, 403],
  ])('whose origin is %s: %j → %i', async (_, headers, status) => {
    expect(await statusOf(await start(), headers)).toBe(status);
  });

  it('under the names of --web-origin', async () => {
    const server = await start({ webOrigin: 'https://chat.example.org, http://other.example:8080' });
    const proxied = { host: 'chat.example.org', origin: 'https://chat.example.org' };
    expect(await statusOf(server, proxied)).toBe(101);
    expect(await statusOf(server, { ...proxied, host: '10.0.0.5:65435' })).toBe(101);
    expect(await statusOf(server, { ...proxied, origin: 'http://chat.example.org.evil.example' })).toBe(403);
    expect(await statusOf(server, { ...proxied, host: 'evil.example' })).toBe(403);
    expect(await statusOfPage(server, 'chat.example.org')).toBe(200);
    expect(await statusOfPage(server, 'other.example:8080')).toBe(200);
    expect(await statusOfPage(server, 'other.example')).toBe(421);
  });

  it('and nothing else may, with --web-clients browsers', async () => {
    const server = await start({ webClients: 'browsers' });
    expect(await statusOf(server, { host: own })).toBe(403);
    expect(await statusOf(server, { host: own, origin: `http://${own}` })).toBe(101);
  });

  it('at one path', async () => {
    const page = await openRaw(await start(), handshake({}, '/elsewhere'));
    await page.closed;
    expect(page.read()).toMatch(/^HTTP\/1\.1 403 /);
  });
});

describe('the page', () => {
  it('answers to its own names only, and to nothing that would change something', async () => {
    const server = await start();
    expect(await statusOfPage(server, 'localhost')).toBe(200);
    expect(await statusOfPage(server, '192.168.1.5:65435')).toBe(200);
    expect(await statusOfPage(server, 'evil.example')).toBe(421);
    expect(await statusOfPage(server, 'localhost', 'POST')).toBe(405);
    for (const path of ['/../../package.json', '/web/../package.json', '/web/page/', '/%2e%2e/package.json']) {
      const page = await openRaw(server, `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
      await eventually(() => page.read()).toMatch(/^HTTP\/1\.1 404 /);
    }
  });

  it('allows the browser nothing but its own files and its own server', async () => {
    const response = await fetch(`http://127.0.0.1:${(await start()).webPort}/`);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:|blob:/);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('whose address counts', () => {
  const addressesOf = ({ lobby }: Awaited<ReturnType<typeof start>>) =>
    [...lobby.sessions.values()].map(({ remoteAddress }) => remoteAddress);

  it.each([
    ['a named proxy is believed', '127.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['only what it says itself, not what was said to it', '127.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['of several named proxies, the first one', '127.0.0.1, 10.0.0.7', '203.0.113.9, 10.0.0.7', '203.0.113.9'],
    ['what is no address counts for nothing', '127.0.0.1', 'nonsense', '127.0.0.1'],
    ['nobody else is', '10.0.0.7', '203.0.113.9', '127.0.0.1'],
  ])('%s', async (_, webProxy, forwarded, address) => {
    const server = await start({ webProxy });
    const { user } = await connectByWeb(server, { headers: { 'x-forwarded-for': forwarded } });
    await user.expect(idPrompt);
    expect(addressesOf(server)).toEqual([address]);
  });

  it('is the one of the PROXY protocol, if that is on', async () => {
    const server = await start({ proxyProtocol: 'on' });
    const page = await openRaw(server, `PROXY TCP4 203.0.113.7 10.0.0.1 4660 65435\r\n${handshake()}`);
    await eventually(() => page.read()).toContain(idPrompt);
    expect(addressesOf(server)).toEqual(['203.0.113.7']);
    const without = await openRaw(server, handshake());
    await without.closed;
    expect(without.read()).toBe('');
  });
});

/** What comes after the handshake, and what becomes of the connection. */
async function attack(server: Awaited<ReturnType<typeof start>>, ...frames: Buffer[]) {
  const page = await openRaw(server, handshake());
  await eventually(() => page.read()).toContain(idPrompt);
  page.socket.write(Buffer.concat(frames));
  return page;
}

/** The code of the close frame that came last; 0 if none did. */
function closeCode(read: string): number {
  const bytes = Buffer.from(read, 'latin1');
  return bytes.at(-4) === 0x88 && bytes.at(-3) === 2 ? bytes.readUInt16BE(bytes.length - 2) : 0;
}

describe('a frame that is no line', () => {
  it.each([
    ['a message longer than may come without a line end', [frame(opcodes.text, 'x', { claimed: 65_537 })], 1009],
    ['one that says it has terabytes', [frame(opcodes.text, 'x', { claimed: 2 ** 45 })], 1009],
    ['a message in a thousand pieces and one', fragments(1025), 1008],
    ['bytes that are no text', [frame(opcodes.text, Buffer.from([0xff]))], 1007],
    ['a binary message', [frame(opcodes.binary, 'lior')], 1003],
    ['a piece of no message', [frame(opcodes.continuation, 'lior')], 1002],
    ['a ping that is too long', [frame(opcodes.ping, 'x'.repeat(126))], 1002],
    ['a frame without a mask', [Buffer.from([0x81, 0x01, 0x78])], 1002],
  ])('%s ends its own connection and no other', async (_, frames, code) => {
    const server = await start({ lingerMs: 20 });
    const golan = await join(server, 'golan');
    const page = await attack(server, ...frames);
    await page.closed;
    expect(closeCode(page.read())).toBe(code);
    await eventually(() => server.connections).toBe(1);
    golan.choose(4);
    await golan.expect(`golan (free, you)\n${menu}`);
  });

  it('too long counts as text without a line end', async () => {
    const server = await start({ lingerMs: 20 });
    await (await attack(server, frame(opcodes.text, 'x', { claimed: 65_537 }))).closed;
    expect([...server.limitsReached]).toEqual([['unterminated', 1]]);
  });

  it('pings without end are bytes that are no text', async () => {
    const server = await start({ lingerMs: 20 });
    const golan = await join(server, 'golan');
    const page = await attack(server, ...Array.from({ length: 10_000 }, () => frame(opcodes.ping, 'x'.repeat(100))));
    await page.closed;
    expect([...server.limitsReached]).toEqual([['overhead', 1]]);
    golan.choose(4);
    await golan.expect(`golan (free, you)\n${menu}`);
  });

  it('a ping gets its pong, and changes nothing', async () => {
    const server = await start();
    const page = await attack(server, frame(opcodes.ping, 'are you there'), frame(opcodes.text, 'lior'));
    await eventually(() => page.read()).toContain(menu);
    expect(page.read()).toContain('\x8a\x0dare you there');
  });

  it('that comes byte by byte, or in pieces, is a line all the same', async () => {
    const server = await start();
    const page = await attack(server);
    const pieces = [frame(opcodes.text, 'li', { fin: false }), frame(opcodes.ping), frame(opcodes.continuation, 'or')];
    for (const byte of Buffer.concat(pieces)) {
      page.socket.write(Buffer.from([byte]));
      await new Promise(setImmediate);
    }
    await eventually(() => page.read()).toContain(menu);
    expect([...server.lobby.directory.rows()].map(({ id }) => id)).toEqual(['lior']);
  });
});

function fragments(count: number): Buffer[] {
  const middle = Array.from({ length: count - 2 }, () => frame(opcodes.continuation, 'x', { fin: false }));
  return [frame(opcodes.text, 'x', { fin: false }), ...middle, frame(opcodes.continuation, 'x')];
}

describe('visitors', () => {
  it('who ask for nothing keep nobody from the page, nor from the dialogue', async () => {
    const server = await start();
    const silent = [];
    for (let each = 0; each < maxVisitors + 20; each++) silent.push(await openRaw(server, 'GET / HT'));
    await Promise.all(silent.slice(0, 20).map(({ closed }) => closed));
    expect(silent.filter(({ socket }) => !socket.destroyed)).toHaveLength(maxVisitors);
    expect((await fetch(`http://127.0.0.1:${server.webPort}/`)).status).toBe(200);
    const { user } = await connectByWeb(server);
    await user.identify('lior');
    expect(server.connections).toBe(1);
  });

  it('are gone after a minute, whatever they have begun to ask', async () => {
    const clock = new CountingClock();
    const server = await start({ clock });
    const before = clock.pending;
    const silent = await openRaw(server, 'GET / HTTP/1.1\r\n');
    await eventually(() => clock.pending).toBe(before + 1);
    clock.increment(59_999);
    expect(silent.socket.destroyed).toBe(false);
    clock.increment(1);
    await silent.closed;
    expect(clock.pending).toBe(before);
  });

  it('become connections when they come to the dialogue, and stay', async () => {
    const server = await start();
    const users = [];
    for (let each = 0; each < maxVisitors + 5; each++) users.push((await connectByWeb(server)).user);
    for (const user of users) await user.expect(idPrompt);
    expect(server.connections).toBe(maxVisitors + 5);
  });
});
