/**
 * The directory of one process: every command in every state, which updates it sends to which session, and both states
 * after it.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Command } from '../../machines/lobby.machine.ts';
import { MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';

let directory: MemoryDirectory;
let sent: string[];

beforeEach(() => {
  sent = [];
  directory = new MemoryDirectory((to, { type, ...rest }) => {
    sent.push([to, type, ...Object.values(rest)].join(' '));
  });
});

/** A session's name is the id that it claims, with `s-` in front. */
const send = (id: string, command: Command) => directory.send(`s-${id}`, command);
const claim = (...ids: string[]) => {
  for (const id of ids) send(id, { type: 'id.claim', id });
};
const leaveMenu = (id: string, to: 'requesting' | 'commonRoom' = 'requesting') => send(id, { type: 'menu.leave', to });
const request = (id: string, target: string) => {
  leaveMenu(id);
  send(id, { type: 'request.make', target });
};
const rows = () =>
  [...directory.rows()].map(({ id, state, partner }) => `${id} ${state}${partner === undefined ? '' : ` ${partner}`}`);

/** Every state that a can be in, with b as the other user if there is one. The pairing's number is 1. */
const arrangements = {
  unnamed: () => claim('b'),
  menu: () => claim('a', 'b'),
  naming: () => {
    claim('a', 'b');
    leaveMenu('a');
  },
  room: () => {
    claim('a', 'b');
    leaveMenu('a', 'commonRoom');
  },
  ringing: () => {
    claim('a', 'b');
    request('a', 'b');
  },
  confirming: () => {
    claim('a', 'b');
    request('b', 'a');
  },
  chatting: () => {
    claim('a', 'b');
    request('b', 'a');
    send('a', { type: 'request.accept', pairingId: 1 });
  },
};
type From = keyof typeof arrangements;

const commands: Record<string, () => void> = {
  'claims a': () => claim('a'),
  'claims c': () => send('a', { type: 'id.claim', id: 'c' }),
  'claims B': () => send('a', { type: 'id.claim', id: 'B' }),
  'leaves the menu for a request': () => leaveMenu('a'),
  'leaves the menu for the room': () => leaveMenu('a', 'commonRoom'),
  'returns to the menu': () => send('a', { type: 'menu.return' }),
  'asks b': () => send('a', { type: 'request.make', target: 'b' }),
  'asks B': () => send('a', { type: 'request.make', target: 'B' }),
  'asks nobody': () => send('a', { type: 'request.make', target: 'nobody' }),
  'asks a': () => send('a', { type: 'request.make', target: 'a' }),
  withdraws: () => send('a', { type: 'request.withdraw' }),
  accepts: () => send('a', { type: 'request.accept', pairingId: 1 }),
  declines: () => send('a', { type: 'request.decline', pairingId: 1 }),
  'leaves the chat': () => send('a', { type: 'chat.leave', pairingId: 1 }),
  'accepts an old request': () => send('a', { type: 'request.accept', pairingId: 0 }),
  'declines an old request': () => send('a', { type: 'request.decline', pairingId: 2 }),
  'leaves an old chat': () => send('a', { type: 'chat.leave', pairingId: 2 }),
  'has waited long enough': () => directory.expire('s-a'),
  'is gone': () => directory.remove('s-a'),
};
type Doing = keyof typeof commands;

/**
 * What a does, which updates are sent, and both states after it. What is not listed sends nothing and changes nothing.
 */
const verdicts: Record<From, Partial<Record<Doing, [sent: string[], rows: string[]]>>> = {
  unnamed: {
    'claims a': [['s-a id.granted a'], ['b menu', 'a menu']],
    'claims c': [['s-a id.granted c'], ['b menu', 'c menu']],
    'claims B': [['s-a id.refused'], ['b menu']],
  },
  menu: {
    'leaves the menu for a request': [['s-a move.granted requesting'], ['a requesting', 'b menu']],
    'leaves the menu for the room': [['s-a move.granted commonRoom'], ['a commonRoom', 'b menu']],
    'is gone': [[], ['b menu']],
  },
  naming: {
    'returns to the menu': [[], ['a menu', 'b menu']],
    'asks b': [
      ['s-b request.received a 1', 's-a request.delivered 1'],
      ['a requesting b', 'b confirming a'],
    ],
    'asks B': [
      ['s-b request.received a 1', 's-a request.delivered 1'],
      ['a requesting b', 'b confirming a'],
    ],
    'asks nobody': [['s-a request.refused unknown'], ['a menu', 'b menu']],
    'asks a': [['s-a request.refused self'], ['a menu', 'b menu']],
    'is gone': [[], ['b menu']],
  },
  room: {
    'returns to the menu': [[], ['a menu', 'b menu']],
    'is gone': [[], ['b menu']],
  },
  ringing: {
    withdraws: [
      ['s-b request.withdrawn 1', 's-a request.withdrawn 1'],
      ['a menu', 'b menu'],
    ],
    'has waited long enough': [
      ['s-b request.expired 1', 's-a request.expired 1'],
      ['a menu', 'b menu'],
    ],
    'is gone': [['s-b request.withdrawn 1'], ['b menu']],
  },
  confirming: {
    accepts: [
      ['s-b chat.started a s-a 1', 's-a chat.started b s-b 1'],
      ['a chatting b', 'b chatting a'],
    ],
    declines: [
      ['s-b request.declined 1', 's-a request.declined 1'],
      ['a menu', 'b menu'],
    ],
    'is gone': [['s-b request.refused gone'], ['b menu']],
  },
  chatting: {
    'leaves the chat': [
      ['s-b chat.ended 1', 's-a chat.ended 1'],
      ['a menu', 'b menu'],
    ],
    'is gone': [['s-b chat.ended 1'], ['b menu']],
  },
};

/** Commands that are refused: the verdict says so, and nothing changes. */
const refusals: Partial<Record<Doing, string>> = {
  'claims a': 's-a id.refused',
  'claims c': 's-a id.refused',
  'claims B': 's-a id.refused',
  'leaves the menu for a request': 's-a move.refused',
  'leaves the menu for the room': 's-a move.refused',
};

describe.each(Object.keys(arrangements) as From[])('when a is %s', (from) => {
  it.each(Object.keys(commands) as Doing[])('and %s', (doing) => {
    arrangements[from]();
    sent.length = 0;
    const before = rows();
    const refusal = from === 'unnamed' ? undefined : refusals[doing];
    const [update, after] = verdicts[from][doing] ?? [refusal === undefined ? [] : [refusal], before];
    commands[doing]?.();
    expect({ sent, rows: rows() }).toEqual({ sent: update, rows: after });
    expect(directory.roomCount).toBe(after.filter((row) => row.endsWith('commonRoom')).length);
    expect(directory.onlineCount).toBe(after.length);
  });
});

describe('somebody who is not in the menu', () => {
  it.each<[string, () => void]>([
    ['naming', () => leaveMenu('b')],
    ['in the room', () => leaveMenu('b', 'commonRoom')],
    ['ringing', () => request('b', 'c')],
    ['asked', () => request('c', 'b')],
  ])('cannot be asked: %s', (_, arrange) => {
    claim('a', 'b', 'c');
    arrange();
    request('a', 'b');
    expect(sent.at(-1)).toBe('s-a request.refused busy');
    expect(directory.rowOf('s-a')?.state).toBe('menu');
  });
});

describe('the number of a pairing', () => {
  it('is never used twice, so an answer to the first request means nothing to the second', () => {
    claim('a', 'b');
    request('a', 'b');
    send('a', { type: 'request.withdraw' });
    request('a', 'b');
    expect(sent.slice(-2)).toEqual(['s-b request.received a 2', 's-a request.delivered 2']);
    send('b', { type: 'request.accept', pairingId: 1 });
    expect(rows()).toEqual(['a requesting b', 'b confirming a']);
    send('b', { type: 'request.accept', pairingId: 2 });
    expect(rows()).toEqual(['a chatting b', 'b chatting a']);
  });
});

describe('a command that no session would send then', () => {
  it('changes nothing: a name where none was asked for, and a way to the menu out of a pairing', () => {
    claim('a', 'b', 'c');
    send('a', { type: 'request.make', target: 'b' });
    expect(rows()).toEqual(['a menu', 'b menu', 'c menu']);
    request('a', 'b');
    sent.length = 0;
    send('a', { type: 'request.make', target: 'c' });
    for (const id of ['a', 'b']) send(id, { type: 'menu.return' });
    expect([rows(), sent]).toEqual([['a requesting b', 'b confirming a', 'c menu'], []]);
  });
});

describe('look-ups', () => {
  it('find an id in whatever letter case, a session by its own name, and nobody else', () => {
    claim('Lior', 'b');
    directory.send('s-other', { type: 'id.claim', id: 'lIOR' });
    expect(sent.at(-1)).toBe('s-other id.refused');
    expect(directory.rowOf('s-Lior')).toEqual({ id: 'Lior', session: 's-Lior', state: 'menu', partner: undefined });
    for (const name of ['Lior', '', '__proto__', 'constructor']) expect(directory.rowOf(name)).toBeUndefined();
    leaveMenu('b');
    for (const id of ['', 'golan', '__proto__', 'constructor']) {
      request('b', id);
      expect(sent.at(-1)).toBe('s-b request.refused unknown');
      leaveMenu('b');
    }
    request('b', 'LIOR');
    expect(sent.slice(-2)).toEqual(['s-Lior request.received b 1', 's-b request.delivered 1']);
  });

  it('forget a session at once when it is gone, however often that is said', () => {
    claim('a', 'b');
    for (let time = 0; time < 3; time++) directory.remove('s-a');
    directory.remove('s-unknown');
    expect([directory.rowOf('s-a'), directory.onlineCount]).toEqual([undefined, 1]);
    directory.send('s-again', { type: 'id.claim', id: 'A' });
    expect(sent.at(-1)).toBe('s-again id.granted A');
  });

  it('a snapshot says what others are to read in it: names in lower case, and addresses behind an @', () => {
    const askRules = { askedPerMinute: 5, declineWaitMs: 1000, now: () => 7 };
    directory = new MemoryDirectory(() => {}, { askRules });
    send('a', { type: 'id.claim', id: 'Ann', network: 'home' });
    send('b', { type: 'id.claim', id: 'b' });
    request('a', 'b');
    send('b', { type: 'request.decline', pairingId: 1 });
    request('a', 'b');
    const partner = undefined;
    expect(directory.snapshot()).toEqual({
      lastPairingId: 1,
      rows: [
        { id: 'Ann', session: 's-a', state: 'menu', partner, pairingId: 0, network: 'home' },
        { id: 'b', session: 's-b', state: 'menu', partner, pairingId: 0 },
      ],
      askedBefore: {
        asked: [['b', [0]]],
        declined: [
          ['b', 'ann', 0],
          ['b', '@home', 0],
        ],
      },
    });
  });

  it('a snapshot holds everything: a directory restored from it decides the same', () => {
    arrangements.confirming();
    const snapshot = JSON.parse(JSON.stringify(directory.snapshot()));
    directory = MemoryDirectory.restore(snapshot, (to, { type }) => sent.push(`${to} ${type}`));
    sent.length = 0;
    expect(rows()).toEqual(['a confirming b', 'b requesting a']);
    send('a', { type: 'request.accept', pairingId: 1 });
    expect(sent).toEqual(['s-b chat.started', 's-a chat.started']);
  });
});
