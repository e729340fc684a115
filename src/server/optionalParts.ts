/**
 * The optional parts of a server: several processes, the viewer, the metrics.
 *
 * Owns: that their code, and the libraries it needs, are loaded only when an option asks for them. Next: `server.ts`.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import type { Counters } from '../chat/counters.ts';
import type { Lobby, LobbyOptions } from '../chat/lobby.ts';
import type { Metrics, MetricsOptions } from '../metrics/metrics.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Viewer } from '../viewer/viewer.ts';
import type { ServerOptions } from './options.ts';

export async function joinDirectoryIfWanted(
  { redis: url, redisPrefix: prefix }: Pick<ServerOptions, 'redis' | 'redisPrefix'>,
  log: Log,
  clock: Clock,
) {
  if (url === undefined) return undefined;
  const { RedisDirectory } = await import('../cluster/redisDirectory.ts');
  const node = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  return RedisDirectory.join({ url, prefix, node, log, clock });
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
): Promise<Viewer | undefined> {
  if (port === undefined) return undefined;
  const { startViewer } = await import('../viewer/viewer.ts');
  return startViewer({ lobby, log, port });
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
