/** What `/readyz` says about a server that has lost the directory it shares with others. */
import { expect, it, onTestFinished, vi } from 'vitest';
import { get, scrape } from '../metrics/scrape.ts';
import { deadlineMs } from '../support/deadline.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { enterRoom, gather } from '../support/gathering.ts';
import { hasRedis, RedisServer } from '../support/redisServer.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect } from '../support/user.ts';
import { idPrompt } from '../support/wireTexts.ts';

const deadline = { timeout: deadlineMs, interval: 50 };

describeNeeding('redis-server', hasRedis, 'a server that has lost its directory', () => {
  it('is not ready, says why, and is ready again when the directory is back', async () => {
    const redis = await RedisServer.start();
    onTestFinished(() => redis.kill());
    const server = await startTestServer({ redis: redis.url, metricsPort: 0 });
    const ready = { status: 200, body: 'ready\n' };
    expect(await get(server, '/readyz')).toEqual(ready);
    await redis.kill();
    await vi.waitFor(async () => {
      const { status, body } = await get(server, '/readyz');
      expect(status).toBe(503);
      expect(body).toMatch(/^no directory: standalone, connect ECONNREFUSED 127\.0\.0\.1:\d+\n$/);
    }, deadline);
    expect((await scrape(server)).get('statechat_ready')).toBe(0);
    expect(await get(server, '/healthz')).toEqual({ status: 200, body: 'ok\n' });
    await redis.restart();
    await vi.waitFor(async () => expect(await get(server, '/readyz')).toEqual(ready), deadline);
    expect((await scrape(server)).get('statechat_ready')).toBe(1);
  });

  it('counts its own users only, and says how it stands to the directory', async () => {
    const redis = await RedisServer.start();
    onTestFinished(() => redis.kill());
    const [one, other] = [
      await startTestServer({ redis: redis.url, metricsPort: 0 }),
      await startTestServer({ redis: redis.url, metricsPort: 0 }),
    ];
    await gather(one, 'ann', 'ben');
    await gather(other, 'cleo');
    const [at, elsewhere] = [await scrape(one), await scrape(other)];
    expect([at.get('statechat_online_ids'), elsewhere.get('statechat_online_ids')]).toEqual([2, 1]);
    const inMenu = 'statechat_connections{state="menu"}';
    expect([at.get(inMenu), elsewhere.get(inMenu)]).toEqual([2, 1]);
    expect(at.get('statechat_cluster_state{state="healthy"}')).toBe(1);
    expect(at.get('statechat_cluster_calls_total')).toBeGreaterThan(2);
    expect(at.get('statechat_cluster_call_seconds_total')).toBeGreaterThan(0);
    expect(at.get('statechat_cluster_lease_age_seconds')).toBeLessThan(deadlineMs / 1000);
    redis.signal('SIGSTOP');
    try {
      const [stranger] = [await connect(one)];
      await stranger.expect(idPrompt);
      stranger.say('dan');
      await vi.waitFor(async () => {
        const now = await scrape(one);
        expect(now.get('statechat_cluster_state{state="unresponsive"}')).toBe(1);
        expect(now.get('statechat_cluster_lease_age_seconds')).toBeGreaterThan(1);
        expect(now.get('statechat_cluster_batches_waiting')).toBe(1);
      }, deadline);
    } finally {
      redis.signal('SIGCONT');
    }
  });

  it('knows what was said in the room before it started', async () => {
    const redis = await RedisServer.start();
    onTestFinished(() => redis.kill());
    const one = await startTestServer({ redis: redis.url, roomHistory: 20 });
    const [ann, ben] = await gather(one, 'ann', 'ben');
    await enterRoom(ann, ben);
    ann.say('before you came');
    await ben.expect('ann: before you came\n');
    const late = await startTestServer({ redis: redis.url, roomHistory: 20 });
    const [cleo] = await gather(late, 'cleo');
    cleo.choose(3);
    await cleo.readThrough('] ann: before you came\n');
    await cleo.readThrough('3 people are here, you included.\n');
  });
});
