/**
 * HTTP for this machine only: what the live viewer and the metrics have in common.
 *
 * Owns: who may ask: programs on this machine, by a name of this machine, and GET only; and that connections which ask for
 * nothing keep nobody out. Knows nothing of what is asked for.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A program on this machine sends its request at once. */
const requestTimeoutMs = 5000;
/** Node looks every 30 s, unless told otherwise. */
const timeoutCheckMs = 1000;

export interface LocalHttpOptions {
  /** 0 lets the system pick one. */
  port: number;
  /** Beyond that the oldest connection makes room for a new one; at first those that wait for no answer. */
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
  const timeouts = { headersTimeout: requestTimeoutMs, requestTimeout: requestTimeoutMs };
  const server = createServer({ ...timeouts, connectionsCheckingInterval: timeoutCheckMs }, (request, response) => {
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
  // Requests that are sent together on one connection would be answered within one turn, while everybody else waits.
  server.maxRequestsPerSocket = 1;
  limitConnections(server, options.maxConnections);
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

function limitConnections(server: Server, max: number): void {
  /** From the oldest on: how many answers each one waits for. */
  const connections = new Map<Socket, number>();
  const count = (socket: Socket, change: 1 | -1): void => {
    const answers = connections.get(socket);
    if (answers !== undefined) connections.set(socket, answers + change);
  };
  server.on('connection', (socket: Socket) => {
    if (connections.size >= max) {
      const [[oldest] = []] = connections;
      const [idle = oldest] = [...connections].find(([, answers]) => answers === 0) ?? [];
      idle?.destroy();
      if (idle !== undefined) connections.delete(idle);
    }
    connections.set(socket, 0);
    socket.once('close', () => connections.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    count(socket, 1);
    response.once('close', () => count(socket, -1));
  });
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
