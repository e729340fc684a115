/**
 * Several server processes on one machine, with one Redis: what the tests of faults start with.
 *
 * Owns: starting them, each with a proxy before its Redis, and a look into the directory. Everything ends with the
 * test; then each step that a server has logged has to be one of the chart of a cluster member.
 */
import { expect } from 'vitest';
import { defaultPrefix, directoryKeyOf } from '../../src/cluster/luaLibrary.ts';
import type { SharedRow } from '../../src/cluster/wireTypes.ts';
import { atEnd } from '../support/atEnd.ts';
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
  /** The rows of the shared directory, in this Redis if in another one by now. */
  rows(redis?: RedisServer): Promise<SharedRow[]>;
}

export interface WatchedCluster extends Cluster {
  readonly monitor: Monitor;
}

export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const redis = await RedisServer.start(settings);
  atEnd(() => redis.kill());
  return redis;
}

/** Nobody has to wait before asking. */
const unasked: readonly string[] = ['--asked-per-minute', '0', '--decline-wait', '0'];

/** The user of Redis as which a server logs in, if each has its own. */
export const loginOf = (index: number) => `server${index}`;

/**
 * `isDirect` leaves the proxies out: a proxy accepts connections even when its target is down. With `hasLogins` each
 * server is a user of its own to Redis.
 */
export async function startServers(
  count: number,
  { isDirect = false, announceLimit = 0, limits = unasked, hasLogins = false } = {},
): Promise<Cluster> {
  const redis = await startRedis();
  const indexes = Array.from({ length: count }, (_, index) => index);
  if (hasLogins) {
    const client = await redis.client();
    for (const index of indexes)
      await client.sendCommand(['ACL', 'SETUSER', loginOf(index), 'on', '>secret', '~*', '+@all']);
    client.destroy();
  }
  const nodes = await Promise.all(
    indexes.map(async (index) => {
      const network = await NetworkProxy.start(redis.port);
      const login = hasLogins ? `${loginOf(index)}:secret@` : '';
      const url = `redis://${login}127.0.0.1:${isDirect ? network.target : network.port}`;
      return startNode(network, url, announceLimit, limits);
    }),
  );
  return { redis, nodes, rows: (now = redis) => rowsIn(now) };
}

/** The same, and a monitor reads every inbox. */
export async function startCluster(...of: Parameters<typeof startServers>): Promise<WatchedCluster> {
  const cluster = await startServers(...of);
  return { ...cluster, monitor: await Monitor.watch(cluster.redis) };
}

async function rowsIn(redis: RedisServer): Promise<SharedRow[]> {
  const client = await redis.client();
  const rows = (await client.sendCommand(['HVALS', `${directoryKeyOf(defaultPrefix)}:rows`])) as unknown as string[];
  client.destroy();
  return rows.map((row) => JSON.parse(row) as SharedRow);
}

async function startNode(
  network: NetworkProxy,
  url: string,
  announceLimit: number,
  limits: readonly string[],
): Promise<ServerNode> {
  const process = new ServerProcess([
    ...['--port', '0', '--redis', url],
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
  atEnd(() => expect(stepsBesideChart(process.log)).toEqual([]));
  const { port } = await process.listening();
  return { port, process, network };
}

/** No inbox ever contained a contradiction, and no row has a partner who is none. */
export async function expectNoContradiction({ monitor, rows }: WatchedCluster): Promise<void> {
  expect(monitor.violations).toEqual([]);
  expect(monitor.entries).toBeGreaterThan(10 + monitor.jumps);
  const all = await rows();
  const bySession = new Map(all.map((row) => [row.session, row]));
  expect(all.filter(({ other, session }) => other !== '' && bySession.get(other)?.other !== session)).toEqual([]);
}
