/**
 * How long a line of a private chat takes: while nothing else happens, and while a room of 50 floods the server.
 *
 * Owns: the probe. The flood comes from another process (`../flood.ts`). The server has a CPU to itself; the probe
 * interrupts the flood on the other one, so nothing but the server makes its lines wait.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { driveFrom, inBackground, stayAwake } from '../cores.ts';
import { type Group, gather, lineText, scatter } from '../group.ts';
import { quantile } from '../statistics.ts';
import type { User } from '../user.ts';
import type { Scenario } from './scenario.ts';

const floodFile = fileURLToPath(new URL('../flood.ts', import.meta.url));

/** The longest pause between two lines of the probe; 200 lines a second on average. */
const maxPauseMs = 10;

export const latency: Scenario = {
  name: 'latency',
  measures: () => [
    { key: 'idle p50', title: 'way of a chat line, idle: p50', unit: 'µs' },
    { key: 'idle p99', title: 'way of a chat line, idle: p99', unit: 'µs' },
    { key: 'flood p50', title: 'way of a chat line while a room of 50 floods: p50', unit: 'µs' },
    { key: 'flood p99', title: 'way of a chat line while a room of 50 floods: p99', unit: 'µs' },
    { key: 'p99 ratio', title: 'p99 flooded ÷ p99 idle', unit: '' },
    { key: 'flood rate', title: 'the flood meanwhile', unit: 'deliveries/s' },
  ],
  async run({ dialect, port, kind }, plan) {
    const group = await gather(dialect, port, 2);
    driveFrom('spare');
    try {
      const letSleep = stayAwake();
      await probe(group, plan.warmUpMs);
      const idle = await probe(group, plan.measureMs * 2);
      await letSleep();
      const floodMs = plan.warmUpMs + plan.measureMs * 2 + 200;
      const args = ['--import', 'tsx', floodFile, kind.dialectName, String(port), String(floodMs)];
      const flood = inBackground(process.execPath, args);
      await flood.says('flooding\n');
      await probe(group, plan.warmUpMs);
      const flooded = await probe(group, plan.measureMs * 2);
      await flood.says('deliveries/s\n');
      await flood.stop();
      return {
        'idle p50': quantile(idle, 0.5),
        'idle p99': quantile(idle, 0.99),
        'flood p50': quantile(flooded, 0.5),
        'flood p99': quantile(flooded, 0.99),
        'p99 ratio': quantile(flooded, 0.99) / quantile(idle, 0.99),
        'flood rate': Number(/(\d+) deliveries/.exec(flood.output)?.[1]),
      };
    } finally {
      scatter(group);
      driveFrom('shared');
    }
  },
};

/** Sends a line now and then, and resolves with how long each of them took, in µs. */
export async function probe({ users, dialect }: Group, ms: number): Promise<number[]> {
  const [a, b] = users as [User, User];
  const line = dialect.line(lineText, b);
  const end = performance.now() + ms;
  const ways: number[] = [];
  while (performance.now() < end) {
    await sleep(Math.random() * maxPauseMs);
    const begin = performance.now();
    a.send(line);
    await b.until(lineText + dialect.lineEnd);
    ways.push((performance.now() - begin) * 1000);
  }
  return ways;
}
