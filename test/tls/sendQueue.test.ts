/** TLS passes nothing on within the turn in which it gets it: that alone makes nobody a slow reader. */
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/config/limits.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { OutboxTotal } from '../../src/transport/sendBudget.ts';
import { Outbox, TurnEnd } from '../../src/transport/sendQueue.ts';
import { connectSecurely, describeSecure, makeCertificate } from '../support/secure.ts';
import { startTestServer } from '../support/testServer.ts';

const outboxBytes = 1000;

/** An outbox on a sink that has taken something and passes it on when it is told to. */
function startBlocked(encrypted: boolean) {
  const troubles: string[] = [];
  const sink = {
    encrypted,
    writableLength: 0,
    last: '',
    write(bytes: string) {
      sink.last = bytes;
      sink.writableLength += bytes.length;
      return false;
    },
  };
  const total = new OutboxTotal(1e9);
  const options = { ...limits, outboxBytes, clock: systemClock, turnEnd: new TurnEnd(() => {}), total };
  const owner = { troubled: (trouble: string) => troubles.push(trouble), writeFailed: () => {} };
  const outbox = new Outbox(sink, options, owner);
  outbox.write('x');
  outbox.flush();
  const drain = (): void => {
    sink.writableLength = 0;
    outbox.drained();
  };
  return { outbox, troubles, drain, sink, close: () => outbox.close() };
}

async function turns(count: number): Promise<void> {
  for (let each = 0; each < count; each++) await turn();
}

describe('more than may wait', () => {
  it('is too much at once without encryption', () => {
    const { outbox, troubles, close } = startBlocked(false);
    outbox.write('x'.repeat(outboxBytes));
    expect(troubles).toEqual(['outboxFull']);
    close();
  });

  it('is not too much if it is gone some turns later', async () => {
    const { outbox, troubles, drain, close } = startBlocked(true);
    outbox.write('x'.repeat(outboxBytes));
    await turns(20);
    drain();
    drain();
    // Another time, as many turns again.
    outbox.write('x');
    outbox.flush();
    outbox.write('x'.repeat(outboxBytes));
    await turns(20);
    expect(troubles).toEqual([]);
    close();
  });

  it('is too much if it is still there then', async () => {
    const { outbox, troubles, close } = startBlocked(true);
    outbox.write('x'.repeat(outboxBytes));
    outbox.write('x');
    expect(troubles).toEqual([]);
    await turns(33);
    expect(troubles).toEqual(['outboxFull']);
    close();
  });

  it('is too much at once if it is far more', () => {
    const { outbox, troubles, close } = startBlocked(true);
    outbox.write('x'.repeat(outboxBytes + 4_194_304));
    expect(troubles).toEqual(['outboxFull']);
    close();
  });

  it('leaves room for last words, whatever comes before them', async () => {
    const { outbox, sink } = startBlocked(true);
    outbox.write('x'.repeat(outboxBytes));
    await turns(33);
    // Lines of the same turn, which were told before.
    outbox.write('x'.repeat(2 * outboxBytes));
    outbox.write('Goodbye!');
    outbox.finish();
    expect(sink.last).toBe('Goodbye!');
  });

  it('is nothing to be looked after when the connection is gone', async () => {
    const { outbox, troubles, close } = startBlocked(true);
    outbox.write('x'.repeat(outboxBytes));
    close();
    await turns(40);
    expect(troubles).toEqual([]);
  });
});

describeSecure('a room in which three say 2,000 lines at once', () => {
  it('loses nobody who reads', async () => {
    const server = await startTestServer({ ...makeCertificate(), announceLimit: 0 });
    const people = await Promise.all(
      Array.from({ length: 3 }, async (_, index) => {
        const { person } = await connectSecurely(server);
        await person.identify(`reader${index + 10}`);
        return person;
      }),
    );
    for (const [inside, person] of people.entries()) {
      person.choose(3);
      await person.readThrough(inside === 0 ? 'here yet.\n' : 'included.\n');
      for (const other of people.slice(0, inside)) await other.expect(`${person.name} joined the common room.\n`);
    }
    const text = 'x'.repeat(1000);
    for (const person of people) person.send(`${text}\n`.repeat(2000));
    // Each reads what the two others say.
    const bytes = 2 * 2000 * `reader10: ${text}\n`.length;
    await Promise.all(people.map((person) => person.readBytes(bytes)));
    expect([...server.limitsReached]).toEqual([]);
  });
});
