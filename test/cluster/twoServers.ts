/**
 * Two lobbies with one directory on a real Redis, as a server for generated dialogues: users with an even number are
 * connected to one, all others to the other.
 *
 * Owns: how to know that nothing is in flight between them: every call to Redis has its reply, and every entry of both
 * inboxes has been read.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { SessionId } from '../../machines/events.ts';
import { Lobby } from '../../src/chat/lobby.ts';
import { defaultPrefix, directoryKeyOf } from '../../src/cluster/luaLibrary.ts';
import { RedisConnection } from '../../src/cluster/redisConnection.ts';
import { RedisDirectory } from '../../src/cluster/redisDirectory.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { createLog } from '../../src/runtime/log.ts';
import { idTries } from '../paths/alphabet.ts';
import { lineTo, type MultiUserServer } from '../paths/multiUserServers.ts';
import { deadlineMs } from '../support/deadline.ts';
import { GatedDirectory } from '../support/gatedDirectory.ts';
import type { RedisServer } from '../support/redisServer.ts';
import { unlimited } from '../support/unlimited.ts';

/** One of the lobbies, and what is in flight between it and Redis. */
class Member {
  readonly lobby: Lobby;
  readonly gate: GatedDirectory;
  readonly shared: RedisDirectory;
  readonly traffic: { calls: number; read: string };

  static async join(redis: RedisServer, node: string): Promise<Member> {
    const traffic = { calls: 0, read: '0' };
    const log = createLog('silent');
    const options = { url: redis.url, node, log, clock: systemClock };
    const load: typeof RedisConnection.load = async (url, key, handler) => {
      const entry: typeof handler.entry = (id, fields) => {
        handler.entry(id, fields);
        traffic.read = id;
      };
      const connection = await RedisConnection.load(url, key, { up: handler.up, down: handler.down, entry });
      const call = connection.call.bind(connection);
      connection.call = async (...args) => {
        traffic.calls++;
        return call(...args).finally(() => traffic.calls--);
      };
      return connection;
    };
    const shared = await RedisDirectory.join(options, { load });
    return new Member(shared, traffic);
  }

  private constructor(shared: RedisDirectory, traffic: Member['traffic']) {
    this.shared = shared;
    this.traffic = traffic;
    let gate: GatedDirectory | undefined;
    this.lobby = new Lobby({
      ...unlimited,
      idTries,
      requestTimeoutMs: 1e9,
      announceLimit: Number.MAX_SAFE_INTEGER,
      log: createLog('silent'),
      createDirectory: (notify) => {
        gate = new GatedDirectory(notify, (notifyAtOnce) => shared.attach(notifyAtOnce));
        return gate;
      },
      createRelay: (handler) => shared.attachRelay(handler),
    });
    this.gate = gate as unknown as GatedDirectory;
  }
}

export async function onTwoServers(redis: RedisServer): Promise<MultiUserServer> {
  const members = [await Member.join(redis, 'even'), await Member.join(redis, 'odd')];
  const client = await redis.client();
  /** The member a session belongs to, and what it is called there. */
  const find = (session: SessionId): [Member, SessionId] => {
    const [user = '', name = ''] = session.split(':');
    return [members[Number(user) % 2] as Member, name];
  };
  const lastEntry = async ({ shared }: Member): Promise<string> => {
    const inbox = `${directoryKeyOf(defaultPrefix)}:in:${shared.node}`;
    const entries = (await client.sendCommand(['XREVRANGE', inbox, '+', '-', 'COUNT', '1'])) as unknown as [string][];
    return entries[0]?.[0] ?? '0';
  };
  const settle = async (): Promise<void> => {
    const deadline = performance.now() + deadlineMs;
    for (let isQuiet = false; !isQuiet; ) {
      if (performance.now() > deadline) throw new Error('the servers do not come to rest');
      // A batch is sent at the end of the turn.
      await turn();
      await turn();
      if (members.some(({ traffic }) => traffic.calls > 0)) continue;
      const last = await Promise.all(members.map(lastEntry));
      isQuiet = members.every(
        ({ traffic }, index) => traffic.calls === 0 && isAtLeast(traffic.read, last[index] ?? ''),
      );
    }
  };
  return {
    directory: {
      askNext: (from) => withSession(find(from), ({ gate }, name) => gate.askNext(name)),
      refuseUnchecked: (from) => withSession(find(from), ({ gate }, name) => gate.refuseUnchecked(name)),
      notifyNext: (to) => withSession(find(to), ({ gate }, name) => gate.notifyNext(name)),
      expire: (from) => withSession(find(from), ({ gate }, name) => gate.expire(name)),
      evict: (session) => withSession(find(session), ({ gate }, name) => gate.evict(name)),
      drain: (from) => withSession(find(from), ({ gate }, name) => gate.drain(name)),
      get onlineCount() {
        return members[0]?.gate.onlineCount ?? 0;
      },
    },
    send: (session, event) =>
      withSession(find(session), ({ lobby }, name) => lobby.sessions.get(name)?.actor?.send(event)),
    get sessionCount() {
      return members.reduce((sum, { lobby }) => sum + lobby.sessions.size, 0);
    },
    connect: async (user) => {
      const line = lineTo((members[user % 2] as Member).lobby);
      return { ...line, session: `${user}:${line.session}` };
    },
    settle,
    stop: async () => {
      for (const { lobby, shared } of members) {
        await lobby.stop();
        await shared.stop();
      }
      client.destroy();
    },
  };
}

function withSession(found: [Member, SessionId], act: (member: Member, name: SessionId) => void): void {
  act(...found);
}

/** True if an entry's id is this one or a later one. */
function isAtLeast(id: string, than: string): boolean {
  const [ms = 0, count = 0] = id.split('-').map(Number);
  const [thanMs = 0, thanCount = 0] = than.split('-').map(Number);
  return ms > thanMs || (ms === thanMs && count >= thanCount);
}
