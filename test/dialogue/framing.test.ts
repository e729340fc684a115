/** How bytes are cut into segments makes no difference; and users who send no line feeds. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { gather } from '../support/gathering.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect, type User } from '../support/user.ts';
import { idPrompt, menu, targetPrompt } from '../support/wireTexts.ts';

const script = 'lior\n9\n4\n1\nnobody\n3\ngrüße 👍 שלום\n\nexit()\n1\ngolan\nhello?\nexit()\n2\n';

const answers =
  `${idPrompt}${menu}Invalid option.\n${menu}golan (in the common room)\nlior (free, you)\n${menu}` +
  `${targetPrompt}User not found.\n${menu}` +
  'Joined common room. Type exit() to leave.\n2 people are here, you included.\n' +
  `You left the common room.\n${menu}${targetPrompt}User busy.\n${menu}Invalid option.\n${menu}Invalid option.\n${menu}Goodbye!\n`;

const heard = 'lior joined the common room.\nlior: grüße 👍 שלום\nlior left the common room.\n';

/** Each byte or piece is read by the server before the next is sent. */
async function sendPieces(user: User, bytes: Buffer, cuts: Iterable<number>): Promise<void> {
  let start = 0;
  for (const cut of [...cuts, bytes.length]) {
    user.send([...bytes.subarray(start, cut)]);
    start = cut;
    await nextTurn();
  }
}

const insideCharacters = (bytes: Buffer) => [...bytes.keys()].filter((at) => ((bytes[at] ?? 0) & 0xc0) === 0x80);

describe('a script of lines', () => {
  it.each([
    ['whole', () => []],
    ['byte by byte', (bytes: Buffer) => bytes.keys()],
    ['cut inside every character', insideCharacters],
    ['cut before each line feed', (bytes: Buffer) => [...bytes.keys()].filter((at) => bytes[at] === 0x0a)],
    ['cut in the middle', (bytes: Buffer) => [bytes.length >> 1]],
  ] as [string, (bytes: Buffer) => Iterable<number>][])('has the same transcript %s', async (_, cuts) => {
    for (const text of [script, script.replaceAll('\n', '\r\n')]) {
      // No time passes: on a busy machine these bytes would look like the keys of a person.
      const server = await startTestServer({ clock: new SimulatedClock() });
      const lior = await connect(server);
      const [golan] = await gather(server, 'golan');
      golan.choose(3);
      await golan.expect('Joined common room. Type exit() to leave.\nNobody else is here yet.\n');
      const bytes = Buffer.from(text);
      await sendPieces(lior, bytes, cuts(bytes));
      await lior.expect(answers);
      await lior.expectEnd();
      await golan.expect(heard);
      await golan.expectSilence();
    }
  });

  it('counts its last line without a line feed before FIN', async () => {
    const lior = await connect(await startTestServer());
    lior.send('lior\n4');
    lior.halfClose();
    await lior.expect(`${idPrompt}${menu}lior (free, you)\n${menu}`);
    await lior.expectEnd();
  });

  it('may be nothing but a last line', async () => {
    const server = await startTestServer();
    const [golan] = await gather(server, 'golan');
    const lior = await connect(server);
    lior.send('lior');
    lior.halfClose();
    await lior.expect(`${idPrompt}${menu}`);
    await lior.expectEnd();
    await golan.expect('lior joined the server.\nlior disconnected.\n');
  });
});

describe('users who send no line feeds', () => {
  it('chat as in the capture', async () => {
    const server = await startTestServer();
    const lior = await connect(server);
    await lior.expect('Enter your user ID: ');
    lior.send('lior');
    await lior.expect(menu);
    const golan = await connect(server);
    await golan.expect('Enter your user ID: ');
    golan.send('golan');
    await golan.expect(menu);
    await lior.expect('golan joined the server.\n');
    lior.send('1');
    await lior.expect('Enter user ID: ');
    lior.send('golan');
    await golan.expect('lior wants to chat with you. Accept? (y/n): ');
    lior.send('hello?');
    await lior.expect('Waiting for response...\n');
    golan.send('y');
    await lior.expect('Chat started with golan. Type exit() to leave.\n');
    await golan.expect('Chat started with lior. Type exit() to leave.\n');
    lior.send('hey how are u?');
    await golan.expect('lior: hey how are u?\n');
    golan.send('fine, and you?');
    await lior.expect('golan: fine, and you?\n');
    golan.send('exit()');
    await golan.expect(`You left the chat.\n${menu}`);
    await lior.expect(`golan left the chat.\n${menu}`);
    lior.send('2');
    await lior.expect('Goodbye!\n');
    await lior.expectEnd();
    await golan.expect('lior disconnected.\n');
    golan.send('2');
    await golan.expect('Goodbye!\n');
    await golan.expectEnd();
  });

  it('chat with users who send lines', async () => {
    const server = await startTestServer();
    const [golan] = await gather(server, 'golan');
    const lior = await connect(server);
    await lior.expect(idPrompt);
    lior.send('lior');
    await lior.expect(menu);
    await golan.expect('lior joined the server.\n');
    lior.send('1');
    await lior.expect(targetPrompt);
    lior.send('golan');
    await golan.expect('lior wants to chat with you. Accept? (y/n): ');
    golan.accept();
    await lior.expect('Chat started with golan. Type exit() to leave.\n');
    await golan.expect('Chat started with lior. Type exit() to leave.\n');
    lior.send('👍 one');
    await golan.expect('lior: 👍 one\n');
    golan.say('two');
    await lior.expect('golan: two\n');
  });

  it('are refused an id and asked again as everybody else', async () => {
    const lior = await connect(await startTestServer());
    await lior.expect(idPrompt);
    lior.send('1');
    await lior.readThrough(`\n${idPrompt}`);
    lior.send('lior');
    await lior.expect(menu);
  });
});

describe('half a line', () => {
  /** Somebody else's first segment counts only after the pause, so ours, which came earlier, has had it too. */
  async function outlastThePause(): Promise<void> {
    const other = await connect(await startTestServer());
    await other.expect(idPrompt);
    other.send('other');
    await other.expect(menu);
  }

  it('waits for its rest, however long, on a connection that began with a line feed', async () => {
    const [lior] = await gather(await startTestServer(), 'lior');
    lior.send('1');
    await outlastThePause();
    lior.send('2\n');
    await lior.expect(`Invalid option.\n${menu}`);
  });

  it('waits for its rest from the first byte on with framing lines', async () => {
    const lior = await connect(await startTestServer({ framing: 'lines' }));
    await lior.expect(idPrompt);
    lior.send('li');
    await outlastThePause();
    lior.send('or\n4\n');
    await lior.expect(`${menu}lior (free, you)\n${menu}`);
  });

  it('is a whole one by default when nothing follows it', async () => {
    const lior = await connect(await startTestServer());
    await lior.expect(idPrompt);
    lior.send('li');
    await lior.expect(menu);
    lior.send('4');
    await lior.expect(`li (free, you)\n${menu}`);
  });
});
