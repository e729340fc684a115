/** What the clocks of the sessions cost: the end of one session never looks through those of the others. */
import { expect, it } from 'vitest';
import { CountingClock } from '../limits/countingClock.ts';
import { ask, Gathering, gatherThree } from '../support/memory.ts';

it('XState runs no clock of any session, since at the end of each actor it looks through all that it runs', () => {
  const { all, lior } = gatherThree({ idleMs: 600_000 });
  all.connect();
  ask(lior, 'golan');
  expect(Object.keys(all.lobby.actor.system.getSnapshot()._scheduledEvents)).toEqual([]);
});

it('no clock of a session that has ended runs on', () => {
  const clock = new CountingClock();
  const all = new Gathering({ clock, idleMs: 60_000 });
  const user = all.connect();
  expect(clock.pending).toBe(2);
  user.hangUp();
  expect(clock.pending).toBe(0);
});
