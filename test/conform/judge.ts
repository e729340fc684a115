/** A server of this machine, judged as `statechat conform` does it. */
import { expect } from 'vitest';
import { dialoguesFor, type SuiteName } from '../../src/conform/dialogues.ts';
import { isGood, type Judgement, runSuites } from '../../src/conform/runSuites.ts';
import { readDialect } from '../../src/protocol/dialect.ts';
import { startTestServer } from '../support/testServer.ts';

export function judge(
  port: number,
  dialect: string,
  suites: readonly SuiteName[],
  timeoutMs: number,
): Promise<Judgement> {
  const target = { host: '127.0.0.1', port, timeoutMs };
  return runSuites({ target, dialect: readDialect(dialect), suites, connections: 16, onProgress: () => {} });
}

/** Our own server, with limits of a real one, passes these suites, which take every transition. */
export async function expectPassed(suites: readonly SuiteName[]): Promise<void> {
  const server = await startTestServer({ rateLimit: 10, requestsPerMinute: 10, roomHistory: 20 });
  const judgement = await judge(server.port, 'statechat', suites, 2000);
  expect(judgement.suites.flatMap(({ failures }) => failures).slice(0, 1)).toEqual([]);
  expect(judgement.faults).toEqual([]);
  expect(isGood(judgement)).toBe(true);
  expect(judgement.suites.map(({ name }) => name)).toEqual(suites);
  for (const { name, dialogues, played } of judgement.suites) expect([name, played]).toEqual([name, dialogues]);
  expect(judgement.failed.size).toBe(0);
  const { transitions } = dialoguesFor(readDialect('statechat').features);
  expect([...judgement.passed].sort()).toEqual([...transitions].sort());
}
