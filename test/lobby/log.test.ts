/** What an operator reads in the log and in the counters of who came and went. */
import pino from 'pino';
import { describe, expect, it, vi } from 'vitest';
import type { AnyActor } from 'xstate';
import { Counters } from '../../src/chat/counters.ts';
import type { FakeConnection } from '../support/fakeConnection.ts';
import { ask, endOfTurn, Gathering, gatherLate, LateUpdates } from '../support/memory.ts';
import { menu, youLeftChat } from '../support/wireTexts.ts';

/** A lobby whose whole log and counters can be looked at. */
function open() {
  const records: Record<string, unknown>[] = [];
  const log = pino({ base: null, timestamp: false }, { write: (text: string) => records.push(JSON.parse(text)) });
  const counters = new Counters();
  const all = new Gathering({ log, counters });
  const take = () => records.splice(0).map(({ level, ...record }) => record);
  return { all, counters, take };
}

describe('the log', () => {
  it.each(['idle', 'overhead'] as const)('says which limit was too much for a user: %s', async (limit) => {
    const { all, take } = open();
    const [lior] = all.gather('lior') as [FakeConnection];
    take();
    lior.reachLimit(limit as never);
    await endOfTurn();
    expect(take().at(-1)).toEqual({ session: 's1', reason: limit, id: 'lior', msg: 'disconnected' });
  });

  it('says who comes, under which id, and why they go', () => {
    const { all, take } = open();
    const lior = all.connect();
    expect(take()).toEqual([{ session: 's1', address: 'memory', msg: 'connected' }]);
    lior.type('Lior');
    expect(take()).toEqual([{ session: 's1', id: 'Lior', msg: 'identified' }]);
    lior.type('2');
    expect(take()).toEqual([{ session: 's1', reason: 'quit', id: 'Lior', msg: 'disconnected' }]);
  });

  it('says who was let not in, for those who want to know so much', () => {
    const records: object[] = [];
    const log = pino({ level: 'debug' }, { write: (text: string) => records.push(JSON.parse(text)) });
    const all = new Gathering({ log });
    all.lobby.operator.act({ type: 'operator.lockdown', by: 'root' });
    all.connect();
    expect(records.at(-1)).toMatchObject({ level: 20, address: 'memory', reason: 'lockdown', msg: 'let not in' });
  });

  it('says which error has ended a session', () => {
    const { all, take } = open();
    const [lior] = all.gather('lior') as [FakeConnection];
    take();
    lior.failNextWrites(1);
    lior.type('9');
    expect(take()).toMatchObject([
      { session: 's1', err: { message: 'This connection is broken.' }, msg: 'a session failed' },
      { session: 's1', reason: 'fault', id: 'lior', msg: 'disconnected' },
    ]);
  });

  it('says which error a connection ends with that could not even be opened', () => {
    const { all, take } = open();
    const broken = all.connect((terminal) => {
      terminal.attach = () => {
        throw new Error('no way in');
      };
    });
    expect(broken.isEnded).toBe(true);
    expect(take()).toMatchObject([
      { msg: 'connected' },
      { session: 's1', err: { message: 'no way in' }, msg: 'a session failed' },
      { session: 's1', reason: 'fault', msg: 'disconnected' },
    ]);
  });

  it('says when the lobby itself fails, which is fatal', async () => {
    const all = new Gathering();
    vi.spyOn(all.lobby.roomAndMenu, 'muteDepartures').mockImplementation(() => {
      throw new Error('broken');
    });
    await expect(all.lobby.stop()).rejects.toThrow('broken');
    expect(all.errors).toMatchObject([{ level: 60, err: { message: 'broken' }, msg: 'the lobby failed' }]);
  });
});

describe('the lobby', () => {
  it('is called so where its actors are shown', () => {
    expect(new Gathering().lobby.actor.id).toBe('lobby');
  });
});

describe('who watches the actors', () => {
  it('sees the lobby, the parent of all sessions and the sessions, and the end of each under one name', async () => {
    const actors: (string | undefined)[][] = [];
    const heardByLobby: string[] = [];
    const all = new Gathering({
      inspect: (seen) => {
        const { id, _parent: parent } = seen.actorRef as AnyActor;
        if (seen.type === '@xstate.actor') actors.push([id, parent?.id]);
        if (seen.type === '@xstate.event' && id === 'lobby') heardByLobby.push(seen.event.type);
      },
    });
    const [lior, golan] = all.gather('lior', 'golan') as [FakeConnection, FakeConnection];
    lior.type('2');
    golan.hangUp();
    expect(actors).toEqual([
      ['lobby', undefined],
      ['sessions', 'lobby'],
      ['s1', 'sessions'],
      ['s2', 'sessions'],
    ]);
    const arrival = ['connection.opened', 'id.claim', 'directory.granted'];
    const end = 'xstate.done.actor.session';
    expect(heardByLobby).toEqual(['xstate.init', ...arrival, ...arrival, end, end]);
  });
});

describe('the counters', () => {
  it('begin at zero, each of them', () => {
    const { commands, refusals, updates, lines, delivered } = new Counters();
    expect(commands).toEqual({
      ...{ 'id.claim': 0, 'id.take': 0, 'menu.leave': 0, 'menu.return': 0, 'request.make': 0, 'request.withdraw': 0 },
      ...{ 'request.accept': 0, 'request.decline': 0, 'asker.refuse': 0, 'chat.leave': 0, 'chat.suspend': 0 },
    });
    expect(refusals).toEqual({ unknown: 0, busy: 0, self: 0, gone: 0, tooOften: 0, unavailable: 0 });
    expect([updates, lines, delivered]).toEqual([
      {},
      { dialogue: 0, chat: 0, room: 0, refused: 0 },
      { chat: 0, room: 0 },
    ]);
  });

  it('count a refusal by its reason, and other updates by their type alone', () => {
    const counters = new Counters();
    counters.countUpdate({ type: 'request.refused', reason: 'busy' });
    counters.countUpdate({ type: 'move.refused' });
    counters.countUpdate({ type: 'move.refused' });
    expect(counters.updates).toEqual({ 'request.refused': 1, 'move.refused': 2 });
    expect(counters.refusals).toEqual({ unknown: 0, busy: 1, self: 0, gone: 0, tooOften: 0, unavailable: 0 });
  });

  it('count lines that came together, empty ones too', () => {
    const counters = new Counters();
    counters.countSent('chat', '\nhello\n\nthere');
    counters.countDelivered('room', '\nlior: hello\n', 3);
    expect([counters.lines.chat, counters.delivered.room]).toEqual([4, 6]);
  });

  it('count a line to a partner who is gone as said, and as delivered to nobody', async () => {
    const counters = new Counters();
    const late = new LateUpdates();
    const all = new Gathering({ counters, createDirectory: late.createDirectory });
    const [lior, golan] = all.gather('lior', 'golan') as [FakeConnection, FakeConnection];
    ask(lior, 'golan');
    late.isPrompt = false;
    golan.type('y');
    golan.hangUp();
    // Lior reads that the chat has started, and not yet that it is over.
    await late.deliver();
    lior.read();
    lior.type('hello', 'exit()');
    await late.deliverAll();
    expect([counters.lines.chat, counters.delivered.chat, all.errors]).toEqual([1, 0, []]);
    expect([lior.read(), all.rows()]).toEqual([`${youLeftChat}${menu}`, ['lior: menu']]);
  });

  it('count why sessions end', async () => {
    const { all, counters } = open();
    const [lior, golan] = all.gather('lior', 'golan', 'noa') as [FakeConnection, FakeConnection];
    lior.type('2');
    golan.hangUp();
    await all.lobby.stop();
    expect(counters.endings).toMatchObject({ quit: 1, hungUp: 1, shutdown: 1, evicted: 0, fault: 0 });
  });

  it('count a session whose id another one has got', async () => {
    const counters = new Counters();
    const { all, late } = gatherLate();
    late.notify('s1', { type: 'session.evicted' });
    expect(all.lobby.sessions.has('s1')).toBe(false);
    const again = new Gathering({ counters, createDirectory: late.createDirectory });
    late.isPrompt = true;
    again.gather('lior');
    late.notify('s1', { type: 'session.evicted' });
    expect(counters.endings.evicted).toBe(1);
  });
});
