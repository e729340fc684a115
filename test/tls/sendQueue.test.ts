/** TLS passes nothing on within the turn in which it gets it: that alone makes nobody a slow reader. */
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/config/limits.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { FlushScheduler } from '../../src/transport/flushScheduler.ts';
import { SendBudget } from '../../src/transport/sendBudget.ts';
import { SendQueue } from '../../src/transport/sendQueue.ts';
import { connectSecurely, makeCertificate } from '../support/secure.ts';
import { startTestServer } from '../support/testServer.ts';
import { joinedRoom } from '../support/wireTexts.ts';

const outboxBytes = 1000;

/** An send queue on a sink that has taken something and passes it on when it is told to. */
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
  const total = new SendBudget(1e9);
  const options = { ...limits, outboxBytes, clock: systemClock, flushScheduler: new FlushScheduler(() => {}), total };
  const owner = { limitReached: (trouble: string) => troubles.push(trouble), writeFailed: () => {} };
  const sendQueue = new SendQueue(sink, options, owner);
  sendQueue.write('x');
  sendQueue.flush();
  const drain = (): void => {
    sink.writableLength = 0;
    sendQueue.drained();
  };
  return { sendQueue, troubles, drain, sink, close: () => sendQueue.close() };
}

async function turns(count: number): Promise<void> {
  for (let each = 0; each < count; each++) await turn();
}

describe('more than may wait', () => {
  it('is too much after two turns without encryption', async () => {
    const { sendQueue, troubles, close } = startBlocked(false);
    sendQueue.write('x'.repeat(outboxBytes));
    await turns(2);
    expect(troubles).toEqual(['outboxFull']);
    close();
  });

  it('is not too much if it is gone some turns later', async () => {
    const { sendQueue, troubles, drain, close } = startBlocked(true);
    sendQueue.write('x'.repeat(outboxBytes));
    await turns(20);
    drain();
    drain();
    // Another time, as many turns again.
    sendQueue.write('x');
    sendQueue.flush();
    sendQueue.write('x'.repeat(outboxBytes));
    await turns(20);
    expect(troubles).toEqual([]);
    close();
  });

  it('is too much if it is still there then', async () => {
    const { sendQueue, troubles, close } = startBlocked(true);
    sendQueue.write('x'.repeat(outboxBytes));
    sendQueue.write('x');
    expect(troubles).toEqual([]);
    await turns(33);
    expect(troubles).toEqual(['outboxFull']);
    close();
  });

  it('is too much at once if it is far more', () => {
    const { sendQueue, troubles, close } = startBlocked(true);
    sendQueue.write('x'.repeat(outboxBytes + 4_194_304));
    expect(troubles).toEqual(['outboxFull']);
    close();
  });

  it('leaves room for last words, whatever comes before them', async () => {
    const { sendQueue, sink } = startBlocked(true);
    sendQueue.write('x'.repeat(outboxBytes));
    await turns(33);
    // Lines of the same turn, which were told before.
    sendQueue.write('x'.repeat(2 * outboxBytes));
    sendQueue.write('Goodbye!');
    sendQueue.finish();
    expect(sink.last).toBe('Goodbye!');
  });

  it('is nothing to be looked after when the connection is gone', async () => {
    const { sendQueue, troubles, close } = startBlocked(true);
    sendQueue.write('x'.repeat(outboxBytes));
    close();
    await turns(40);
    expect(troubles).toEqual([]);
  });
});

describe('a room in which three say 2,000 lines at once', () => {
  it('loses nobody who reads', async () => {
    const server = await startTestServer({ ...makeCertificate(), announceLimit: 0 });
    const users = await Promise.all(
      Array.from({ length: 3 }, async (_, index) => {
        const { user } = await connectSecurely(server);
        await user.identify(`reader${index + 10}`);
        return user;
      }),
    );
    for (const [inside, user] of users.entries()) {
      user.choose(3);
      await user.readThrough(inside === 0 ? 'here yet.\n' : 'included.\n');
      for (const other of users.slice(0, inside)) await other.expect(joinedRoom(user.name));
    }
    const text = 'x'.repeat(1000);
    for (const user of users) user.send(`${text}\n`.repeat(2000));
    // Each reads what the two others say.
    const bytes = 2 * 2000 * `reader10: ${text}\n`.length;
    await Promise.all(users.map((user) => user.readBytes(bytes)));
    expect([...server.limitsReached]).toEqual([]);
  });
});
