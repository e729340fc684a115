/** Lines to many users: the common room, the lines about users who come and go, and the list of users. */
import { describe, expect, it } from 'vitest';
import type { FakeConnection } from '../support/fakeConnection.ts';
import { ask, forget, Gathering, gatherThree } from '../support/memory.ts';
import {
  disconnected,
  joinedRoom,
  joinedServer,
  leftRoom,
  menu,
  roomCount,
  roomEmpty,
  roomJoined,
  youLeftRoom,
} from '../support/wireTexts.ts';

describe('in the common room', () => {
  function allInside() {
    const trio = gatherThree();
    for (const user of [trio.lior, trio.golan, trio.noa]) user.type('3');
    forget(trio);
    return trio;
  }

  it('one reads how many are there, and those inside read who comes', () => {
    const { lior, golan, noa } = gatherThree();
    lior.type('3');
    expect(lior.read()).toBe(`${roomJoined}${roomEmpty}`);
    golan.type('3');
    expect(golan.read()).toBe(`${roomJoined}${roomCount(2)}`);
    noa.type('3');
    expect(noa.read()).toBe(`${roomJoined}${roomCount(3)}`);
    expect(lior.read()).toBe(`${joinedRoom('golan')}${joinedRoom('noa')}`);
    expect(golan.read()).toBe(joinedRoom('noa'));
  });

  it('a line reaches everybody else inside and nobody outside, in one order', () => {
    const { all, lior, golan, noa } = allInside();
    const [dan] = all.gather('dan');
    lior.type('one', ' two ');
    golan.type('three');
    expect(noa.read()).toBe('lior: one\nlior:  two \ngolan: three\n');
    expect(lior.read()).toBe('golan: three\n');
    expect(golan.read()).toBe('lior: one\nlior:  two \n');
    expect(dan?.read()).toBe('');
  });

  it('who leaves is back in the menu and reads nothing more of it', () => {
    const { all, lior, golan, noa } = allInside();
    lior.type('bye', 'exit()');
    expect(lior.read()).toBe(`${youLeftRoom}${menu}`);
    for (const user of [golan, noa]) expect(user.read()).toBe(`lior: bye\n${leftRoom('lior')}`);
    golan.type('gone');
    expect(lior.read()).toBe('');
    expect(all.rows()).toEqual(['lior: menu', 'golan: commonRoom', 'noa: commonRoom']);
  });

  it('nobody can be asked, or hears who joins the server', () => {
    const { all, lior } = allInside();
    const [dan] = all.gather('dan');
    if (dan) ask(dan, 'lior');
    expect(dan?.read()).toContain('User busy.');
    expect(lior.read()).toBe('');
  });
});

describe('update of who comes and goes', () => {
  it('are told while at most announceLimit users are online', () => {
    const all = new Gathering({ announceLimit: 2 });
    const [lior] = all.gather('lior') as [FakeConnection];
    const [golan] = all.gather('golan') as [FakeConnection];
    expect(lior.read()).toBe(joinedServer('golan'));
    const [noa] = all.gather('noa') as [FakeConnection];
    expect([lior.read(), golan.read()]).toEqual(['', '']);
    noa.hangUp();
    expect([lior.read(), golan.read()]).toEqual(['', '']);
    golan.hangUp();
    expect(lior.read()).toBe(disconnected('golan'));
  });

  it('are told to nobody with a limit of 0', () => {
    const all = new Gathering({ announceLimit: 0 });
    const [lior] = all.gather('lior') as [FakeConnection];
    all.gather('golan')[0]?.hangUp();
    expect(lior.read()).toBe('');
  });

  it('are told only to those who are in the menu', () => {
    const trio = gatherThree();
    trio.golan.type('1');
    ask(trio.lior, 'noa');
    forget(trio);
    trio.all.gather('dan')[0]?.hangUp();
    expect([trio.lior.read(), trio.golan.read(), trio.noa.read()]).toEqual(['', '', '']);
  });

  it('are told again to who is back in the menu', () => {
    const trio = gatherThree();
    trio.golan.type('1', 'exit()');
    forget(trio);
    trio.all.gather('dan');
    expect(trio.golan.read()).toBe(joinedServer('dan'));
  });
});

describe('the list of users', () => {
  it('says of everybody whether they are free, in the order of arrival', () => {
    const { all, lior, golan } = gatherThree();
    const [dan, mira] = all.gather('dan', 'mira') as [FakeConnection, FakeConnection];
    ask(golan, 'noa');
    dan.type('3');
    mira.type('1');
    lior.read();
    lior.type('4');
    expect(lior.read()).toBe(
      `lior (free, you)\ngolan (busy)\nnoa (busy)\ndan (in the common room)\nmira (busy)\n${menu}`,
    );
  });

  it.each([
    [500, ''],
    [501, '... and 1 more\n'],
    [517, '... and 17 more\n'],
  ])('names 500 users at most: of %i', (count, rest) => {
    const all = new Gathering({ announceLimit: 0 });
    all.gather(...Array.from({ length: count - 1 }, (_, index) => `user${index}`));
    const [last] = all.gather('last') as [FakeConnection];
    last.type('4');
    const text = last.read();
    expect(text.match(/\(free/g)).toHaveLength(500);
    expect(text.endsWith(`)\n${rest}${menu}`)).toBe(true);
  });
});
