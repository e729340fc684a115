/** An error in our own code costs one user the connection, and other users nothing. */
import { describe, expect, it } from 'vitest';
import type { FakeConnection } from '../support/fakeConnection.ts';
import { ask, forget, gatherThree, startChat, type Trio } from '../support/memory.ts';
import { rowNamed } from '../support/rowNamed.ts';
import {
  disconnected,
  fault,
  joinedServer,
  leftRoom,
  menu,
  partnerLeft,
  roomJoined,
  userDisconnected,
  youLeftChat,
  youLeftRoom,
  youWithdrew,
} from '../support/wireTexts.ts';
import { arranged, arrangements } from './arrangements.ts';

/** This user's session failed: the user has read it, and it was logged. */
function expectDropped({ all }: Trio, dropped: FakeConnection): void {
  expect(dropped.isEnded).toBe(true);
  expect(dropped.read()).toMatch(new RegExp(`${fault}$`));
  expect(all.errors).toHaveLength(1);
  expect(all.errors[0]).toMatchObject({ msg: 'a session failed', err: { message: 'This connection is broken.' } });
}

/** The lobby still works: two users can meet and talk. */
function expectToChat(asker: FakeConnection, target: FakeConnection, targetId: string): void {
  startChat(asker, target, targetId);
  asker.read();
  target.type('all well?');
  expect(asker.read()).toBe(`${targetId}: all well?\n`);
}

/** A line that gets an answer in each place. */
const answered: Record<string, string> = {
  'the menu': '9',
  naming: 'nobody',
  ringing: 'hello?',
  confirming: 'maybe',
  'a chat golan had asked for': 'exit()',
  'a chat lior had asked for': 'exit()',
  'the common room': 'exit()',
};

describe.each(arrangements)('when an answer to lior fails in $place', (arrangement) => {
  it('only lior is dropped, and the others can go on', () => {
    const trio = arranged(arrangement);
    const { all, lior, golan, noa } = trio;
    lior.failNextWrites(1);
    lior.type(answered[arrangement.place] ?? '');
    expectDropped(trio, lior);
    expect(noa.read()).toBe(disconnected('lior'));
    expect(golan.read()).toContain(arrangement.golanReads);
    expect(all.rows()).toEqual([`golan: ${arrangement.golanIs}`, 'noa: menu']);
    expect(all.lobby.sessions.size).toBe(2);
    if (arrangement.golanIs === 'commonRoom') golan.type('exit()');
    expectToChat(golan, noa, 'noa');
  });
});

describe('when an answer fails of which the chart remains in the common room', () => {
  it('the others there read who has left', () => {
    const trio = gatherThree();
    const { lior, golan } = trio;
    for (const user of [golan, lior]) user.type('3');
    forget(trio);
    lior.failNextWrites(1);
    lior.type('/help');
    expectDropped(trio, lior);
    expect(golan.read()).toBe(leftRoom('lior'));
  });
});

describe('when a greeting fails', () => {
  it('nobody hears of that connection, and the next one is served', () => {
    const { all, golan } = gatherThree();
    golan.read();
    const broken = all.connect((terminal) => terminal.failNextWrites(1));
    expect(broken.isEnded).toBe(true);
    expect(broken.read()).toBe(fault);
    expect(golan.read()).toBe('');
    expect(all.errors).toHaveLength(1);
    all.gather('dan');
    expect(golan.read()).toBe(joinedServer('dan'));
  });
});

describe('when what somebody else does fails on golan’s screen', () => {
  function trioAfter(before: (trio: Trio) => void): Trio {
    const trio = gatherThree();
    before(trio);
    forget(trio);
    trio.golan.failNextWrites(1);
    return trio;
  }

  it.each<[what: string, before: (trio: Trio) => void, act: (trio: Trio) => void, liorReads: string]>([
    ['a question', ({ lior }) => lior.type('1'), ({ lior }) => lior.type('golan'), `${userDisconnected}${menu}`],
    ['a withdrawal', ({ lior }) => ask(lior, 'golan'), ({ lior }) => lior.type('exit()'), `${youWithdrew}${menu}`],
    [
      'the end of a chat',
      ({ lior, golan }) => startChat(lior, golan, 'golan'),
      ({ lior }) => lior.type('exit()'),
      `${youLeftChat}${menu}`,
    ],
    [
      'a line of a chat',
      ({ lior, golan }) => startChat(lior, golan, 'golan'),
      ({ lior }) => lior.type('hello'),
      `${partnerLeft('golan')}${menu}`,
    ],
    [
      'a line of the common room',
      ({ lior, golan }) => [lior.type('3'), golan.type('3')],
      ({ lior }) => lior.type('hello'),
      leftRoom('golan'),
    ],
    ['who comes to the common room', ({ golan }) => golan.type('3'), ({ lior }) => lior.type('3'), roomJoined],
    [
      'who leaves the common room',
      ({ lior, golan }) => [lior.type('3'), golan.type('3')],
      ({ lior }) => lior.type('exit()'),
      `${youLeftRoom}${menu}`,
    ],
    ['who joins the server', () => {}, ({ all }) => all.gather('dan'), joinedServer('dan')],
    ['a refused line', () => {}, ({ golan }) => golan.typeRefused('lineTooLong'), disconnected('golan')],
  ])('only golan is dropped: %s', async (_, before, act, liorReads) => {
    const trio = trioAfter(before);
    const { all, lior, golan, noa } = trio;
    const others = all.lobby.sessions.size - 1;
    act(trio);
    await Promise.resolve();
    expectDropped(trio, golan);
    expect(all.lobby.sessions.size).toBe(all.lobby.directory.onlineCount);
    expect(all.lobby.sessions.size).toBeGreaterThanOrEqual(others);
    expect(lior.isEnded).toBe(false);
    expect(lior.read()).toContain(liorReads);
    expect(noa.read()).toContain(disconnected('golan'));
    expect(rowNamed(all.lobby.directory, 'golan')).toBeUndefined();
  });

  it('the dropped session’s actor is over too', async () => {
    const { all, golan, lior } = trioAfter((trio) => [trio.lior.type('3'), trio.golan.type('3')]);
    const actor = all.lobby.sessions.get(rowNamed(all.lobby.directory, 'golan')?.session ?? '')?.actor;
    lior.type('hello');
    await Promise.resolve();
    golan.hangUp();
    expect(actor?.getSnapshot().status).toBe('done');
  });

  it('the others in the room read the line, whoever was told before', () => {
    const trio = trioAfter(({ lior, golan, noa }) => [golan.type('3'), lior.type('3'), noa.type('3')]);
    trio.lior.type('hello');
    expect(trio.noa.read()).toContain('lior: hello\n');
    trio.noa.type('hello lior');
    expect(trio.lior.read()).toContain('noa: hello lior\n');
  });
});

describe('when a screen is broken for good', () => {
  it('only its user is dropped, though no last words reach it', () => {
    const { all, lior, golan, noa } = gatherThree();
    lior.failNextWrites(Number.POSITIVE_INFINITY);
    lior.type('9');
    expect(lior.isEnded).toBe(true);
    expect(all.rows()).toEqual(['golan: menu', 'noa: menu']);
    forget({ all, lior, golan, noa });
    expectToChat(golan, noa, 'noa');
  });
});
