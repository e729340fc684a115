/**
 * HTTP for this machine only: what the live viewer and the metrics have in common.
 *
 * Owns: who may ask: programs on this machine, by a name of this machine, and GET only. Knows nothing of what is asked for.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LocalHttpOptions {
  /** 0 lets the system pick one. */
  port: number;
  /** Whoever opens more at once gets none. */
  maxConnections: number;
  /** Those of every answer. */
  headers: Readonly<Record<string, string>>;
  /** `path` is without the query. Must not throw or reject. */
  answer(request: IncomingMessage, response: ServerResponse, path: string, query: URLSearchParams): unknown;
}

export interface LocalHttp {
  readonly port: number;
  /** Cuts off who is still connected. */
  stop(): Promise<void>;
}

/** Resolves when it listens, on 127.0.0.1 only; rejects with the system's error (`code` EADDRINUSE, ...) if it can't. */
export async function startLocalHttp(options: LocalHttpOptions): Promise<LocalHttp> {
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(options.headers)) response.setHeader(name, value);
    // A page from elsewhere can make its own name mean this machine, but not its name into this machine's.
    if (!isOwnName(request.headers.host)) {
      return refuse(response, 403, 'Only 127.0.0.1 and localhost are answered to.');
    }
    if (request.method !== 'GET') {
      response.setHeader('allow', 'GET');
      return refuse(response, 405, 'There is nothing here to change: GET only.');
    }
    const [path = '', query] = request.url?.split('?') ?? [];
    return void options.answer(request, response, path, new URLSearchParams(query));
  });
  server.maxConnections = options.maxConnections;
  server.listen({ host: '127.0.0.1', port: options.port, exclusive: true });
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

export function send(response: ServerResponse, type: string, body: string | Buffer): void {
  response.setHeader('content-type', type);
  response.end(body);
}

export function refuse(response: ServerResponse, status: number, reason: string): void {
  response.statusCode = status;
  send(response, 'text/plain; charset=utf-8', `${reason}\n`);
}

function isOwnName(host: string | undefined): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i.test(host ?? '');
}
