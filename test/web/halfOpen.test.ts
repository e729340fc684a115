/** A page whose network is gone is found out, and one that is only silent stays. */
import { expect, it } from 'vitest';
import { CountingClock } from '../limits/countingClock.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer } from '../support/testServer.ts';
import { menu } from '../support/wireTexts.ts';
import { connectByWeb } from './webUser.ts';

/** The server's next ping, and what comes of it. */
async function nextPing(clock: CountingClock, pages: { pings: number }[]): Promise<void> {
  const before = pages.map(({ pings }) => pings);
  clock.increment(25_000);
  await eventually(() => pages.every(({ pings }, index) => pings > (before[index] ?? 0))).toBe(true);
}

async function openPage(server: { webPort: number | undefined }, id: string, autoPong: boolean) {
  const { user, webSocket } = await connectByWeb(server, { autoPong });
  const page = { user, webSocket, pings: 0 };
  webSocket.on('ping', () => page.pings++);
  await user.identify(id);
  return page;
}

it('a page that does not answer three pings is gone, one that does is not', async () => {
  const clock = new CountingClock();
  const server = await startTestServer({ webPort: 0, clock, lingerMs: 1, announceLimit: 0 });
  const silent = await openPage(server, 'lior', true);
  const gone = await openPage(server, 'golan', false);
  for (let ping = 1; ping <= 3; ping++) await nextPing(clock, [silent, gone]);
  expect([...server.limitsReached]).toEqual([]);
  clock.increment(25_000);
  await eventually(() => [...server.limitsReached]).toEqual([['unreachable', 1]]);
  silent.user.choose(4);
  await silent.user.expect(`lior (free, you)\n${menu}`);
});

it('nobody is asked without --keep-alive', async () => {
  const clock = new CountingClock();
  const server = await startTestServer({ webPort: 0, clock, keepAliveMs: 0 });
  const before = clock.pending;
  const { user } = await openPage(server, 'lior', false);
  clock.increment(300_000);
  user.choose(4);
  await user.expect(`lior (free, you)\n${menu}`);
  expect(clock.pending).toBe(before);
});
