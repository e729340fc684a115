/**
 * Two users act at the same moment, before one knows what the other did: the lobby decides, and a line stays in its
 * chat.
 */
import { describe, expect, it } from 'vitest';
import type { FakeConnection } from '../support/fakeConnection.ts';
import { ask, gatherLate, startChat } from '../support/memory.ts';
import {
  askerWithdrew,
  chatStarted,
  idPrompt,
  idTaken,
  menu,
  partnerLeft,
  question,
  requestDenied,
  targetPrompt,
  userBusy,
  youLeftChat,
  youWithdrew,
} from '../support/wireTexts.ts';

describe('requests that cross', () => {
  it('one is refused, the other is asked, whoever is first', async () => {
    const { all, lior, golan, late } = gatherLate();
    ask(lior, 'golan');
    ask(golan, 'lior');
    expect(late.waiting).toEqual(['move.granted', 'move.granted']);
    await late.deliverAll();
    expect(lior.read()).toBe(`${targetPrompt}${userBusy}${menu}${question('golan')}`);
    expect(golan.read()).toBe(targetPrompt);
    lior.type('y');
    await late.deliverAll();
    expect(lior.read()).toBe(chatStarted('golan'));
    expect(golan.read()).toBe(chatStarted('lior'));
    expect(all.rows()).toEqual(['lior: chatting with golan', 'golan: chatting with lior', 'noa: menu']);
  });

  it('who wants to ask reads that somebody has asked first', async () => {
    const { all, lior, golan, late } = gatherLate((trio) => trio.golan.type('1'));
    golan.type('lior');
    lior.type('1', 'n');
    expect(late.waiting).toEqual(['request.received', 'request.delivered', 'move.refused']);
    await late.deliver();
    expect(lior.read()).toBe('');
    await late.deliverAll();
    expect(lior.read()).toBe(`${question('golan')}${requestDenied}${menu}`);
    expect(all.rows()).toEqual(['lior: menu', 'golan: menu', 'noa: menu']);
  });

  it('a withdrawal that comes before the question was shown is not worth a word', async () => {
    const { lior, golan, late } = gatherLate((trio) => trio.golan.type('1'));
    golan.type('lior');
    const bringQuestion = late.holdBack();
    await late.deliver();
    golan.type('exit()');
    lior.type('1');
    bringQuestion();
    await late.deliverAll();
    expect(lior.read()).toBe(targetPrompt);
    expect(golan.read()).toBe(`${youWithdrew}${menu}`);
  });

  it('a withdrawal that crosses a yes comes too late', async () => {
    const { all, lior, golan, late } = gatherLate((trio) => ask(trio.lior, 'golan'));
    golan.type('y');
    lior.type('exit()');
    await late.deliverAll();
    lior.type('so be it');
    expect(lior.read()).toBe(chatStarted('golan'));
    expect(golan.read()).toBe(`${chatStarted('lior')}lior: so be it\n`);
    expect(all.rows()).toEqual(['lior: chatting with golan', 'golan: chatting with lior', 'noa: menu']);
  });

  it('a yes that crosses a withdrawal comes too late', async () => {
    const { all, lior, golan, late } = gatherLate((trio) => ask(trio.lior, 'golan'));
    lior.type('exit()');
    golan.type('y');
    await late.deliverAll();
    expect(golan.read()).toBe(`${askerWithdrew('lior')}${menu}`);
    expect(all.rows()).toEqual(['lior: menu', 'golan: menu', 'noa: menu']);
  });

  it('a line said in a chat of which the other one has not heard yet is read when it has', async () => {
    const { lior, golan, late } = gatherLate((trio) => ask(trio.golan, 'lior'));
    lior.type('y', 'hello', 'exit()', '9');
    const bringStart = late.holdBack();
    await late.deliver();
    expect(golan.read()).toBe('');
    bringStart();
    expect(golan.read()).toBe(`${chatStarted('lior')}lior: hello\n`);
    await late.deliverAll();
    expect(golan.read()).toBe(`${partnerLeft('lior')}${menu}`);
  });

  it('a line that waits for the start of a chat goes with whom it waits for', async () => {
    const { all, lior, golan, late } = gatherLate((trio) => ask(trio.golan, 'lior'));
    lior.type('y', 'hello');
    late.holdBack();
    await late.deliver();
    golan.hangUp();
    await late.deliverAll();
    expect([golan.read(), all.errors]).toEqual(['', []]);
    expect(lior.read()).toBe(`${chatStarted('golan')}${partnerLeft('golan')}${menu}`);
  });

  it('two who leave a chat at once have both left it', async () => {
    const { all, lior, golan, late } = gatherLate((trio) => startChat(trio.lior, trio.golan, 'golan'));
    lior.type('exit()');
    golan.type('exit()');
    await late.deliverAll();
    for (const user of [lior, golan]) expect(user.read()).toBe(`${youLeftChat}${menu}`);
    expect(all.rows()).toEqual(['lior: menu', 'golan: menu', 'noa: menu']);
  });

  it('two who want one id: the first gets it', async () => {
    const { all, late } = gatherLate();
    const [first, second] = [all.connect(), all.connect()];
    first.type('dan', '9');
    second.type('Dan', 'mira');
    await late.deliverAll();
    expect(first.read()).toContain(menu);
    expect(second.read()).toBe(`${idPrompt}${idTaken}${menu}`);
    expect(all.rows().slice(3)).toEqual(['dan: menu', 'mira: menu']);
  });
});

/** A line belongs to one pairing: rule 3 of the actors, and promise 4 of docs/protocol.md. */
describe('a line in a chat of which not both know yet', () => {
  it('is not read by somebody who has left the chat', async () => {
    const { lior, golan, late } = gatherLate((trio) => startChat(trio.lior, trio.golan, 'golan'));
    golan.type('exit()');
    expect(late.waiting).toEqual(['chat.ended', 'chat.ended']);
    late.holdBack();
    await late.deliverAll();
    golan.read();
    lior.type('are you there?');
    expect(golan.read()).toBe('');
  });

  it('is not read by the next owner of the partner’s id', async () => {
    const { all, lior, golan, late } = gatherLate((trio) => ask(trio.lior, 'golan'));
    golan.type('y');
    golan.hangUp();
    const [other] = all.gather('golan') as [FakeConnection];
    await late.deliver();
    lior.type('a secret');
    await late.deliverAll();
    expect(other.read()).not.toContain('secret');
  });
});
