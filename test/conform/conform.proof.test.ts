/** `statechat conform` at our own server again and again, beside itself, and with a time limit that is waited for. */
import { describe, expect, it } from 'vitest';
import { faultsOf } from '../../src/conform/judgement.ts';
import { runSuites } from '../../src/conform/runSuites.ts';
import { readDialect } from '../../src/protocol/dialect.ts';
import { judge, startOurServer } from './servers.ts';

const slow = { timeout: 180_000 };

describe('our own server', () => {
  it('passes right after a run, and beside another one', slow, async () => {
    const server = await startOurServer();
    const runs = [
      () => judge(server.port, { timeoutMs: 2000 }),
      () => judge(server.port, { timeoutMs: 2000, suites: ['branches'] }),
    ];
    const first = await judge(server.port, { timeoutMs: 2000 });
    const both = await Promise.all(runs.map((run) => run()));
    for (const { checks } of [first, ...both]) {
      // Two runs at once are more people in the room than each of them knows of.
      const failed = checks.filter(({ outcome, check }) => outcome !== 'passed' && check.id !== 'room-count');
      expect(failed.map(({ check }) => check.id)).toEqual([]);
    }
  });

  it('passes the suite that identifies states', slow, async () => {
    const server = await startOurServer();
    const judgement = await judge(server.port, { suites: ['hsi'], timeoutMs: 2000 });
    const failed = judgement.suites.flatMap(({ dialogues }) => dialogues.filter(({ outcome }) => outcome !== 'passed'));
    expect(failed.slice(0, 1)).toEqual([]);
  });
});

describe('a time limit that the dialect names', () => {
  it.each([
    ['is kept', 3, 3000, []],
    ['is not kept', 1, 60_000, ['a request that nobody answers is not over in time']],
  ])('%s', slow, async (_, requestTimeout, requestTimeoutMs, faults) => {
    const server = await startOurServer({ requestTimeoutMs });
    const standard = readDialect('statechat');
    const dialect = { ...standard, features: { ...standard.features, requestTimeout } };
    const target = { host: '127.0.0.1', port: server.port, timeoutMs: 1500 };
    const judgement = await runSuites({ target, dialect, suites: [], connections: 16, onProgress: () => {} });
    expect(faultsOf(judgement).map(({ name }) => name)).toEqual(faults);
  });
});
