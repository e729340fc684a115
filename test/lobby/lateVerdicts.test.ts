/**
 * A lobby whose verdicts come late: lines that are typed meanwhile keep their order, and updates to a user who is gone
 * change nothing.
 */
import { describe, expect, it } from 'vitest';
import { ask, forget, Gathering, gatherLate, LateUpdates, startChat, type Trio } from '../support/memory.ts';
import {
  idPrompt,
  invalidOption,
  joinedRoom,
  leftRoom,
  menu,
  partnerLeft,
  roomEmpty,
  roomJoined,
  targetPrompt,
  userNotFound,
  youLeftChat,
  youLeftRoom,
} from '../support/wireTexts.ts';

describe('while a verdict is out', () => {
  it('lines wait in order, and are taken one by one as verdicts come', async () => {
    const late = new LateUpdates();
    const all = new Gathering({ createDirectory: late.createDirectory });
    late.isPrompt = false;
    const lior = all.connect();
    lior.type('lior', '9', '3', 'hello', 'exit()', '4');
    expect(lior.read()).toBe(idPrompt);
    await late.deliver();
    expect(lior.read()).toBe(`${menu}${invalidOption}${menu}`);
    await late.deliver();
    const joined = `${roomJoined}${roomEmpty}`;
    expect(lior.read()).toBe(`${joined}${youLeftRoom}${menu}lior (free, you)\n${menu}`);
  });

  it('a line that comes just as the verdict is in does not overtake those that wait', async () => {
    const { lior, golan, late } = gatherLate((trio) => trio.golan.type('3'));
    lior.type('3', 'one', 'two');
    const delivered = late.deliver();
    lior.type('three');
    await delivered;
    lior.type('four');
    expect(golan.read()).toBe(`${joinedRoom('lior')}lior: one\nlior: two\nlior: three\nlior: four\n`);
  });

  it('lines typed behind exit() in a chat are for the menu', async () => {
    const { lior, golan, late } = gatherLate((trio) => startChat(trio.lior, trio.golan, 'golan'));
    lior.type('bye', 'exit()', '9', '1');
    expect(golan.read()).toBe('lior: bye\n');
    expect(lior.read()).toBe('');
    await late.deliverAll();
    expect(lior.read()).toBe(`${youLeftChat}${menu}${invalidOption}${menu}${targetPrompt}`);
    expect(golan.read()).toBe(`${partnerLeft('lior')}${menu}`);
  });

  it('what is typed behind the name of nobody is for the menu', async () => {
    const { lior, late } = gatherLate();
    lior.type('1', 'nobody', '9');
    lior.halfClose();
    await late.deliverAll();
    expect(lior.read()).toBe(`${targetPrompt}${userNotFound}${menu}${invalidOption}${menu}`);
    expect(lior.isEnded).toBe(true);
  });

  it('nothing more is read from the connection than has to wait', async () => {
    const { lior, late } = gatherLate();
    lior.type('3');
    expect(lior.isPaused).toBe(false);
    lior.type('hello');
    expect(lior.isPaused).toBe(true);
    await late.deliverAll();
    expect(lior.isPaused).toBe(false);
  });

  it('a half-close waits its turn behind the lines before it', async () => {
    const { all, lior, golan, late } = gatherLate((trio) => trio.golan.type('3'));
    lior.type('3', 'hello');
    lior.halfClose();
    expect(lior.isEnded).toBe(false);
    await late.deliverAll();
    expect(golan.read()).toBe(`${joinedRoom('lior')}lior: hello\n${leftRoom('lior')}`);
    expect(lior.isEnded).toBe(true);
    expect(all.rows()).toEqual(['golan: commonRoom', 'noa: menu']);
  });

  it('a refusal of a line comes behind the answers to the lines before it', async () => {
    const { lior, late } = gatherLate();
    lior.type('3', 'exit()');
    lior.typeRefused('lineNotUtf8');
    await late.deliverAll();
    expect(lior.read()).toMatch(/Menu:.*That line is not valid UTF-8. Nothing was sent.\n$/s);
  });

  it('a connection that is gone takes its lines with it', async () => {
    const { all, lior, golan, late } = gatherLate();
    lior.type('3', 'hello', '4');
    lior.hangUp();
    golan.read();
    await late.deliverAll();
    expect(golan.read()).toBe('');
    expect(lior.read()).toBe('');
    expect([all.rows(), all.errors]).toEqual([['golan: menu', 'noa: menu'], []]);
  });
});

describe('update to a session that is gone', () => {
  it.each<[what: string, before: (trio: Trio) => void, act: (trio: Trio) => void]>([
    ['its move', () => {}, ({ lior }) => lior.type('1')],
    ['a question', ({ golan }) => golan.type('1'), ({ golan }) => golan.type('lior')],
    ['a withdrawal', ({ noa }) => ask(noa, 'lior'), ({ noa }) => noa.type('exit()')],
    ['the verdict on its answer', ({ golan }) => ask(golan, 'lior'), ({ lior }) => lior.type('n')],
    ['the end of its chat', ({ lior, golan }) => startChat(lior, golan, 'golan'), ({ lior }) => lior.type('exit()')],
  ])('are dropped: %s', async (_, before, act) => {
    const users = gatherLate(before);
    const { all, lior, late } = users;
    act(users);
    lior.hangUp();
    expect(late.waiting).not.toEqual([]);
    await late.deliverAll();
    expect([lior.read(), all.errors]).toEqual(['', []]);
    expect(all.lobby.sessions.size).toBe(2);
    expect(all.rows()).toEqual(['golan: menu', 'noa: menu']);
    expect([all.placeOf('golan'), all.placeOf('noa')]).toEqual(['menu.choosing', 'menu.choosing']);
  });

  it('are dropped: the id it had claimed, of which nobody hears', async () => {
    const users = gatherLate();
    const { all, late } = users;
    const dan = all.connect();
    dan.type('dan', '4');
    dan.hangUp();
    forget(users);
    await late.deliverAll();
    expect(users.golan.read()).toBe('');
    expect(all.rows()).toHaveLength(3);
    expect(all.errors).toEqual([]);
  });
});
