/**
 * The directory inside Redis, with many simulated servers and many users: `npm run bench:directory`.
 *
 * Owns: what a decision costs Redis as both numbers grow, and how long the longest call takes when a server joins, when
 * one with a quarter of all users dies, and when all come back to an empty Redis. Servers are names only: nobody reads
 * their inboxes. Nothing here passes or fails.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@redis/client';
import { library, libraryName } from '../src/cluster/luaLibrary.ts';
import type { FunctionName } from '../src/cluster/redisConnection.ts';
import type { SharedRow } from '../src/cluster/wireTypes.ts';
import { Child } from './child.ts';
import { freePort } from './servers.ts';

const sizes = [
  { servers: 4, users: 2_000 },
  { servers: 4, users: 50_000 },
  { servers: 32, users: 50_000 },
  { servers: 100, users: 50_000 },
  { servers: 100, users: 200_000 },
  ...(process.argv.includes('--million') ? [{ servers: 100, users: 1_000_000 }] : []),
];
const key = '{bench}';
const rowsPerCall = 200;
/** How often two users meet, chat and part. */
const meetings = 2000;
const decisionsPerMeeting = 4;

const folder = mkdtempSync(joinPath(tmpdir(), 'statechat-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const port = await freePort();
const redis = new Child('redis-server', ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--dir', folder]);
await sleep(500);
const client = createClient({ url: `redis://127.0.0.1:${port}`, RESP: 2 });
await client.connect();
await client.sendCommand(['FUNCTION', 'LOAD', library]);

let longestMs = 0;
async function call(name: FunctionName, ...args: (string | number)[]): Promise<unknown> {
  const begin = performance.now();
  const reply = await client.sendCommand(['FCALL', `${libraryName}_${name}`, '1', key, ...args.map(String)]);
  longestMs = Math.max(longestMs, performance.now() - begin);
  return reply;
}

const epochs = new Map<string, number>();
const epochOf = (server: string): number => epochs.get(server) ?? 1;
const numbers = new Map<string, number>();

async function join(server: string, rows: readonly SharedRow[], runId: string): Promise<void> {
  epochs.set(server, (epochs.get(server) ?? 0) + 1);
  const isLast = (at: number): number => Number(at + rowsPerCall >= rows.length);
  const slice = (at: number): string => JSON.stringify(rows.slice(at, at + rowsPerCall));
  await call('join', server, epochOf(server), runId, 0, '', isLast(0), slice(0), '[]');
  for (let at = rowsPerCall; at < rows.length; at += rowsPerCall) {
    await call('hold', server, epochOf(server), isLast(at), slice(at));
  }
}

async function batch(server: string, items: unknown[]): Promise<void> {
  const number = (numbers.get(server) ?? 0) + 1;
  numbers.set(server, number);
  await call('batch', server, epochOf(server), number, JSON.stringify(items));
}

/** Nobody is taken for dead: the directory's clock goes on by half a second at most with each renewal. */
async function keepAlive(names: readonly string[]): Promise<void> {
  const far = String(Date.now() * 2);
  await client.sendCommand(['ZADD', `${key}:nodes`, 'XX', ...names.flatMap((name) => [far, name])]);
}

const renew = (server: string): Promise<unknown> => call('lease', server, epochOf(server), 1, 1, '0-0');

/** Two users of each pair are at two servers. `atOnce` of them do each step in the same batch. */
async function meet(count: number, names: readonly string[], atOnce: number): Promise<void> {
  for (let done = 0; done < count; done += atOnce) {
    const pair = (done / atOnce) % (names.length / 2);
    const [one, other] = [names[pair * 2] as string, names[pair * 2 + 1] as string];
    const users = Array.from({ length: atOnce }, (_, index) => index);
    const askers = users.map((user) => `${one}/${user}`);
    await batch(
      one,
      askers.flatMap((asker, user) => [
        ['menu.leave', asker, 'requesting'],
        ['request.make', asker, `${other}-${user}`, 0, 0],
      ]),
    );
    const rows = (await client.sendCommand(['HMGET', `${key}:rows`, ...askers])) as unknown as string[];
    const pairings = rows.map((row) => (JSON.parse(row) as SharedRow).pairingId);
    await batch(
      other,
      users.map((user) => ['request.accept', `${other}/${user}`, pairings[user]]),
    );
    await batch(
      one,
      users.map((user) => ['chat.leave', `${one}/${user}`, pairings[user]]),
    );
    // As if somebody had read the inboxes.
    for (const server of [one, other]) await client.sendCommand(['XTRIM', `${key}:in:${server}`, 'MAXLEN', '0']);
  }
}

/** The time of Redis' CPU for each decision, in µs. */
async function decision(names: readonly string[], atOnce: number): Promise<number> {
  await meet(meetings / 4, names, atOnce);
  const before = redis.cpuMs();
  await meet(meetings, names, atOnce);
  return ((redis.cpuMs() - before) * 1000) / (meetings * decisionsPerMeeting);
}

async function longest(run: () => Promise<unknown>): Promise<string> {
  longestMs = 0;
  const begin = performance.now();
  await run();
  return `${longestMs.toFixed(1)} ms, ${((performance.now() - begin) / 1000).toFixed(1)} s in all`;
}

console.log('| servers | users | decision | in batches of 20 | a server joins | a quarter dies | empty restart |');
console.log('| ---: | ---: | ---: | ---: | --- | --- | --- |');
for (const { servers, users } of sizes) {
  await client.sendCommand(['FLUSHALL']);
  epochs.clear();
  numbers.clear();
  const names = Array.from({ length: servers }, (_, index) => `s${index}`);
  const held = names.map((name) => rowsOf(name, users / servers));
  for (const [index, name] of names.entries()) {
    await join(name, held[index] as SharedRow[], 'first');
    await keepAlive(names);
  }
  // Those who came first are listed, and known to all: the pairs are of others.
  const later = names.slice(servers > 4 ? 2 : 0);
  const [alone, batched] = [await decision(later, 1), await decision(later, 20)];
  const joins = await longest(() => join('late', [], 'first'));
  await keepAlive(['late']);
  await join('big', rowsOf('big', users / 4), 'first');
  await client.sendCommand(['ZADD', `${key}:nodes`, '1', 'big']);
  const dies = await longest(async () => {
    await renew('late');
    while (Number(await client.sendCommand(['SCARD', `${key}:dying`])) > 0) await call('sweep', 'late', 1);
  });
  const restart = await longest(async () => {
    for (const [index, name] of names.entries()) {
      await join(name, held[index] as SharedRow[], 'second');
      await keepAlive(names);
    }
  });
  console.log(
    `| ${servers} | ${users} | ${alone.toFixed(0)} µs | ${batched.toFixed(1)} µs | ${joins} | ${dies} | ${restart} |`,
  );
}
client.destroy();
await redis.stop();

function rowsOf(server: string, count: number): SharedRow[] {
  return Array.from({ length: Math.round(count) }, (_, index) => ({
    ...{ id: `${server}-${index}`, session: `${server}/${index}`, state: 'menu' as const },
    ...{ other: '', pairingId: 0, order: 0 },
  }));
}
