import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startChat } from '../support/gathering.ts';
import { connectSecurely, makeCertificate } from '../support/secure.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect } from '../support/user.ts';
import {
  disconnected,
  farewell,
  idPrompt,
  joinedRoom,
  joinedServer,
  leftRoom,
  menu,
  partnerLeft,
  roomEmpty,
  roomJoined,
  serverClosing,
} from '../support/wireTexts.ts';

const versions = ['TLSv1.2', 'TLSv1.3'] as const;
const only = (version: (typeof versions)[number]) => ({ minVersion: version, maxVersion: version });

describe('the one port, with a certificate,', () => {
  it.each(versions)('speaks %s and nothing else', async (version) => {
    const server = await startTestServer(makeCertificate());
    expect(server.tlsPort).toBe(server.port);
    const { user: lior, socket } = await connectSecurely(server, only(version));
    expect(socket.getProtocol()).toBe(version);
    await lior.identify('lior');
    lior.choose(4);
    await lior.expect(`lior (free, you)\n${menu}`);
    lior.choose(2);
    await lior.expect(farewell);
    await lior.expectEnd();
  });

  it('takes whole messages without line feeds', async () => {
    const server = await startTestServer(makeCertificate());
    const { user: lior } = await connectSecurely(server);
    await lior.expect(idPrompt);
    lior.send('lior');
    await lior.expect(menu);
    lior.send('4');
    await lior.expect(`lior (free, you)\n${menu}`);
  });
});

describe('with two ports', () => {
  it('users on either chat with each other', async () => {
    const server = await startTestServer({ ...makeCertificate(), tlsPort: 0 });
    expect(server.tlsPort).not.toBe(server.port);
    const { user: lior } = await connectSecurely(server);
    const golan = await connect(server);
    await lior.identify('lior');
    await golan.identify('golan');
    await lior.expect(joinedServer('golan'));
    await startChat(lior, golan);
    lior.say('sealed');
    await golan.expect('lior: sealed\n');
    golan.say('open');
    await lior.expect('golan: open\n');
    lior.hangUp();
    await golan.expect(`${partnerLeft('lior')}${menu}`);
  });

  it('a stop tells both and closes both', async () => {
    const server = await startTestServer({ ...makeCertificate(), tlsPort: 0 });
    const { user: lior } = await connectSecurely(server);
    const golan = await connect(server);
    for (const user of [lior, golan]) await user.expect(idPrompt);
    const stopped = server.stop();
    for (const user of [lior, golan]) {
      await user.expect(`\n${serverClosing}`);
      await user.expectEnd();
    }
    await stopped;
    await expect(connect(server)).rejects.toThrow('ECONNREFUSED');
    await expect(connect({ port: server.tlsPort as number })).rejects.toThrow('ECONNREFUSED');
  });
});

describe('the end of what somebody says', () => {
  it.each(versions)('is answered first, with %s: they half-close and read on', async (version) => {
    const server = await startTestServer(makeCertificate());
    const { user: lior } = await connectSecurely(server, { ...only(version), keepsOpen: true });
    await lior.expect(idPrompt);
    lior.send('lior\n4\n4');
    lior.halfClose();
    await lior.expect(`${menu}lior (free, you)\n${menu}lior (free, you)\n${menu}`);
    await lior.expectEnd();
  });

  it('may come in the same bytes as the end of the handshake', async () => {
    const server = await startTestServer(makeCertificate());
    const { user: lior, socket } = await connectSecurely(server, { keepsOpen: true });
    socket.end('lior\n4\n');
    await lior.expect(`${idPrompt}${menu}lior (free, you)\n${menu}`);
    await lior.expectEnd();
  });

  it('is a cut as well, without a word', async () => {
    const server = await startTestServer({ ...makeCertificate(), tlsPort: 0 });
    const golan = await connect(server);
    await golan.identify('golan');
    const { user: lior, socket } = await connectSecurely(server);
    await lior.identify('lior');
    await golan.expect(joinedServer('lior'));
    socket.destroy();
    await golan.expect(disconnected('lior'));
  });
});

describe('a reader on TLS who stops reading', () => {
  it('is dropped when too much waits, and the others read on', async () => {
    const server = await startTestServer({ ...makeCertificate(), outboxBytes: 65_536, tlsPort: 0 });
    const { user: lior, socket } = await connectSecurely(server);
    await lior.identify('lior');
    lior.choose(3);
    await lior.expect(`${roomJoined}${roomEmpty}`);
    const golan = await connect(server);
    await golan.identify('golan');
    golan.choose(3);
    await golan.readThrough('you included.\n');
    const { user: noa } = await connectSecurely(server);
    await noa.identify('noa');
    noa.choose(3);
    await noa.readThrough('you included.\n');
    await golan.expect(joinedRoom('noa'));
    socket.pause();
    const line = 'x'.repeat(4000);
    let said = 0;
    while (!server.limitsReached.has('outboxFull')) {
      for (let each = 0; each < 20; each++) golan.say(line);
      // So much is on its way at once; the next comes when noa has read it, who is on TLS too and is not dropped.
      for (let each = 0; each < 20; each++) await noa.readThrough(`golan: ${line}\n`);
      expect(++said).toBeLessThan(2000);
    }
    await golan.expect(leftRoom('lior'));
    golan.say('who is left?');
    await noa.readThrough('golan: who is left?\n');
    expect([...server.limitsReached]).toEqual([['outboxFull', 1]]);
    // What was on its way before comes first, and then why.
    socket.resume();
    expect(await lior.readToEnd()).toMatch(/You read too slowly, and too much was waiting for you\. Goodbye!\n$/);
  });

  it('has a time limit', async () => {
    const server = await startTestServer({ ...makeCertificate(), stallMs: 50, rateLimit: 0 });
    const { user: lior, socket } = await connectSecurely(server);
    await lior.identify('lior');
    socket.pause();
    const askAgain = (): void => {
      if (!server.limitsReached.has('stalled')) lior.send('9\n'.repeat(5000));
    };
    const asking = setInterval(askAgain, 5);
    onTestFinished(() => clearInterval(asking));
    await eventually(() => server.limitsReached.get('stalled')).toBe(1);
    socket.resume();
    expect(await lior.readToEnd()).toMatch(/You stopped reading\. Goodbye!\n$/);
  });

  it('does not keep a stop waiting longer than the rest', async () => {
    const server = await startTestServer({ ...makeCertificate(), drainMs: 50, lingerMs: 60_000 });
    const { user: lior, socket } = await connectSecurely(server, { keepsOpen: true });
    await lior.expect(idPrompt);
    socket.pause();
    await server.stop();
    await eventually(() => server.connections).toBe(0);
  });
});
