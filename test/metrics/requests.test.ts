/** Who may ask for metrics, and what the health checks say while the server lives and ends. */
import { once } from 'node:events';
import { connect as openSocket, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startServer } from '../../src/server/server.ts';
import { ServerProcess } from '../support/serverProcess.ts';
import { startTestServer } from '../support/testServer.ts';
import { connect } from '../support/user.ts';
import { idPrompt } from '../support/wireTexts.ts';
import { request } from '../viewer/watcher.ts';
import { get } from './scrape.ts';

const paths = ['/metrics', '/healthz', '/readyz'];

describe("the metrics' port answers", () => {
  it.each(paths)('to %s', async (path) => {
    expect(await get(await startTestServer({ metricsPort: 0 }), path)).toMatchObject({ status: 200 });
  });

  it('with 404 to anything else', async () => {
    const server = await startTestServer({ metricsPort: 0 });
    for (const path of ['/', '/metrics/', '/../metrics', '/constructor']) {
      expect(await get(server, path)).toMatchObject({ status: 404 });
    }
  });

  it('not to a foreign name', async () => {
    const { metrics } = await startTestServer({ metricsPort: 0 });
    for (const path of paths) {
      const response = await request({ port: metrics?.port, path, headers: { host: 'evil.example' } });
      expect(response.statusCode).toBe(403);
    }
  });

  it.each(['POST', 'HEAD', 'DELETE'])('not to %s', async (method) => {
    const { metrics } = await startTestServer({ metricsPort: 0 });
    for (const path of paths) {
      expect((await request({ port: metrics?.port, path, method })).statusCode).toBe(405);
    }
  });
});

describe('connections that ask for nothing', () => {
  /** Connections that have sent this, and then nothing more, nor read anything. */
  async function hold(port: number | undefined, count: number, start: string): Promise<Socket[]> {
    const sockets = Array.from({ length: count }, () => openSocket(port ?? 0, '127.0.0.1').pause());
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    for (const socket of sockets) socket.on('error', () => {});
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    for (const socket of sockets) socket.write(start);
    return sockets;
  }

  it.each([
    ['say nothing', ''],
    ['send half a request', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n'],
    ['send no end of a body', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\nx'],
    ['read no answer', 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(1000)],
  ])('and %s keep no health check out', async (_, start) => {
    const server = await startTestServer({ metricsPort: 0 });
    for (let round = 0; round < 3; round++) {
      await hold(server.metrics?.port, 64, start);
      for (const path of paths) expect(await get(server, path)).toMatchObject({ status: 200 });
    }
  });

  it('are closed after some seconds', { timeout: 20_000 }, async () => {
    const server = await startTestServer({ metricsPort: 0 });
    const [socket] = await hold(server.metrics?.port, 1, 'GET /healthz HTTP/1.1\r\n');
    const begin = performance.now();
    socket?.resume();
    await once(socket as Socket, 'close');
    expect(performance.now() - begin).toBeLessThan(10_000);
  });
});

describe('a server', () => {
  it('has no metrics unless it is asked for', async () => {
    expect((await startTestServer()).metrics).toBeUndefined();
  });

  it('that cannot have the port for its metrics does not start, and leaves nothing behind', async () => {
    const { metrics } = await startTestServer({ metricsPort: 0 });
    const free = await startServer({ port: 0, viewerPort: 0 });
    await free.stop();
    const failing = startServer({ port: free.port, viewerPort: free.viewer?.port, metricsPort: metrics?.port });
    await expect(failing).rejects.toMatchObject({ code: 'EADDRINUSE', port: metrics?.port });
    const next = await startServer({ port: free.port, viewerPort: free.viewer?.port });
    await next.stop();
  });

  it('is alive but not ready from the moment it is told to stop until everybody has hung up', async () => {
    const server = await startTestServer({ metricsPort: 0 });
    const lior = await connect(server, { keepsOpen: true });
    await lior.expect(idPrompt);
    expect(await get(server, '/readyz')).toEqual({ status: 200, body: 'ready\n' });
    const stopped = server.stop();
    expect(await get(server, '/readyz')).toEqual({ status: 503, body: 'stopping\n' });
    expect(await get(server, '/healthz')).toEqual({ status: 200, body: 'ok\n' });
    expect((await get(server, '/metrics')).body).toContain('statechat_ready 0\n');
    lior.resetConnection();
    await stopped;
    await expect(get(server, '/healthz')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});

describe('the program', () => {
  it('says where its metrics are, and ends although somebody holds a connection to them', async () => {
    const program = new ServerProcess(['--port', '0', '--metrics', '0']);
    await program.listening();
    const line = await program.stdout.readThrough('\n');
    const [, port] = /^The metrics are at http:\/\/127\.0\.0\.1:(\d+)\/metrics\n$/.exec(line) ?? [];
    const response = await request({ port, path: '/metrics', headers: { connection: 'keep-alive' } });
    expect(response.statusCode).toBe(200);
    program.signal('SIGTERM');
    expect(await program.ended()).toMatchObject({ exitCode: 0, signal: null });
  });

  it('says in one line that the port of its metrics is taken', async () => {
    const { metrics } = await startTestServer({ metricsPort: 0 });
    const { exitCode, stderr } = await new ServerProcess([
      ...['--port', '0', '--log-level', 'silent'],
      ...['--metrics', String(metrics?.port)],
    ]).ended();
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      `statechat: 127.0.0.1:${metrics?.port} is in use already. Stop the program that listens there, or choose another --metrics PORT.\n`,
    );
  });
});
