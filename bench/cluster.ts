/**
 * Several servers with one Redis: `npm run bench:cluster`.
 *
 * Owns: what one more server brings, what lines and decisions cost each server and Redis, and how long a line takes
 * from one server to another. On a machine with few cores the rates say little, since the driver, the servers and Redis
 * share them; the CPU time for each line and decision is what counts. Nothing here passes or fails.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from './child.ts';
import { type Group, gather, lineText, scatter, volley } from './group.ts';
import { freePort, type RunningServer, redisProgram, start, statechat } from './servers.ts';
import { quantile } from './statistics.ts';
import type { User } from './user.ts';

const counts = [1, 2, 4];
/** Pairs of users for each server, which chat or meet and part again at the same time. */
const pairsPerServer = 20;
const warmUpMs = 1000;
const measureMs = 4000;
/** In one cycle the directory decides about a request, an answer, an end, and one move out of the menu. */
const decisionsPerCycle = 4;

interface Row {
  servers: number;
  what: string;
  rate: number;
  serverCpu: number;
  redisCpu: number;
}

const redisPort = await freePort();
const folder = mkdtempSync(join(tmpdir(), 'statechat-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const redis = new Child(redisProgram, [
  '--port',
  String(redisPort),
  '--bind',
  '127.0.0.1',
  '--save',
  '',
  '--dir',
  folder,
]);
await sleep(500);
const rows: Row[] = [];
const ways: string[] = [];
for (const count of counts) {
  const kind = statechat(
    [],
    ['--redis', `redis://127.0.0.1:${redisPort}`, '--announce-limit', '0', '--room-history', '0'],
  );
  const servers: RunningServer[] = [];
  for (let started = 0; started < count; started++) servers.push(await start(kind));
  const [first] = servers as [RunningServer];
  const ports = servers.map(({ port }) => port);

  /** Runs something for a while, and adds a row that says what each time has cost. */
  const measure = async (what: string, run: (ms: number) => Promise<number>): Promise<void> => {
    await run(warmUpMs);
    const [before, redisBefore] = [cpuOf(servers), redis.cpuMs()];
    const begin = performance.now();
    const pieces = await run(measureMs);
    const rate = (pieces * 1000) / (performance.now() - begin);
    const each = (ms: number): number => (ms * 1000) / pieces;
    rows.push({
      ...{ servers: count, what, rate },
      serverCpu: each(cpuOf(servers) - before),
      redisCpu: each(redis.cpuMs() - redisBefore),
    });
  };

  const alone = [await gather(first.dialect, [first.port, ports[1 % count] as number], 2, 'a')];
  const aloneAt = count === 1 ? 'both at one server' : 'from one server to another';
  await measure(`chat line of a pair alone, ${aloneAt}`, async (ms) => (await volley(alone, 1, ms)).deliveries);
  scatter(alone[0] as Group);
  const groups: Group[] = [];
  for (let pair = 0; pair < pairsPerServer * count; pair++) {
    const [from, to] = [ports[pair % count] as number, ports[(pair + 1) % count] as number];
    groups.push(await gather(first.dialect, [from, to], 2, `c${100 + pair}`));
  }
  const chats = count === 1 ? 'chat line, both at one server' : 'chat line, from one server to another';
  await measure(chats, async (ms) => (await volley(groups, 1, ms)).deliveries);
  await measure(`${chats}, 20 in flight`, async (ms) => (await volley(groups, 20, ms)).deliveries);
  await measure('decision', async (ms) => decisionsPerCycle * (await cycles(groups, ms)));
  const [[one, other]] = [groups[0]?.users as [User, User]];
  const probe = await waysBetween(first, one, other);
  ways.push(`| ${count} | ${Math.round(quantile(probe, 0.5))} µs | ${Math.round(quantile(probe, 0.99))} µs |`);
  for (const group of groups) scatter(group);
  await sleep(500);
  const room = await gather(first.dialect, ports, 8 * count, 'r');
  await measure('room line said', async (ms) => (await volley([room], 20, ms)).deliveries / (8 * count - 1));
  scatter(room);
  for (const { process } of servers) await process.stop();
}
await redis.stop();

const version = execFileSync(redisProgram, ['--version'], { encoding: 'utf8' });
console.log(`Redis ${/v=(\S+)/.exec(version)?.[1]}, driver, servers and Redis on the same cores.\n`);
console.log('| servers | | per second | CPU of all servers | CPU of Redis | one core of Redis carries |');
console.log('| ---: | --- | ---: | ---: | ---: | ---: |');
for (const { servers, what, rate, serverCpu, redisCpu } of rows) {
  const carries = redisCpu < 0.5 ? '' : `${Math.round(1000 / redisCpu)} k/s`;
  console.log(
    `| ${servers} | ${what} | ${Math.round(rate)} | ${serverCpu.toFixed(1)} µs | ${redisCpu.toFixed(1)} µs | ${carries} |`,
  );
}
console.log(`\n| servers | way of a chat line: p50 | p99 |\n| ---: | ---: | ---: |\n${ways.join('\n')}`);

function cpuOf(servers: readonly RunningServer[]): number {
  return servers.reduce((sum, { process }) => sum + process.cpuMs(), 0);
}

/** Pairs part and meet again and again. Returns how often. */
async function cycles(groups: readonly Group[], ms: number): Promise<number> {
  const end = performance.now() + ms;
  let count = 0;
  await Promise.all(
    groups.map(async ({ users, dialect }) => {
      const [a, b] = users as [User, User];
      while (performance.now() < end) {
        await dialect.part?.(a, b);
        await dialect.pair(a, b);
        count++;
      }
    }),
  );
  return count;
}

/** Resolves with how long each of 400 lines took, in µs. */
async function waysBetween({ dialect }: RunningServer, from: User, to: User): Promise<number[]> {
  const found: number[] = [];
  for (let line = 0; line < 400; line++) {
    await sleep(Math.random() * 10);
    const begin = performance.now();
    from.send(dialect.line(lineText, to));
    await to.until(lineText + dialect.lineEnd);
    found.push((performance.now() - begin) * 1000);
  }
  return found;
}
