/** Lines that are refused whole, in every place: the connection stays, nobody else reads anything, the prompt comes again. */
import { describe, it } from 'vitest';
import { gather, startChat } from '../support/gathering.ts';
import { places } from '../support/places.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect } from '../support/user.ts';
import { idPrompt, menu } from '../support/wireTexts.ts';

const tooLong = 'Line too long: at most 4096 bytes. Nothing was sent.\n';
const notUtf8 = 'That line is not valid UTF-8. Nothing was sent.\n';

describe.each(places)('in $name', (place) => {
  it.each([
    ['a line of 4097 bytes', `${'x'.repeat(4097)}\n`, tooLong],
    ['a line of 4098 bytes in 2049 characters', `${'ü'.repeat(2049)}\n`, tooLong],
    ['a line of sixty thousand bytes', `${'x'.repeat(60_000)}\n`, tooLong],
    ['a line that is not UTF-8', [0x68, 0xc3, 0x28, 0x0a], notUtf8],
    ['half a character', [0xf0, 0x9f, 0x91, 0x0a], notUtf8],
    ['an overlong slash', [0xc0, 0xaf, 0x0a], notUtf8],
    ['half a surrogate pair', [0xed, 0xa0, 0x80, 0x0a], notUtf8],
    ['ISO 8859-1', [...Buffer.from('gr\xfc\xdfe\n', 'latin1')], notUtf8],
  ])('refuses %s', async (_, bytes, refusal) => {
    const { lior, golan, noa } = await place.arrange(await startTestServer());
    lior.send(bytes);
    await lior.expect(`${refusal}${place.prompt}`);
    await lior.expectSilence(place.prompt);
    await noa.expectSilence();
    await golan.expectSilence(place.golanPrompt);
  });
});

describe('behind a refused line', () => {
  it('goes on as if it had not been sent, even in the same write', async () => {
    const [lior, golan] = await gather(await startTestServer(), 'lior', 'golan');
    await startChat(lior, golan);
    lior.send(`before\n${'x'.repeat(9000)}\nbetween\n`);
    lior.send([...Buffer.from('good\n'), 0xff, 0x0a, ...Buffer.from('after\n')]);
    await golan.expect('lior: before\nlior: between\nlior: good\nlior: after\n');
    await lior.expect(`${tooLong}${notUtf8}`);
  });

  it('refuses what is too long before FIN, without a line feed', async () => {
    const lior = await connect(await startTestServer());
    await lior.expect(idPrompt);
    lior.send(`lior\n${'x'.repeat(5000)}`);
    lior.halfClose();
    await lior.expect(`${menu}${tooLong}`);
    await lior.expectEnd();
  });

  it('asks for an id again with the prompt that stood', async () => {
    const server = await startTestServer();
    await gather(server, 'lior');
    const other = await connect(server);
    await other.expect(idPrompt);
    other.say('lior');
    await other.expect('User ID taken. Choose another user ID: ');
    other.send([0xff, 0x0a]);
    await other.expect(`${notUtf8}User ID taken. Choose another user ID: `);
  });

  it('counts neither the LF nor the CR of a line as its bytes', async () => {
    const [lior, golan] = await gather(await startTestServer(), 'lior', 'golan');
    await startChat(lior, golan);
    lior.send(`${'x'.repeat(4096)}\r\n`);
    await golan.expect(`lior: ${'x'.repeat(4096)}\n`);
    lior.send(`${'x'.repeat(4097)}\r\n`);
    await lior.expect(tooLong);
  });
});
