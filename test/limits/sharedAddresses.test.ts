/** Which addresses stand for one user, and how much is kept of earlier requests. */
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { RequestMemory } from '../../src/chat/directory/requestMemory.ts';
import { parseOptions } from '../../src/cli/serveOptions.ts';
import { networks } from '../../src/config/kinds.ts';
import { SharedAddresses } from '../../src/server/sharedAddresses.ts';

describe('an address stands for one user', () => {
  const named = new SharedAddresses('198.51.100.7, 203.0.113.0/24,2001:db8:1::/48');

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:2::5', '2001:db8:2:0::/64'],
    ['198.51.100.8', '198.51.100.8'],
  ])('%s, as %s', (address, person) => {
    expect(named.personAt(address)).toBe(person);
  });

  it.each([
    '198.51.100.7',
    '203.0.113.200',
    '::ffff:203.0.113.9',
    '2001:db8:1:2::3',
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '',
  ])('%s doesn’t: others may have it', (address) => {
    expect(named.personAt(address)).toBe('');
  });

  it('no address of this machine does', () => {
    const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    for (const { address } of own)
      expect({ address, person: named.personAt(address) }).toEqual({ address, person: '' });
  });
});

describe('--shared-addresses', () => {
  it('takes addresses and networks, with commas between', () => {
    const list = '198.51.100.7, 203.0.113.0/24,2001:db8::/32';
    expect(parseOptions(['--shared-addresses', list]).sharedAddresses).toBe(
      '198.51.100.7,203.0.113.0/24,2001:db8::/32',
    );
  });

  it.each(['school.example', '203.0.113.0/33', '203.0.113.0/', '203.0.113.0/24/8', '2001:db8::/129', '10.0.0.1,'])(
    'doesn’t take %j',
    (list) => {
      expect(() => networks.read(list)).toThrow('It must be an IP address or a network, as 198.51.100.0/24; ');
    },
  );
});

describe('what is kept of earlier requests', () => {
  const memoryAt = (times: { now: number }) =>
    new RequestMemory({ askedPerMinute: 3, declineWaitMs: 30_000, now: () => times.now });

  it('are ten thousand of each, the latest', () => {
    const memory = memoryAt({ now: 0 });
    for (let user = 0; user < 10_001; user++) {
      memory.noteAsked(`user${user}`);
      memory.noteDeclined(`user${user}`, ['pest']);
    }
    const { asked, declined } = memory.snapshot();
    expect([asked.length, asked[0]?.[0], declined.length, declined[0]?.[0]]).toEqual([
      10_000,
      'user1',
      10_000,
      'user1',
    ]);
  });

  it('goes when its time is over, a minute or an hour', () => {
    const times = { now: 0 };
    const memory = memoryAt(times);
    memory.noteAsked('ann');
    memory.noteDeclined('ann', ['ben', '@home']);
    times.now = 59_999;
    expect(memory.snapshot().asked).toEqual([['ann', [-59_999]]]);
    times.now = 60_000;
    expect(memory.snapshot()).toEqual({
      asked: [],
      declined: [
        ['ann', 'ben', -60_000],
        ['ann', '@home', -60_000],
      ],
    });
    times.now = 3_600_000;
    expect([memory.snapshot(), memory.hasDeclined('ann', 'ben')]).toEqual([{ asked: [], declined: [] }, false]);
  });

  it('is as old as before in another process with another clock', () => {
    const memory = memoryAt({ now: 1_000_000 });
    memory.noteDeclined('ann', ['ben']);
    const rules = { askedPerMinute: 3, declineWaitMs: 30_000, now: () => 5 };
    const next = new RequestMemory(rules, memory.snapshot());
    expect([next.isResting('ann', ['ben']), next.isResting('ann', ['cat'])]).toEqual([true, false]);
  });
});
