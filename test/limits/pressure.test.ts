/** Whoever reads slowly makes their chat partner wait and nobody else, and can always leave. */
import { describe, expect, it } from 'vitest';
import { Gathering, startChat } from '../support/memory.ts';
import { invalidOption, leftRoom, menu, outboxFull, youLeftChat, youLeftRoom } from '../support/wireTexts.ts';

function gatherChat() {
  const all = new Gathering();
  const [lior, golan, noa] = all.gather('lior', 'golan', 'noa');
  if (!lior || !golan || !noa) throw new Error('Nobody came.');
  startChat(lior, golan, 'golan');
  for (const user of [lior, golan, noa]) user.read();
  return { all, lior, golan, noa };
}

describe('in a private chat with somebody who reads slowly', () => {
  it('lines wait until they have read, in order, and the sender is read no further', () => {
    const { lior, golan } = gatherChat();
    lior.type('one');
    golan.needsDrain = true;
    lior.type('two\nthree', 'four');
    expect(golan.read()).toBe('lior: one\n');
    expect(lior.isPaused).toBe(true);
    golan.drain();
    expect(golan.read()).toBe('lior: two\nlior: three\nlior: four\n');
    expect(lior.isPaused).toBe(false);
  });

  it('the sender can leave as the next thing they say', () => {
    const { lior, golan } = gatherChat();
    golan.needsDrain = true;
    lior.type('exit()');
    expect(lior.read()).toBe(`${youLeftChat}${menu}`);
  });

  it('the one who is flooded can leave, and what waited then is for the menu of the sender', () => {
    const { lior, golan } = gatherChat();
    golan.needsDrain = true;
    lior.type('one', '9');
    golan.type('exit()');
    expect(golan.read()).toBe(`${youLeftChat}${menu}`);
    golan.drain();
    expect(lior.read()).toBe(`golan left the chat.\n${menu}${`${invalidOption}${menu}`.repeat(2)}`);
  });

  it('the sender goes on when they are gone', async () => {
    const { lior, golan } = gatherChat();
    golan.needsDrain = true;
    lior.type('one', '9');
    golan.hangUp();
    await Promise.resolve();
    expect(lior.read()).toBe(`golan left the chat.\n${menu}${`${invalidOption}${menu}`.repeat(2)}`);
  });

  it('others chat on', () => {
    const { all, golan, noa } = gatherChat();
    const [dan] = all.gather('dan');
    if (!dan) throw new Error('Nobody came.');
    golan.needsDrain = true;
    startChat(noa, dan, 'dan');
    dan.read();
    noa.type('hello');
    expect(dan.read()).toBe('noa: hello\n');
  });
});

describe('somebody who doesn’t read their own answers', () => {
  it('gets no further ones until they do', () => {
    const { noa } = gatherChat();
    noa.needsDrain = true;
    noa.type('4', '9');
    expect(noa.read()).toBe('');
    expect(noa.isPaused).toBe(true);
    noa.drain();
    expect(noa.read()).toMatch(/^lior \(busy\)[\s\S]*Invalid option\.\n/);
  });
});

describe('in the common room', () => {
  function gatherRoom() {
    const all = new Gathering();
    const users = all.gather('lior', 'golan', 'noa');
    const [lior, golan, noa] = users;
    if (!lior || !golan || !noa) throw new Error('Nobody came.');
    for (const user of users) user.type('3');
    for (const user of users) user.read();
    return { all, lior, golan, noa };
  }

  it('nobody waits for a member who reads slowly', () => {
    const { lior, golan, noa } = gatherRoom();
    golan.needsDrain = true;
    lior.type('one', 'two');
    expect(noa.read()).toBe('lior: one\nlior: two\n');
    expect(lior.isPaused).toBe(false);
  });

  it('a member for whom too much waits is dropped with a reason, and the others read that they left', async () => {
    const { all, lior, golan, noa } = gatherRoom();
    golan.reachLimit('outboxFull');
    await Promise.resolve();
    expect(golan.read()).toBe(outboxFull);
    expect(golan.isEnded).toBe(true);
    for (const user of [lior, noa]) expect(user.read()).toBe(leftRoom('golan'));
    lior.type('on we go');
    expect(noa.read()).toBe('lior: on we go\n');
    expect([all.rows().length, all.errors]).toEqual([2, []]);
  });

  it('a member for whom much waits can leave', () => {
    const { golan } = gatherRoom();
    golan.needsDrain = true;
    golan.type('exit()');
    expect(golan.read()).toBe(`${youLeftRoom}${menu}`);
  });
});
