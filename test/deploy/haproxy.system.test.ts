/**
 * The HAProxy configurations that docs/scale-out.md and deploy/ offer, run as they are written: only addresses and ports are
 * put in. Two servers, one Redis, and what passes their health checks on.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, connect as openSocket } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { Server } from '../../src/server/server.ts';
import { codeBlock } from '../support/codeBlock.ts';
import { describeNeeding, isInstalled } from '../support/describeNeeding.ts';
import { eventually } from '../support/eventually.ts';
import { gather, startChat } from '../support/gathering.ts';
import { hasRedis, RedisServer } from '../support/redisServer.ts';
import { temporaryFolder } from '../support/temporaryFolder.ts';
import { startTestServer } from '../support/testServer.ts';
import { bodyOf, request } from '../viewer/watcher.ts';

const hasHaproxy = isInstalled('haproxy', '-v');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Runs it until the test ends; fails with what it says if it doesn't stay. */
async function startHaproxy(configuration: string): Promise<ChildProcess> {
  const file = join(temporaryFolder(), 'haproxy.cfg');
  writeFileSync(file, configuration);
  const check = spawnSync('haproxy', ['-c', '-f', file], { encoding: 'utf8' });
  expect(check.status, check.stderr).toBe(0);
  const child = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null) await once(child, 'exit');
  });
  return child;
}

/** What passes three addresses of a server's metrics on; resolves with its port. */
async function startMetricsProxy(server: Server): Promise<number> {
  const port = await freePort();
  const configuration = readFileSync('deploy/metrics-proxy.cfg', 'utf8')
    .replace(/bind :65435/, `bind 127.0.0.1:${port}`)
    .replace('127.0.0.1:65434', `127.0.0.1:${server.metrics?.port}`);
  await startHaproxy(configuration);
  await eventually(() => statusOf(port, '/healthz')).toBe(200);
  return port;
}

async function statusOf(port: number, path: string): Promise<number | undefined> {
  return request({ port, path, headers: { host: 'chat.example' } }).then(
    (response) => {
      response.resume();
      return response.statusCode;
    },
    () => undefined,
  );
}

/** The state of each server, as HAProxy's own socket says it: `one UP`. */
async function statesAt(socketFile: string): Promise<string[]> {
  const socket = openSocket(socketFile);
  socket.end('show stat\n');
  let text = '';
  for await (const part of socket.setEncoding('utf8')) text += part;
  const [head = '', ...rows] = text.trim().split('\n');
  const column = head.replace('# ', '').split(',').indexOf('status');
  const cells = rows.map((row) => row.split(','));
  return cells
    .filter(([backend, name]) => backend === 'servers' && name !== 'BACKEND')
    .map((each) => `${each[1]} ${each[column]}`);
}

describeNeeding('haproxy and redis-server', hasHaproxy && hasRedis, 'behind HAProxy', () => {
  it('the recipe of docs/scale-out.md carries chats, and sends nobody to a server that stops', {
    timeout: 60_000,
  }, async () => {
    const redis = await RedisServer.start();
    onTestFinished(() => redis.kill());
    const servers = await Promise.all(
      [0, 1].map(() => startTestServer({ redis: redis.url, proxyProtocol: 'on', metricsPort: 0 })),
    );
    const checks = await Promise.all(servers.map(startMetricsProxy));
    const recipe = codeBlock('docs/scale-out.md', /^\s+server /m);
    const port = await freePort();
    const socketFile = join(temporaryFolder(), 'stats');
    const configuration = recipe
      .replace('bind :65432', `bind 127.0.0.1:${port}`)
      .replace('10.0.0.1:65432', `127.0.0.1:${servers[0]?.port}`)
      .replace('10.0.0.2:65432', `127.0.0.1:${servers[1]?.port}`)
      .replace('check port 65435', `check port ${checks[0]}`)
      .replace('check port 65435', `check port ${checks[1]}`);
    await startHaproxy(`global\n  stats socket ${socketFile}\n${configuration}`);
    await eventually(() => statesAt(socketFile)).toEqual(['one UP', 'two UP']);

    const [lior, golan] = await gather({ port }, 'lior', 'golan');
    await startChat(lior, golan);
    lior.say('through it');
    await golan.expect('lior: through it\n');
    // `leastconn`: they are at different servers.
    expect(servers.map((server) => server.connections)).toEqual([1, 1]);

    const stopped = servers[1]?.stop();
    await eventually(() => statesAt(socketFile)).toEqual(['one UP', 'two DOWN']);
    await gather({ port }, 'noa');
    lior.resetConnection();
    golan.resetConnection();
    await stopped;
  });
});

describeNeeding('haproxy', hasHaproxy, 'deploy/metrics-proxy.cfg', () => {
  it('passes metrics and health checks on, by whatever name it is asked, and nothing else', async () => {
    const server = await startTestServer({ metricsPort: 0 });
    const port = await startMetricsProxy(server);
    for (const path of ['/healthz', '/readyz', '/metrics']) expect(await statusOf(port, path)).toBe(200);
    for (const path of ['/', '/events', '/metrics/x']) expect(await statusOf(port, path)).toBe(403);
    const response = await request({ port, path: '/metrics', headers: { host: 'chat.example' } });
    expect(await bodyOf(response)).toContain('statechat_ready 1\n');
  });
});
