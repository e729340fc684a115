/**
 * The live viewer: a page on this machine that shows the charts with all users in them, as it happens.
 *
 * Owns: the paths of its requests. Knows nothing of what it shows.
 * Next: `../runtime/localHttp.ts` (which requests are allowed), `stream.ts` (`/events`), `page/` (what runs in the
 * browser).
 */
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { sessionMachine } from '../../machines/session.machine.ts';
import { charts } from '../chart/charts.ts';
import { graphOf } from '../chart/graph.ts';
import { refuse, send, startLocalHttp } from '../runtime/localHttp.ts';
import { Stream, type StreamOptions } from './stream.ts';

export interface ViewerOptions extends StreamOptions {
  port: number;
  /** The command by which somebody joins the server. */
  join: string;
}

export interface Viewer {
  readonly port: number;
  /** True while the viewer observes the sessions: while there is a watcher, and 10 s longer. */
  readonly isAttached: boolean;
  stop(): Promise<void>;
}

const pageFiles = [
  'colours.css',
  'viewer.css',
  'icon.svg',
  'main.js',
  'model.js',
  'chart.js',
  'drawing.css',
  'drawing.js',
  'dots.js',
  'follow.js',
  'address.js',
  'timeline.js',
  'panels.js',
  'sequence.js',
  'text.js',
  'save.js',
];
/** The charts that can be chosen: those of a server. */
const shown = charts.filter(({ id }) => id !== 'client' && id !== 'protocol');

/** The file for each path. */
const files = new Map([
  ['/', 'page/index.html'],
  ...pageFiles.map((name) => [`/${name}`, `page/${name}`] as const),
  ...shown.map(({ id }) => [`/${id}.svg`, `../../diagrams/${id}.svg`] as const),
]);

const types: Record<string, string> = {
  html: 'text/html',
  css: 'text/css',
  js: 'text/javascript',
  svg: 'image/svg+xml',
};

/** With these the page loads and sends nothing elsewhere, and no other page may show it inside of itself. */
const headers = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/**
 * Resolves when the viewer listens, on 127.0.0.1 only; rejects with the system's error (`code` EADDRINUSE, ...) if it
 * can't. Port 0 lets the system pick one.
 */
export async function startViewer({ port, join, ...options }: ViewerOptions): Promise<Viewer> {
  const stream = new Stream(options);
  const http = await startLocalHttp({
    port,
    // A page needs a few connections.
    maxConnections: 128,
    headers,
    answer: (request, response, path, query) =>
      path === '/events'
        ? stream.watch(request, response, query.get('definitions') === 'each')
        : path === '/server.json'
          ? send(response, typed('application/json'), JSON.stringify({ join }))
          : sendFile(response, path),
  });
  options.log.info({ port: http.port }, 'viewer listening');
  return {
    port: http.port,
    get isAttached() {
      return stream.isAttached;
    },
    async stop() {
      stream.close();
      await http.stop();
    },
  };
}

async function sendFile(response: ServerResponse, path: string): Promise<void> {
  if (path === '/graph.json') return send(response, typed('application/json'), JSON.stringify(graphOf(sessionMachine)));
  if (path === '/graphs.json') {
    const graphs = Object.fromEntries(shown.map((machine) => [machine.id, graphOf(machine)]));
    return send(response, typed('application/json'), JSON.stringify(graphs));
  }
  const file = files.get(path);
  if (file === undefined) return refuse(response, 404, 'There is no such page.');
  try {
    const type = types[file.slice(file.lastIndexOf('.') + 1)] ?? 'text/plain';
    send(response, typed(type), await readFile(new URL(file, import.meta.url)));
  } catch {
    refuse(response, 500, `${file} can't be read: this installation is not complete.`);
  }
}

function typed(type: string): string {
  return `${type}; charset=utf-8`;
}
