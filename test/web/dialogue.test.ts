/** The dialogue over WebSocket is the dialogue over TCP. */
import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { join, startChat } from '../support/gathering.ts';
import { passwordFile } from '../support/passwordGates.ts';
import { makeCertificate } from '../support/secure.ts';
import { startTestServer } from '../support/testServer.ts';
import {
  addressFull,
  farewell,
  idPrompt,
  joinedServer,
  lineTooLong,
  menu,
  partnerLeft,
  roomEmpty,
  roomJoined,
  serverClosing,
} from '../support/wireTexts.ts';
import { connectByWeb } from './webUser.ts';

const protocols = ['statechat.chart'];

describe('a user over WebSocket', () => {
  it('chats with one over TCP', async () => {
    const server = await startTestServer({ webPort: 0 });
    const { user: lior, webSocket } = await connectByWeb(server);
    await lior.identify('lior');
    const golan = await join(server, 'golan', [lior]);
    await startChat(lior, golan);
    lior.say('from a page');
    await golan.expect('lior: from a page\n');
    golan.say('<b>from a terminal</b>');
    await lior.expect('golan: <b>from a terminal</b>\n');
    webSocket.close();
    await golan.expect(`${partnerLeft('lior')}${menu}`);
  });

  it('is told with a close frame that it is over', async () => {
    const server = await startTestServer({ webPort: 0 });
    const { user: lior, webSocket } = await connectByWeb(server);
    await lior.identify('lior');
    const closed = once(webSocket, 'close');
    lior.choose(2);
    await lior.expect(farewell);
    expect(await closed).toEqual([1000, Buffer.alloc(0)]);
    await eventually(() => server.connections).toBe(0);
  });

  it('sends one line in each message, with a line end or without; line ends inside end lines too', async () => {
    const server = await startTestServer({ webPort: 0 });
    const { user: lior, webSocket } = await connectByWeb(server);
    await lior.expect(idPrompt);
    webSocket.send('lior\n');
    await lior.expect(menu);
    webSocket.send('3\r\n');
    await lior.expect(`${roomJoined}${roomEmpty}`);
    const golan = await join(server, 'golan');
    golan.choose(3);
    await golan.readThrough('you included.\n');
    webSocket.send('one\ntwo\r\nthree');
    webSocket.send('four');
    await golan.expect('lior: one\nlior: two\nlior: three\nlior: four\n');
  });

  it('reads that a line is too long, and others read nothing of it', async () => {
    const server = await startTestServer({ webPort: 0 });
    const { user: lior } = await connectByWeb(server);
    await lior.expect(idPrompt);
    lior.say('x'.repeat(4097));
    await lior.expect(`${lineTooLong(4096)}${idPrompt}`);
    lior.say('lior');
    await lior.expect(menu);
  });

  it('is heard to the end: what came before the close frame has its turn, and holds a place until then', async () => {
    const server = await startTestServer({ webPort: 0, rateLimit: 1000, rateBurst: 1 });
    const { user: lior, webSocket } = await connectByWeb(server);
    await lior.identify('lior');
    const golan = await join(server, 'golan', [lior]);
    golan.choose(3);
    await golan.expect(`${roomJoined}${roomEmpty}`);
    webSocket.send('3');
    for (let line = 1; line <= 20; line++) webSocket.send(`line ${line}`);
    webSocket.close();
    await golan.expect('lior joined the common room.\n');
    expect(server.connections).toBe(2);
    for (let line = 1; line <= 20; line++) await golan.expect(`lior: line ${line}\n`);
    await golan.expect('lior left the common room.\n');
    await eventually(() => server.connections).toBe(1);
  });

  it('counts as a connection from the address, and reads why it is refused', async () => {
    const server = await startTestServer({ webPort: 0, maxPerAddress: 1, webProxy: '127.0.0.1' });
    const headers = { 'x-forwarded-for': '198.51.100.7' };
    const first = await connectByWeb(server, { headers });
    await first.user.expect(idPrompt);
    const second = await connectByWeb(server, { headers });
    await second.user.expect(addressFull);
    await second.user.expectEnd();
    await eventually(() => server.connections).toBe(1);
    first.webSocket.terminate();
    await eventually(() => server.connections).toBe(0);
  });

  it('is told of a stop, and the stop does not wait for an idle visitor', async () => {
    const server = await startTestServer({ webPort: 0 });
    const { user: lior } = await connectByWeb(server);
    await lior.expect(idPrompt);
    const response = await fetch(`http://127.0.0.1:${server.webPort}/`);
    expect(response.status).toBe(200);
    const stopped = server.stop();
    await lior.expect(`\n${serverClosing}`);
    await lior.expectEnd();
    await stopped;
  });

  it('comes through TLS with the same certificate, and through the password gate', async () => {
    const server = await startTestServer({
      ...{ webPort: 0, ...makeCertificate() },
      passwordFile: passwordFile('sesame'),
    });
    const { user: lior, beside } = await connectByWeb(server, { scheme: 'wss', rejectUnauthorized: false, protocols });
    await lior.expect('Password: ');
    lior.say('wrong');
    await lior.expect('Wrong password.\nPassword: ');
    expect(beside).toEqual([]);
    lior.say('sesame');
    await lior.expect(idPrompt);
    lior.say('lior');
    await lior.expect(menu);
    expect(beside.join('')).not.toMatch(/sesame|wrong/);
    await expect(fetch(`http://127.0.0.1:${server.webPort}/`)).rejects.toThrow();
  });
});

describe('a page that asks for its chart', () => {
  const stepsOf = (beside: readonly string[]) =>
    beside.flatMap((json) => (JSON.parse(json) as { steps: { event: { type: string }; edges: string[] }[] }).steps);

  it('gets where its session is, and each step with the transitions that were taken', async () => {
    const server = await startTestServer({ webPort: 0 });
    const { user: lior, beside } = await connectByWeb(server, { protocols });
    await lior.identify('lior');
    await eventually(() => beside.length).toBe(2);
    expect(JSON.parse(beside[0] ?? '')).toEqual({
      states: ['session', 'session.identifying', 'session.identifying.prompting'],
      steps: [],
      isIncomplete: false,
    });
    expect(stepsOf(beside)).toEqual([
      {
        event: { type: 'line.received', text: 'lior' },
        edges: ['session.identifying.prompting line.received 0'],
        states: ['session', 'session.identifying', 'session.identifying.claiming'],
      },
      {
        event: { type: 'id.granted', id: 'lior' },
        edges: ['session.identifying.claiming id.granted 2'],
        states: ['session', 'session.online', 'session.online.menu', 'session.online.menu.choosing'],
      },
    ]);
    lior.choose(2);
    await lior.expect(farewell);
    await lior.expectEnd();
    expect(stepsOf(beside).at(-1)).toEqual({
      event: { type: 'line.received', text: '2' },
      edges: ['session.online.menu.choosing line.received 2'],
      states: ['session', 'session.closed'],
    });
  });

  it('gets nothing of others, whoever they are and whatever they do', async () => {
    const server = await startTestServer({ webPort: 0 });
    const watching = await connectByWeb(server, { protocols });
    await watching.user.identify('dan');
    const lior = await join(server, 'lior', [watching.user]);
    const other = await connectByWeb(server, { protocols });
    await other.user.identify('golan');
    await watching.user.expect(joinedServer('golan'));
    const before = watching.beside.length;
    await lior.expect(joinedServer('golan'));
    await startChat(lior, other.user);
    lior.say('a secret');
    await other.user.expect('lior: a secret\n');
    watching.user.choose(4);
    await watching.user.readThrough(menu);
    await eventually(() => watching.beside.length).toBeGreaterThan(before);
    const seen = stepsOf(watching.beside.slice(before)).map(({ event }) => event.type);
    expect(seen).toEqual(['line.received']);
    expect(watching.beside.join('')).not.toMatch(/lior|golan|secret|"s\d/);
    expect(other.beside.join('')).not.toMatch(/secret|"s\d/);
  });

  it('has the actors observed only as long as it is there', async () => {
    const server = await startTestServer({ webPort: 0 });
    const inspect = vi.spyOn(server.lobby.actor.system, 'inspect');
    const [first, second] = [await connectByWeb(server, { protocols }), await connectByWeb(server, { protocols })];
    for (const { user } of [first, second]) await user.expect(idPrompt);
    expect(inspect).toHaveBeenCalledTimes(1);
    const unsubscribe = vi.spyOn(inspect.mock.results[0]?.value as { unsubscribe(): void }, 'unsubscribe');
    first.webSocket.terminate();
    await eventually(() => server.connections).toBe(1);
    expect(unsubscribe).not.toHaveBeenCalled();
    second.webSocket.terminate();
    await eventually(() => unsubscribe.mock.calls.length).toBe(1);
  });
});
