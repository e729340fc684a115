/**
 * The cluster member chart, explored: every state and every event in it, as far as they lead.
 *
 * Owns: what has to hold in each of these states, whatever happened before. A process that may hold users without a
 * bound in time is one whose directory is down for everybody; every other one has a deadline that no failure moves.
 */
import { describe, expect, it } from 'vitest';
import { createActor, SimulatedClock, type SnapshotFrom } from 'xstate';
import { backOffMs, type ClusterMemberEvent, clusterMemberMachine } from '../../machines/clusterMember.machine.ts';

const events: ClusterMemberEvent[] = [
  { type: 'connection.up', runId: 'old' },
  { type: 'connection.up', runId: 'new' },
  ...(['refused', 'failed', 'denied'] as const).map((how) => ({ type: `connection.${how}` as const })),
  { type: 'node.joined' },
  { type: 'peers.agreed' },
  { type: 'peers.disagreed' },
  { type: 'lease.granted', leftMs: 2400 },
  { type: 'lease.denied' },
  { type: 'directory.emptied' },
  { type: 'node.stop' },
  { type: 'node.left' },
];
/** Time that passes, in ms: a retry, some failed renewals, the rest of any lease. */
const waits = [200, 1200, 2500];
type Step = ClusterMemberEvent | number;

/** What one process did, and when. */
function play(steps: readonly Step[]) {
  const clock = new SimulatedClock();
  const done: string[] = [];
  const note = (what: string) => () => void done.push(what);
  const machine = clusterMemberMachine.provide({
    actions: {
      join: note('join'),
      resume: note('resume'),
      evictUsers: note('evictUsers'),
      decideLocally: note('decideLocally'),
    },
  });
  const actor = createActor(machine, { clock }).start();
  const states = [nameOf(actor.getSnapshot())];
  for (const step of steps) {
    if (actor.getSnapshot().status !== 'active') break;
    if (typeof step === 'number') clock.increment(step);
    else actor.send(step);
    states.push(nameOf(actor.getSnapshot()));
  }
  return { states, done, snapshot: actor.getSnapshot() };
}

function nameOf({ value }: SnapshotFrom<typeof clusterMemberMachine>): string {
  return typeof value === 'string' ? value : `member.${Object.values(value).join()}`;
}

/** The shortest way to every state, with every context that matters. */
function explore(): Map<string, Step[]> {
  const found = new Map<string, Step[]>([[keyOf([]), []]]);
  for (const way of found.values()) {
    for (const step of [...events, ...waits]) {
      const longer = [...way, step];
      const key = keyOf(longer);
      if (!found.has(key)) found.set(key, longer);
    }
  }
  return found;
}

function keyOf(way: readonly Step[]): string {
  const { snapshot } = play(way);
  // How often it failed in a row decides only how long it waits until it tries again.
  return JSON.stringify([nameOf(snapshot), { ...snapshot.context, setbacks: 0 }]);
}

const ways = [...explore().values()];
const holding = ways.filter((way) => /^(member|standalone)/.test(play(way).states.at(-1) as string));

describe('the cluster member chart', () => {
  it('is explored in all its states', () => {
    const reached = new Set(ways.map((way) => play(way).states.at(-1)));
    const named = clusterMemberMachine.root;
    const all = Object.values(named.states).flatMap(({ key, states }) => {
      const inner = Object.keys(states);
      return inner.length === 0 ? [key] : inner.map((each) => `${key}.${each}`);
    });
    expect([...reached].sort()).toEqual(all.sort());
  });

  it('goes on alone only because the directory is down for everybody', () => {
    for (const way of holding) {
      for (const step of [...events, ...waits]) {
        const { states } = play([...way, step]);
        const [before, after] = states.slice(-2);
        if (after !== 'standalone' || before === after) continue;
        expect([way, step]).toEqual([way, { type: 'peers.agreed' }]);
      }
    }
  });

  it('lets its users go when the lease ends, whatever fails, is denied or comes back meanwhile', () => {
    const failures: ClusterMemberEvent[] = [
      { type: 'connection.failed' },
      { type: 'connection.denied' },
      { type: 'connection.up', runId: 'new' },
      { type: 'connection.refused' },
      { type: 'peers.disagreed' },
      { type: 'directory.emptied' },
    ];
    for (const way of holding) {
      const { states: before, done: doneBefore } = play(way);
      // A process that went on alone gets a deadline only when the directory is there again.
      const isLeased = before.at(-1) !== 'standalone';
      for (const one of failures) {
        for (const other of failures) {
          const { states, done } = play([...way, 800, one, 800, other, 200, other, isLeased ? 700 : 2000]);
          if (!states.slice(way.length).some((state) => state.startsWith('member'))) continue;
          const isOver = done.slice(doneBefore.length).includes('evictUsers');
          if (!isOver) expect.fail(JSON.stringify([way, one, other, states]));
        }
      }
    }
  });

  it('continues only at the process that has taken what it holds', () => {
    for (const way of ways) {
      const { done, snapshot } = play([...way, { type: 'connection.up', runId: 'new' }]);
      if (done.at(-1) === 'resume') expect(snapshot.context.joinedRunId).toBe('new');
    }
  });

  it('tells the directory what it has decided alone before it goes on there', () => {
    for (const way of ways) {
      const { done } = play([...way, { type: 'connection.up', runId: 'old' }]);
      const last = done.filter((what) => what !== 'evictUsers').slice(-2);
      if (last[0] === 'decideLocally') expect([way, last]).toEqual([way, ['decideLocally', 'join']]);
    }
  });

  it('tries again more and more rarely when it is fenced, each at its own pace, and at once after a good lease', () => {
    /** When a process of this pace, whose connection fails at once, opens it again, in ms. */
    const attempts = (pace: number): number[] => {
      const clock = new SimulatedClock();
      const opened: number[] = [];
      const machine = clusterMemberMachine.provide({
        actions: { openConnection: () => void opened.push(clock.now()) },
        delays: { backOff: ({ context }) => backOffMs(context.setbacks, pace) },
      });
      const actor = createActor(machine, { clock }).start();
      actor.send({ type: 'connection.up', runId: 'old' });
      actor.send({ type: 'connection.failed' });
      for (let ms = 0; ms < 6000; ms += 10) {
        clock.increment(10);
        if (opened.at(-1) === clock.now()) actor.send({ type: 'connection.failed' });
      }
      return opened.slice(1);
    };
    expect(attempts(0.5)).toEqual([200, 600, 1400, 3000, 4600]);
    expect(attempts(0)[3]).toBeLessThan(attempts(1)[3] as number);
    const { snapshot } = play([
      { type: 'connection.up', runId: 'old' },
      { type: 'connection.failed' },
      200,
      { type: 'connection.up', runId: 'old' },
      { type: 'lease.granted', leftMs: 2400 },
      { type: 'lease.granted', leftMs: 2400 },
    ]);
    expect(snapshot.context.setbacks).toBe(0);
  });
});
