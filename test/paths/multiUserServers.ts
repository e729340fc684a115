/**
 * Two ways to run a dialogue against the real server: in memory, and over TCP.
 *
 * Owns: how a user connects, types and hangs up, and how to know that everything they caused has arrived. That is exact
 * and needs no waiting for silence: the server runs in this process, so both ends of every socket can be compared.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import type { SessionId } from '../../machines/events.ts';
import type { SessionEvent } from '../../machines/session.machine.ts';
import { Lobby } from '../../src/chat/lobby.ts';
import { createLog } from '../../src/runtime/log.ts';
import { startServer } from '../../src/server/server.ts';
import { deadlineMs } from '../support/deadline.ts';
import { FakeConnection } from '../support/fakeConnection.ts';
import { GatedDirectory } from '../support/gatedDirectory.ts';
import { unlimited } from '../support/unlimited.ts';
import { fin } from '../system/userSteps.ts';
import { idTries } from './alphabet.ts';

/** A user's end of a connection. */
export interface Line {
  readonly session: SessionId;
  type(text: string): void;
  /** Sends a line that is no valid UTF-8. */
  typeNoText(): void;
  /** Ends the connection: in order, with all that the user sent, or cut. */
  hangUp(how: 'fin' | 'rst'): void;
  /** Returns all text since the last call, and `fin` if the server has ended the connection since then. */
  read(): string;
}

/** The directory in which commands and updates wait for the test. */
type Gate = Pick<
  GatedDirectory,
  'askNext' | 'refuseUnchecked' | 'notifyNext' | 'expire' | 'evict' | 'drain' | 'onlineCount'
>;

export interface MultiUserServer {
  readonly directory: Gate;
  /** Sends an event to a session's actor from outside of the dialogue. */
  send(session: SessionId, event: SessionEvent): void;
  /** Sessions that have not ended. */
  readonly sessionCount: number;
  /** Connects the user with this number in their dialogue. */
  connect(user: number): Promise<Line>;
  /** Resolves when nothing of these users is under way any more. */
  settle(lines: readonly Line[]): Promise<void>;
  stop(): Promise<void>;
}

/** A user who is connected to the lobby without a socket. */
export function lineTo(lobby: Lobby): Line {
  const connection = new FakeConnection();
  let isEndRead = false;
  lobby.open(connection);
  return {
    session: [...lobby.sessions.keys()].at(-1) as SessionId,
    type: (line) => connection.type(line),
    typeNoText: () => connection.typeRefused('lineNotUtf8'),
    hangUp: (how) => (how === 'fin' ? connection.halfClose() : connection.hangUp()),
    read: () => {
      const text = connection.read();
      if (!connection.isEndedByServer || isEndRead) return text;
      isEndRead = true;
      return text + fin;
    },
  };
}

export function inMemory(): MultiUserServer {
  let directory: GatedDirectory | undefined;
  const lobby = new Lobby({
    ...unlimited,
    idTries,
    requestTimeoutMs: 1e9,
    announceLimit: Number.MAX_SAFE_INTEGER,
    log: createLog('silent'),
    createDirectory: (notify) => {
      directory = new GatedDirectory(notify);
      return directory;
    },
  });
  return {
    directory: directory as unknown as GatedDirectory,
    send: (session, event) => lobby.sessions.get(session)?.actor?.send(event),
    get sessionCount() {
      return lobby.sessions.size;
    },
    connect: async () => lineTo(lobby),
    settle: async () => {},
    stop: async () => {
      await lobby.stop();
    },
  };
}

export async function overTcp(): Promise<MultiUserServer> {
  let directory: GatedDirectory | undefined;
  const server = await startServer({
    ...unlimited,
    idTries,
    port: 0,
    announceLimit: Number.MAX_SAFE_INTEGER,
    requestTimeoutMs: 1e9,
    createDirectory: (notify) => {
      directory = new GatedDirectory(notify);
      return directory;
    },
  });
  /** The server's end of a connection and its session, by the client's port. */
  const accepted = new Map<number, { socket: Socket; session: SessionId }>();
  const onAccepted = (message: unknown): void => {
    const { socket } = message as { socket: Socket };
    const session = [...server.lobby.sessions.keys()].at(-1) as SessionId;
    if (socket.localPort === server.port) accepted.set(socket.remotePort as number, { socket, session });
  };
  subscribe('net.server.socket', onAccepted);

  const ends = new Map<Line, { near: Socket; far: Socket }>();
  /** Sockets whose end both sides know; `closed` is true a little earlier. */
  const closed = new WeakSet<Socket>();
  const connectOverTcp = async (): Promise<Line> => {
    const near = connect({ port: server.port, host: '127.0.0.1', noDelay: true });
    near.on('error', () => {});
    let text = '';
    near.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
    near.once('end', () => {
      text += fin;
    });
    while (near.pending || !accepted.has(near.localPort as number)) await turn();
    const { socket: far, session } = accepted.get(near.localPort as number) as { socket: Socket; session: SessionId };
    // The system may give the same port again.
    accepted.delete(near.localPort as number);
    const line: Line = {
      session,
      type: (typed) => near.write(`${typed}\n`),
      typeNoText: () => near.write(Buffer.from([0xff, 0x0a])),
      hangUp: (how) => (how === 'fin' ? near.end() : near.resetAndDestroy()),
      read: () => {
        const read = text;
        text = '';
        return read;
      },
    };
    for (const end of [near, far]) end.once('close', () => closed.add(end));
    ends.set(line, { near, far });
    return line;
  };
  /** True if nothing is between the two ends, and neither is half closed. */
  const isSettled = (line: Line): boolean => {
    const { near, far } = ends.get(line) as { near: Socket; far: Socket };
    if (near.destroyed || far.destroyed) return closed.has(near) && closed.has(far);
    if (near.writableEnded !== near.readableEnded) return false;
    return far.bytesRead === near.bytesWritten && near.bytesRead === far.bytesWritten;
  };
  return {
    directory: directory as unknown as GatedDirectory,
    send: (session, event) => server.lobby.sessions.get(session)?.actor?.send(event),
    get sessionCount() {
      return server.lobby.sessions.size;
    },
    connect: connectOverTcp,
    settle: async (lines) => {
      // The second look is a whole turn later, when everything that was handed to a send queue has been written.
      const deadline = performance.now() + deadlineMs;
      for (let quiet = 0; quiet < 2; ) {
        await turn();
        if (performance.now() > deadline) throw new Error('a connection does not come to rest');
        quiet = lines.every(isSettled) ? quiet + 1 : 0;
      }
    },
    stop: async () => {
      unsubscribe('net.server.socket', onAccepted);
      for (const { near } of ends.values()) near.destroy();
      await server.stop();
    },
  };
}
