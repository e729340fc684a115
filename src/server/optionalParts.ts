/**
 * The optional parts of a server: several processes, the chat's page, the viewer, the metrics, the admin socket.
 *
 * Owns: that their code, and the libraries it needs, are loaded only when an option asks for them. Next: `server.ts`.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Counters } from '../chat/counters.ts';
import type { Lobby, LobbyOptions } from '../chat/lobby.ts';
import type { RedisDirectoryOptions } from '../cluster/redisDirectory.ts';
import type { Metrics, MetricsOptions } from '../metrics/metrics.ts';
import type { AdminSocket } from '../operator/adminSocket.ts';
import type { Operator } from '../operator/operator.ts';
import type { Log } from '../runtime/log.ts';
import { SetupError } from '../runtime/operatorError.ts';
import type { Viewer } from '../viewer/viewer.ts';
import type { WebOptions, WebServer } from '../web/webServer.ts';
import type { Demo, DemoOptions } from './demo.ts';
import type { ServerOptions } from './options.ts';

export async function joinDirectoryIfWanted(
  { redis: url, redisPrefix: prefix, redisLines: lines }: Pick<ServerOptions, 'redis' | 'redisPrefix' | 'redisLines'>,
  parts: Pick<RedisDirectoryOptions, 'log' | 'clock' | 'bans' | 'askLimits'>,
) {
  if (url === undefined && lines !== undefined) throw new SetupError('--redis-lines needs --redis.');
  if (url === undefined) return undefined;
  const { RedisDirectory } = await import('../cluster/redisDirectory.ts');
  const node = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  return RedisDirectory.join({ url, prefix, lines, node, ...parts });
}

export async function inspectorIfWanted(inspect: ServerOptions['inspect'], log: Log): Promise<LobbyOptions['inspect']> {
  if (inspect === undefined) return undefined;
  const { inspectorFor } = await import('../viewer/inspector.ts');
  return inspectorFor(inspect, log);
}

export async function startViewerIfWanted(
  port: number | undefined,
  lobby: Lobby,
  log: Log,
  join: string,
): Promise<Viewer | undefined> {
  if (port === undefined) return undefined;
  const { startViewer } = await import('../viewer/viewer.ts');
  return startViewer({ lobby, log, port, join });
}

export async function startMetricsIfWanted(
  port: number | undefined,
  options: Omit<MetricsOptions, 'port' | 'counters'> & { counters: Counters | undefined },
): Promise<Metrics | undefined> {
  const { counters } = options;
  if (port === undefined || counters === undefined) return undefined;
  const { startMetrics } = await import('../metrics/metrics.ts');
  return startMetrics({ ...options, counters, port });
}

export async function createWebIfWanted(
  port: number | undefined,
  options: Omit<WebOptions, 'origins' | 'proxies' | 'withoutOrigin'>,
  { webOrigin, webClients, webProxy }: Pick<ServerOptions, 'webOrigin' | 'webClients' | 'webProxy'>,
): Promise<WebServer | undefined> {
  if (port === undefined) return undefined;
  const { WebServer } = await import('../web/webServer.ts').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new SetupError('--web needs the package ws. Install it: npm install ws');
  });
  const listOf = (names: string | undefined): string[] => names?.split(',').map((name) => name.trim()) ?? [];
  return new WebServer({
    ...options,
    origins: listOf(webOrigin),
    proxies: listOf(webProxy),
    withoutOrigin: webClients !== 'browsers',
  });
}

export async function startAdminSocketIfWanted(
  path: string | undefined,
  operator: Operator,
  log: Log,
): Promise<AdminSocket | undefined> {
  if (path === undefined) return undefined;
  const { startAdminSocket } = await import('../operator/adminSocket.ts');
  return startAdminSocket({ path, log, answer: (request) => operator.answer(request) });
}

/** Users who play type in the clear, and know no password. */
export async function startDemoIfWanted(
  { demo, passwordFile, tlsCert, tlsPort }: ServerOptions,
  options: DemoOptions,
): Promise<Demo | undefined> {
  if (demo !== 'on') return undefined;
  if (passwordFile !== undefined || (tlsCert !== undefined && tlsPort === undefined)) {
    throw new SetupError('--demo needs a port without TLS and no password.');
  }
  const { startDemo } = await import('./demo.ts');
  return startDemo(options);
}
