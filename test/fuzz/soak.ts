/**
 * `npm run soak -- [--connections N]`: so many people (20,000) come and go, a hundred at a time, each in one of the ways there are to
 * go, one in ten by a cut cable. Afterwards the server must hold what it held after the first 2,000.
 *
 * Owns: the comings and goings, and the comparison. Ends with exit code 1 if anything is left or somebody isn't let go.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Held } from './soakServer.ts';

const { values } = parseArgs({ options: { connections: { type: 'string' } } });
const connections = Number(values.connections ?? 20_000);
const warmUp = 2_000;
const atOnce = 100;
/** What may be left of ten per cent that the collector is allowed, and of what any process wobbles by, in bytes. */
const wobble = 2_000_000;
/** How long one connection may last, and one answer take, in ms. */
const deadlineMs = 30_000;
if (!(connections > warmUp)) {
  console.error(`usage: npm run soak -- [--connections N], N more than ${warmUp}`);
  process.exit(2);
}

const child = fork(new URL('soakServer.ts', import.meta.url), { execArgv: ['--expose-gc', '--import', 'tsx'] });
process.on('exit', () => child.kill('SIGKILL'));
child.on('exit', (code, signal) => {
  console.log(`soak: FAILED: the server has ended, ${signal ?? code}`);
  process.exit(1);
});

async function held(): Promise<Held> {
  const answer = once(child, 'message', { signal: AbortSignal.timeout(deadlineMs) }) as Promise<[Held]>;
  child.send('what do you hold?');
  return (await answer)[0];
}

/** What somebody does next: reads until this stands on the screen, then types that. */
type Step = [reads: RegExp, types: string];
const idPrompt = /user ID: $/;
const menu = /4\) Who is online\n/;
const inRoom = /Joined common room\.[\s\S]*here/;
const inChat = /Chat started with/;

/** What each does before they go, by number; most of them only wait for what they need. */
const lives: ((id: string) => Step[])[] = [
  () => [[idPrompt, '']],
  (id) => [[idPrompt, `${id}\n2\n`]],
  (id) => [[idPrompt, `${id}\n`]],
  (id) => [
    [idPrompt, `${id}\n3\n`],
    [inRoom, 'hello\n'],
  ],
  (id) => [
    [idPrompt, `${id}\n3\nhello\nexit()\n4\n`],
    [/\(free, you\)/, '2\n'],
  ],
  (id) => [[idPrompt, `${id}\n1\nnobody\n${'9\n'.repeat(20)}`]],
  (id) => [[idPrompt, `not an id\n${id}\n3\n${'x'.repeat(5000)}\n`]],
  // Without a line feed: the guess at the framing is still open when they go.
  (id) => [[idPrompt, id]],
];

/** Both halves of a couple, in a chat that one of them leaves, or that ends with a connection. */
const couples: ((id: string, other: string) => [asker: Step[], asked: Step[]])[] = [
  (id, other) => [
    [
      [idPrompt, `${id}\n`],
      [menu, `1\n${other}\n`],
      [inChat, 'hello\nexit()\n2\n'],
    ],
    [
      [idPrompt, `${other}\n`],
      [/Accept\?/, 'y\n'],
      [/left the chat/, '2\n'],
    ],
  ],
  (id, other) => [
    [
      [idPrompt, `${id}\n`],
      [menu, `1\n${other}\n`],
      [inChat, 'half a line'],
    ],
    [
      [idPrompt, `${other}\n`],
      [/Accept\?/, 'y\nhello\n'],
      [/left the chat/, ''],
    ],
  ],
  // The one who asks goes without an answer.
  (id, other) => [
    [
      [idPrompt, `${id}\n`],
      [menu, `1\n${other}\nhello?\n`],
      [/Waiting for response/, ''],
    ],
    [
      [idPrompt, `${other}\n`],
      [/withdrew/, ''],
    ],
  ],
];

/** Somebody who does this, then goes; resolves when the connection is closed. `onMenu` is called once they can be asked. */
function live(port: number, steps: readonly Step[], isCut: boolean, onMenu = (): void => {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let screen = '';
    let next = 0;
    const timer = setTimeout(() => {
      reject(new Error(`nothing further within ${deadlineMs} ms: ${JSON.stringify(screen.slice(-200))}`));
    }, deadlineMs);
    socket.setEncoding('utf8').on('data', (text: string) => {
      if (next === steps.length) return;
      screen += text;
      if (menu.test(screen)) onMenu();
      for (let step = steps[next]; step?.[0].test(screen); step = steps[++next]) {
        if (step[1] !== '') socket.write(step[1]);
        screen = '';
      }
      if (next < steps.length) return;
      // What was typed shall get there before the cable is cut.
      if (isCut) setImmediate(() => socket.resetAndDestroy());
      else socket.end();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      if (next === steps.length) resolve();
      else reject(new Error(`closed too early: ${JSON.stringify(screen.slice(-200))}`));
    });
  });
}

/** One alone, or two together. */
interface Visit {
  size: 1 | 2;
  run(port: number): Promise<unknown>;
}

function visitOf(number: number): Visit {
  const kind = number % (lives.length + couples.length);
  // One in ten, in each of the ways.
  const isCut = Math.floor(number / (lives.length + couples.length)) % 10 === 0;
  const alone = lives[kind];
  if (alone) return { size: 1, run: (port) => live(port, alone(`u${number}`), isCut) };
  const couple = couples[kind - lives.length] as (typeof couples)[number];
  const [asker, asked] = couple(`u${number}`, `v${number}`);
  return {
    size: 2,
    run: (port) => {
      let asking: Promise<void> | undefined;
      const answering = live(port, asked, isCut, () => {
        asking ??= live(port, asker, isCut);
        // Whoever is heard of first, `answering` or this, the other is not left alone.
        asking.catch(() => {});
      });
      return answering.then(() => asking);
    },
  };
}

/** So many connections, up to a hundred at a time. */
async function comeAndGo(port: number, count: number): Promise<void> {
  const goal = come + count;
  const lane = async (): Promise<void> => {
    while (come < goal) {
      const visit = visitOf(visits++);
      come += visit.size;
      await visit.run(port);
      if (performance.now() < nextReport) continue;
      console.error(`soak: ${come} connections`);
      nextReport += 10_000;
    }
  };
  // A couple has two.
  await Promise.all(Array.from({ length: atOnce / 2 }, lane));
}

/** What is held when everybody is gone: the server hears of a cut cable a moment later. */
async function heldWhenEmpty(): Promise<Held> {
  for (let look = 0; ; look++) {
    const now = await held();
    if ((now.sessions + now.online + now.waitingBytes === 0 && now.files <= files) || look === 100) return now;
    await pause(100);
  }
}

let come = 0;
let visits = 0;
let nextReport = performance.now() + 10_000;
const { port, files } = await held();
await comeAndGo(port, warmUp);
const before = await heldWhenEmpty();
await comeAndGo(port, connections - warmUp);
const after = await heldWhenEmpty();

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
const isClean =
  after.heapBytes <= before.heapBytes * 1.1 + wobble &&
  after.files <= files &&
  after.sessions + after.online + after.waitingBytes === 0;
console.log(
  `soak: ${come} connections in ${(performance.now() / 1000).toFixed(0)} s: heap after ${warmUp} ${megabytes(before.heapBytes)} MB, ` +
    `at the end ${megabytes(after.heapBytes)} MB; files ${files} → ${after.files}; left: ${after.sessions} sessions, ` +
    `${after.online} ids, ${after.waitingBytes} bytes: ${isClean ? 'clean' : 'FAILED'}`,
);
process.exit(isClean ? 0 : 1);
