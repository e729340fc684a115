/**
 * Which Redis process holds the directory just now: the one at the address, or the one that Sentinels or the nodes of a
 * Cluster name.
 *
 * Owns: the question to them, asked anew before each connection. All are asked at once, and the first answer counts.
 * What is named may be out of date: `probe` then refuses to write, or `join` does. Knows nothing of what is called there.
 * Next: `redisConnection.ts` (asks). Why not the package's own clients for them: decision 47,
 * docs/decisions/0047-every-connection-asks-where-redis-is.md.
 */
import type { createClient } from '@redis/client';
import { SetupError } from '../runtime/operatorError.ts';
import type { RedisAddress, RedisPlace } from '../runtime/redisAddress.ts';

export type Client = ReturnType<typeof createClient>;

/**
 * The settings of a client for this place. `asUser` is false for a Sentinel, which knows no users of Redis. A connection
 * that is silent for `socketTimeoutMs` ends.
 */
export function clientOptions(
  address: RedisAddress,
  place: RedisPlace,
  timeoutMs: number,
  asUser: boolean,
  socketTimeoutMs?: number,
) {
  const { isSecure, username, password, database } = address;
  return {
    ...(asUser && username !== undefined && { username }),
    ...(asUser && password !== undefined && { password: password.reveal() }),
    database: asUser ? database : 0,
    RESP: 2 as const,
    disableOfflineQueue: true,
    socket: {
      ...{ reconnectStrategy: false as const, connectTimeout: timeoutMs },
      ...(socketTimeoutMs !== undefined && { socketTimeout: socketTimeoutMs }),
      ...('path' in place
        ? place
        : { ...place, noDelay: true, ...(isSecure && { tls: true as const, servername: place.host }) }),
    },
  };
}

/** Makes a client for one of those who are asked. Its errors end nothing. `asUser` is false for one without a password. */
export type NewClient = (place: RedisPlace, asUser: boolean) => Client;

/** Rejects if nobody says it: with ECONNREFUSED if all of them refuse the connection. `key` is that of the directory. */
export async function findPlace(address: RedisAddress, key: string, newClient: NewClient): Promise<RedisPlace> {
  const { knownBy, places, primaryName } = address;
  if (knownBy === 'address') return places[0] as RedisPlace;
  const ask = (place: RedisPlace): Promise<RedisPlace> =>
    knownBy === 'sentinel' ? askSentinel(primaryName, place, newClient) : askNode(key, place, newClient);
  try {
    return await Promise.any(places.map(ask));
  } catch (error) {
    const { errors } = error as { errors: NodeJS.ErrnoException[] };
    // What is no refusal says more: somebody is there.
    throw errors.find(({ code }) => code !== 'ECONNREFUSED') ?? errors[0];
  }
}

/** Sentinels that want a password get the one of Redis. */
async function askSentinel(name: string, place: RedisPlace, newClient: NewClient): Promise<RedisPlace> {
  const ask = async (client: Client): Promise<RedisPlace> => {
    const answer = (await client.sendCommand(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name])) as unknown;
    if (!Array.isArray(answer)) throw new SetupError(`Sentinel knows no primary of the name ${name}`);
    const [host, port] = answer as [string, string];
    return { host, port: Number(port) };
  };
  try {
    return await withClient(newClient(place, false), ask);
  } catch (error) {
    if (!(error as Error).message.startsWith('NOAUTH')) throw error;
    return withClient(newClient(place, true), ask);
  }
}

/** The node that holds all keys of this directory: they have one hash tag. */
async function askNode(key: string, place: RedisPlace, newClient: NewClient): Promise<RedisPlace> {
  return withClient(newClient(place, true), async (client) => {
    const [slot, ranges] = (await Promise.all([
      client.sendCommand(['CLUSTER', 'KEYSLOT', key]),
      client.sendCommand(['CLUSTER', 'SLOTS']),
    ])) as unknown as [number, [first: number, last: number, node: [host: string | null, port: number]][]];
    const [, , node] = ranges.find(([first, last]) => first <= slot && slot <= last) ?? [];
    if (node === undefined) throw new Error('CLUSTERDOWN No node holds these keys.');
    // A node that doesn't know by which name it is reached leaves it out.
    return { host: node[0] || (place as { host: string }).host, port: node[1] };
  });
}

async function withClient<T>(client: Client, ask: (client: Client) => Promise<T>): Promise<T> {
  try {
    await client.connect();
    return await ask(client);
  } finally {
    if (client.isOpen) client.destroy();
  }
}
