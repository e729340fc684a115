/** What is known of users whose server hasn't joined again yet, when Redis goes down for the second time. */
import { describe, expect, it } from 'vitest';
import type { DirectoryUpdate } from '../../machines/events.ts';
import { KnownUsers } from '../../src/cluster/knownUsers.ts';
import { SessionNames } from '../../src/cluster/sessionNames.ts';
import type { SharedRow } from '../../src/cluster/wireTypes.ts';

const ours: SharedRow = { id: 'ann', session: 'here/1', state: 'chatting', other: 'there/1', pairingId: 7, order: 1 };
const theirs: SharedRow = { id: 'bob', session: 'there/1', state: 'chatting', other: 'here/1', pairingId: 7, order: 2 };

describe('known users', () => {
  it.each([1, 2])('keep a pairing whose other half has not come back, %d snapshots later', (snapshots) => {
    const users = new KnownUsers(new SessionNames('here'));
    for (const row of [ours, theirs]) users.set(row, true);
    for (let count = 0; count < snapshots; count++) {
      users.startSnapshot();
      users.set(ours, true);
    }
    const updates: [string, DirectoryUpdate][] = [];
    users.startStandalone((to, update) => updates.push([to, update]));
    expect(users.heldRows()).toEqual([{ ...ours, order: 0 }]);
    users.standalone?.send('here/1', { type: 'chat.leave', pairingId: 7 });
    expect(updates).toContainEqual(['here/1', { type: 'chat.ended', pairingId: 7 }]);
    expect(users.heldRows()).toEqual([{ ...ours, state: 'menu', other: '', pairingId: 0, order: 0 }]);
  });

  it('do not bring back a partner from whom our user has parted', () => {
    const users = new KnownUsers(new SessionNames('here'));
    for (const row of [ours, theirs]) users.set(row, true);
    users.startSnapshot();
    users.set({ ...ours, state: 'menu', other: '', pairingId: 0 }, true);
    users.startStandalone(() => {});
    expect([...users.rows()].map(({ id }) => id)).toEqual(['ann']);
  });

  it('name those who read lines of others, also of users who came to the room while Redis was down', () => {
    const users = new KnownUsers(new SessionNames('here'));
    const visitor: SharedRow = { id: 'cleo', session: 'here/2', state: 'menu', other: '', pairingId: 0, order: 3 };
    for (const row of [ours, theirs, visitor]) users.set(row, true);
    expect(users.readersOfOthers()).toEqual(['1']);
    users.startStandalone(() => {});
    users.standalone?.send('here/1', { type: 'chat.leave', pairingId: 7 });
    users.standalone?.send('here/2', { type: 'menu.leave', to: 'commonRoom' });
    expect(users.readersOfOthers()).toEqual(['2']);
  });
});
