/** The first question: who are you? */
import { describe, expect, it } from 'vitest';
import { expectOnline, gather, join } from '../support/gathering.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect } from '../support/user.ts';
import { idPrompt, idRules, idTaken, menu, menuOptions, numberOfNoOption } from '../support/wireTexts.ts';

describe('while identifying', () => {
  it('is greeted with these 20 bytes and nothing else', async () => {
    const lior = await connect(await startTestServer());
    await lior.expect('Enter your user ID: ');
    await lior.expectSilence('Enter your user ID: ');
    expect(Buffer.byteLength(idPrompt)).toBe(20);
  });

  it('is in the menu once the id is accepted, and the others there read of it', async () => {
    const server = await startTestServer();
    const [golan] = await gather(server, 'golan');
    const lior = await connect(server);
    await lior.expect(idPrompt);
    lior.say('lior');
    await lior.expect(menu);
    await golan.expect('lior joined the server.\n');
    await lior.expectSilence();
    await golan.expectSilence();
  });

  it.each(['a', '7of9', 'A.b_c-D', 'x'.repeat(32), numberOfNoOption])('accepts %j', async (id) => {
    const lior = await connect(await startTestServer());
    await lior.identify(id);
    await expectOnline(lior, `${id} (free, you)`);
  });

  it.each([
    ['nothing', ''],
    ['33 characters', 'x'.repeat(33)],
    ['a blank inside', 'lior golan'],
    ['a colon', 'lior:'],
    ['a dot first', '.lior'],
    ['a hyphen first', '-lior'],
    ['letters that are not ASCII', 'ליאור'],
    ['a control character', 'li\x1bor'],
    ['exit()', 'exit()'],
    ...['__proto__', 'constructor', 'Server', 'MENU', 'system', 'admin', 'root', 'undefined'].map((id) => [id, id]),
    ...[...menuOptions, 'y', 'n', 'Yes', 'NO'].map((id) => [id, id]),
  ])('refuses %s with the rules, and asks again', async (_, id = '') => {
    const lior = await connect(await startTestServer());
    await lior.expect(idPrompt);
    lior.say(id);
    await lior.expect(`${idRules}${idPrompt}`);
    lior.say('lior');
    await lior.expect(menu);
    await expectOnline(lior, 'lior (free, you)');
  });

  it.each(['lior', 'LIOR', 'lIoR'])('refuses %s while lior is online, and asks again', async (id) => {
    const server = await startTestServer();
    const [lior] = await gather(server, 'lior');
    const other = await connect(server);
    await other.expect(idPrompt);
    other.say(id);
    await other.expect(idTaken);
    await lior.expectSilence();
    other.say(id);
    await other.expect(idTaken);
    other.say('golan');
    await other.expect(menu);
    await lior.expect('golan joined the server.\n');
    await expectOnline(lior, 'lior (free, you)', 'golan (free)');
  });

  it('explains the rules after a taken id, with the first prompt', async () => {
    const server = await startTestServer();
    await gather(server, 'lior');
    const other = await connect(server);
    await other.expect(idPrompt);
    other.say('lior');
    await other.expect(idTaken);
    other.say('?');
    await other.expect(`${idRules}${idPrompt}`);
  });

  it('takes the id without the blanks around it, in the letter case it was typed in', async () => {
    const lior = await connect(await startTestServer());
    await lior.expect(idPrompt);
    lior.say(' \tLiOr ');
    await lior.expect(menu);
    await expectOnline(lior, 'LiOr (free, you)');
  });

  it('reads nothing of those who come and go', async () => {
    const server = await startTestServer();
    const stranger = await connect(server);
    await stranger.expect(idPrompt);
    const [noa, golan] = await gather(server, 'noa', 'golan');
    golan.hangUp();
    await noa.expect('golan disconnected.\n');
    await stranger.expectSilence(idPrompt);
  });

  it('gives an id to only one of many who claim it in the same turn', async () => {
    const server = await startTestServer();
    const claimers = await Promise.all(Array.from({ length: 20 }, () => connect(server)));
    for (const claimer of claimers) await claimer.expect(idPrompt);
    for (const claimer of claimers) claimer.say('lior');
    const answers = await Promise.all(claimers.map((claimer) => claimer.expectOneOf(menu, idTaken)));
    expect(answers.filter((answer) => answer === menu)).toHaveLength(1);
    await expectOnline(await join(server, 'noa'), 'lior (free)', 'noa (free, you)');
  });
});
