/**
 * `npm run soak -- [--connections N]`: so many users (20,000) come and go, a hundred at a time, each in one of the ways there are to
 * go, one in ten by a cut cable. Afterwards the server must hold what it held after the first 2,000.
 *
 * Owns: the ways to come and go, and the comparison. Ends with exit code 1 if anything is left.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import type { Held } from './soakServer.ts';

const { values } = parseArgs({ options: { connections: { type: 'string' } } });
const connections = Number(values.connections ?? 20_000);
const warmUp = 2_000;
const atOnce = 100;
/** What may be left of ten per cent that the collector is allowed, and of what any process wobbles by, in bytes. */
const wobble = 2_000_000;

const child = fork(new URL('soakServer.ts', import.meta.url), { execArgv: ['--expose-gc', '--import', 'tsx'] });
process.on('exit', () => child.kill('SIGKILL'));

async function held(): Promise<Held> {
  const answer = once(child, 'message') as Promise<[Held]>;
  child.send('what do you hold?');
  return (await answer)[0];
}

/** What each says before they go, by number. */
const lives: ((id: string, next: string) => string)[] = [
  () => '',
  (id) => `${id}\n2\n`,
  (id) => `${id}\n`,
  (id) => `${id}\n3\nhello\n`,
  (id) => `${id}\n3\nhello\nexit()\n4\n2\n`,
  (id, next) => `${id}\n1\n${next}\n`,
  (id) => `${id}\n1\nnobody\n${'9\n'.repeat(20)}`,
  (id) => `not an id\n${id}\ny\ny\nhello\nexit()\n`,
  (id) => `${id}\n3\n${'x'.repeat(5000)}\n`,
];

function live(port: number, number: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const isCut = number % 10 === 0;
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.on('connect', () => {
      const say = lives[number % lives.length] as (typeof lives)[number];
      socket.write(say(`u${number}`, `u${number + 1}`));
      if (!isCut) socket.end();
    });
    socket.on('data', () => {
      if (isCut) socket.resetAndDestroy();
    });
  });
}

/** So many, a hundred at a time. */
async function comeAndGo(port: number, from: number, to: number): Promise<void> {
  let next = from;
  const lane = async (): Promise<void> => {
    while (next < to) {
      const number = next++;
      await live(port, number);
      if (number % 5000 === 4999) console.error(`${number + 1} connections`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}

/** What is held when everybody is gone: the server hears of a cut cable a moment later. */
async function heldWhenEmpty(): Promise<Held> {
  for (let look = 0; ; look++) {
    const now = await held();
    if (now.sessions === 0 || look === 100) return now;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const { port, files } = await held();
await comeAndGo(port, 0, Math.min(warmUp, connections));
const before = await heldWhenEmpty();
await comeAndGo(port, warmUp, connections);
const after = await heldWhenEmpty();
const grownBytes = after.heapBytes - before.heapBytes;
console.log(
  `soak: ${connections} connections: heap ${(before.heapBytes / 1e6).toFixed(1)} → ${(after.heapBytes / 1e6).toFixed(1)} MB, ` +
    `files ${files} → ${after.files}, ${after.sessions} sessions, ${after.online} ids and ${after.waitingBytes} bytes left`,
);
const isClean =
  grownBytes <= before.heapBytes * 0.1 + wobble &&
  after.files <= files &&
  after.sessions + after.online + after.waitingBytes === 0;
process.exit(isClean ? 0 : 1);
