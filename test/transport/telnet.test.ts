/** Telnet's commands are taken out of lines, wherever they stand; a lone byte 255 is none. */
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { gather, startChat } from '../support/gathering.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect } from '../support/user.ts';
import { idPrompt, menu, youLeftChat } from '../support/wireTexts.ts';
import { notUtf8, startFraming, startSegments } from './decoded.ts';

const [iac, sb, se, will, dont, nop, ip] = [255, 250, 240, 251, 254, 241, 244];
const bytes = (text: string) => [...Buffer.from(text)];

describe('telnet commands', () => {
  it.each<[what: string, sent: readonly number[]]>([
    ['an offer before the line', [iac, will, 31, ...bytes('lior')]],
    ['a refusal behind it', [...bytes('lior'), iac, dont, 1]],
    ['one in the middle', [...bytes('li'), iac, nop, ...bytes('or')]],
    ['Ctrl-C', [iac, ip, iac, 253, 6, ...bytes('lior')]],
    ['a subnegotiation', [iac, sb, 31, 0, 80, 0, 24, iac, se, ...bytes('lior')]],
    ['one that ends the line', [...bytes('lior'), iac, 252, 1]],
    ['around every letter', [...bytes('lior')].flatMap((byte) => [iac, 253, 24, byte, iac, 246])],
    ['a subnegotiation behind the line', [...bytes('lior'), iac, sb, 24, 0, ...bytes('XTERM'), iac, se]],
    ['several', [iac, will, 31, iac, sb, 24, 0, 88, iac, se, ...bytes('lior'), iac, nop]],
  ])('are no part of a line: %s', (_, sent) => {
    const framed = startFraming({ mode: 'lines' });
    framed.send([...sent, 10]);
    expect(framed.heard()).toEqual(['lior']);
  });

  it.each(Array.from({ length: 14 }, (_, at) => 236 + at))('of two bytes are no part of a line: %i', (command) => {
    const framed = startFraming({ mode: 'lines' });
    framed.send([...bytes('li'), iac, command, ...bytes('or\r\n')]);
    expect(framed.heard()).toEqual(['lior']);
  });

  it.each([251, 252, 253, 254])('of three bytes are no part of a line: %i', (command) => {
    const framed = startFraming({ mode: 'lines' });
    for (const option of [0, 1, 3, 10, 13, 24, 31, 34, 240, 254, 255]) {
      framed.send([...bytes('li'), iac, command, option, ...bytes('or\r\n')]);
      expect(framed.heard()).toEqual(['lior']);
    }
  });

  it('have a way to say byte 255, which is no UTF-8, and what stands behind it is text', () => {
    const framed = startFraming({ mode: 'lines' });
    framed.send([...bytes('li'), iac, iac, 241, ...bytes('or\n'), ...bytes('golan\n')]);
    framed.send([iac]);
    framed.send([iac, ...bytes('\n'), ...bytes('noa\n')]);
    expect(framed.heard()).toEqual([notUtf8, 'golan', notUtf8, 'noa']);
  });

  it('that come alone and first are no line, and no reason to take what follows for segments', () => {
    const greeting = [iac, will, 31, iac, will, 32, iac, 253, 3, iac, sb, 24, 0, ...bytes('XTERM'), iac, se];
    for (let cut = 0; cut <= greeting.length; cut++) {
      const framed = startFraming();
      framed.send(greeting.slice(0, cut));
      framed.send(greeting.slice(cut));
      framed.pause(60_000);
      expect(framed.heard(), `cut at ${cut}`).toEqual([]);
      framed.send('li');
      framed.send('or\r\n4');
      framed.pause(60_000);
      expect(framed.heard(), `cut at ${cut}`).toEqual(['lior']);
    }
  });

  it('mean that what follows comes in lines, however slowly', () => {
    const framed = startFraming();
    framed.send([iac, 253, 3], 'li');
    framed.pause(60_000);
    framed.send('or\r\n');
    expect(framed.heard()).toEqual(['lior']);
  });

  it('that come alone later are no line either, in lines and in segments', () => {
    const [inLines, inSegments] = [startFraming({ mode: 'lines' }), startSegments()];
    for (const framed of [inLines, inSegments]) {
      framed.send('hello\n');
      for (const command of [
        [iac, nop],
        [iac, 249],
        [iac, dont, 1],
        [iac, nop, iac, will, 1],
      ]) {
        framed.send(command);
        framed.pause(60_000);
      }
      framed.send([iac, sb, 31, 0, 80, 0, 24, iac, se]);
      framed.pause(60_000);
      framed.send('there\n');
      expect(framed.heard()).toEqual(['hello', 'there']);
    }
  });

  it('do not hide that a segment is empty', () => {
    const framed = startSegments();
    framed.send('\n', [iac, nop, 10]);
    expect(framed.heard()).toEqual(['', '']);
  });

  it.each<[what: string, sent: readonly number[]]>([
    ['alone', [iac]],
    ['before a letter', [iac, ...bytes('lior')]],
    ['twice, which telnet means as one', [iac, iac, ...bytes('lior')]],
  ])('a byte 255 that is none makes the line no text: %s', (_, sent) => {
    const framed = startFraming({ mode: 'lines' });
    framed.send([...sent, 10], 'next\n');
    expect(framed.heard()).toEqual([notUtf8, 'next']);
  });

  it('that a client sends first leave its id as it was', async () => {
    const lior = await connect(await startTestServer());
    await lior.expect(idPrompt);
    lior.send([iac, 252, 3, iac, dont, 24, ...bytes('lior\r\n4\r\n')]);
    await lior.expect(`${menu}lior (free, you)\n${menu}`);
  });

  it('that a client sends long before the id cost no try', async () => {
    const server = await startTestServer({ idTries: 1 });
    const lior = await connect(server);
    await lior.expect(idPrompt);
    lior.send([iac, will, 31, iac, will, 32, iac, will, 24, iac, will, 39, iac, 253, 1, iac, will, 3, iac, 253, 3]);
    // A server that takes first bytes without a line feed for a line has done so when it has taken a later one's.
    const golan = await connect(server);
    await golan.expect(idPrompt);
    golan.send('golan');
    await golan.expect(menu);
    lior.send('lior\r\n4\r\n');
    await lior.readThrough('golan (free)\nlior (free, you)\n');
    expect([...server.limitsReached]).toEqual([]);
  });

  it('that stand in what somebody says do not reach the others', async () => {
    const server = await startTestServer();
    const [lior, golan] = await gather(server, 'lior', 'golan');
    await startChat(lior, golan);
    lior.send([
      ...bytes('he'),
      iac,
      nop,
      ...bytes('llo'),
      iac,
      dont,
      1,
      ...bytes('\r\n'),
      iac,
      ip,
      ...bytes('there\r\n'),
    ]);
    await golan.expect('lior: hello\nlior: there\n');
    lior.send([iac, sb, 31, 0, 80, 0, 24, iac, se, ...bytes('exit()\r\n')]);
    await lior.expect(`${youLeftChat}${menu}`);
  });
});

describe('what telnet is sent back', () => {
  const wont = 252;
  const doIt = 253;

  it.each([
    ['DO is refused', [iac, doIt, 3], [iac, wont, 3]],
    ['WILL is refused', [iac, will, 31], [iac, dont, 31]],
    ['each option once', [iac, will, 31, iac, doIt, 31, iac, will, 31, iac, doIt, 31], [iac, dont, 31, iac, wont, 31]],
    ['WONT and DONT are no requests', [iac, wont, 3, iac, dont, 3], []],
    ['Ctrl-C', [iac, ip, iac, doIt, 6], [iac, wont, 6]],
    ['TIMING-MARK each time', [iac, doIt, 6, iac, 237, iac, doIt, 6], [iac, wont, 6, iac, wont, 6]],
    ['ARE YOU THERE, once in a piece', [iac, 246, iac, 246], bytes('\r\n[Yes]\r\n')],
    ['nothing for what is inside of a subnegotiation', [iac, sb, 24, doIt, 6, iac, iac, iac, se], []],
  ])('%s', (_, sent, replies) => {
    const [whole, cut] = [startFraming(), startFraming()];
    whole.send(sent);
    expect(whole.replies).toEqual(replies);
    if (sent.includes(246)) return;
    cut.send(...sent.map((byte) => [byte]));
    expect(cut.replies).toEqual(replies);
  });

  it('every byte of a command is counted, and none of a line', () => {
    const framed = startFraming();
    framed.send([iac, doIt, 6, ...bytes('lior\r\n'), iac, iac, 10, iac], [nop, iac, 65, 10]);
    expect(framed.overhead()).toBe(3 + 1 + 2);
    expect(framed.heard()).toEqual(['lior', notUtf8, notUtf8]);
  });

  it('comes behind what was said before it', async () => {
    const lior = new Socket();
    const { port } = await startTestServer();
    const received: Buffer[] = [];
    lior.on('data', (chunk) => received.push(chunk)).connect(port, '127.0.0.1');
    await eventually(() => Buffer.concat(received).toString()).toBe(idPrompt);
    lior.write(Buffer.from([iac, ip, iac, doIt, 6]));
    await eventually(() => [...Buffer.concat(received)]).toEqual([...bytes(idPrompt), iac, wont, 6]);
    lior.destroy();
  });
});

describe('a terminal that sends each key', () => {
  it('reads lines that begin at the left', async () => {
    const lior = await connect(await startTestServer());
    await lior.expect(idPrompt);
    for (const key of 'lior\r\n') {
      lior.send(key);
      await sleep(50);
    }
    await lior.expect(menu.replaceAll('\n', '\r\n'));
  });
});
