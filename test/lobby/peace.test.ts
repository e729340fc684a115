/** No means no: who was declined waits, who was refused asks in vain, and nobody is asked without a pause. */
import { describe, expect, it } from 'vitest';
import type { LobbyOptions } from '../../src/chat/lobby.ts';
import { limits } from '../../src/config/limits.ts';
import type { FakeConnection } from '../support/fakeConnection.ts';
import { ask, forget, Gathering, gatherThree } from '../support/memory.ts';
import { howToAnswer, menu, neverHint, question, requestDenied, targetPrompt, userBusy } from '../support/wireTexts.ts';

const { askedPerMinute, declineWaitMs } = limits;
const limited: Partial<LobbyOptions> = {
  ...{ askedPerMinute, declineWaitMs },
  // Who is gathered comes from nowhere.
  personAt: (address) => (['school', 'memory'].includes(address) ? '' : address),
};
const asked = targetPrompt;
const refused = `${targetPrompt}${userBusy}${menu}`;

/** The same user from another connection. */
function connectAs(all: Gathering, id: string, address: string): FakeConnection {
  const terminal = all.connect((each) => {
    each.remoteAddress = address;
  });
  terminal.type(id);
  terminal.read();
  return terminal;
}

/** Two from one address, and golan, who is asked. */
function neighbours(address: string, options: Partial<LobbyOptions> = limited) {
  const all = new Gathering(options);
  const golan = connectAs(all, 'golan', 'elsewhere');
  return { all, golan, lior: connectAs(all, 'lior', address), noa: connectAs(all, 'noa', address) };
}

describe('never', () => {
  it.each(['never', 'NEVER', ' Never '])('declines, as %j, with the words of any other no', (word) => {
    const trio = gatherThree(limited);
    ask(trio.lior, 'golan');
    forget(trio);
    trio.golan.type(word);
    expect([trio.lior.read(), trio.golan.read()]).toEqual([requestDenied + menu, requestDenied + menu]);
  });

  it('refuses every later request of that id, which reads what is read of somebody busy', () => {
    const trio = gatherThree(limited);
    const { all, lior, golan, noa } = trio;
    ask(lior, 'golan');
    golan.type('never');
    all.clock.increment(3_600_000);
    forget(trio);
    ask(lior, 'Golan');
    expect([lior.read(), golan.read()]).toEqual([refused, '']);
    ask(noa, 'golan');
    expect([noa.read(), golan.read()]).toEqual([asked, question('noa')]);
  });

  it('may be an id, too, because no id is asked for where it is typed', () => {
    const { all, golan, lior } = neighbours('school');
    const never = connectAs(all, 'never', 'afar');
    for (const user of [golan, lior]) user.read();
    ask(never, 'golan');
    expect([never.read(), golan.read()]).toEqual([asked, question('never')]);
    golan.type('never');
    expect([never.read(), golan.read()]).toEqual([requestDenied + menu, requestDenied + menu]);
    ask(lior, 'never');
    expect([lior.read(), never.read()]).toEqual([asked, question('lior')]);
  });

  it('holds when the one who was refused connects again, in other letters too', () => {
    const trio = gatherThree(limited);
    ask(trio.lior, 'golan');
    trio.golan.type('never');
    trio.lior.hangUp();
    trio.all.clock.increment(3_600_000);
    const again = connectAs(trio.all, 'LIOR', 'memory');
    ask(again, 'golan');
    expect(again.read()).toBe(refused);
  });

  it('ends with the session of the one who said it', () => {
    const trio = gatherThree(limited);
    ask(trio.lior, 'golan');
    trio.golan.type('never');
    trio.golan.hangUp();
    const golan = connectAs(trio.all, 'golan', 'memory');
    forget(trio);
    ask(trio.lior, 'golan');
    expect(trio.lior.read()).toBe(refused);
    trio.all.clock.increment(declineWaitMs);
    ask(trio.lior, 'golan');
    expect([trio.lior.read(), golan.read()]).toEqual([asked, question('lior')]);
  });

  it('is about the address too, unless others may have the same', () => {
    for (const [address, answer] of [
      ['home', refused],
      ['school', asked],
    ] as const) {
      const { all, golan, lior, noa } = neighbours(address);
      ask(lior, 'golan');
      golan.type('never');
      all.clock.increment(3_600_000);
      noa.read();
      ask(noa, 'golan');
      expect({ address, read: noa.read() }).toEqual({ address, read: answer });
    }
  });

  it('keeps the latest fifty names of those who were refused', () => {
    const all = new Gathering();
    const [golan] = all.gather('golan') as [FakeConnection];
    const pests = all.gather(...Array.from({ length: 51 }, (_, number) => `pest${number}`));
    for (const pest of pests) {
      ask(pest, 'golan');
      golan.type('never');
    }
    for (const pest of pests) pest.read();
    const [first, second] = pests as [FakeConnection, FakeConnection];
    ask(second, 'golan');
    ask(first, 'golan');
    expect([second.read(), first.read()]).toEqual([refused, asked]);
  });

  it('is told of after the second no to the same user, and by /help at the question', () => {
    const trio = gatherThree();
    const { lior, golan, noa } = trio;
    const declined = (asker: FakeConnection): string => {
      ask(asker, 'golan');
      golan.read();
      golan.type('n');
      return golan.read();
    };
    expect([declined(lior), declined(noa)]).toEqual([requestDenied + menu, requestDenied + menu]);
    expect(declined(lior)).toBe(requestDenied + neverHint('lior') + menu);
    ask(lior, 'golan');
    golan.read();
    golan.type('/help');
    expect(golan.read()).toBe(howToAnswer('lior') + question('lior'));
    golan.type('never');
    expect(golan.read()).toBe(requestDenied + menu);
  });
});

describe('after a no', () => {
  it(`the same user reads that the other one is busy, for ${declineWaitMs} ms, and others may ask`, () => {
    const trio = gatherThree(limited);
    const { all, lior, golan, noa } = trio;
    ask(lior, 'golan');
    golan.type('n');
    forget(trio);
    all.clock.increment(declineWaitMs - 1);
    ask(lior, 'golan');
    expect([lior.read(), golan.read()]).toEqual([refused, '']);
    ask(noa, 'golan');
    expect(golan.read()).toBe(question('noa'));
    noa.type('exit()');
    forget(trio);
    all.clock.increment(1);
    ask(lior, 'golan');
    expect([lior.read(), golan.read()]).toEqual([asked, question('lior')]);
  });

  it('nothing changes for either when they connect again', () => {
    const trio = gatherThree(limited);
    ask(trio.lior, 'golan');
    trio.golan.type('n');
    trio.lior.hangUp();
    trio.golan.hangUp();
    const [lior, golan] = trio.all.gather('lior', 'Golan') as [FakeConnection, FakeConnection];
    ask(lior, 'golan');
    expect([lior.read(), golan.read()]).toEqual([refused, '']);
  });

  it('another user of that address waits, unless others may have the same', () => {
    for (const [address, answer] of [
      ['home', refused],
      ['school', asked],
    ] as const) {
      const { golan, lior, noa } = neighbours(address);
      ask(lior, 'golan');
      golan.type('n');
      noa.read();
      ask(noa, 'golan');
      expect({ address, read: noa.read() }).toEqual({ address, read: answer });
    }
  });

  it('no wait is asked of those who have withdrawn, or have got no answer', () => {
    const trio = gatherThree(limited);
    ask(trio.lior, 'golan');
    trio.lior.type('exit()');
    forget(trio);
    ask(trio.lior, 'golan');
    expect(trio.golan.read()).toBe(question('lior'));
  });
});

describe('nobody is asked more often', () => {
  it(`than ${askedPerMinute} times within any minute, whoever asks`, () => {
    const all = new Gathering(limited);
    const [golan] = all.gather('golan') as [FakeConnection];
    const askers = all.gather('a', 'b', 'c', 'd');
    golan.read();
    askers.forEach((asker, number) => {
      ask(asker, 'golan');
      expect(golan.read()).toBe(number < askedPerMinute ? question('abcd'[number] as string) : '');
      golan.type('n');
      golan.read();
      asker.read();
      all.clock.increment(10_000);
    });
    // The first question was 40 s ago.
    const [, , , last] = askers as [unknown, unknown, unknown, FakeConnection];
    golan.hangUp();
    const [again] = all.gather('golan') as [FakeConnection];
    all.clock.increment(19_999);
    last.read();
    ask(last, 'golan');
    expect([last.read(), again.read()]).toEqual([refused, '']);
    all.clock.increment(1);
    ask(last, 'golan');
    expect([last.read(), again.read()]).toEqual([asked, question('d')]);
  });

  it('with no limit they are', () => {
    const { all, golan, lior } = neighbours('home', {});
    for (let time = 0; time < 20; time++) {
      ask(lior, 'golan');
      golan.read();
      golan.type('n');
      all.clock.increment(1);
    }
    golan.read();
    ask(lior, 'golan');
    expect(golan.read()).toBe(question('lior'));
  });

  it('so that a user whom a crowd asks again and again gets to the room, to a list and to a user of their own', () => {
    for (const [choice, first] of [
      ['3', 'Joined common room.'],
      ['4', 'golan (free, you)'],
      ['1', targetPrompt],
    ] as const) {
      const all = new Gathering(limited);
      const [golan] = all.gather('golan') as [FakeConnection];
      const crowd = all.gather(...Array.from({ length: 20 }, (_, number) => `pest${number}`));
      let questions = 0;
      const everybodyAsks = (): void => {
        for (const pest of crowd) ask(pest, 'golan');
      };
      everybodyAsks();
      while (golan.read().includes('Accept?')) {
        questions++;
        golan.type('n');
        everybodyAsks();
      }
      golan.type(choice);
      expect({ choice, questions, read: golan.read().slice(0, first.length) }).toEqual({
        ...{ choice, questions: askedPerMinute, read: first },
      });
    }
  });
});
