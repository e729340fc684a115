/** A server of this machine, judged as `statechat conform` does it. */
import type { SuiteName } from '../../src/conform/dialogues.ts';
import { type Judgement, runSuites } from '../../src/conform/runSuites.ts';
import { readDialect } from '../../src/protocol/dialect.ts';

export function judge(
  port: number,
  dialect: string,
  suites: readonly SuiteName[],
  timeoutMs: number,
): Promise<Judgement> {
  const target = { host: '127.0.0.1', port, timeoutMs };
  return runSuites({ target, dialect: readDialect(dialect), suites, connections: 16, onProgress: () => {} });
}
