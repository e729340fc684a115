/**
 * Two servers with one directory are judged as one server is, each user at another one.
 * The complete suite is for `npm run conform -- PORT --also PORT --suite hsi`.
 */
import { expect, it } from 'vitest';
import { failuresOf, faultsOf } from '../../src/conform/judgement.ts';
import { runSuites } from '../../src/conform/runSuites.ts';
import { readDialect } from '../../src/protocol/dialect.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasRedis } from '../support/redisServer.ts';
import { type ServerNode, startCluster } from './cluster.ts';

describeNeeding('redis-server', hasRedis, 'two servers', () => {
  it('speak the protocol together', async () => {
    const { nodes } = await startCluster(2, { isDirect: true, announceLimit: 100, limits: [] });
    const [{ port }, also] = nodes as [ServerNode, ServerNode];
    const judgement = await runSuites({
      target: { host: '127.0.0.1', port, timeoutMs: 3000, also: { host: '127.0.0.1', port: also.port } },
      ...{
        dialect: readDialect('statechat'),
        suites: ['branches', 'pairs'],
        connections: 32,
        onProgress: () => {},
      },
    });
    expect(failuresOf(judgement).slice(0, 2)).toEqual([]);
    const played = judgement.suites.flatMap(({ dialogues }) => dialogues.filter(({ outcome }) => outcome === 'passed'));
    expect(played.length).toBeGreaterThan(190);
    expect(faultsOf(judgement).map(({ name }) => name)).toEqual([]);
  });
});
