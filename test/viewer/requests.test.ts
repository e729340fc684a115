/** Who may ask the viewer for what. */
import { readFileSync } from 'node:fs';
import { request as send } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startServer } from '../../src/server/server.ts';
import { startTestServer } from '../support/testServer.ts';
import { bodyOf, request, Watcher } from './watcher.ts';

async function startViewed(): Promise<number> {
  const { viewer } = await startTestServer({ viewerPort: 0 });
  return viewer?.port ?? 0;
}

describe('the viewer answers', () => {
  it.each(['127.0.0.1:1', 'localhost', 'LOCALHOST:65433', '[::1]:65433'])('to %s', async (host) => {
    const response = await request({ port: await startViewed(), path: '/', headers: { host } });
    expect(response.statusCode).toBe(200);
  });

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example:65433',
    '10.0.0.1',
    'evil.example#localhost',
  ])('not to %s', async (host) => {
    const port = await startViewed();
    for (const path of ['/', '/events', '/graph.json', '/nothing']) {
      expect((await request({ port, path, headers: { host } })).statusCode).toBe(403);
    }
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'])('not to %s', async (method) => {
    const sent = send({ host: '127.0.0.1', port: await startViewed(), method, path: '/', agent: false });
    onTestFinished(() => {
      sent.destroy();
    });
    const response = await new Promise<import('node:http').IncomingMessage>((resolve) =>
      sent.on('response', resolve).end(),
    );
    expect([response.statusCode, response.headers.allow]).toEqual([405, 'GET']);
  });

  it.each([
    '/nothing',
    '/../package.json',
    '/%2e%2e/package.json',
    '/page/index.html',
    '/constructor',
    '//localhost',
    '//',
    '/%',
    'http://evil.example/',
  ])('with 404 to %s', async (path) => {
    expect((await request({ port: await startViewed(), path })).statusCode).toBe(404);
  });

  it('with rules that keep the page to itself', async () => {
    const { headers } = await request({ port: await startViewed(), path: '/' });
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    expect(headers['content-security-policy']).toMatch(/^default-src 'self';/);
    expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:|\*/);
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('with every file that the page asks for', async () => {
    const port = await startViewed();
    const asked = new Set(['/']);
    for (const path of asked) {
      const response = await request({ port, path });
      expect([path, response.statusCode]).toEqual([path, 200]);
      const body = await bodyOf(response);
      if (path.endsWith('.svg')) continue;
      for (const [, name] of body.matchAll(/(?:src="|href="|from '\.\/|fetch\([^)]*?')([\w-]+\.\w+)['"]/g))
        asked.add(`/${name}`);
    }
    expect([...asked].sort()).toEqual(expect.arrayContaining(['/main.js', '/model.js', '/viewer.css', '/graphs.json']));
  });

  it('with the drawing of the repository', async () => {
    const port = await startViewed();
    const file = new URL('../../diagrams/session.svg', import.meta.url);
    expect(await bodyOf(await request({ port, path: '/session.svg' }))).toBe(readFileSync(file, 'utf8'));
  });
});

describe('a server', () => {
  it('has no viewer unless it is asked for', async () => {
    expect((await startTestServer()).viewer).toBeUndefined();
  });

  it('that cannot have the port for its viewer does not start', async () => {
    const port = await startViewed();
    await expect(startServer({ port: 0, viewerPort: port })).rejects.toMatchObject({ code: 'EADDRINUSE', port });
  });

  it('stops although somebody watches', async () => {
    const server = await startTestServer({ viewerPort: 0 });
    const watcher = await Watcher.watch(server.viewer?.port ?? 0);
    await server.stop();
    await expect.poll(() => watcher.isOver).toBe(true);
  });
});
