/**
 * What is done to servers and their Redis while users do anything.
 *
 * Owns: the faults, each with how it begins and ends, and whether a user may be disconnected by it. Knows nothing of users.
 * Next: `docs/scale-out.md` (the same as a table), `check.ts`.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { defaultPrefix, directoryKeyOf } from '../../../src/cluster/luaLibrary.ts';
import type { RedisServer } from '../../support/redisServer.ts';
import { type Cluster, loginOf, type ServerNode, startRedis } from '../cluster.ts';
import type { Place } from './randomUser.ts';

export interface Scene extends Cluster {
  readonly places: readonly Place[];
  /** The Redis that holds the directory in the end. */
  redis: RedisServer;
}

export interface Fault {
  readonly name: string;
  /** Nobody may be disconnected. */
  readonly keepsAll: boolean;
  /** Redis is reached without a proxy, so that a connection can be refused. */
  readonly isDirect?: boolean;
  /** Each server is a user of its own to Redis. */
  readonly hasLogins?: boolean;
  readonly run: (scene: Scene) => Promise<unknown>;
}

/** The server to which it happens, if it happens to one. */
const last = 2;
const nodeOf = ({ nodes }: Scene): ServerNode => nodes[last] as ServerNode;
const placeOf = ({ places }: Scene): Place => places[last] as Place;

async function command(redis: RedisServer, ...words: string[]): Promise<void> {
  const client = await redis.client();
  await client.sendCommand(words).finally(() => client.destroy());
}

const setting = (name: string, bad: string, good: string, ms: number) => async (scene: Scene) => {
  await command(scene.redis, 'CONFIG', 'SET', name, bad);
  await wait(ms);
  await command(scene.redis, 'CONFIG', 'SET', name, good);
};

const serverStands = (ms: number) => async (scene: Scene) => {
  placeOf(scene).isFrozen = true;
  nodeOf(scene).process.signal('SIGSTOP');
  await wait(ms);
  nodeOf(scene).process.signal('SIGCONT');
  // It tells its users before anything else, as soon as it has a processor.
  await wait(200);
  placeOf(scene).isFrozen = false;
};

const redisStands =
  (ms: number) =>
  async ({ redis }: Scene) => {
    redis.signal('SIGSTOP');
    await wait(ms);
    redis.signal('SIGCONT');
  };

const silence = (ms: number) => async (scene: Scene) => {
  const { network } = nodeOf(scene);
  network.freeze();
  await wait(ms);
  network.thaw();
  network.cut();
};

const clockJumps =
  (ms: number) =>
  async ({ redis }: Scene) => {
    for (let time = 0; time < 3; time++) {
      await command(redis, 'HINCRBY', `${directoryKeyOf(defaultPrefix)}:meta`, 'seenAt', `${-ms}`);
      await wait(300);
    }
  };

async function ends(scene: Scene, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  placeOf(scene).isGone = true;
  nodeOf(scene).process.signal(signal);
  await wait(3500);
}

/** A replica of the scene's Redis that has a copy. */
async function replicaOf(redis: RedisServer): Promise<RedisServer> {
  const replica = await startRedis({ replicaof: `127.0.0.1 ${redis.port}` });
  const client = await replica.client();
  while (!String(await client.sendCommand(['INFO', 'replication'])).includes('master_link_status:up')) await wait(20);
  client.destroy();
  return replica;
}

function leadTo(redis: RedisServer, nodes: readonly ServerNode[]): void {
  for (const { network } of nodes) {
    network.target = redis.port;
    network.cut();
  }
}

/** A replica that has missed the latest half second is promoted, and the servers are led there. */
async function failover(scene: Scene): Promise<void> {
  const old = scene.redis;
  const replica = await replicaOf(old);
  replica.signal('SIGSTOP');
  await wait(500);
  old.signal('SIGSTOP');
  replica.signal('SIGCONT');
  await command(replica, 'REPLICAOF', 'NO', 'ONE');
  scene.redis = replica;
  leadTo(replica, scene.nodes);
  await wait(1000);
  old.signal('SIGCONT');
}

async function ledToReplica(scene: Scene): Promise<void> {
  const replica = await replicaOf(scene.redis);
  leadTo(replica, [nodeOf(scene)]);
  await wait(5500);
  leadTo(scene.redis, [nodeOf(scene)]);
}

async function madeReplica(scene: Scene): Promise<void> {
  const other = await startRedis();
  await command(scene.redis, 'REPLICAOF', '127.0.0.1', `${other.port}`);
  await wait(2500);
  await command(scene.redis, 'REPLICAOF', 'NO', 'ONE');
}

async function refusedAlone(scene: Scene): Promise<void> {
  const { network } = nodeOf(scene);
  network.refuse();
  await wait(5000);
  await network.accept();
}

async function losesRights({ redis }: Scene): Promise<void> {
  await command(redis, 'ACL', 'SETUSER', loginOf(last), '-fcall');
  await wait(5500);
  await command(redis, 'ACL', 'SETUSER', loginOf(last), '+fcall');
}

async function redisDies(scene: Scene, times: number, downMs: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    await scene.redis.kill();
    await wait(downMs);
    await scene.redis.restart();
    await wait(200);
  }
}

/** Every way takes a while, so that some of what was sent has arrived and has no reply yet. */
async function connectionsBreak({ nodes }: Scene): Promise<void> {
  for (const { network } of nodes) network.delayMs = 20;
  for (let time = 0; time < 6; time++) {
    await wait(600);
    for (const { network } of nodes) network.cut();
  }
  for (const { network } of nodes) network.delayMs = 0;
}

async function repeated(redis: RedisServer, times: number, ...words: string[]): Promise<void> {
  for (let time = 0; time < times; time++) {
    await command(redis, ...words);
    await wait(500);
  }
}

export const faults: readonly Fault[] = [
  { name: 'none', keepsAll: true, run: () => wait(1500) },
  { name: 'a server is killed', keepsAll: true, run: (scene) => ends(scene, 'SIGKILL') },
  { name: 'a server is stopped', keepsAll: true, run: (scene) => ends(scene, 'SIGTERM') },
  { name: 'a server stands still for 1 s', keepsAll: true, run: serverStands(1000) },
  { name: 'a server stands still for 5 s', keepsAll: false, run: serverStands(5000) },
  { name: 'all connections to Redis break, six times', keepsAll: true, run: connectionsBreak },
  { name: 'a server hears nothing for 1 s', keepsAll: true, run: silence(1000) },
  { name: 'a server hears nothing for 6 s', keepsAll: false, run: silence(6000) },
  { name: 'a server alone is refused for 5 s', keepsAll: false, run: refusedAlone },
  { name: 'a server is led to a read-only replica', keepsAll: false, run: ledToReplica },
  { name: 'a server has lost its rights in Redis', keepsAll: false, hasLogins: true, run: losesRights },
  { name: 'a replica that lags behind is promoted', keepsAll: true, run: failover },
  { name: 'Redis is made a replica in place', keepsAll: true, run: madeReplica },
  {
    name: 'Redis has lost its replica (`min-replicas-to-write`)',
    keepsAll: true,
    run: setting('min-replicas-to-write', '1', '0', 3000),
  },
  { name: 'Redis is full', keepsAll: true, run: setting('maxmemory', '1', '0', 3000) },
  { name: 'Redis is down for 3 s', keepsAll: true, isDirect: true, run: (scene) => redisDies(scene, 1, 3000) },
  {
    name: 'Redis dies and comes back, five times',
    keepsAll: true,
    isDirect: true,
    run: (scene) => redisDies(scene, 5, 100),
  },
  { name: 'FLUSHALL', keepsAll: true, run: ({ redis }) => repeated(redis, 2, 'FLUSHALL') },
  { name: 'FUNCTION FLUSH', keepsAll: true, run: ({ redis }) => repeated(redis, 3, 'FUNCTION', 'FLUSH') },
  {
    name: 'Redis ends all connections, five times',
    keepsAll: true,
    run: ({ redis }) => repeated(redis, 5, 'CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'),
  },
  { name: 'Redis stands still for 1 s', keepsAll: true, run: redisStands(1000) },
  { name: 'Redis stands still for 4 s', keepsAll: false, run: redisStands(4000) },
  { name: 'the clock of Redis jumps ahead', keepsAll: true, run: clockJumps(10_000) },
  { name: 'the clock of Redis jumps back', keepsAll: true, run: clockJumps(-10_000) },
];
