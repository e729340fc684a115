/** A session ends, at every moment and in every way: what the others read, and what the dictionaries hold after it. */
import { describe, expect, it } from 'vitest';
import { Gathering, type Trio } from '../support/memory.ts';
import { rowNamed } from '../support/rowNamed.ts';
import { disconnected, evicted, farewell, idPrompt, invalidOption, menu } from '../support/wireTexts.ts';
import { type Arrangement, arranged, arrangements } from './arrangements.ts';

interface Ending {
  way: string;
  /** Must end lior's session, and no other. */
  end(trio: Trio): void;
  lastWords: string;
}

const endings: Ending[] = [
  { way: 'hangs up', end: ({ lior }) => lior.hangUp(), lastWords: '' },
  { way: 'half-closes', end: ({ lior }) => lior.halfClose(), lastWords: '' },
  {
    way: 'is evicted',
    end: ({ all }) => {
      const session = rowNamed(all.lobby.directory, 'lior')?.session ?? '';
      all.lobby.sessions.get(session)?.actor?.send({ type: 'session.evicted' });
    },
    lastWords: evicted,
  },
];

function expectLiorGone({ all, lior, golan, noa }: Trio, { golanReads, golanIs }: Arrangement): void {
  expect(lior.isEnded).toBe(true);
  expect(golan.read()).toBe(golanReads);
  expect(noa.read()).toBe(disconnected('lior'));
  expect(all.rows()).toEqual([`golan: ${golanIs}`, 'noa: menu']);
  expect(all.lobby.sessions.size).toBe(2);
  expect(all.lobby.directory.roomCount).toBe(golanIs === 'commonRoom' ? 1 : 0);
  expect(all.errors).toEqual([]);
}

describe.each(arrangements)('in $place', (arrangement) => {
  it.each(endings)('everybody hears what it means to them when lior $way', ({ end, lastWords }) => {
    const trio = arranged(arrangement);
    end(trio);
    expectLiorGone(trio, arrangement);
    const prompt = ['naming', 'confirming'].includes(arrangement.place) && lastWords !== '' ? '\n' : '';
    expect(trio.lior.read()).toBe(prompt + lastWords);
  });

  it('nothing happens twice when the connection closes after the session', () => {
    const trio = arranged(arrangement);
    trio.lior.halfClose();
    trio.lior.hangUp();
    expectLiorGone(trio, arrangement);
  });

  it('golan and noa can chat afterwards', () => {
    const trio = arranged(arrangement);
    const { lior, golan, noa } = trio;
    lior.hangUp();
    if (arrangement.golanIs === 'commonRoom') golan.type('exit()');
    golan.type('1', 'noa');
    noa.type('y');
    golan.read();
    noa.type('all well?');
    expect(golan.read()).toBe('noa: all well?\n');
  });

  it('the id can be taken at once, and its new owner gets nothing that was meant for the old one', () => {
    const trio = arranged(arrangement);
    const { all, lior, golan } = trio;
    lior.hangUp();
    const [other] = all.gather('lior');
    golan.type('hello?');
    expect(other?.read()).toBe('');
    expect(all.placeOf('lior')).toBe('menu.choosing');
  });
});

describe('before there is an id', () => {
  it.each(endings.slice(0, 2))('nobody hears of somebody who $way', ({ end }) => {
    const all = new Gathering();
    const [golan, noa] = all.gather('golan', 'noa');
    const lior = all.connect();
    if (golan && noa) end({ all, lior, golan, noa });
    expect(lior.isEnded).toBe(true);
    expect([golan?.read(), noa?.read()]).toEqual(['', '']);
    expect(all.lobby.sessions.size).toBe(2);
  });
});

describe('with the menu’s quit', () => {
  it('the user reads a farewell, and nothing typed behind it counts', () => {
    const trio = arranged(arrangements[0] as Arrangement);
    trio.lior.type('2', '4', 'hello');
    expect(trio.lior.read()).toBe(farewell);
    expectLiorGone(trio, arrangements[0] as Arrangement);
  });
});

describe('with a half-close', () => {
  it('everything typed before it is answered first', () => {
    const all = new Gathering();
    const lior = all.connect();
    lior.type('lior', '9', '4');
    lior.halfClose();
    expect(lior.read()).toBe(`${idPrompt}${menu}${invalidOption}${menu}lior (free, you)\n${menu}`);
    expect(lior.isEnded).toBe(true);
  });
});
