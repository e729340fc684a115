/** Two users and the lobby between them: which users meet, which are refused, and which lines each of them reads. */
import { describe, expect, it } from 'vitest';
import type { FakeConnection } from '../support/fakeConnection.ts';
import { ask, forget, Gathering, gatherThree, startChat } from '../support/memory.ts';
import {
  askerWithdrew,
  chatStarted,
  idPrompt,
  idTaken,
  invalidOption,
  joinedServer,
  menu,
  partnerLeft,
  question,
  requestDenied,
  stillWaiting,
  targetPrompt,
  userBusy,
  userNotFound,
  youLeftChat,
  youWithdrew,
} from '../support/wireTexts.ts';

describe('an id', () => {
  it('is asked for first, and leads to the menu', () => {
    const lior = new Gathering().connect();
    expect(lior.read()).toBe(idPrompt);
    lior.type('lior');
    expect(lior.read()).toBe(menu);
  });

  it.each(['lior', 'LIOR', 'Lior'])('is taken for others, as %s too', (id) => {
    const { all } = gatherThree();
    const other = all.connect();
    other.read();
    other.type(id);
    expect(other.read()).toBe(idTaken);
    expect(all.rows()).toHaveLength(3);
  });

  it('is free again at once when its connection ends', () => {
    const { all, lior } = gatherThree();
    lior.hangUp();
    const other = all.connect();
    other.type('LIOR');
    expect(all.rows()).toEqual(['golan: menu', 'noa: menu', 'LIOR: menu']);
  });

  it('is announced to those in the menu, and not to the newcomer', () => {
    const { all, lior, golan } = gatherThree();
    lior.type('3');
    lior.read();
    const dan = all.connect();
    dan.type('dan');
    expect(golan.read()).toBe(joinedServer('dan'));
    expect(lior.read()).toBe('');
    expect(dan.read()).not.toContain('joined');
  });
});

describe('a request', () => {
  it('is put to the target, and the asker waits', () => {
    const { all, lior, golan, noa } = gatherThree();
    ask(lior, 'golan');
    expect(lior.read()).toBe(targetPrompt);
    expect(golan.read()).toBe(question('lior'));
    expect(noa.read()).toBe('');
    expect(all.rows()).toEqual(['lior: requesting with golan', 'golan: confirming with lior', 'noa: menu']);
    lior.type('hello?');
    expect(lior.read()).toBe(stillWaiting);
    expect(golan.read()).toBe('');
  });

  it('finds its target in whatever letter case, and names everybody by the id they chose', () => {
    const { lior, golan } = gatherThree();
    ask(lior, 'GOLAN');
    golan.type('y');
    expect(lior.read()).toContain('Chat started with golan.');
  });

  it.each([
    ['nobody has the id', 'dan', userNotFound],
    ['the id is nobody’s property', '__proto__', userNotFound],
    ['the id is empty', '', userNotFound],
    ['it is one’s own', 'lior', 'You can\u0027t chat with yourself.\n'],
    ['it is one’s own in capitals', 'LIOR', 'You can\u0027t chat with yourself.\n'],
  ])('is refused when %s', (_, target, sentence) => {
    const { all, lior } = gatherThree();
    ask(lior, target);
    expect(lior.read()).toBe(`${targetPrompt}${sentence}${menu}`);
    expect(all.rows()).toContain('lior: menu');
  });

  it.each<[string, (golan: FakeConnection, noa: FakeConnection) => void]>([
    ['is naming somebody', (golan) => golan.type('1')],
    ['waits for an answer', (golan) => ask(golan, 'noa')],
    ['is asked by somebody else', (_, noa) => ask(noa, 'golan')],
    ['chats with somebody else', (golan, noa) => startChat(golan, noa, 'noa')],
    ['is in the common room', (golan) => golan.type('3')],
  ])('is refused when the target %s', (_, arrange) => {
    const { all, lior, golan, noa } = gatherThree();
    arrange(golan, noa);
    const before = all.rows();
    golan.read();
    ask(lior, 'golan');
    expect(lior.read()).toBe(`${targetPrompt}${userBusy}${menu}`);
    expect(golan.read()).toBe('');
    expect(all.rows()).toEqual(before);
  });

  it('declined leads both back to the menu', () => {
    const { all, lior, golan } = gatherThree();
    ask(lior, 'golan');
    lior.read();
    golan.read();
    golan.type('n');
    expect(lior.read()).toBe(`${requestDenied}${menu}`);
    expect(golan.read()).toBe(`${requestDenied}${menu}`);
    expect(all.rows()).toEqual(['lior: menu', 'golan: menu', 'noa: menu']);
  });

  it('withdrawn leads both back to the menu', () => {
    const { all, lior, golan } = gatherThree();
    ask(lior, 'golan');
    lior.read();
    golan.read();
    lior.type('exit()');
    expect(lior.read()).toBe(`${youWithdrew}${menu}`);
    expect(golan.read()).toBe(`\n${askerWithdrew('lior')}${menu}`);
    expect(all.rows()).toEqual(['lior: menu', 'golan: menu', 'noa: menu']);
  });
});

describe('a chat', () => {
  function chatting() {
    const users = gatherThree();
    startChat(users.lior, users.golan, 'golan');
    forget(users);
    return users;
  }

  it('starts for both with a yes', () => {
    const { all, lior, golan } = gatherThree();
    ask(lior, 'golan');
    lior.read();
    golan.read();
    golan.type('y');
    expect(lior.read()).toBe(chatStarted('golan'));
    expect(golan.read()).toBe(chatStarted('lior'));
    expect(all.rows()).toEqual(['lior: chatting with golan', 'golan: chatting with lior', 'noa: menu']);
  });

  it('brings lines to the partner, in order and as they were typed, and to nobody else', () => {
    const { lior, golan, noa } = chatting();
    lior.type(' hey', '', '\thow are u? ', '2');
    golan.type('fine');
    expect(golan.read()).toBe('lior:  hey\nlior: \thow are u? \nlior: 2\n');
    expect(lior.read()).toBe('golan: fine\n');
    expect(noa.read()).toBe('');
  });

  it('ends for both when one leaves, after what was said before', () => {
    const { all, lior, golan } = chatting();
    lior.type('bye', 'exit()', '4');
    expect(golan.read()).toBe(`lior: bye\n${partnerLeft('lior')}${menu}`);
    expect(lior.read()).toBe(`${youLeftChat}${menu}lior (free, you)\ngolan (free)\nnoa (free)\n${menu}`);
    golan.type('are you there?');
    expect(golan.read()).toBe(`${invalidOption}${menu}`);
    expect(lior.read()).toBe('');
    expect(all.rows()).toEqual(['lior: menu', 'golan: menu', 'noa: menu']);
  });

  it('can follow on a chat, with somebody else', () => {
    const users = chatting();
    const { lior, golan, noa } = users;
    golan.type('exit()');
    startChat(noa, lior, 'lior');
    forget(users);
    lior.type('hello noa');
    expect([golan.read(), noa.read()]).toEqual(['', 'lior: hello noa\n']);
  });
});
