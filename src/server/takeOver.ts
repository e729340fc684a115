/**
 * Taking everything over from another process of the same server.
 *
 * Owns: the steps of the process that takes over. What can fail is done before anything is taken. Knows nothing of charts.
 * Next: `upgradeSteps.ts` (what the two say), `handOver.ts` (the other side).
 */
import { closeSync } from 'node:fs';
import type { Server as Listener, Socket } from 'node:net';
import { checkState } from '../chat/movingSession.ts';
import { SetupError } from '../runtime/operatorError.ts';
import { InheritedSocket, type MovingConnection } from '../transport/movingConnection.ts';
import type { Acceptor, Visitors } from './acceptor.ts';
import type { MovingParts } from './handOver.ts';
import { type Predecessor, type ServerState, stateFormat } from './upgradeSteps.ts';

const firstDescriptor = 4;

/** Resolves with what the process before has to hand over, if this one can go on with it. */
export async function stateFrom(predecessor: Predecessor, hasCertificate: boolean): Promise<ServerState> {
  void predecessor.send({ type: 'ready', format: stateFormat });
  const { message } = await predecessor.receive();
  if (message.type !== 'state') throw new SetupError(`the old process said ${message.type} instead of its state.`);
  const { state } = message;
  await orRefuse(predecessor, async () => {
    if (!hasCertificate && state.listens.some(({ speaks }) => speaks === 'tls')) {
      throw new SetupError('the port with TLS needs --tls-cert.');
    }
    for (const { session } of state.sessions) checkState(session);
  });
  return state;
}

/** Says to the process before why it has to go on, if that is so. Rejects like `act`. */
async function orRefuse(predecessor: Predecessor, act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const reason = `the new process can't take over: ${(error as Error).message}`;
    await predecessor.send({ type: 'refused', reason });
    throw error;
  }
}

export interface TakeOverOptions {
  predecessor: Predecessor;
  state: ServerState;
  visitors: Visitors | undefined;
  /** Opens what only one of the two processes can have. */
  openLocal(): Promise<void>;
}

/** Goes on with the sessions of the process before; resolves when it does. */
export async function takeOver(parts: MovingParts, options: TakeOverOptions): Promise<void> {
  const { lobby, acceptor, bans } = parts;
  const { predecessor, state, openLocal } = options;
  acceptor.newcomers.hold();
  for (const ban of state.bans) bans.add(ban);
  if (state.isLockedDown) lobby.operator.act({ type: 'operator.lockdown', by: 'the process before' });
  void predecessor.send({ type: 'prepared' });
  const { message: free } = await predecessor.receive();
  if (free.type !== 'open') throw new SetupError(`the old process said ${free.type} instead of open.`);
  await orRefuse(predecessor, openLocal);
  void predecessor.send({ type: 'opened' });
  const sockets = resume(parts, state, await listen(acceptor, options));
  acceptor.newcomers.letIn();
  void hearRest(predecessor, acceptor, sockets);
}

/** Resolves with what is under way, when this process listens. */
async function listen(acceptor: Acceptor, options: TakeOverOptions): Promise<readonly MovingConnection[]> {
  const { predecessor, visitors } = options;
  for (;;) {
    const { message, handle } = await predecessor.receive();
    if (message.type === 'go') return message.connections;
    if (message.type !== 'listener') throw new SetupError(`the old process said ${message.type} instead of go.`);
    const listener = handle as Listener;
    if (message.speaks !== 'page') await acceptor.listen(message.speaks, listener);
    else if (visitors !== undefined) await acceptor.listenForVisitors(listener, visitors);
    else listener.close();
  }
}

/** Everything within one turn: nobody is heard before all are there. Returns the sockets by their places. */
function resume(
  { lobby, acceptor }: MovingParts,
  { sessions, places }: ServerState,
  connections: readonly MovingConnection[],
): Map<number, InheritedSocket> {
  const sockets = new Map<number, InheritedSocket>();
  for (const [index, { place, address, session }] of sessions.entries()) {
    const moving = connections[index];
    if (moving === undefined) continue;
    const fd = firstDescriptor + place;
    const socket = new InheritedSocket({ fd, allowHalfOpen: true, readable: true, writable: true }, moving);
    lobby.handOver.resume(acceptor.resume(socket, address, moving.state), session);
    sockets.set(place, socket);
  }
  lobby.handOver.allResumed();
  // Those who have hung up since this process was started.
  for (let place = 0; place < places; place++) if (!sockets.has(place)) closeSync(firstDescriptor + place);
  return sockets;
}

/** What the process before still has, until it has ended. */
async function hearRest(
  predecessor: Predecessor,
  acceptor: Acceptor,
  sockets: ReadonlyMap<number, InheritedSocket>,
): Promise<void> {
  for (;;) {
    const next = await predecessor.receive().catch(() => undefined);
    if (next === undefined) break;
    const { message } = next;
    if (message.type === 'sent') sockets.get(message.place)?.released(message.isAll);
    else if (message.type === 'newcomer') {
      const socket = next.handle as Socket;
      socket.allowHalfOpen = true;
      acceptor.newcomers.arrived(message.speaks, socket);
    }
  }
  // If it was killed, with bytes that nobody has any more.
  for (const socket of sockets.values()) socket.released(false);
}
