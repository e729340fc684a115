/** What users read of those at other servers, without other servers: the test is the relay. */
import { describe, expect, it } from 'vitest';
import { Counters } from '../../src/chat/counters.ts';
import { LocalRelay, type Partner, type Relay, type RelayHandler } from '../../src/chat/directory/relay.ts';
import type { FakeConnection } from '../support/fakeConnection.ts';
import { Gathering, startChat } from '../support/memory.ts';

/** Three users here: two in the room, one in the menu. */
function open(options: ConstructorParameters<typeof Gathering>[0] = {}) {
  let handler: RelayHandler | undefined;
  const asked: string[] = [];
  const partner: Partner = { needsDrain: false, onceDrained: () => {}, receive: () => {} };
  const counters = new Counters();
  class Elsewhere extends LocalRelay {
    override partnerElsewhere(of?: string, whom?: string): undefined {
      asked.push(`${of} → ${whom}`);
      return partner as unknown as undefined;
    }
  }
  const createRelay = (its: RelayHandler): Relay => {
    handler = its;
    return new Elsewhere(its);
  };
  const all = new Gathering({ counters, createRelay, ...options });
  const [lior, golan, noa] = all.gather('lior', 'golan', 'noa') as [FakeConnection, FakeConnection, FakeConnection];
  for (const user of [lior, golan]) user.type('3');
  for (const user of [lior, golan, noa]) user.read();
  return { all, lior, golan, noa, counters, asked, handler: handler as RelayHandler };
}

describe('from another server', () => {
  it('a line for the room reaches all who are there, is counted for each, and is remembered', () => {
    const { all, lior, golan, noa, counters, handler } = open({ roomHistory: 5 });
    handler.deliverToRoom('dan: hello\n', undefined, true);
    expect([lior.read(), golan.read(), noa.read()]).toEqual(['dan: hello\n', 'dan: hello\n', '']);
    expect(counters.delivered.room).toBe(2);
    handler.deliverToRoom('dan left the common room.\n', undefined, false);
    expect([lior.read(), counters.delivered.room]).toEqual(['dan left the common room.\n', 2]);
    expect(all.lobby.roomAndMenu.history.text).toMatch(/^\[.*\] dan: hello\n$/);
  });

  it('a line for the room counts for its pace, and a line of somebody here counts once', () => {
    const { all, lior, handler } = open({ roomRate: 4000 });
    const { roomReader } = all.lobby.roomAndMenu;
    lior.type('x'.repeat(600));
    expect(roomReader.needsDrain).toBe(false);
    handler.deliverToRoom(`dan: ${'x'.repeat(600)}\n`, undefined, true);
    expect(roomReader.needsDrain).toBe(true);
  });

  it('a line of somebody here who has left the room is counted for all who are there', () => {
    const { lior, golan, counters, handler } = open();
    handler.deliverToRoom('noa: hello\n', 's3', true);
    expect([lior.read(), golan.read(), counters.delivered.room]).toEqual(['noa: hello\n', 'noa: hello\n', 2]);
    handler.deliverToRoom('lior: hello\n', 's1', true);
    expect([lior.read(), golan.read(), counters.delivered.room]).toEqual(['', 'lior: hello\n', 3]);
  });

  it('a line about a user reaches all in the menu, but the user', () => {
    const { lior, noa, handler } = open();
    handler.deliverToMenu('dan joined the server.\n', undefined);
    expect([lior.read(), noa.read()]).toEqual(['', 'dan joined the server.\n']);
    handler.deliverToMenu('noa joined the server.\n', 's3');
    expect(noa.read()).toBe('');
  });

  it('lines of a partner reach the chat, and nobody once the session is over', () => {
    const { all, lior, golan, noa, handler } = open();
    golan.type('exit()');
    startChat(golan, noa, 'noa');
    const pairingId = all.lobby.sessions.get('s3')?.actor?.getSnapshot().context.pairingId ?? 0;
    noa.read();
    expect(handler.deliverToPartner('s3', pairingId, 'dan: hello\n')).toBe(all.lobby.sessions.get('s3')?.channel);
    expect([noa.read(), lior.read()]).toEqual(['dan: hello\n', expect.not.stringContaining('hello')]);
    noa.hangUp();
    expect(handler.deliverToPartner('s3', pairingId, 'dan: hello\n')).toBeUndefined();
  });

  it('that a user is lost is read in the room if they were there, and in the menu', () => {
    const { lior, noa, handler } = open();
    handler.lostElsewhere('dan', true);
    expect([lior.read(), noa.read()]).toEqual(['dan left the common room.\n', 'dan disconnected.\n']);
    handler.lostElsewhere('eve', false);
    expect([lior.read(), noa.read()]).toEqual(['', 'eve disconnected.\n']);
  });

  it('that a user is lost is not read in the menu where too many are online', () => {
    const { lior, noa, handler } = open({ announceLimit: 2 });
    handler.lostElsewhere('dan', true);
    expect([lior.read(), noa.read()]).toEqual(['dan left the common room.\n', '']);
  });

  it('that lines are missing is read by those who would have read them, and nothing fails for one who is gone', () => {
    const { all, lior, golan, handler } = open();
    golan.hangUp();
    lior.read();
    handler.linesMissing(['s2', 's1']);
    expect(lior.read()).toMatch(/missing/i);
    expect(all.errors).toEqual([]);
  });
});

describe('a partner', () => {
  it('is looked for at this server first, and then elsewhere', () => {
    const { all, asked, noa, golan } = open();
    golan.type('exit()');
    startChat(golan, noa, 'noa');
    noa.type('hello');
    expect([golan.read().endsWith('noa: hello\n'), asked]).toEqual([true, []]);
    expect(all.lobby.roomAndMenu.partnerOf('s1', 'far/s9')).toBeDefined();
    expect(asked).toEqual(['s1 → far/s9']);
  });
});

describe('alone', () => {
  it('a server has no users elsewhere', () => {
    const relay = new LocalRelay({} as RelayHandler);
    expect([relay.reachesOthers, relay.roomReader, relay.partnerElsewhere()]).toEqual([false, undefined, undefined]);
  });
});
