/**
 * Every fault under traffic: users who do anything see no id with two owners, no half of a pair, no line of others, none
 * twice, none out of order, and no gap without a notice; and nobody waits for ever.
 *
 * Owns: how often each fault is tried, and several at a time. `npm run checker -- --runs 20` is the long run.
 * Next: `checker/check.ts` (one run), `checker/faults.ts`.
 */
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasRedis } from '../support/redisServer.ts';
import { check, type Run } from './checker/check.ts';
import { faults } from './checker/faults.ts';
import { noCounts } from './checker/record.ts';

const runs = Number(process.env.STATECHAT_CHECKER_RUNS ?? 1);
const atOnce = Number(process.env.STATECHAT_CHECKER_AT_ONCE ?? 6);
const only = process.env.STATECHAT_CHECKER_ONLY ?? '';
const report = process.env.STATECHAT_CHECKER_REPORT;
/** More than a run takes, whatever the machine does besides. */
const mostMsForRun = 120_000;

const chosen = faults.filter(({ name }) => name.includes(only));
const timeout = Math.ceil((chosen.length * runs) / atOnce) * mostMsForRun;

describeNeeding('redis-server', hasRedis, 'users who do anything, while', () => {
  it(`each of ${chosen.length} faults happens ${runs} times`, { timeout }, async () => {
    const left = Array.from({ length: runs }, (_, seed) => chosen.map((fault) => ({ fault, seed }))).flat();
    const done: Run[] = [];
    const lane = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const { fault, seed } = next;
        const broken = (why: Error): Run => ({
          ...{ fault: fault.name, seed, counts: noCounts(), isStarved: false },
          violations: [{ kind: 'broken', what: `${why.message}\n${why.stack}` }],
        });
        done.push(await check(fault, seed).catch(broken));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
    const inOrder = chosen.flatMap(({ name }) => done.filter(({ fault }) => fault === name));
    if (report !== undefined) writeFileSync(report, JSON.stringify(inOrder));
    expect(done.flatMap(({ fault, seed, violations }) => violations.map((one) => ({ fault, seed, ...one })))).toEqual(
      [],
    );
    expect(done.filter(({ counts }) => counts.granted < 10 || counts.roomLines === 0)).toEqual([]);
  });
});
