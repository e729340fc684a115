/**
 * The chat's page, and the WebSocket by which it speaks with the server: for browsers, and for programs that speak WebSocket.
 *
 * Owns: the requests, who may make them, and how an idle WebSocket is found out to be gone. What is said over a WebSocket is
 * the dialogue's business, as over TCP. Loaded with `--web` only.
 * Next: `origins.ts` (who may), `visitorPool.ts` (how many), `webSocketWire.ts`, `pageFiles.ts` and `page/` (the page).
 */
import { createServer, type Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import type { AnyActor } from 'xstate';
import type { Limits } from '../config/limits.ts';
import type { Clock } from '../runtime/clock.ts';
import { ignoreError } from '../runtime/ignoreError.ts';
import { refuse, send } from '../runtime/localHttp.ts';
import type { Log } from '../runtime/log.ts';
import { Connection, type ConnectionOptions, type Wire } from '../transport/connection.ts';
import { Origins, type OriginsOptions } from './origins.ts';
import { OwnCharts } from './ownChart.ts';
import { PageConnection } from './pageConnection.ts';
import { headers, readPageFiles } from './pageFiles.ts';
import { VisitorPool } from './visitorPool.ts';
import { WebSocketWire } from './webSocketWire.ts';

/** Where the dialogue is; everything else is a file of the page. */
export const dialoguePath = '/dialogue';
/** Who asks for this gets the steps of its own chart beside the text. */
export const chartProtocol = 'statechat.chart';

/** In how many pieces a message may come: a piece takes a hundred times the memory of one byte. */
const maxFragments = 1024;
/** Replies to pings that wait while their reader reads nothing. */
const maxPendingPongs = 8;
/** How many requests may be answered on one connection: the files of the page, and a few more. */
const maxRequests = 64;
/** A proxy forgets a WebSocket that is silent for a minute, unless it is told otherwise. */
const pingEveryMs = 25_000;

/** How connections come in; the server's acceptor is one. */
export interface Door {
  take(
    wire: Wire,
    address: string,
    make: (wire: Wire, options: ConnectionOptions, address: string) => Connection,
  ): void;
}

export interface WebOptions extends OriginsOptions {
  door: Door;
  /** The actor in whose system the sessions are. */
  lobby: AnyActor;
  limits: Limits;
  clock: Clock;
  log: Log;
  /** Where terminals connect, once that is known. */
  port(): number;
}

export class WebServer {
  readonly #options: WebOptions;
  readonly #origins: Origins;
  readonly #pool: VisitorPool;
  readonly #http: HttpServer;
  readonly #webSockets: WebSocketServer;
  readonly #charts: OwnCharts;
  /** What each stream that may be read comes from. */
  readonly #visits = new WeakMap<object, { address: string; raw: Socket }>();
  /** Every WebSocket that is open, and how many bytes it had read when it was pinged; -1 before. */
  readonly #wires = new Map<WebSocketWire, { bytesRead: number; since: number }>();
  readonly #files: ReturnType<typeof readPageFiles>;
  #pinging: unknown;

  constructor(options: WebOptions) {
    const { limits, clock, log } = options;
    this.#options = options;
    this.#files = readPageFiles(() => options.port());
    this.#origins = new Origins(options);
    this.#pool = new VisitorPool(clock);
    this.#http = createServer((request, response) => this.#answer(request, response));
    this.#http.maxRequestsPerSocket = maxRequests;
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head));
    this.#http.on('clientError', (_, socket) => socket.destroy());
    this.#webSockets = new WebSocketServer({
      ...{ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: limits.maxUnterminatedBytes },
      ...{ maxFragments, maxPendingAutoPongs: maxPendingPongs, closeTimeout: limits.lingerMs },
      handleProtocols: (asked) => (asked.has(chartProtocol) ? chartProtocol : false),
    });
    this.#charts = new OwnCharts(options.lobby, (error) => log.error({ err: error }, 'a page’s chart failed'));
  }

  // What the acceptor says of those who come (Visitors).

  came(socket: Socket): void {
    // A socket that fails also closes.
    socket.on('error', ignoreError);
    this.#pool.add(socket);
  }

  ready(socket: Socket, address: string, raw: Socket): void {
    this.#visits.set(socket, { address, raw });
    this.#http.emit('connection', socket);
  }

  /** Cuts those who have not come to the dialogue; the others are the dialogue's. */
  stop(): void {
    this.#options.clock.clearTimeout(this.#pinging);
    this.#pool.stop();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const raw = this.#visits.get(request.socket)?.raw;
    if (raw !== undefined) {
      this.#pool.count(raw, 1);
      response.once('close', () => this.#pool.count(raw, -1));
    }
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const isOwnHost = this.#origins.isOwnHost(request.headers.host);
    const [path = ''] = request.url?.split('?') ?? [];
    const file = this.#files.get(path);
    if (!isOwnHost) refuse(response, 421, 'This server does not know that name of its own: it needs --web-origin.');
    else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      refuse(response, 405, 'There is nothing here to change: GET only.');
    } else if (path === dialoguePath) refuse(response, 426, 'This is for WebSockets.');
    else if (file === undefined) refuse(response, 404, 'There is no such page.');
    else send(response, file.type, file.body);
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const visit = this.#visits.get(socket);
    const [path] = request.url?.split('?') ?? [];
    const isAllowed = this.#origins.isOwnHost(request.headers.host) && this.#origins.mayJoin(request.headers);
    if (visit === undefined || path !== dialoguePath || !isAllowed) {
      const { address } = visit ?? { address: 'unknown' };
      this.#options.log.debug({ address, origin: request.headers.origin }, 'a page from elsewhere was refused');
      socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      this.#pool.release(visit.raw);
      this.#open(new WebSocketWire(webSocket, socket, this.#wireOptions), {
        address: this.#origins.clientOf(visit.address, request.headers),
        wantsChart: webSocket.protocol === chartProtocol,
      });
    });
  }

  get #wireOptions(): { clock: Clock; overheadRate: number } {
    const { clock, limits } = this.#options;
    return { clock, overheadRate: limits.overheadRate };
  }

  #open(wire: WebSocketWire, { address, wantsChart }: { address: string; wantsChart: boolean }): void {
    const { door, clock } = this.#options;
    this.#wires.set(wire, { bytesRead: -1, since: clock.now() });
    wire.once('close', () => this.#wires.delete(wire));
    if (this.#wires.size === 1) this.#planPings();
    door.take(wire, address, (_, options, from) =>
      wantsChart ? new PageConnection(wire, options, from, this.#charts) : new Connection(wire, options, from),
    );
  }

  #planPings(): void {
    const { clock, limits } = this.#options;
    clock.clearTimeout(this.#pinging);
    if (limits.keepAliveMs > 0) this.#pinging = clock.setTimeout(() => this.#ping(), pingEveryMs);
  }

  /** Asks all who are there, and gives up those from whom nothing has come for too long since they were asked. */
  #ping(): void {
    const { clock, limits } = this.#options;
    const now = clock.now();
    for (const [wire, heard] of this.#wires) {
      const { bytesRead, isPaused } = wire;
      if (bytesRead !== heard.bytesRead || isPaused) this.#wires.set(wire, { bytesRead, since: now });
      else if (limits.goneMs > 0 && now - heard.since >= limits.goneMs) wire.gone();
      wire.ping();
    }
    if (this.#wires.size > 0) this.#planPings();
  }
}
