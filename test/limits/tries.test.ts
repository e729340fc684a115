/** How often one may try an id, how often one may ask users, and what counts as typing. */
import { describe, expect, it } from 'vitest';
import type { LimitName } from '../../machines/events.ts';
import { limits } from '../../src/config/limits.ts';
import type { FakeConnection } from '../support/fakeConnection.ts';
import { Gathering, startChat } from '../support/memory.ts';
import {
  idleTooLong,
  idPrompt,
  idRules,
  idTaken,
  menu,
  question,
  targetPrompt,
  tooManyAttempts,
  tooManyRequests,
} from '../support/wireTexts.ts';

/** What was caused by now, later in the turn too. */
const endOfTurn = () => new Promise(setImmediate);

function gather<Ids extends string[]>(options: ConstructorParameters<typeof Gathering>[0], ...ids: Ids) {
  const reached: LimitName[] = [];
  const all = new Gathering({ ...options, onLimit: (limit) => reached.push(limit) });
  const users = all.gather(...ids) as { [Index in keyof Ids]: FakeConnection };
  return { all, reached, users };
}

describe('ids', () => {
  const { idTries } = limits;
  const refused = ['two words', 'lior', '', 'LIOR', 'server'];
  const answers = [`${idRules}${idPrompt}`, idTaken, `${idRules}${idPrompt}`, idTaken, `${idRules}${idPrompt}`].join(
    '',
  );

  it.each([
    ['one by one', refused],
    ['in one piece', [refused.join('\n')]],
    ['with more behind them', [...refused, 'golan', '3', 'hello']],
    ['with more behind them in one piece', [`${refused.join('\n')}\ngolan\n3\nhello`]],
  ])(`end the connection when ${idTries} were refused: %s`, async (_, pieces) => {
    expect(refused).toHaveLength(idTries);
    const { all, reached, users } = gather({ idTries }, 'lior');
    const stranger = all.connect();
    stranger.type(...pieces);
    await endOfTurn();
    expect(stranger.read()).toBe(`${idPrompt}${answers}\n${tooManyAttempts}`);
    expect([stranger.isEnded, reached, all.rows()]).toEqual([true, ['idTries'], ['lior: menu']]);
    expect([users[0].read(), all.errors]).toEqual(['', []]);
  });

  it('may be wrong one time less, and are not counted any more once one is granted', async () => {
    const { all, reached } = gather({ idTries }, 'lior');
    const golan = all.connect();
    golan.type(...refused.slice(1), 'golan');
    for (let line = 0; line < 20; line++) golan.type('two words');
    await endOfTurn();
    expect([golan.isEnded, reached, all.rows()]).toEqual([false, [], ['lior: menu', 'golan: menu']]);
  });

  it('that were refused for their bytes are not counted: another encoding is no guess', async () => {
    const { all, reached } = gather({ idTries });
    const stranger = all.connect();
    for (let line = 0; line < 5 * idTries; line++) stranger.typeRefused('lineNotUtf8');
    await endOfTurn();
    expect([stranger.isEnded, reached]).toEqual([false, []]);
  });

  it('end the connection once, though the end of the input is behind them', async () => {
    const { all, reached } = gather({ idTries });
    const stranger = all.connect();
    stranger.type(...refused.map(() => '?'));
    stranger.halfClose();
    await endOfTurn();
    expect([stranger.isEnded, reached, all.lobby.sessions.size]).toEqual([true, ['idTries'], 0]);
    expect(stranger.read().endsWith(tooManyAttempts)).toBe(true);
  });
});

describe('requests', () => {
  const { requestsPerMinute } = limits;

  it('are counted whatever comes of them, and nobody is asked beyond the limit', () => {
    const { all, users } = gather({ requestsPerMinute: 4 }, 'lior', 'golan', 'noa');
    const [lior, golan, noa] = users;
    noa.type('3');
    lior.type('1', 'nobody', '1', 'lior', '1', 'noa', '1', 'golan');
    golan.type('n');
    for (const user of users) user.read();
    lior.type('1', 'golan');
    expect(lior.read()).toBe(`${targetPrompt}${tooManyRequests}${menu}`);
    expect([golan.read(), noa.read(), all.placeOf('lior')]).toEqual(['', '', 'menu.choosing']);
    expect(all.rows()).toEqual(['lior: menu', 'golan: menu', 'noa: commonRoom']);
  });

  it('beyond the limit leave their asker free: others can ask, and the chat is as ever', () => {
    const { all, users } = gather({ requestsPerMinute: 1 }, 'lior', 'golan');
    const [lior, golan] = users;
    lior.type('1', 'nobody', '1', 'golan');
    startChat(golan, lior, 'lior');
    expect(all.rows()).toEqual(['lior: chatting with golan', 'golan: chatting with lior']);
    lior.read();
    golan.type('hello');
    expect(lior.read()).toBe('golan: hello\n');
  });

  it('beyond the limit are not counted: the next one is possible as soon as its time has come', () => {
    const { all, users } = gather({ requestsPerMinute }, 'lior', 'golan');
    const [lior, golan] = users;
    for (let time = 0; time < requestsPerMinute; time++) lior.type('1', 'nobody');
    expect(lior.read()).not.toContain(tooManyRequests);
    for (let time = 0; time < 20; time++) lior.type('1', 'golan');
    expect(lior.read().split(tooManyRequests)).toHaveLength(21);
    all.clock.increment(60_000 / requestsPerMinute - 1);
    lior.type('1', 'golan');
    expect([golan.read(), lior.read()]).toEqual(['', `${targetPrompt}${tooManyRequests}${menu}`]);
    all.clock.increment(1);
    lior.type('1', 'golan');
    expect(golan.read()).toBe(question('lior'));
  });

  it('beyond the limit start no time limit of their own', () => {
    const { all, users } = gather({ requestsPerMinute: 1, requestTimeoutMs: 1000 }, 'lior', 'golan');
    const [lior, golan] = users;
    lior.type('1', 'nobody', '1', 'golan');
    for (const user of users) user.read();
    all.clock.increment(10_000);
    expect([lior.read(), golan.read(), all.errors]).toEqual(['', '', []]);
  });

  it('are not counted with 0', () => {
    const { users } = gather({ requestsPerMinute: 0 }, 'lior');
    for (let time = 0; time < 1000; time++) users[0].type('1', 'nobody');
    expect(users[0].read()).not.toContain(tooManyRequests);
  });

  it('of one user are not counted for another', () => {
    const { users } = gather({ requestsPerMinute: 1 }, 'lior', 'golan');
    const [lior, golan] = users;
    lior.type('1', 'nobody', '1', 'nobody');
    golan.type('1', 'lior');
    expect(lior.read()).toMatch(/golan wants to chat with you\. Accept\? \(y\/n\): $/);
  });
});

describe('somebody who types nothing for too long', () => {
  const idleMs = 60_000;

  it('is not somebody whose lines are refused', () => {
    const { all, reached, users } = gather({ idleMs }, 'lior');
    for (let time = 0; time < 12; time++) {
      all.clock.increment(idleMs / 6);
      users[0].typeRefused(time % 2 ? 'lineNotUtf8' : 'lineTooLong');
    }
    expect([users[0].isEnded, reached]).toEqual([false, []]);
  });

  it('is not somebody who chats, and leaves their partner in the menu', () => {
    const { all, users } = gather({ idleMs }, 'lior', 'golan');
    const [lior, golan] = users;
    startChat(lior, golan, 'golan');
    for (let time = 0; time < 12; time++) {
      all.clock.increment(idleMs / 6);
      golan.type('still here');
    }
    expect([lior.isEnded, lior.read().endsWith(idleTooLong)]).toEqual([true, true]);
    expect(golan.isEnded).toBe(false);
    expect(golan.read()).toMatch(/lior left the chat\.\n/);
    expect(all.rows()).toEqual(['golan: menu']);
  });

  it('withdraws a request by that, and frees a user they were asked by', () => {
    const { all, users } = gather({ idleMs }, 'lior', 'golan');
    const [lior, golan] = users;
    lior.type('1');
    golan.type('9');
    all.clock.increment(idleMs - 100);
    lior.type('golan');
    golan.read();
    all.clock.increment(idleMs / 10);
    expect([golan.isEnded, all.rows()]).toEqual([true, ['lior: menu']]);
    expect(lior.read()).toMatch(/User disconnected\.\nMenu:/);
  });

  it('is found in the first prompt too', () => {
    const { all, reached } = gather({ idleMs });
    const stranger = all.connect();
    all.clock.increment(idleMs);
    expect([stranger.read(), reached]).toEqual([`${idPrompt}\n${idleTooLong}`, ['idle']]);
  });
});
