/** `--demo`: two users play while nobody is there, and leave when somebody comes. */
import { expect, it } from 'vitest';
import { startServer } from '../../src/server/server.ts';
import { VirtualClock } from '../random/virtualClock.ts';
import { join } from '../support/gathering.ts';
import { passwordFile } from '../support/passwordGates.ts';
import { startTestServer } from '../support/testServer.ts';

const emptyMs = 3_000;
const lineMs = 1_500;

/** Who is where after each line. */
const story: string[][] = [
  ['lior menu'],
  ['golan menu', 'lior menu'],
  ['golan menu', 'lior requesting'],
  ['golan confirming', 'lior requesting'],
  ...Array.from({ length: 3 }, () => ['golan chatting', 'lior chatting']),
  ['golan menu', 'lior menu'],
  ['golan menu', 'lior commonRoom'],
  ...Array.from({ length: 3 }, () => ['golan commonRoom', 'lior commonRoom']),
  ['golan commonRoom', 'lior menu'],
  ['golan menu', 'lior menu'],
  ['lior menu'],
  [],
];

async function startDemo() {
  const clock = new VirtualClock();
  const server = await startTestServer({ clock, demo: 'on' });
  const states = (): string[] => [...server.lobby.directory.rows()].map(({ id, state }) => `${id} ${state}`).sort();
  /** Lets one line after the other be typed, each when the one before has come to its end. */
  const play = async (lines: number): Promise<void> => {
    for (const [index, expected] of story.slice(0, lines).entries()) {
      clock.pass(index === 0 ? emptyMs : lineMs);
      await expect.poll(states).toEqual(expected);
    }
  };
  return { clock, server, play, states };
}

it('begins when nobody was there for a while, and begins anew after its end', async () => {
  const { clock, server, play } = await startDemo();
  await play(story.length);
  await expect.poll(() => server.lobby.sessions.size).toBe(0);
  clock.pass(lineMs);
  await play(5);
});

it('leaves when somebody comes', async () => {
  const { clock, server, play, states } = await startDemo();
  await play(2);
  await join(server, 'noa');
  clock.pass(lineMs);
  await expect.poll(states).toEqual(['noa menu']);
});

it('is refused where the two could not join', async () => {
  const start = startServer({ port: 0, demo: 'on', passwordFile: passwordFile('secret') });
  await expect(start).rejects.toThrow('--demo needs a port without TLS and no password.');
});
