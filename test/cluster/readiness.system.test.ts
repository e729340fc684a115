/** What `/readyz` says about a server that has lost the directory it shares with others. */
import { expect, it, onTestFinished, vi } from 'vitest';
import { get, scrape } from '../metrics/scrape.ts';
import { deadlineMs } from '../support/deadline.ts';
import { describeNeeding } from '../support/describeNeeding.ts';
import { hasRedis, RedisServer } from '../support/redisServer.ts';
import { startTestServer } from '../support/testServer.ts';

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
      expect(await get(server, '/readyz')).toEqual({ status: 503, body: 'no directory\n' });
    }, deadline);
    expect((await scrape(server)).get('statechat_ready')).toBe(0);
    expect(await get(server, '/healthz')).toEqual({ status: 200, body: 'ok\n' });
    await redis.restart();
    await vi.waitFor(async () => expect(await get(server, '/readyz')).toEqual(ready), deadline);
    expect((await scrape(server)).get('statechat_ready')).toBe(1);
  });
});
