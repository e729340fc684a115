/** What an operator can look at, what is noted of acts, and requests that are none. */
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { Counters } from '../../src/chat/counters.ts';
import { startChat } from '../support/memory.ts';
import { disconnected, joinedServer, operatorSays, removed } from '../support/wireTexts.ts';
import { mistake, operated } from './operatorAt.ts';

describe('who', () => {
  it('shows id, state, partner, address and times, and those who have no id yet', async () => {
    const { all, lior, golan } = operated();
    startChat(lior, golan, 'golan');
    all.clock.increment(60_000);
    all.connect();
    lior.type('hello');
    all.clock.increment(5000);
    const answer = await all.order({ do: 'who' });
    const one = { state: 'chatting', server: null, sinceSeconds: 65 };
    expect(answer).toEqual({
      ok: true,
      door: 'open',
      who: [
        { ...one, id: 'lior', partner: 'golan', partnerState: 'chatting', address: '198.51.100.7', idleSeconds: 5 },
        { ...one, id: 'golan', partner: 'lior', partnerState: 'chatting', address: 'memory', idleSeconds: 65 },
        { ...one, id: 'noa', state: 'menu', partner: null, partnerState: null, address: 'memory', idleSeconds: 65 },
        {
          ...{ id: null, state: 'identifying', partner: null, partnerState: null, address: 'memory', server: null },
          ...{ sinceSeconds: 5, idleSeconds: 5 },
        },
      ],
    });
  });
});

describe('limits', () => {
  it('shows which were reached, and by whom', async () => {
    const { all, lior } = operated();
    lior.reachLimit('unterminated');
    await Promise.resolve();
    all.clock.increment(90_000);
    expect(await all.order({ do: 'limits' })).toEqual({
      ok: true,
      limits: [
        {
          ...{ limit: 'unterminated', option: '--max-unterminated', times: 1 },
          by: [{ address: '198.51.100.7', id: 'lior', times: 1, secondsAgo: 90 }],
        },
      ],
    });
  });

  it('keeps so many addresses for each, those of the last times', () => {
    const { all } = operated();
    for (let index = 0; index < 30; index++) all.limits.add('addressFull', `192.0.2.${index}`);
    all.limits.add('addressFull', '192.0.2.15');
    all.limits.add('handshakeTimeout');
    expect(all.limits.counts.get('addressFull')).toBe(31);
    expect(all.limits.by('addressFull')).toHaveLength(20);
    expect(all.limits.by('addressFull')[0]).toMatchObject({ address: '192.0.2.15', times: 2 });
    expect(all.limits.by('handshakeTimeout')).toEqual([]);
  });
});

describe('every act', () => {
  it('is logged with who did it, and counted', async () => {
    const counters = new Counters();
    const lines: Record<string, unknown>[] = [];
    const log = pino(
      { level: 'warn', base: null, timestamp: false },
      { write: (text: string) => lines.push(JSON.parse(text)) },
    );
    const { all } = operated({ counters, log });
    await all.order({ do: 'say', text: 'hello' });
    await all.order({ do: 'kick', id: 'lior', reason: 'spam' });
    await all.order({ do: 'ban', target: 'golan', for: '1h' });
    await all.order({ do: 'unban', target: 'golan' });
    await all.order({ do: 'lockdown', on: true });
    all.connect();
    await all.order({ do: 'lockdown', on: false });
    await all.order({ do: 'who' });
    await all.order({ do: 'drain', for: '1h' });
    const operator = { level: 40, msg: 'the operator acted', operator: 'root (uid 0)' };
    expect(lines).toEqual([
      { ...operator, act: 'operator.say', text: 'hello' },
      { ...operator, act: 'operator.kick', id: 'lior', session: 's1', reason: 'spam' },
      {
        ...operator,
        act: 'operator.ban',
        target: 'golan',
        reason: '',
        sinceMs: expect.any(Number),
        untilMs: expect.any(Number),
      },
      {
        ...operator,
        act: 'operator.unban',
        target: 'golan',
        reason: '',
        sinceMs: expect.any(Number),
        untilMs: expect.any(Number),
      },
      { ...operator, act: 'operator.lockdown' },
      { ...operator, act: 'operator.reopen' },
      { ...operator, act: 'operator.drain', forMs: 3_600_000 },
    ]);
    expect(Object.values(counters.acts)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    expect([counters.turnedAway, counters.endings.removed]).toEqual([
      { banned: 0, lockdown: 1, serverClosing: 0, serverEnding: 0 },
      2,
    ]);
  });

  it('reaches the other servers, but for drain', async () => {
    const told: string[] = [];
    const { all } = operated({}, { tellOthers: ({ type }) => told.push(type) });
    await all.order({ do: 'say', text: 'hello' });
    await all.order({ do: 'ban', target: 'eve' });
    await all.order({ do: 'unban', target: 'eve' });
    await all.order({ do: 'kick', id: 'nobody' });
    await all.order({ do: 'drain' });
    expect(told).toEqual(['operator.say', 'operator.ban', 'operator.unban']);
  });
});

describe('an act at another server', () => {
  it('is one here, and a ban that is no news changes nothing', async () => {
    const { all, lior, golan } = operated();
    const by = 'ann at east';
    const ban = { kind: 'id', target: 'lior', reason: '', by, sinceMs: 5, untilMs: null, isLifted: false } as const;
    all.operator.actElsewhere({ type: 'operator.say', text: 'hello', by });
    expect(golan.read()).toBe(operatorSays('hello'));
    all.operator.actElsewhere({ type: 'operator.ban', ban, by });
    expect(lior.read()).toBe(`${operatorSays('hello')}${removed()}`);
    all.operator.actElsewhere({ type: 'operator.unban', ban: { ...ban, sinceMs: 6, isLifted: true }, by });
    all.operator.actElsewhere({ type: 'operator.ban', ban, by });
    expect(all.come('lior').isEnded).toBe(false);
    expect(golan.read()).toBe(`${disconnected('lior')}${joinedServer('lior')}`);
    all.operator.actElsewhere({ type: 'operator.ban', ban: { ...ban, sinceMs: 9, kind: 'cat' } as never, by });
    expect(all.bans.list()).toEqual([]);
  });
});

describe('a request', () => {
  it.each<[request: unknown, why: unknown]>([
    [null, expect.stringContaining('There is no such command')],
    ['who', expect.stringContaining('There is no such command')],
    [[], expect.stringContaining('There are who, kick, ban, bans, unban, say, lockdown, drain, limits')],
    [{ do: 'wo' }, expect.stringContaining('Did you mean who?')],
    [{ do: 'constructor' }, expect.stringContaining('There is no such command')],
    [{ do: 'kick' }, 'The request has no id.'],
    [{ do: 'kick', id: 5 }, 'The id of a request is a text.'],
    [{ do: 'kick', id: 'lior', reason: {} }, 'The reason of a request is a text.'],
    [{ do: 'ban', target: 'lior', for: 'ever' }, expect.stringContaining("'ever' is no length of time")],
    [{ do: 'ban', target: '0.0.0.0/0' }, expect.stringContaining('lockdown on')],
    [{ do: 'ban' }, 'The request has no target.'],
    [{ do: 'say', text: 'x'.repeat(401) }, 'A message has to be 400 characters at most.'],
    [{ do: 'lockdown', on: 'yes' }, 'A lockdown is on or off.'],
    [{ do: 'drain', for: '2d' }, expect.stringContaining('1 day at most')],
  ])('%j gets a clear answer, and nothing happens', async (request, why) => {
    const { all, lior, golan } = operated();
    expect(await all.operator.answer(request)).toEqual(mistake(why));
    expect([all.lobby.operator.door, all.rows().length, lior.read(), golan.read()]).toEqual(['open', 3, '', '']);
  });

  it('that meets a bug of ours gets an answer too', async () => {
    const { all } = operated();
    const request = Object.defineProperty({ do: 'kick' }, 'id', {
      get: () => {
        throw new Error('a bug');
      },
    });
    expect(await all.operator.answer(request)).toEqual(
      mistake('Something went wrong in the server. Its log says what.'),
    );
  });
});
