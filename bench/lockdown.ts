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
  /** Of one core, while it was measured. */
  cpuPercent: number;
}

const lockdown: Request = { do: 'lockdown', on: true };
const flooding = ['128/25', '64/26', '32/27', '16/28', '8/29', '4/30', '2/31'].map((end) => `127.0.0.${end}`);

/**
 * How many hands flood, and what is ordered before and after; the flood comes from 127.0.0.2 to 127.0.0.201, the chat from
 * 127.0.0.1.
 */
const cases: readonly { name: string; hands: number; before?: readonly Request[]; after?: readonly Request[] }[] = [
  { name: 'quiet', hands: 0 },
  { name: 'flood', hands: 20 },
  ...[20, 1000].map((hands) => ({
    ...{ name: `flood of ${hands} hands, lockdown on`, hands },
    ...{ before: [lockdown], after: [{ ...lockdown, on: false } as Request] },
  })),
  {
    ...{ name: 'flood, its addresses banned', hands: 20 },
    before: flooding.map((target) => ({ do: 'ban', target })),
    after: flooding.map((target) => ({ do: 'unban', target })),
  },
];

async function measure({ port, process: child }: RunningServer, group: Group, hands: number): Promise<Figure> {
  const watched = async (): Promise<Omit<Figure, 'rate'>> => {
    await probe(group, warmUpMs);
    const [cpuMs, begin] = [child.cpuMs(), performance.now()];
    const ways = await probe(group, measureMs);
    const cpuPercent = (100 * (child.cpuMs() - cpuMs)) / (performance.now() - begin);
    return { p50: quantile(ways, 0.5), p99: quantile(ways, 0.99), cpuPercent };
  };
  if (hands === 0) {
    const letSleep = stayAwake();
    const figure = await watched();
    await letSleep();
    return { ...figure, rate: 0 };
  }
  const floodMs = 2 * warmUpMs + measureMs;
  const args = ['--import', 'tsx', floodFile, String(port), String(floodMs), String(hands)];
  const flood = inBackground(process.execPath, args);
  await flood.says('flooding\n');
  const figure = await watched();
  await flood.says('connections/s\n');
  await flood.stop();
  return { ...figure, rate: Number(/(\d+) connections/.exec(flood.output)?.[1]) };
}

console.log(pin());
const folder = mkdtempSync(join(tmpdir(), 'statechat-bench-'));
const socket = join(folder, 'admin.sock');
const server = await start(statechat([], ['--admin-socket', socket, '--connect-rate', '0']));
const group = await gather(server.dialect, server.port, 2);
driveFrom('spare');
const figures = new Map<string, Figure[]>();
for (let run = 0; run < runs; run++) {
  for (const { name, hands, before = [], after = [] } of cases) {
    for (const request of before) await ask(socket, request);
    figures.set(name, [...(figures.get(name) ?? []), await measure(server, group, hands)]);
    for (const request of after) await ask(socket, request);
  }
}
const of = (name: string, key: keyof Figure): number => median((figures.get(name) ?? []).map((figure) => figure[key]));
console.log(`Way of a chat line in µs, the median of ${runs} runs:`);
for (const { name } of cases) {
  const keys = ['p50', 'p99', 'rate', 'cpuPercent'] as const;
  const [p50, p99, rate, cpu] = keys.map((key) => Math.round(of(name, key)));
  const ratio = (of(name, 'p99') / of('quiet', 'p99')).toFixed(2);
  console.log(
    `${name.padEnd(36)} p50 ${p50}  p99 ${p99}  (${ratio} × quiet)  ${rate} connections/s, ${cpu} % of a core`,
  );
}
scatter(group);
await server.process.stop();
rmSync(folder, { recursive: true });
