/**
 * What a flood of connections does to a chat inside, and what the operator's lockdown or ban does against it.
 *
 * Owns: the comparison. The flood comes from another process with the lowest priority (`connectFlood.ts`), as in
 * `scenarios/latency.ts`, whose probe this is. Usage: npm run bench:lockdown
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ask } from '../src/operator/adminClient.ts';
import type { Request } from '../src/operator/requests.ts';
import { driveFrom, inBackground, pin, stayAwake } from './cores.ts';
import { type Group, gather, scatter } from './group.ts';
import { probe } from './scenarios/latency.ts';
import { type RunningServer, start, statechat } from './servers.ts';
import { median, quantile } from './statistics.ts';

const floodFile = fileURLToPath(new URL('connectFlood.ts', import.meta.url));
const runs = 5;
const warmUpMs = 500;
const measureMs = 3000;

interface Figure {
  p50: number;
  p99: number;
  rate: number;
}

/** What is ordered before each measurement; the flood comes from 127.0.0.2 to 127.0.0.201, the chat from 127.0.0.1. */
const cases: readonly { name: string; hasFlood: boolean; before: readonly Request[]; after: readonly Request[] }[] = [
  { name: 'quiet', hasFlood: false, before: [], after: [] },
  { name: 'flood', hasFlood: true, before: [], after: [] },
  {
    name: 'flood, lockdown on',
    hasFlood: true,
    before: [{ do: 'lockdown', on: true }],
    after: [{ do: 'lockdown', on: false }],
  },
  {
    name: 'flood, its addresses banned',
    hasFlood: true,
    before: [
      '127.0.0.128/25',
      '127.0.0.64/26',
      '127.0.0.32/27',
      '127.0.0.16/28',
      '127.0.0.8/29',
      '127.0.0.4/30',
      '127.0.0.2/31',
    ].map((target) => ({ do: 'ban', target })),
    after: [
      '127.0.0.128/25',
      '127.0.0.64/26',
      '127.0.0.32/27',
      '127.0.0.16/28',
      '127.0.0.8/29',
      '127.0.0.4/30',
      '127.0.0.2/31',
    ].map((target) => ({ do: 'unban', target })),
  },
];

async function measure({ port }: RunningServer, group: Group, hasFlood: boolean): Promise<Figure> {
  if (!hasFlood) {
    const letSleep = stayAwake();
    await probe(group, warmUpMs);
    const ways = await probe(group, measureMs);
    await letSleep();
    return { p50: quantile(ways, 0.5), p99: quantile(ways, 0.99), rate: 0 };
  }
  const floodMs = 2 * warmUpMs + measureMs;
  const flood = inBackground(process.execPath, ['--import', 'tsx', floodFile, String(port), String(floodMs)]);
  await flood.says('flooding\n');
  await probe(group, warmUpMs);
  const ways = await probe(group, measureMs);
  await flood.says('connections/s\n');
  await flood.stop();
  const rate = Number(/(\d+) connections/.exec(flood.output)?.[1]);
  return { p50: quantile(ways, 0.5), p99: quantile(ways, 0.99), rate };
}

console.log(pin());
const folder = mkdtempSync(join(tmpdir(), 'statechat-bench-'));
const socket = join(folder, 'admin.sock');
const server = await start(statechat([], ['--admin-socket', socket, '--connect-rate', '0']));
const group = await gather(server.dialect, server.port, 2);
driveFrom('spare');
const figures = new Map<string, Figure[]>();
for (let run = 0; run < runs; run++) {
  for (const { name, hasFlood, before, after } of cases) {
    for (const request of before) await ask(socket, request);
    figures.set(name, [...(figures.get(name) ?? []), await measure(server, group, hasFlood)]);
    for (const request of after) await ask(socket, request);
  }
}
const of = (name: string, key: keyof Figure): number => median((figures.get(name) ?? []).map((figure) => figure[key]));
console.log(`Way of a chat line in µs, the median of ${runs} runs:`);
for (const { name } of cases) {
  const [p50, p99, rate] = [of(name, 'p50'), of(name, 'p99'), of(name, 'rate')].map(Math.round);
  const ratio = (of(name, 'p99') / of('quiet', 'p99')).toFixed(2);
  console.log(`${name.padEnd(28)} p50 ${p50}  p99 ${p99}  (${ratio} × quiet)  ${rate} connections/s`);
}
scatter(group);
await server.process.stop();
rmSync(folder, { recursive: true });
