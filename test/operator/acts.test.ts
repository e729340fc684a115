import { describe, expect, it } from 'vitest';
import type { Notify } from '../../src/chat/directory/directory.ts';
import { arrangements } from '../lobby/arrangements.ts';
import { GatedDirectory } from '../support/gatedDirectory.ts';
import { ask, forget, startChat } from '../support/memory.ts';
import {
  banned,
  disconnected,
  idPrompt,
  idTaken,
  lockedDown,
  menu,
  operatorSays,
  question,
  removed,
  roomEmpty,
  roomJoined,
  serverEnding,
  targetPrompt,
} from '../support/wireTexts.ts';
import { mistake, OperatedGathering, operated } from './operatorAt.ts';

describe('kick', () => {
  it.each(arrangements)('removes a user in $place from every dictionary, and tells them why', async (arrangement) => {
    const trio = operated();
    arrangement.arrange(trio);
    forget(trio);
    expect(await trio.all.order({ do: 'kick', id: 'LIOR', reason: 'no insults' })).toEqual({
      ok: true,
      kicked: 'lior',
    });
    expect(trio.lior.read()).toMatch(/^\n?You were removed by the operator: no insults\. Goodbye!\n$/);
    expect([trio.lior.isEnded, trio.all.lobby.sessions.size]).toEqual([true, 2]);
    expect(trio.golan.read()).toBe(arrangement.golanReads);
    expect(trio.all.rows()).toEqual([`golan: ${arrangement.golanIs}`, 'noa: menu']);
    expect(trio.all.errors).toEqual([]);
  });

  it.each(arrangements)('does the same in $place while the answers of the directory are late', async (arrangement) => {
    const trio = operated();
    const { all, lior } = trio;
    arrangement.arrange(trio);
    forget(trio);
    all.late.isPrompt = false;
    lior.type('1', 'golan', 'y', 'exit()', '3');
    await all.order({ do: 'kick', id: 'lior' });
    await all.late.deliverAll();
    expect(lior.read().endsWith(removed())).toBe(true);
    expect([lior.isEnded, all.lobby.sessions.size]).toEqual([true, 2]);
    expect(all.rows().filter((row) => row.includes('lior'))).toEqual([]);
    expect(all.errors).toEqual([]);
  });

  it('needs no reason, and one that ends with a mark keeps it', async () => {
    const { all, lior, golan } = operated();
    await all.order({ do: 'kick', id: 'lior' });
    await all.order({ do: 'kick', id: 'golan', reason: 'Enough!' });
    expect(lior.read()).toBe(removed());
    expect(golan.read()).toContain('You were removed by the operator: Enough! Goodbye!\n');
  });

  it('says whose id is nearest if nobody has that one', async () => {
    const { all } = operated();
    expect(await all.order({ do: 'kick', id: 'gloan' })).toEqual(
      mistake('Nobody here has that id. Did you mean golan?'),
    );
    expect(await all.order({ do: 'kick', id: '' })).toEqual(mistake('Nobody here has that id.'));
    expect(all.lobby.sessions.size).toBe(3);
  });

  it('of somebody who has left by then does nothing', () => {
    const { all } = operated();
    all.lobby.operator.act({ type: 'operator.kick', session: 's99', id: 'dan', why: '', by: 'root' });
    expect([all.lobby.sessions.size, all.errors]).toEqual([3, []]);
  });

  it('lets its user come again', async () => {
    const { all } = operated();
    await all.order({ do: 'kick', id: 'lior' });
    all.come('lior');
    expect(all.rows()).toContain('lior: menu');
  });
});

describe('ban', () => {
  it.each(arrangements)(
    'of an id removes its user in $place, and refuses the id like one that is taken',
    async (arrangement) => {
      const trio = operated();
      const { all, lior } = trio;
      arrangement.arrange(trio);
      forget(trio);
      const answer = await all.order({ do: 'ban', target: 'Lior', reason: 'spam', for: '1h' });
      expect(answer).toMatchObject({ ok: true, removed: 1, addresses: ['198.51.100.7'] });
      expect(lior.read().endsWith(removed('spam'))).toBe(true);
      expect(all.rows()).toEqual([`golan: ${arrangement.golanIs}`, 'noa: menu']);
      const again = all.connect();
      again.type('LIOR');
      expect(again.read()).toBe(`${idPrompt}${idTaken}`);
      again.type('other');
      expect(again.read()).toBe(menu);
    },
  );

  it('holds for an id that the directory grants a moment later, and nobody reads of that user', async () => {
    let gate: GatedDirectory | undefined;
    const createDirectory = (notify: Notify) => {
      gate = new GatedDirectory(notify);
      return gate;
    };
    const all = new OperatedGathering({ createDirectory });
    const golan = all.connect();
    const eve = all.connect();
    golan.type('golan');
    gate?.askNext('s1');
    gate?.notifyNext('s1');
    golan.read();
    eve.type('eve');
    expect(await all.order({ do: 'ban', target: 'eve' })).toMatchObject({ ok: true, removed: 0 });
    gate?.askNext('s2');
    gate?.notifyNext('s2');
    expect([eve.read(), eve.isEnded, golan.read()]).toEqual([`${idPrompt}${removed()}`, true, '']);
    gate?.drain('s2');
    expect([all.rows(), all.lobby.sessions.size, all.errors]).toEqual([['golan: menu'], 1, []]);
  });

  it('of an address removes all who come from there, also without an id, and refuses whoever comes', async () => {
    const { all, lior, golan } = operated();
    const stranger = all.connect((connection) => {
      connection.remoteAddress = '198.51.100.200';
    });
    stranger.read();
    expect(await all.order({ do: 'ban', target: '198.51.100.0/24' })).toMatchObject({ removed: 2, addresses: [] });
    expect([lior.read(), stranger.read()]).toEqual([removed(), `\n${removed()}`]);
    expect(golan.read()).toBe(disconnected('lior'));
    const again = all.connect((connection) => {
      connection.remoteAddress = '198.51.100.9';
    });
    expect([again.read(), again.isEnded]).toEqual([banned, true]);
    expect(all.lobby.operator.refusalFor('198.51.100.9')).toBe('banned');
    expect(all.lobby.operator.refusalFor('198.51.101.9')).toBeUndefined();
    expect(all.come('eve', '198.51.101.9').isEnded).toBe(false);
  });

  it('ends by itself, and when it is taken back', async () => {
    const { all } = operated();
    await all.order({ do: 'ban', target: 'eve', for: '1h' });
    await all.order({ do: 'ban', target: '192.0.2.1' });
    expect(await all.order({ do: 'bans' })).toMatchObject({ bans: [{ target: 'eve' }, { target: '192.0.2.1/32' }] });
    all.dateMs += 3_600_000;
    expect(all.come('eve').isEnded).toBe(false);
    expect(await all.order({ do: 'unban', target: '192.0.2.1' })).toMatchObject({ ok: true });
    expect(all.lobby.operator.refusalFor('192.0.2.1')).toBeUndefined();
    expect(await all.order({ do: 'bans' })).toEqual({ ok: true, bans: [] });
  });

  it('that is none cannot be taken back', async () => {
    const { all } = operated();
    expect(await all.order({ do: 'unban', target: 'eve' })).toEqual(mistake('eve is not banned. See: bans'));
  });

  it('warns if it ends with the server', async () => {
    const { all } = operated();
    expect(await all.order({ do: 'ban', target: 'eve' })).toMatchObject({ warning: expect.stringContaining('--bans') });
  });
});

describe('say', () => {
  it('reaches everybody on a line of its own, and the prompt that stood comes again', async () => {
    const trio = operated();
    const { all, lior, golan, noa } = trio;
    ask(lior, 'golan');
    noa.type('1');
    const [eve, dan, stranger] = [all.come('eve'), all.come('dan'), all.connect()];
    const room = all.come('amir');
    room.type('3');
    startChat(eve, dan, 'dan');
    for (const user of [lior, golan, noa, eve, dan, stranger, room]) user.read();
    await all.order({ do: 'say', text: '  The disk is full.  ' });
    const line = operatorSays('The disk is full.');
    expect([lior.read(), eve.read(), dan.read(), room.read()]).toEqual([line, line, line, line]);
    expect(golan.read()).toBe(`\n${line}${question('lior')}`);
    expect(noa.read()).toBe(`\n${line}${targetPrompt}`);
    expect(stranger.read()).toBe(`\n${line}${idPrompt}`);
    expect(all.rows()[0]).toBe('lior: requesting with golan');
  });

  it('is no line of the room: who enters later does not read it', async () => {
    const { all, lior } = operated();
    await all.order({ do: 'say', text: 'hello' });
    lior.read();
    lior.type('3');
    expect(lior.read()).toBe(`${roomJoined}${roomEmpty}`);
  });

  it('says something', async () => {
    const { all } = operated();
    expect(await all.order({ do: 'say', text: ' ' })).toEqual(mistake('A message has to say something.'));
  });
});

describe('lockdown', () => {
  it('lets nobody new in, and those inside go on', async () => {
    const { all, lior, golan } = operated();
    const stranger = all.connect();
    stranger.read();
    expect(await all.order({ do: 'lockdown', on: true })).toMatchObject({ ok: true, door: 'lockdown' });
    const late = all.connect();
    expect([late.read(), late.isEnded, all.lobby.operator.refusalFor('192.0.2.1')]).toEqual([
      lockedDown,
      true,
      'lockdown',
    ]);
    stranger.type('eve');
    expect(stranger.read()).toBe(menu);
    startChat(lior, golan, 'golan');
    expect(all.rows()).toContain('lior: chatting with golan');
    expect(await all.order({ do: 'lockdown', on: false })).toMatchObject({ ok: true, door: 'open' });
    expect(all.come('dan').isEnded).toBe(false);
  });

  it('may be said twice', async () => {
    const { all } = operated();
    for (const on of [true, true, false, false]) {
      expect(await all.order({ do: 'lockdown', on })).toMatchObject({ door: on ? 'lockdown' : 'open' });
    }
  });
});

describe('drain', () => {
  it('tells everybody, lets nobody new in, and ends when the last has left', async () => {
    const { all, lior, golan, noa } = operated();
    let isClosed = false;
    void all.lobby.closed.then(() => {
      isClosed = true;
    });
    expect(await all.order({ do: 'drain' })).toMatchObject({ door: 'emptying', forSeconds: 600 });
    const line = operatorSays('The server will shut down in 10 minutes. You can go on until then.');
    expect([lior.read(), golan.read()]).toEqual([line, line]);
    expect(all.connect().read()).toBe(serverEnding);
    lior.type('2');
    golan.hangUp();
    await Promise.resolve();
    expect(isClosed).toBe(false);
    noa.type('2');
    await all.lobby.closed;
    expect([all.lobby.operator.door, all.rows(), all.lobby.sessions.size]).toEqual(['closing', [], 0]);
    expect(await all.order({ do: 'say', text: 'hello' })).toEqual(mistake('The server is stopping.'));
  });

  it.each(arrangements)('removes those who are left when the time is over: in $place', async (arrangement) => {
    const trio = operated();
    const { all, lior, golan, noa } = trio;
    arrangement.arrange(trio);
    await all.order({ do: 'drain', for: '30s' });
    forget(trio);
    all.clock.increment(29_999);
    expect(all.lobby.sessions.size).toBe(3);
    all.clock.increment(1);
    await all.lobby.closed;
    for (const user of [lior, golan, noa]) expect(user.read().endsWith(serverEnding)).toBe(true);
    expect([all.rows(), all.lobby.sessions.size, all.errors]).toEqual([[], 0, []]);
  });

  it('is for good, also if the server is told to stop meanwhile', async () => {
    const { all, lior } = operated();
    await all.order({ do: 'drain' });
    await all.lobby.stop();
    expect(lior.read().endsWith(serverEnding)).toBe(true);
  });

  it('begins anew with another time, and ends at once where nobody is', async () => {
    const { all } = operated();
    await all.order({ do: 'drain', for: '30s' });
    await all.order({ do: 'drain', for: '1h' });
    all.clock.increment(30_000);
    expect([all.lobby.operator.door, all.lobby.sessions.size]).toEqual(['emptying', 3]);
    expect(await all.order({ do: 'lockdown', on: false })).toMatchObject({ ok: false });
    const nobody = new OperatedGathering();
    await nobody.order({ do: 'drain' });
    await nobody.lobby.closed;
    expect(nobody.lobby.operator.door).toBe('closing');
  });
});
