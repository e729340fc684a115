/** Lines that wait for a slow reader go on when that reader reads or is no longer meant, whatever else happens. */
import { describe, expect, it } from 'vitest';
import type { LimitName } from '../../machines/events.ts';
import type { FakeConnection } from '../support/fakeConnection.ts';
import { ask, Gathering, startChat } from '../support/memory.ts';
import {
  disconnected,
  invalidOption,
  menu,
  outboxFull,
  outboxTotal,
  partnerLeft,
  stalled,
  unterminated,
  youLeftChat,
} from '../support/wireTexts.ts';
import { CountingClock } from './countingClock.ts';

const invalid = `${invalidOption}${menu}`;

/** Lior and golan in a chat, noa in the menu. */
function gatherChat(options: ConstructorParameters<typeof Gathering>[0] = {}) {
  const clock = new CountingClock();
  const all = new Gathering({ ...options, clock });
  const users = all.gather('lior', 'golan', 'noa') as [FakeConnection, FakeConnection, FakeConnection];
  const [lior, golan, noa] = users;
  startChat(lior, golan, 'golan');
  clock.increment(60_000);
  for (const user of users) user.read();
  return { all, clock, lior, golan, noa };
}

describe('lines for a partner who reads slowly', () => {
  it('are followed by exit() in its turn', () => {
    const { lior, golan } = gatherChat();
    golan.needsDrain = true;
    lior.type('one', 'two', 'exit()', '9');
    expect([lior.read(), golan.read()]).toEqual(['', '']);
    golan.drain();
    expect(golan.read()).toBe(`lior: one\nlior: two\n${partnerLeft('lior')}${menu}`);
    expect(lior.read()).toBe(`${youLeftChat}${menu}${invalid}`);
  });

  it('are followed by the end in its turn', () => {
    const { all, lior, golan } = gatherChat();
    golan.needsDrain = true;
    lior.type('one', 'two');
    lior.halfClose();
    expect([lior.isEnded, golan.read()]).toEqual([false, '']);
    golan.drain();
    expect(golan.read()).toBe(`lior: one\nlior: two\n${partnerLeft('lior')}${menu}`);
    expect([lior.isEnded, all.rows()]).toEqual([true, ['golan: menu', 'noa: menu']]);
  });

  it('are gone with a sender who is cut off', () => {
    const { all, lior, golan } = gatherChat();
    golan.needsDrain = true;
    lior.type('one', 'two');
    lior.hangUp();
    expect(golan.read()).toBe(`${partnerLeft('lior')}${menu}`);
    golan.drain();
    expect([golan.read(), all.errors]).toEqual(['', []]);
  });

  it('wait again when there was room for some of them only', () => {
    const { lior, golan } = gatherChat();
    golan.needsDrain = true;
    lior.type('one', 'two', 'three');
    const { write } = golan;
    golan.write = function (this: FakeConnection, text: string) {
      write.call(this, text);
      this.needsDrain = true;
    };
    for (const line of ['one', 'two', 'three']) {
      expect(lior.isPaused).toBe(true);
      golan.drain();
      expect(golan.read()).toBe(`lior: ${line}\n`);
    }
    expect(lior.isPaused).toBe(false);
  });

  it('wait in both directions, and either can leave', () => {
    const { lior, golan } = gatherChat();
    for (const user of [lior, golan]) user.needsDrain = true;
    lior.type('to golan');
    golan.type('exit()');
    expect(golan.read()).toBe(`${youLeftChat}${menu}`);
    expect(lior.read()).toBe(`${partnerLeft('golan')}${menu}`);
  });

  it('wait for their time as well', () => {
    const { clock, lior, golan } = gatherChat({ rateLimit: 2, rateBurst: 5 });
    golan.needsDrain = true;
    lior.type(...['0', '1', '2', '3', '4', '5', '6']);
    golan.drain();
    expect(golan.read()).toBe([0, 1, 2, 3, 4].map((number) => `lior: ${number}\n`).join(''));
    golan.needsDrain = true;
    clock.increment(500);
    expect(golan.read()).toBe('');
    golan.drain();
    expect(golan.read()).toBe('lior: 5\n');
    clock.increment(500);
    expect(golan.read()).toBe('lior: 6\n');
    expect(lior.isPaused).toBe(false);
  });

  it('are for the menu once the one who is asked to read has left without reading', async () => {
    const { lior, golan } = gatherChat();
    golan.needsDrain = true;
    lior.type('one', '9');
    golan.type('exit()');
    await Promise.resolve();
    expect(lior.read()).toBe(`${partnerLeft('golan')}${menu}${invalid.repeat(2)}`);
    expect([lior.isPaused, golan.needsDrain]).toEqual([false, true]);
  });
});

describe('somebody whose former partner still doesn’t read', () => {
  /** Lior is back in the menu; golan has left the chat for which lior's line waited, and reads nothing yet. */
  async function leaveBehind(options?: ConstructorParameters<typeof Gathering>[0]) {
    const place = gatherChat(options);
    place.golan.needsDrain = true;
    place.lior.type('one');
    place.golan.type('exit()');
    await Promise.resolve();
    place.clock.increment(60_000);
    for (const user of [place.lior, place.golan, place.noa]) user.read();
    return place;
  }

  it('waits for the time of their lines and not for that partner', async () => {
    const { clock, lior } = await leaveBehind({ rateLimit: 2, rateBurst: 5 });
    lior.type(...Array(6).fill('9'));
    expect(lior.read()).toBe(invalid.repeat(5));
    clock.increment(500);
    expect(lior.read()).toBe(invalid);
  });

  it('waits for the next partner to read and not for that one', async () => {
    const { lior, golan, noa } = await leaveBehind();
    startChat(lior, noa, 'noa');
    noa.read();
    noa.needsDrain = true;
    lior.type('hello');
    golan.drain();
    expect([noa.read(), lior.isPaused]).toEqual(['', true]);
    noa.drain();
    expect([noa.read(), lior.isPaused]).toEqual(['lior: hello\n', false]);
  });

  it('waits for their own reading and not for that one’s', async () => {
    const { lior } = await leaveBehind();
    lior.needsDrain = true;
    lior.type('9');
    expect(lior.read()).toBe('');
    lior.drain();
    expect(lior.read()).toBe(invalid);
  });
});

describe('somebody who doesn’t read their own answers', () => {
  it('gets none to any number of lines, and all of them later', () => {
    const { noa } = gatherChat();
    noa.needsDrain = true;
    noa.type(...Array(1000).fill('9'));
    expect([noa.read(), noa.isPaused]).toEqual(['', true]);
    noa.drain();
    expect([noa.read(), noa.isPaused]).toEqual([invalid.repeat(1000), false]);
  });

  it('is asked and answered for all that', () => {
    const { all, lior, golan, noa } = gatherChat();
    lior.type('exit()');
    noa.needsDrain = true;
    ask(golan, 'noa');
    noa.type('y');
    expect(all.rows()).toContain('golan: requesting with noa');
    noa.drain();
    expect(all.rows()).toContain('golan: chatting with noa');
    expect(all.errors).toEqual([]);
  });

  it('ends after everything they sent, once they have read', () => {
    const { noa } = gatherChat();
    noa.needsDrain = true;
    noa.type('9');
    noa.halfClose();
    expect(noa.isEnded).toBe(false);
    noa.drain();
    expect([noa.read(), noa.isEnded]).toEqual([invalid, true]);
  });

  it('leaves nothing behind when they are cut off instead', () => {
    const { all, clock, lior, golan, noa } = gatherChat({ rateLimit: 2, rateBurst: 5 });
    for (const user of [lior, golan, noa]) {
      user.needsDrain = true;
      user.type(...Array(20).fill('9'));
    }
    for (const user of [lior, golan, noa]) user.hangUp();
    for (const user of [lior, golan, noa]) user.drain();
    expect([all.lobby.sessions.size, all.rows(), clock.pending, all.errors]).toEqual([0, [], 0, []]);
  });
});

describe('a reader for whom too much waits', () => {
  it.each<[LimitName & Parameters<FakeConnection['reachLimit']>[0], string]>([
    ['outboxFull', outboxFull],
    ['outboxTotal', outboxTotal],
    ['stalled', stalled],
    ['unterminated', unterminated],
  ])('reads why their connection ends, and the partner whose lines waited goes on: %s', async (limit, sentence) => {
    const reached: LimitName[] = [];
    const { all, lior, golan, noa } = gatherChat({ onLimit: (name) => reached.push(name) });
    golan.needsDrain = true;
    lior.type('one', '9');
    golan.reachLimit(limit);
    await new Promise(setImmediate);
    expect([golan.read(), golan.isEnded]).toEqual([sentence, true]);
    expect(lior.read()).toBe(`${partnerLeft('golan')}${menu}${invalid.repeat(2)}`);
    expect([lior.isPaused, noa.read(), reached]).toEqual([false, disconnected('golan'), [limit]]);
    expect(all.errors).toEqual([]);
  });
});
