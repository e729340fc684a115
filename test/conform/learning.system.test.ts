/** A dialect is learned from a short dialogue, and what was learned passes at once. */
import { describe, expect, it } from 'vitest';
import { inferDialect } from '../../src/conform/inferDialect.ts';
import { faultsOf, isGood } from '../../src/conform/judgement.ts';
import { runSuites } from '../../src/conform/runSuites.ts';
import { parseDialect, readDialect } from '../../src/protocol/dialect.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasPython, startOurServer, startServer } from './servers.ts';

const slow = { timeout: 120_000 };

describe('learning', () => {
  const learn = async (
    port: number,
  ): Promise<ReturnType<typeof parseDialect> & { ms: number; notHeard: readonly string[] }> => {
    const begin = performance.now();
    const { text, notHeard } = await inferDialect({ host: '127.0.0.1', port, timeoutMs: 1000 });
    return { ...parseDialect(text, 'learned.json'), ms: performance.now() - begin, notHeard };
  };

  it('hears every sentence of our own server', slow, async () => {
    const server = await startOurServer();
    const learned = await learn(server.port);
    expect(learned.features).toMatchObject({
      chat: true,
      room: true,
      list: true,
      withdraw: true,
      presence: true,
      headCount: true,
    });
    expect(learned.notHeard.filter((name) => !name.startsWith('userRow'))).toEqual([]);
    expect(learned.ms).toBeLessThan(15_000);
  });

  describeNeeding('python3', hasPython, 'at servers in Python', () => {
    it.each(['first', 'second', 'third', 'ownWords'])('of %s, it passes at once', slow, async (name) => {
      const port = await startServer(`test/zoo/stages.py ${name}`);
      const { ms, ...learned } = await learn(port);
      expect(ms).toBeLessThan(15_000);
      const target = { host: '127.0.0.1', port, timeoutMs: 1000 };
      const stage = ({ first: 1, second: 2, third: 3 } as const)[name];
      const suites = stage === undefined ? (['branches'] as const) : [];
      const judgement = await runSuites({
        target,
        dialect: learned,
        suites,
        stage,
        connections: 16,
        onProgress: () => {},
      });
      expect(faultsOf(judgement).map((each) => each.name)).toEqual([]);
      expect(
        judgement.checks
          .filter(({ outcome }) => outcome !== 'passed' && outcome !== 'remark')
          .map(({ check }) => check.id),
      ).toEqual([]);
      expect(isGood(judgement)).toBe(true);
    });

    it('takes nothing for a reply that is read elsewhere, because a part is missing', slow, async () => {
      const { replies, notHeard } = await learn(await startServer('test/zoo/stages.py unanswered'));
      expect(notHeard).toEqual(expect.arrayContaining(['denied', 'chatStarted', 'youLeftChat', 'partnerLeft']));
      const standard = readDialect('statechat').replies;
      const same = ['denied', 'chatStarted', 'partnerLeft', 'roomJoined', 'joinedRoom', 'youLeftRoom', 'leftRoom'];
      for (const name of same) expect(`${name}: ${replies[name]}`).toBe(`${name}: ${standard[name]}`);
      expect(replies.roomCount).toBe('There are {count} of you.\n');
    });
  });
});
