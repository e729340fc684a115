/** Who sends without end is read a piece or two in each turn, and everybody else in between. */
import { once } from 'node:events';
import { createServer, connect as openSocket, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { limits } from '../../src/config/limits.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { Connection } from '../../src/transport/connection.ts';
import { FlushScheduler } from '../../src/transport/flushScheduler.ts';
import { SendBudget } from '../../src/transport/sendBudget.ts';

/** What Node reads at once. */
const pieceBytes = 65_536;
const sent = Buffer.from(`${'x'.repeat(63)}\n`.repeat(20_000));

/** A connection of which more is there than Node reads at once. */
async function startFlooded() {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = openSocket((server.address() as { port: number }).port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  onTestFinished(() => {
    client.destroy();
    socket.destroy();
    server.close();
  });
  client.write(sent);
  await once(client, 'drain');
  let turns = 0;
  let isOver = false;
  const bytesOfTurn: number[] = [];
  const options = { ...limits, framing: 'lines', clock: systemClock, total: new SendBudget(1e9) } as const;
  const connection = new Connection(socket, { ...options, flushScheduler: new FlushScheduler() });
  connection.attach({
    receive(received) {
      if (received === 'end') isOver = true;
      else if ('lines' in received) bytesOfTurn[turns] = (bytesOfTurn[turns] ?? 0) + received.lines.length + 1;
    },
    limitReached: () => {},
    failed: () => {},
    closed: () => {},
  });
  const countTurns = async (): Promise<void> => {
    for (; !isOver; turns++) await turn();
  };
  return { client, connection, bytesOfTurn, countTurns };
}

it('no turn has more of one connection than two pieces, and nothing is lost', async () => {
  const { client, connection, bytesOfTurn, countTurns } = await startFlooded();
  connection.resume();
  client.end();
  await countTurns();
  const bytes = bytesOfTurn.filter((each) => each > 0);
  expect(bytes.reduce((sum, each) => sum + each, 0)).toBe(sent.length);
  // A line that a piece ends in comes with the next one.
  expect(Math.max(...bytes)).toBeLessThanOrEqual(2 * pieceBytes + 64);
});

it('a pause in between holds, however the turns go', async () => {
  const { client, connection, bytesOfTurn, countTurns } = await startFlooded();
  const sum = (): number => bytesOfTurn.reduce((all, each) => all + (each ?? 0), 0);
  connection.resume();
  while (sum() === 0) await turn();
  connection.pause();
  const before = sum();
  for (let time = 0; time < 5; time++) await turn();
  expect(sum()).toBe(before);
  connection.resume();
  client.end();
  await countTurns();
  expect(sum()).toBe(sent.length);
});
