/**
 * The live viewer: a page on this machine that shows the session chart with everybody in it, as it happens.
 *
 * Owns: the HTTP server, its few addresses, and who may ask: browsers on this machine, by a name of this machine. Knows nothing of
 * what it shows. Next: `stream.ts` (`/events`), `page/` (what runs in the browser).
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sessionMachine } from '../../machines/session.ts';
import { graphOf } from '../chart/graph.ts';
import { Stream, type StreamOptions } from './stream.ts';

export interface ViewerOptions extends StreamOptions {
  port: number;
}

export interface Viewer {
  readonly port: number;
  /** True while the sessions tell the viewer what happens: only while somebody watches, and 10 s longer. */
  readonly isAttached: boolean;
  stop(): Promise<void>;
}

const files: Readonly<Record<string, { file: string; type: string }>> = {
  '/': { file: 'page/index.html', type: 'text/html' },
  ...Object.fromEntries(
    ['session.svg', 'session-wide.svg'].map((name) => [
      `/${name}`,
      { file: `../../diagrams/${name}`, type: 'image/svg+xml' },
    ]),
  ),
  ...Object.fromEntries(
    ['viewer.css', 'icon.svg'].map((name) => [
      `/${name}`,
      { file: `page/${name}`, type: name.endsWith('css') ? 'text/css' : 'image/svg+xml' },
    ]),
  ),
  ...Object.fromEntries(
    ['main', 'model', 'chart', 'panels', 'sequence', 'text', 'save'].map((name) => [
      `/${name}.js`,
      { file: `page/${name}.js`, type: 'text/javascript' },
    ]),
  ),
};

/** The page loads nothing from elsewhere, talks to nobody else, and nobody else may show it in a page of theirs. */
const headers = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/**
 * Resolves when the viewer listens, on 127.0.0.1 only; rejects with the system's error (`code` EADDRINUSE, ...) if it can't.
 * Port 0 lets the system pick one.
 */
export async function startViewer({ port, ...options }: ViewerOptions): Promise<Viewer> {
  const stream = new Stream(options);
  const server = createServer((request, response) => void answer(request, response, stream));
  // A page needs a few; whoever holds more of them open gets no more.
  server.maxConnections = 128;
  server.listen({ host: '127.0.0.1', port });
  await once(server, 'listening');
  options.log.info({ port: (server.address() as AddressInfo).port }, 'viewer listening');
  return {
    port: (server.address() as AddressInfo).port,
    get isAttached() {
      return stream.isAttached;
    },
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      stream.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, stream: Stream): Promise<void> {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  // A page from elsewhere can make its own name mean this machine, but not its name into this machine's.
  if (!isOwnName(request.headers.host)) {
    return refuse(response, 403, 'The viewer answers to 127.0.0.1 and localhost only.');
  }
  if (request.method !== 'GET') {
    response.setHeader('allow', 'GET');
    return refuse(response, 405, 'There is nothing here to change: GET only.');
  }
  const [path = '', query] = request.url?.split('?') ?? [];
  if (path === '/events') {
    return stream.watch(request, response, new URLSearchParams(query).get('definitions') === 'each');
  }
  if (path === '/graph.json') return send(response, 'application/json', JSON.stringify(graphOf(sessionMachine)));
  const known = Object.hasOwn(files, path) ? files[path] : undefined;
  if (known === undefined) return refuse(response, 404, 'There is no such page.');
  try {
    send(response, known.type, await readFile(new URL(known.file, import.meta.url)));
  } catch {
    refuse(response, 500, `${known.file} can't be read: this installation is not complete.`);
  }
}

function send(response: ServerResponse, type: string, body: string | Buffer): void {
  response.setHeader('content-type', `${type}; charset=utf-8`);
  response.end(body);
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response.statusCode = status;
  send(response, 'text/plain', `${reason}\n`);
}

function isOwnName(host: string | undefined): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i.test(host ?? '');
}
