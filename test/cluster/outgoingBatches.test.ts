/** Which room lines are kept while Redis is down, for whom a speaker waits, and what a failover sends again. */
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { OutgoingBatches } from '../../src/cluster/outgoingBatches.ts';
import type { Outgoing } from '../../src/cluster/wireTypes.ts';

const mebi = 1_048_576;

function room(lines: string, isDeliveredHere = false): Outgoing {
  return ['room', 'here/1', lines, true, isDeliveredHere];
}

/** Batches, and those that were sent; none ever gets a reply. */
function silentDirectory() {
  const sent: { number: number; items: readonly Outgoing[] }[] = [];
  const batches = new OutgoingBatches((number, items) => {
    sent.push({ number, items });
    return new Promise(() => {});
  });
  return { batches, sent };
}

describe('outgoing batches', () => {
  it('give out the room lines that nobody here has read, in order and once', async () => {
    const { batches, sent } = silentDirectory();
    batches.open();
    batches.add(room('one'));
    batches.add(['menu', 'here/1', 'joined']);
    await turn();
    batches.add(room('two'));
    await turn();
    batches.add(room('three'));
    batches.close();
    batches.applied(1);
    const linesOf = (items: readonly Outgoing[]): unknown[] => items.map((item) => item[2]);
    expect(linesOf(batches.takeUndeliveredRoomLines())).toEqual(['two', 'three']);
    expect(batches.takeUndeliveredRoomLines()).toEqual([]);
    batches.open();
    await turn();
    expect(sent.slice(2)).toEqual([
      { number: 2, items: [room('two', true)] },
      { number: 3, items: [room('three', true)] },
    ]);
  });

  it('make nobody wait for lines that were read here, and keep the newer ones', async () => {
    const { batches, sent } = silentDirectory();
    for (let index = 0; index < 3000; index++) batches.add(room(`${index}`.padStart(1000), true));
    batches.add(['pass', 'here', 'there', 'kept']);
    expect(batches.needsDrain).toBe(false);
    batches.open();
    await turn();
    const items = sent.flatMap((batch) => batch.items);
    const numbers = items.filter(([kind]) => kind === 'room').map((item) => Number(item[2]));
    expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] as number) + index));
    expect(numbers[0]).toBeGreaterThan(3000 - mebi / 1000 - 1);
    expect(numbers[0]).toBeLessThan(3000 - mebi / 2000 + 1);
  });

  it('let speakers who wait go on as soon as the lines are read here', () => {
    const { batches } = silentDirectory();
    let released = 0;
    batches.add(room('x'.repeat(mebi)));
    expect(batches.needsDrain).toBe(true);
    batches.onceDrained(() => released++);
    batches.takeUndeliveredRoomLines();
    batches.release();
    expect([batches.needsDrain, released]).toEqual([false, 1]);
  });
});
