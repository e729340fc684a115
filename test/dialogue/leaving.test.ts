/** Every way out of every place: the others get their reason and are free, the id is free at once, nobody is left waiting. */
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { ask, expectOnline, gather, join } from '../support/gathering.ts';
import { type Place, places, type Scene } from '../support/places.ts';
import { startTestServer } from '../support/testServer.ts';
import type { User } from '../support/user.ts';
import { menu } from '../support/wireTexts.ts';

/** How a connection ends; the user reads this before FIN, or nothing more at all. */
const waysOut: { way: string; leave: (lior: User) => void; reads?: string; onlyFrom?: string }[] = [
  { way: 'hangs up (FIN, then gone)', leave: (lior) => lior.hangUp() },
  { way: 'half-closes (FIN, still reading)', leave: (lior) => lior.halfClose(), reads: '' },
  { way: 'loses the cable (RST)', leave: (lior) => lior.resetConnection() },
  { way: 'quits with 2', leave: (lior) => lior.choose(2), reads: 'Goodbye!\n', onlyFrom: 'the menu' },
];

const rows = places.flatMap((place) =>
  waysOut.filter(({ onlyFrom }) => (onlyFrom ?? place.name) === place.name).map((wayOut) => ({ place, ...wayOut })),
);

describe.each(rows)('in $place.name, when lior $way', ({ place, leave, reads }) => {
  it('tells the others why, and the id is free at once', async () => {
    const server = await startTestServer();
    const scene = await place.arrange(server);
    const { lior, golan, noa } = scene;
    leave(lior);
    if (reads !== undefined) {
      await lior.expect(reads);
      await lior.expectEnd();
    }
    await golan.expect(place.golanReads);
    if (place.name !== 'identifying') await noa.expect('lior disconnected.\n');
    await expectAllFree(server, place, scene);
  });
});

/** golan is free or becomes so, a new lior can come, and each can reach each. */
async function expectAllFree(server: { port: number }, place: Place, { golan, noa }: Scene): Promise<void> {
  if (place.golanIsIn === 'common room') {
    golan.say('exit()');
    await golan.expect(`You left the common room.\n${menu}`);
  }
  await expectOnline(golan, 'noa (free)', 'golan (free, you)');
  const newcomer = await join(server, 'LIOR', [noa, golan]);
  await expectOnline(noa, 'noa (free, you)', 'golan (free)', 'LIOR (free)');
  await ask(golan, newcomer);
}

/** Back to the menu and out, in one write: what lior and golan read. */
const shortcuts: { from: string; lior: string; says: string; golan: string }[] = [
  { from: 'naming', says: 'exit()\n2\n', lior: `${menu}Goodbye!\n`, golan: '' },
  {
    from: 'ringing',
    says: 'exit()\n2\n',
    lior: `Request withdrawn.\n${menu}Goodbye!\n`,
    golan: `\nlior withdrew the request.\n${menu}`,
  },
  { from: 'confirming', says: 'n\n2\n', lior: `Request denied.\n${menu}Goodbye!\n`, golan: `Request denied.\n${menu}` },
  {
    from: 'chatting',
    says: 'exit()\n2\n',
    lior: `You left the chat.\n${menu}Goodbye!\n`,
    golan: `lior left the chat.\n${menu}`,
  },
  {
    from: 'the common room',
    says: 'exit()\n2\n',
    lior: `You left the common room.\n${menu}Goodbye!\n`,
    golan: 'lior left the common room.\n',
  },
];

describe.each(shortcuts)(
  'in $from, when lior goes back and quits in one write',
  ({ from, says, lior: reads, golan: hears }) => {
    it.each(['LF', 'CRLF'])('answers both before FIN, with %s', async (lineEnd) => {
      const server = await startTestServer();
      const place = places.find(({ name }) => name === from) as Place;
      const scene = await place.arrange(server);
      const { lior, golan, noa } = scene;
      lior.send(lineEnd === 'LF' ? says : says.replaceAll('\n', '\r\n'));
      await lior.expect(reads);
      await lior.expectEnd();
      await golan.expect(place.golanIsIn === 'menu' ? `${hears}lior disconnected.\n` : hears);
      await noa.expect('lior disconnected.\n');
      await expectAllFree(server, place, scene);
    });
  },
);

/** exit() from either side; both stay online. */
const exits: { from: string; who: 'lior' | 'golan'; lior: string; golan: string }[] = [
  { from: 'naming', who: 'lior', lior: menu, golan: '' },
  {
    from: 'ringing',
    who: 'lior',
    lior: `Request withdrawn.\n${menu}`,
    golan: `\nlior withdrew the request.\n${menu}`,
  },
  {
    from: 'confirming',
    who: 'golan',
    lior: `\ngolan withdrew the request.\n${menu}`,
    golan: `Request withdrawn.\n${menu}`,
  },
  { from: 'chatting', who: 'lior', lior: `You left the chat.\n${menu}`, golan: `lior left the chat.\n${menu}` },
  { from: 'chatting', who: 'golan', lior: `golan left the chat.\n${menu}`, golan: `You left the chat.\n${menu}` },
];

describe.each(exits)('in $from, when $who says exit()', ({ from, who, lior: liorReads, golan: golanReads }) => {
  it('brings both back to the menu, and tells nobody else', async () => {
    const server = await startTestServer();
    const { lior, golan, noa } = await (places.find(({ name }) => name === from) as Place).arrange(server);
    (who === 'lior' ? lior : golan).say('exit()');
    await lior.expect(liorReads);
    await golan.expect(golanReads);
    await expectOnline(noa, 'noa (free, you)', 'golan (free)', 'lior (free)');
    await ask(lior, golan);
    await noa.expectSilence();
  });
});

describe('before the connection ends', () => {
  it.each(['exit()\n2\n', '', 'unfinished'])('delivers everything said before FIN, behind it %j', async (rest) => {
    const server = await startTestServer();
    const place = places.find(({ name }) => name === 'chatting') as Place;
    const { lior, golan } = await place.arrange(server);
    lior.send(`one\ntwo\n${rest}`);
    lior.halfClose();
    await golan.expect(`lior: one\nlior: two\n${rest === 'unfinished' ? 'lior: unfinished\n' : ''}`);
    await golan.expect(place.golanReads);
  });
});

describe('after the connection has ended', () => {
  it('tells the dialogue nothing more, neither lines that came too late nor the end itself', async () => {
    // XState's development build, which these tests run, says so when an actor hears something after its end.
    const warnings = vi.spyOn(console, 'warn').mockImplementation(() => {});
    onTestFinished(() => warnings.mockRestore());
    const [noa, golan, lior] = await gather(await startTestServer(), 'noa', 'golan', 'lior');
    lior.send('2\n4\ntoo late\n');
    await lior.expect('Goodbye!\n');
    await lior.expectEnd();
    await golan.expect('lior disconnected.\n');
    golan.halfClose();
    await golan.expectEnd();
    await noa.expect('lior disconnected.\ngolan disconnected.\n');
    await noa.expectSilence();
    expect(warnings).not.toHaveBeenCalled();
  });
});
