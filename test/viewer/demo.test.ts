/** `--demo`: two users play while nobody is there, and leave when somebody comes. */
import { expect, it } from 'vitest';
import { startServer } from '../../src/server/server.ts';
import { VirtualClock } from '../random/virtualClock.ts';
import { join } from '../support/gathering.ts';
import { passwordFile } from '../support/passwordGates.ts';
import { startTestServer } from '../support/testServer.ts';

const lineMs = 1_500;

async function startDemo() {
  const clock = new VirtualClock();
  const server = await startTestServer({ clock, demo: 'on' });
  const states = (): string[] => [...server.lobby.directory.rows()].map(({ id, state }) => `${id} ${state}`).sort();
  /** Lets one line after the other be typed, until all are where they should be. */
  const until = async (...expected: string[]): Promise<void> => {
    const look = (): string[] => {
      const seen = states();
      if (seen.join() !== expected.join()) clock.pass(lineMs);
      return seen;
    };
    await expect.poll(look).toEqual(expected);
  };
  return { clock, server, until };
}

it('begins when nobody was there for a while, and begins anew after its end', async () => {
  const { until } = await startDemo();
  await until('golan chatting', 'lior chatting');
  await until('golan commonRoom', 'lior commonRoom');
  await until();
  await until('golan chatting', 'lior chatting');
});

it('leaves when somebody comes', async () => {
  const { clock, server, until } = await startDemo();
  await until('golan menu', 'lior menu');
  await join(server, 'noa');
  clock.pass(lineMs);
  await expect.poll(() => [...server.lobby.directory.rows()].map(({ id }) => id)).toEqual(['noa']);
});

it('is refused where the demo could not join', async () => {
  const start = startServer({ port: 0, demo: 'on', passwordFile: passwordFile('secret') });
  await expect(start).rejects.toThrow('--demo needs a port without TLS and no password.');
});
