/** Programs that speak something else here are gone soon, nobody hears of them, and the server runs on. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { limits } from '../../src/config/limits.ts';
import type { ServerOptions } from '../../src/server/options.ts';
import type { Server } from '../../src/server/server.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect, type User } from '../support/user.ts';
import {
  idPrompt,
  idRules,
  idTimeout,
  joinedServer,
  lineNotUtf8,
  menu,
  tooManyAttempts,
} from '../support/wireTexts.ts';

const { idTries } = limits;
const notUtf8 = `${lineNotUtf8}${idPrompt}`;
const refused = `${idRules}${idPrompt}`;
const tooLate = `\n${idTimeout}`;
/** Long enough for users whose id is at hand, however busy the machine. */
const idTimeoutMs = 2000;
const tooMany = `\n${tooManyAttempts}`;

/** What SSH says after its banner (RFC 4253), without a line feed in it. */
const keyExchange = [
  0x00,
  0x00,
  0x05,
  0xdc,
  0x07,
  0x14,
  ...Array.from({ length: 1500 }, (_, at) => 0x80 + (at % 0x7f)),
];

/** A server with lior in the menu, who hears of everybody who comes and goes. */
async function startWithLior(options: ServerOptions = {}): Promise<{ server: Server; lior: User }> {
  const server = await startTestServer({ idTries, ...options });
  const lior = await connect(server);
  await lior.identify('lior');
  return { server, lior };
}

/** Nobody has come or gone, and users still get in. */
async function expectUnharmed(server: Server, lior: User): Promise<void> {
  await lior.expectSilence();
  expect(server.lobby.directory.onlineCount).toBe(1);
  const golan = await connect(server);
  await golan.identify('golan');
  await lior.expect(joinedServer('golan'));
  lior.choose(4);
  await lior.expect(`lior (free, you)\ngolan (free)\n${menu}`);
}

const head = 'Host: 127.0.0.1\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n';

/** A greeting of TLS 1.2 (RFC 5246) without extensions; 32 bytes of it are random, and none is a line feed. */
const clientHello = [
  ...[0x16, 0x03, 0x01, 0x00, 0x2f, 0x01, 0x00, 0x00, 0x2b, 0x03, 0x03],
  ...Array.from({ length: 32 }, (_, at) => 0x80 + ((at * 37) % 0x7f)),
  ...[0x00, 0x00, 0x04, 0xc0, 0x2f, 0x00, 0x9c, 0x01, 0x00],
];

describe('text of another protocol', () => {
  it.each<[what: string, sent: string]>([
    ['a GET', `GET / HTTP/1.1\r\n${head}\r\n`],
    ['a GET with more headers', `GET / HTTP/1.1\r\n${head}Connection: close\r\nAccept-Language: en\r\n\r\n`],
    ['a POST', `POST / HTTP/1.1\r\n${head}Content-Length: 19\r\n\r\ngolan\n1\nlior\nhello\n`],
    ['a POST to somebody', `POST / HTTP/1.1\r\n${head}Content-Length: 19\r\ngolan\n1\nlior\nhello\n`],
  ])(`ends the connection with its ${idTries}th line, and nothing behind it is taken: %s`, async (_, sent) => {
    const { server, lior } = await startWithLior();
    const browser = await connect(server);
    await browser.expect(idPrompt);
    browser.send(sent);
    expect(await browser.readToEnd()).toBe(`${refused.repeat(idTries)}${tooMany}`);
    expect([...server.limitsReached]).toEqual([['idTries', 1]]);
    await expectUnharmed(server, lior);
  });

  it('that stops before stays at the prompt until the time limit: SSH with a remark', async () => {
    const { server, lior } = await startWithLior({ idTimeoutMs });
    const ssh = await connect(server);
    await ssh.expect(idPrompt);
    ssh.send([...Buffer.from('SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13.5\r\n'), ...keyExchange]);
    await ssh.expect(`${refused}${tooLate}`);
    await ssh.expectEnd();
    expect([...server.limitsReached]).toEqual([['idTimeout', 1]]);
    await expectUnharmed(server, lior);
  });
});

describe('bytes of another protocol, without a line feed', () => {
  it('are refused as one line that is no text', async () => {
    const { server, lior } = await startWithLior();
    const stranger = await connect(server);
    await stranger.expect(idPrompt);
    stranger.send(clientHello);
    await stranger.expect(notUtf8);
    stranger.halfClose();
    await stranger.expectEnd();
    expect([...server.limitsReached]).toEqual([]);
    await expectUnharmed(server, lior);
  });

  it('are unanswered until the time limit where lines are asked for', async () => {
    const { server, lior } = await startWithLior({ idTimeoutMs, framing: 'lines' });
    const stranger = await connect(server);
    await stranger.expect(idPrompt);
    stranger.send(clientHello);
    await stranger.expect(tooLate);
    await stranger.expectEnd();
    expect([...server.limitsReached]).toEqual([['idTimeout', 1]]);
    await expectUnharmed(server, lior);
  });
});

describe('a real program', () => {
  it.each(['GET', 'POST'])('that asks by HTTP is told off and gone: %s', async (method) => {
    const { server, lior } = await startWithLior();
    const asked = request({ host: '127.0.0.1', port: server.port, method, headers: { accept: '*/*', 'x-a': 'b c' } });
    const failed = once(asked, 'error');
    asked.end(method === 'POST' ? 'golan\n3\nhello\n' : '');
    // Our prompt is no status line.
    expect((await failed)[0]).toMatchObject({ code: expect.stringMatching(/^HPE_|ECONNRESET/) });
    await expect.poll(() => server.lobby.sessions.size).toBe(1);
    await expectUnharmed(server, lior);
  });

  it('that speaks TLS goes by itself', async () => {
    const { server, lior } = await startWithLior();
    const socket = connectTls({ host: '127.0.0.1', port: server.port });
    onTestFinished(() => {
      socket.destroy();
    });
    await once(socket, 'error');
    await expect.poll(() => server.lobby.sessions.size).toBe(1);
    await expectUnharmed(server, lior);
  });
});
