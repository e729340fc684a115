/**
 * Several server processes on one machine, with one Redis: what the tests of faults start with.
 *
 * Owns: starting them, each with a proxy before its Redis, and a look into the directory. Everything ends with the
 * test; then each step that a server has logged has to be one of the chart of a cluster member.
 */
import { expect, onTestFinished } from 'vitest';
import { defaultPrefix, directoryKeyOf } from '../../src/cluster/luaLibrary.ts';
import type { SharedRow } from '../../src/cluster/wireTypes.ts';
import { RedisServer } from '../support/redisServer.ts';
import { ServerProcess } from '../support/serverProcess.ts';
import { stepsBesideChart } from './memberTrace.ts';
import { Monitor } from './monitor.ts';
import { NetworkProxy } from './networkProxy.ts';

export interface ServerNode {
  readonly port: number;
  readonly process: ServerProcess;
  readonly network: NetworkProxy;
}

export interface Cluster {
  readonly redis: RedisServer;
  readonly nodes: readonly ServerNode[];
  readonly monitor: Monitor;
  /** The rows of the shared directory. */
  rows(): Promise<SharedRow[]>;
}

export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const redis = await RedisServer.start(settings);
  onTestFinished(() => redis.kill());
  return redis;
}

/** Nobody has to wait before asking. */
const unasked: readonly string[] = ['--asked-per-minute', '0', '--decline-wait', '0'];

/** `isDirect` leaves the proxies out: a proxy accepts connections even when its target is down. */
export async function startCluster(
  count: number,
  { isDirect = false, announceLimit = 0, limits = unasked } = {},
): Promise<Cluster> {
  const redis = await startRedis();
  const nodes = await Promise.all(
    Array.from({ length: count }, async () =>
      startNode(await NetworkProxy.start(redis.port), isDirect, announceLimit, limits),
    ),
  );
  const monitor = await Monitor.watch(redis);
  return { redis, nodes, monitor, rows: () => rowsIn(redis) };
}

async function rowsIn(redis: RedisServer): Promise<SharedRow[]> {
  const client = await redis.client();
  const rows = (await client.sendCommand(['HVALS', `${directoryKeyOf(defaultPrefix)}:rows`])) as unknown as string[];
  client.destroy();
  return rows.map((row) => JSON.parse(row) as SharedRow);
}

async function startNode(
  network: NetworkProxy,
  isDirect: boolean,
  announceLimit: number,
  limits: readonly string[],
): Promise<ServerNode> {
  const process = new ServerProcess([
    ...['--port', '0', '--redis', `redis://127.0.0.1:${isDirect ? network.target : network.port}`],
    ...[
      '--rate-limit',
      '0',
      '--room-rate',
      '0',
      '--requests-per-minute',
      '0',
      ...limits,
      '--announce-limit',
      String(announceLimit),
    ],
  ]);
  onTestFinished(() => expect(stepsBesideChart(process.log)).toEqual([]));
  const { port } = await process.listening();
  return { port, process, network };
}

/** No inbox ever contained a contradiction, and no row has a partner who is none. */
export async function expectNoContradiction({ monitor, rows }: Cluster): Promise<void> {
  expect(monitor.violations).toEqual([]);
  expect(monitor.entries).toBeGreaterThan(10);
  const all = await rows();
  const bySession = new Map(all.map((row) => [row.session, row]));
  expect(all.filter(({ other, session }) => other !== '' && bySession.get(other)?.other !== session)).toEqual([]);
}
