/** Two users at different server processes read in every generated dialogue what they read at one process. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inWords, multiUserSuites, withoutPrefixes } from '../paths/multiUserPaths.ts';
import { runDialogue } from '../paths/multiUserRunner.ts';
import type { MultiUserServer } from '../paths/multiUserServers.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasRedis, RedisServer } from '../support/redisServer.ts';
import { onTwoServers } from './twoServers.ts';

/** Dialogues that run at once. */
const atOnce = 32;

/**
 * Somebody is evicted in the room, and another one comes there before the former has read it. Between servers the
 * directory says both in one order to the former's server, and sends it no lines for somebody whom it has evicted.
 */
const readsAfterEviction = /→ 3 → \[is evicted\] → ben: ben → 3$/;

describeNeeding('redis-server', hasRedis, 'dialogues of two users at two servers, late verdicts included', () => {
  const suites = multiUserSuites();
  let redis: RedisServer;
  let servers: MultiUserServer;
  beforeAll(async () => {
    redis = await RedisServer.start();
    servers = await onTwoServers(redis);
  });
  afterAll(async () => {
    await servers?.stop();
    await redis?.kill();
  });

  it.each(['states', 'branches', 'inputs', 'pairs'] as const)('read as the charts say: all %s', async (suite) => {
    const waiting = withoutPrefixes(suites[suite]).filter((dialogue) => !readsAfterEviction.test(inWords(dialogue)));
    const wrong: string[] = [];
    const work = async (): Promise<void> => {
      for (let dialogue = waiting.pop(); dialogue; dialogue = waiting.pop()) {
        const what = await runDialogue(servers, dialogue);
        if (what) wrong.push(`${inWords(dialogue)}\n${what}`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    expect(wrong.slice(0, 3)).toEqual([]);
  });

  it('leave no session behind', async () => {
    await servers.settle([]);
    expect(servers.sessionCount).toBe(0);
    expect(servers.directory.onlineCount).toBe(0);
  });
});
