/** Two server processes that send each other lines, with the order of all that arrives in the hand of the test. */
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { LineFlows } from '../../src/cluster/lineFlows.ts';
import type { FlowItem, Mark } from '../../src/cluster/wireTypes.ts';
import { VirtualClock } from './model/virtualClock.ts';

class Side {
  readonly flows: LineFlows;
  /** What was sent each way, and has not arrived. */
  readonly quick: string[] = [];
  readonly slow: string[] = [];
  readonly read: string[] = [];
  canPublish = true;
  canPass = true;

  constructor(node: string, clock: VirtualClock) {
    this.flows = new LineFlows({
      ...{ node, clock },
      publish: (_place, _to, text) => this.canPublish && this.quick.push(text) > 0,
      pass: (_to, text) => this.canPass && this.slow.push(text) > 0,
      deliver: (item) => this.read.push(item[0] === 'line' ? item[3] : 'ack'),
      lineMissing: (session) => this.read.push(`missing for ${session}`),
    });
  }

  async say(...lines: string[]): Promise<void> {
    for (const line of lines) {
      this.flows.add('there/1', ['line', 'there/1', 7, line, 'here/1']);
      await turn();
    }
  }

  takeQuick(from: Side): void {
    for (const text of from.quick.splice(0)) this.flows.read(text);
  }

  takeSlow(from: Side): void {
    for (const text of from.slow.splice(0)) this.flows.take(JSON.parse(text) as FlowItem | Mark);
  }
}

/** Both know each other. */
function twoSides() {
  const clock = new VirtualClock();
  const [here, there] = [new Side('here', clock), new Side('there', clock)];
  here.flows.known('there', 'place');
  there.flows.known('here', 'place');
  const carry = (): void => {
    for (let round = 0; round < 4; round++) {
      for (const [one, other] of [[here, there] as const, [there, here] as const]) {
        other.takeQuick(one);
        other.takeSlow(one);
      }
    }
  };
  const wait = (ms: number): void => {
    const endMs = clock.now() + ms;
    while (clock.nextMs <= endMs) clock.moveTo(clock.nextMs);
    clock.moveTo(endMs);
  };
  return { here, there, carry, wait, clock };
}

/** The same, and lines go the quick way. */
async function quickSides() {
  const sides = twoSides();
  await sides.here.say('first');
  sides.carry();
  sides.wait(600);
  sides.carry();
  expect(sides.here.flows.ways).toEqual({ quick: 1, slow: 0 });
  return sides;
}

describe('lines between two servers', () => {
  it('go through the directory until the quick way is known to work', async () => {
    const { here, there, carry } = twoSides();
    await here.say('first');
    expect(here.slow).toHaveLength(1);
    carry();
    await here.say('second');
    expect([here.slow.length, here.quick.length]).toEqual([0, 1]);
    carry();
    expect(there.read).toEqual(['first', 'second']);
  });

  it('are kept until they were read, and cost one message to say so', async () => {
    const { here, carry, wait } = await quickSides();
    await here.say('a', 'b', 'c');
    carry();
    expect(here.flows.waiting).toBe(3);
    wait(600);
    carry();
    expect(here.flows.waiting).toBe(0);
  });

  it('wait for those that were said before', async () => {
    const { here, there, wait } = await quickSides();
    await here.say('lost');
    here.quick.length = 0;
    await here.say('next');
    there.takeQuick(here);
    expect(there.read).toEqual(['first']);
    wait(2000);
    there.takeSlow(here);
    expect(there.read).toEqual(['first', 'lost', 'next']);
    expect(here.flows.ways).toEqual({ quick: 0, slow: 1 });
  });

  it('are read once, also if both ways bring them', async () => {
    const { here, there, wait, carry } = await quickSides();
    await here.say('late');
    const late = here.quick.splice(0);
    wait(2000);
    carry();
    here.quick.push(...late);
    carry();
    expect(there.read).toEqual(['first', 'late']);
  });

  it('go through the directory at once when the other side says that it hears nothing', async () => {
    const { here, there, carry } = await quickSides();
    await here.say('lost');
    here.quick.length = 0;
    there.flows.deaf();
    carry();
    expect(there.read).toEqual(['first', 'lost']);
  });

  it('wait for the directory if there is no way, and go on where they were', async () => {
    const { here, there, carry, wait } = await quickSides();
    here.canPublish = false;
    here.canPass = false;
    await here.say('a', 'b');
    wait(5000);
    carry();
    expect(there.read).toEqual(['first']);
    here.canPass = true;
    wait(600);
    carry();
    expect(there.read).toEqual(['first', 'a', 'b']);
  });

  it('are given up when the other side is gone, or not named for 6 s', async () => {
    const { here, wait } = await quickSides();
    await here.say('a');
    here.flows.gone('there');
    expect(here.flows.waiting).toBe(0);
    here.flows.known('there', 'place');
    await here.say('b');
    here.flows.startSnapshot();
    wait(5500);
    expect(here.flows.waiting).toBe(1);
    wait(1000);
    expect(here.flows.waiting).toBe(0);
  });

  it('come after a time in which the other side was gone', async () => {
    const { here, there, carry } = await quickSides();
    await here.say('lost');
    here.quick.length = 0;
    here.flows.gone('there');
    here.flows.known('there', 'place');
    await here.say('later');
    carry();
    expect(there.read).toEqual(['first', 'later']);
  });

  it('make speakers wait from 1 MiB on, until enough was read', async () => {
    const { here, there, carry, wait } = await quickSides();
    let drained = 0;
    here.canPublish = false;
    here.canPass = false;
    await here.say(...Array.from({ length: 16 }, () => 'x'.repeat(65_536)));
    expect(here.flows.needsDrain).toBe(true);
    here.flows.onceDrained(() => drained++);
    here.canPass = true;
    wait(600);
    there.takeSlow(here);
    expect(drained).toBe(0);
    carry();
    expect([there.read.length, here.flows.needsDrain, drained]).toEqual([17, false, 1]);
  });

  it('say at once that much was read', async () => {
    const { here, there } = await quickSides();
    await here.say('x'.repeat(20_000));
    there.takeQuick(here);
    expect([...there.quick, ...there.slow].join()).toContain('"read"');
  });

  it('are none if they can not be read', () => {
    const { here } = twoSides();
    here.flows.read('{');
    expect(here.read).toEqual([]);
  });
});

describe('what the directory says to a session', () => {
  it('waits for lines from before, and comes in order', async () => {
    const { here, there } = await quickSides();
    await here.say('bye');
    const mark = here.flows.markFor('there/1') as Mark;
    there.flows.take(mark);
    for (const update of ['end', 'next']) there.flows.updates.inOrder('there/1', () => there.read.push(update));
    there.flows.updates.inOrder('there/2', () => there.read.push('another'));
    there.takeQuick(here);
    expect(there.read).toEqual(['first', 'another', 'bye', 'end', 'next']);
    there.flows.updates.inOrder('there/1', () => there.read.push('later'));
    expect(there.read.at(-1)).toBe('later');
  });

  it('needs no mark if all was read', async () => {
    const { here } = await quickSides();
    expect(here.flows.markFor('there/1')).toBeUndefined();
    expect(here.flows.markFor('nobody/1')).toBeUndefined();
  });

  it('waits for lines of this very moment, too', async () => {
    const { here, there, carry } = await quickSides();
    here.flows.add('there/1', ['line', 'there/1', 7, 'bye', 'here/1']);
    there.flows.take(here.flows.markFor('there/1') as Mark);
    there.flows.updates.inOrder('there/1', () => there.read.push('end'));
    carry();
    expect(there.read).toEqual(['first', 'bye', 'end']);
  });

  it('waits 3 s at most, and says then that lines are missing', async () => {
    const { here, there, wait } = await quickSides();
    await here.say('bye');
    there.flows.take(here.flows.markFor('there/1') as Mark);
    there.flows.updates.inOrder('there/1', () => there.read.push('end'));
    wait(2500);
    expect(there.read).toEqual(['first']);
    wait(1000);
    expect(there.read).toEqual(['first', 'missing for there/1', 'end']);
  });

  it.each([
    ['the other side is gone', (flows: LineFlows) => flows.gone('here')],
    ['the session loses its id', (flows: LineFlows) => flows.updates.releaseFor('there/1')],
  ])('does not wait when %s', async (_, happen) => {
    const { here, there } = await quickSides();
    await here.say('bye');
    there.flows.take(here.flows.markFor('there/1') as Mark);
    there.flows.updates.inOrder('there/1', () => there.read.push('end'));
    happen(there.flows);
    expect(there.read).toEqual(['first', 'end']);
  });

  it('waits though the directory is another one, and comes with a word about it if there is none', async () => {
    const { here, there } = await quickSides();
    await here.say('bye');
    there.flows.take(here.flows.markFor('there/1') as Mark);
    there.flows.updates.inOrder('there/1', () => there.read.push('end'));
    there.flows.startSnapshot();
    expect(there.read).toEqual(['first']);
    there.flows.updates.releaseAll((session) => there.read.push(`missing for ${session}`));
    expect(there.read).toEqual(['first', 'missing for there/1', 'end']);
  });

  it('is nothing to a session that has ended', async () => {
    const { here, there, carry } = await quickSides();
    await here.say('bye');
    there.flows.take(here.flows.markFor('there/1') as Mark);
    there.flows.updates.inOrder('there/1', () => there.read.push('end'));
    there.flows.updates.forget('there/1');
    carry();
    expect(there.read).toEqual(['first', 'bye']);
  });
});
