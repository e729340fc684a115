/**
 * Handing everything over to another process of the same server, while its users go on talking: an upgrade.
 *
 * Owns: the steps of the process that hands over. Until the last step it has everything, and goes on as if nothing had
 * been if a step fails. Knows nothing of charts, nor of how the other process is started.
 * Next: `upgradeSteps.ts` (what the two say), `takeOver.ts` (the other side), `../cli/upgrade.ts`, docs/restarting.md.
 * Why it is done this way: decision 42, docs/decisions/0042-an-upgrade-is-a-child-that-inherits.md.
 */
import type { AddressInfo, Socket } from 'node:net';
import type { Lobby } from '../chat/lobby.ts';
import type { LobbyState } from '../chat/lobbyHandOver.ts';
import { isProving } from '../chat/movingSession.ts';
import type { Session } from '../chat/session.ts';
import type { BanList } from '../operator/banList.ts';
import type { Clock } from '../runtime/clock.ts';
import { SetupError } from '../runtime/operatorError.ts';
import type { PausableClock } from '../runtime/pausableClock.ts';
import { Connection } from '../transport/connection.ts';
import { giveAway, movableSocketOf } from '../transport/movingConnection.ts';
import type { Acceptor } from './acceptor.ts';
import type { LocalParts } from './localParts.ts';
import {
  type FromSuccessor,
  type ServerState,
  type StartSuccessor,
  type Successor,
  stateFormat,
} from './upgradeSteps.ts';

/** How long a program may take to start; users go on talking meanwhile. */
const startMs = 30_000;
/** How long each step after that may take, in ms. Everybody waits meanwhile. */
const stepMs = 10_000;
/** How long the last bytes for those who read slowly may take, in ms. */
export const lastBytesMs = 600_000;

/** The parts of a server that take part. */
export interface MovingParts {
  bans: BanList;
  lobby: Lobby;
  acceptor: Acceptor;
}

export interface HandOverOptions {
  start: StartSuccessor;
  /** What stands still meanwhile. */
  clock: PausableClock;
  /** What does not. */
  timers: Clock;
  /** What only one of the two processes can have. */
  local: Pick<LocalParts, 'close' | 'reopen'>;
}

/** How many users went, and how many connections could not. */
export interface Moved {
  users: number;
  left: number;
}

/**
 * Resolves when there is no way back. Until then nothing changes here: rejects with a `SetupError`, and everything goes on,
 * if the other process can't take over.
 */
export async function handOver(parts: MovingParts, options: HandOverOptions) {
  const { lobby, acceptor } = parts;
  const { clock, local, start } = options;
  const step = stepsOf(options.timers);
  checkThatItCan(lobby);
  acceptor.newcomers.hold();
  let successor: Successor | undefined;
  let moving: Moving[] = [];
  try {
    const candidates = candidatesOf(lobby);
    // Node stops reading a socket that it passes on.
    lobby.handOver.freeze();
    successor = start(candidates.map(({ socket }) => socket));
    lobby.handOver.thaw();
    const { format } = await step(successor, 'ready', startMs);
    if (format !== stateFormat) {
      throw new SetupError('the new version keeps its users in another form: restart the server instead.');
    }
    clock.pause();
    lobby.handOver.freeze();
    // What was said in this turn is written at its end.
    await new Promise((resolve) => setImmediate(resolve));
    moving = candidates.filter(
      ({ session, connection }) => isThere(lobby, session) && !isProving(session) && movableSocketOf(connection),
    );
    void successor.send({ type: 'state', state: stateOf(parts, moving, candidates.length) });
    await step(successor, 'prepared', stepMs);
    // The last word of the admin socket is how the upgrade went.
    await local.close(lastBytesMs);
    void successor.send({ type: 'open' });
    await step(successor, 'opened', stepMs);
    // Sent before they are closed here: Node sends the second one when the first has arrived.
    for (const { speaks, listener } of acceptor.listeners) await successor.send({ type: 'listener', speaks }, listener);
    if (!successor.isOpen()) throw new SetupError('the new process ended.');
    checkThatItCan(lobby);
  } catch (error) {
    const killed = successor?.kill();
    lobby.handOver.thaw();
    clock.resume();
    acceptor.newcomers.letIn();
    await killed;
    await local.reopen();
    throw error;
  }
  const left = acceptor.sockets.size - moving.length;
  const sent = go(parts, moving, successor);
  lobby.handOver.thaw();
  clock.resume();
  return { users: moving.length, left, sent, running: step(successor, 'running', startMs) };
}

/** From here on they are the successor's. Resolves when it has all newcomers, and has heard what became of all bytes. */
function go({ lobby, acceptor }: MovingParts, moving: readonly Moving[], successor: Successor): Promise<unknown> {
  const given = moving.map(({ session, connection, socket }) => {
    lobby.handOver.forget(session.id);
    return giveAway(connection, socket);
  });
  void successor.send({ type: 'go', connections: given.map((each) => each.moving) });
  void acceptor.close();
  // Node sends the next one when the one before has arrived, and none after the end of this process.
  const passedOn = acceptor.newcomers
    .take()
    .map(({ speaks, socket }) => successor.send({ type: 'newcomer', speaks }, socket));
  const sent = moving.map(async ({ place }, index) => {
    const each = given[index];
    if (each?.moving.mustWait) await successor.send({ type: 'sent', place, isAll: await each.sent });
  });
  return Promise.all([...passedOn, ...sent]);
}

interface Moving {
  session: Session;
  connection: Connection;
  socket: Socket;
  place: number;
}

function candidatesOf(lobby: Lobby): Moving[] {
  const moving: Omit<Moving, 'place'>[] = [];
  for (const session of lobby.sessions.values()) {
    const { connection } = session;
    const socket = connection instanceof Connection ? movableSocketOf(connection) : undefined;
    if (connection instanceof Connection && socket !== undefined) moving.push({ session, connection, socket });
  }
  // Ascending, so that none stands in another one's place, and has to be kept apart meanwhile: files are limited.
  moving.sort((one, other) => descriptorOf(one.socket) - descriptorOf(other.socket));
  return moving.map((each, place) => ({ ...each, place }));
}

/** By a name of Node's own; where it is missing, the order is another one. */
function descriptorOf(socket: Socket): number {
  return (socket as { _handle?: { fd?: number } })._handle?.fd ?? 0;
}

function isThere(lobby: Lobby, session: Session): boolean {
  return lobby.sessions.get(session.id) === session;
}

function checkThatItCan(lobby: Lobby): void {
  const { door } = lobby.operator;
  if (door !== 'open' && door !== 'lockdown') throw new SetupError('the server is about to end.');
  if (lobby.handOver.state === undefined) {
    throw new SetupError('its users are in Redis, and those of the other servers go on: restart this one.');
  }
}

function stateOf({ lobby, bans, acceptor }: MovingParts, moving: readonly Moving[], places: number): ServerState {
  return {
    lobby: lobby.handOver.state as LobbyState,
    bans: bans.records(),
    isLockedDown: lobby.operator.door === 'lockdown',
    sessions: moving.map(({ session, connection, place }) => ({
      ...{ place, address: connection.remoteAddress, session: lobby.handOver.stateOf(session) },
    })),
    places,
    listens: acceptor.listeners.map(({ speaks, listener }) => ({ speaks, address: listener.address() as AddressInfo })),
  };
}

/** What waits for the successor's next message, which has to be of this type. Rejects with a `SetupError`. */
function stepsOf(timers: Clock) {
  return async <Type extends FromSuccessor['type']>(successor: Successor, type: Type, withinMs: number) => {
    let timer: unknown;
    const timeout = new Promise<never>((_, reject) => {
      const late = () => reject(new SetupError(`the new process took longer than ${withinMs / 1000} s.`));
      timer = timers.setTimeout(late, withinMs);
    });
    const next = Promise.race([successor.receive(), timeout]);
    const { message } = await next.finally(() => timers.clearTimeout(timer));
    if (message.type === 'refused') throw new SetupError(message.reason);
    if (message.type !== type) throw new SetupError(`the new process said ${message.type} instead of ${type}.`);
    return message as Extract<FromSuccessor, { type: Type }>;
  };
}
