/**
 * Pairs of users meet, say a line and part, again and again.
 *
 * Owns: what the dialogue itself costs, without connections and lines.
 */
import { type Group, gatherMany, lineText, scatter } from '../group.ts';
import type { User } from '../user.ts';
import type { Scenario } from './scenario.ts';

/** How many pairs do so at once. */
const pairs = 50;

export const cycles: Scenario = {
  name: 'cycles',
  measures: () => [
    { key: 'cpu', title: 'pair, one line, leave: CPU', unit: 'µs/cycle' },
    { key: 'rate', title: 'pair, one line, leave: rate', unit: 'cycles/s' },
  ],
  async run({ dialect, port, process: server }, plan) {
    const { part } = dialect;
    if (part === undefined) return {};
    const groups = await gatherMany(dialect, port, 2, pairs);
    const cycle = async (one: User, other: User): Promise<void> => {
      await part(one, other);
      await dialect.pair(other, one);
      one.send(dialect.line(lineText, other));
      await other.until(lineText + dialect.lineEnd);
    };
    const cyclesFor = async (ms: number): Promise<{ count: number; seconds: number }> => {
      const begin = performance.now();
      let count = 0;
      const pairFor = async ({ users }: Group): Promise<void> => {
        const [a, b] = users as [User, User];
        for (; performance.now() - begin < ms; count += 2) {
          await cycle(a, b);
          await cycle(b, a);
        }
      };
      await Promise.all(groups.map(pairFor));
      return { count, seconds: (performance.now() - begin) / 1000 };
    };
    await cyclesFor(plan.warmUpMs);
    const before = server.cpuMs();
    const { count, seconds } = await cyclesFor(plan.measureMs);
    const cpuMs = server.cpuMs() - before;
    for (const group of groups) scatter(group);
    return { cpu: (cpuMs * 1000) / count, rate: count / seconds };
  },
};
