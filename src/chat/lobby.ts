/**
 * The lobby: the parent of all sessions, and the only one that touches the directory.
 *
 * Owns: session id → session and the directory; carries out the actions of `machines/lobby.machine.ts`. Knows nothing
 * of sockets. Next: `session.ts` (one user), `roomAndMenu.ts`, `directory/memoryDirectory.ts` (which user wins).
 */
import {
  type Actor,
  type AnyActor,
  assertEvent,
  createActor,
  type InspectionEvent,
  type Snapshot,
  toPromise,
} from 'xstate';
import type { DirectoryUpdate, LimitName, SessionId, UserId, UserRow } from '../../machines/events.ts';
import {
  type Command,
  directoryEvent,
  type LobbyEvent,
  lobbyMachine,
  type ProofRight,
  sessionOf,
  type TakeTimedOut,
  takeAgain,
} from '../../machines/lobby.machine.ts';
import type { OperatorAct } from '../../machines/operatorActs.ts';
import type { sessionMachine } from '../../machines/session.machine.ts';
import { type Limits, optionOf } from '../config/limits.ts';
import { connectionNotices, notices } from '../protocol/replies.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { ignoreError } from '../runtime/ignoreError.ts';
import type { Log } from '../runtime/log.ts';
import { FlushScheduler } from '../transport/flushScheduler.ts';
import type { Directory, DirectoryView, Notify } from './directory/directory.ts';
import { type DirectorySnapshot, MemoryDirectory } from './directory/memoryDirectory.ts';
import type { AskRules } from './directory/requestMemory.ts';
import { LobbyHandOver, type LobbyState } from './lobbyHandOver.ts';
import { sendToActor, startParent } from './lobbyParent.ts';
import { viewOf } from './lobbyView.ts';
import { type Bans, OperatorSide } from './operatorSide.ts';
import { type Names, noNames, Proofs } from './proofs.ts';
import { RoomAndMenu, type RoomAndMenuOptions } from './roomAndMenu.ts';
import {
  Session,
  type SessionConnection,
  type SessionHost,
  type SessionOptions,
  type SessionState,
} from './session.ts';
import { connectSessionMachine, withIdTries } from './sessionActions.ts';
import { SessionClocks } from './sessionClocks.ts';

export interface LobbyOptions
  extends Omit<SessionOptions, 'clock'>,
    Pick<RoomAndMenuOptions, 'createRelay'>,
    Pick<Limits, 'requestTimeoutMs' | 'announceLimit' | 'idTimeoutMs' | 'roomHistory' | 'roomRate'>,
    Pick<Limits, 'askedPerMinute' | 'declineWaitMs' | 'resumeMs'> {
  log: Log;
  /** The system's clock by default. */
  clock?: Clock | undefined;
  /** Called with each limit that a session has reached, and whose it is. */
  onLimit?: ((limit: LimitName, address: string, id: string | undefined) => void) | undefined;
  /** What counts as the address of one person; empty, as for all by default, if others may have the same. */
  personAt?: ((address: string) => string) | undefined;
  /** Nobody is banned by default. */
  bans?: Bans | undefined;
  /** The ids that have a password; none by default. */
  names?: Names | undefined;
  /** Decides when broadcasts are flushed: at once by default. */
  flushScheduler?: FlushScheduler | undefined;
  /** Gets what XState reports of the lobby's actor and those of its sessions, from their first event on. */
  inspect?: ((event: InspectionEvent) => void) | undefined;
  /** Creates the directory; the one in memory by default. */
  createDirectory?: ((notify: Notify) => Directory) | undefined;
  /** Goes on where the lobby of another process has stopped. */
  state?: LobbyState | undefined;
}

const tooOften = { type: 'request.refused', reason: 'tooOften' } as const;

export class Lobby implements SessionHost {
  readonly roomAndMenu: RoomAndMenu;
  /** Resolves when no session is left and none can come. */
  readonly closed: Promise<unknown>;
  readonly operator: OperatorSide;
  /** The way of all sessions to another process, or from it. */
  readonly handOver: LobbyHandOver;
  readonly #directory: Directory;
  readonly #options: LobbyOptions;
  readonly #sessionOptions: SessionOptions;
  readonly #log: Log;
  readonly #sessions = new Map<SessionId, Session>();
  readonly #clocks: SessionClocks;
  readonly #sessionMachine: typeof sessionMachine;
  readonly #proofs: Proofs;
  readonly #actor: Actor<typeof lobbyMachine>;
  readonly #parent: AnyActor;
  #lastSession = 0;

  constructor(options: LobbyOptions) {
    this.#options = options;
    this.#lastSession = options.state?.lastSession ?? 0;
    this.#log = options.log;
    const { clock = systemClock, flushScheduler = new FlushScheduler((run) => run()) } = options;
    const { requestTimeoutMs, idTimeoutMs, idleMs, resumeMs, announceLimit, askedPerMinute, declineWaitMs } = options;
    this.#sessionOptions = { ...options, clock };
    this.#clocks = new SessionClocks(clock, (event) => this.#actor.send(event));
    const askRules = { askedPerMinute, declineWaitMs, now: () => clock.now() };
    const { state, createDirectory = directoryInMemory(state?.directory, askRules) } = options;
    this.#directory = createDirectory((session, update) => this.#notify(session, update));
    this.roomAndMenu = new RoomAndMenu({
      ...{ ...options, clock, flushScheduler },
      sessionOf: (id) => this.#sessions.get(id),
      onLost: (id, wasInRoom) => this.#actor.send({ type: 'user.lost', id, wasInRoom }),
    });
    this.operator = new OperatorSide({
      ...{ log: options.log, counters: options.counters, sessions: this.#sessions, directory: this.#directory },
      bans: options.bans ?? { about: () => undefined },
      actor: () => this.#actor,
    });
    const roomHistory = this.roomAndMenu.history;
    if (state !== undefined) roomHistory.lines = state.roomHistory;
    this.handOver = new LobbyHandOver({
      ...{ sessions: this.#sessions, directory: this.#directory, roomHistory },
      ...{ lastSession: () => this.#lastSession, actor: () => this.#actor, clocks: this.#clocks },
    });
    const connected = connectSessionMachine(
      () => this.#actor,
      (id) => this.#session(id),
    );
    this.#sessionMachine = withIdTries(options.idTries, connected);
    this.#proofs = new Proofs(options.names ?? noNames, {
      log: this.#log,
      send: (event) => {
        if (!this.handOver.delays(() => this.#actor.send(event))) this.#actor.send(event);
      },
      notify: (session, update) => this.#notify(session, update),
      failed: (session, error) => this.sessionFailed(session, error),
    });
    const view = viewOf(this.#sessions, this.#directory, this.operator, this.#proofs);
    this.#actor = createActor(this.#connectLobbyMachine(), {
      id: 'lobby',
      input: { requestTimeoutMs, idTimeoutMs, idleMs, resumeMs, announceLimit, view },
      clock,
      ...(options.inspect && { inspect: options.inspect }),
    });
    this.#actor.subscribe({ error: (error) => this.#log.fatal({ err: error }, 'the lobby failed') });
    this.#actor.start();
    this.#parent = startParent(this.#actor);
    this.closed = toPromise(this.#actor);
    // Who waits for it is told; that it failed is logged above.
    this.closed.catch(ignoreError);
  }

  /**
   * Starts a session for a connection at once. `idTimeLeftMs` is the time to give an id, if less than usual is left.
   */
  open(connection: SessionConnection, idTimeLeftMs?: number): void {
    if (this.handOver.delays(() => this.open(connection, idTimeLeftMs))) return;
    const session = `s${++this.#lastSession}`;
    this.#actor.send({ type: 'connection.opened', session, connection, idTimeLeftMs });
  }

  /** Notifies and ends every session; resolves when none is left. */
  async stop(): Promise<void> {
    if (this.isOpen) this.#actor.send({ type: 'server.stop' });
    await this.closed;
  }

  /** False from the moment when the lobby is told to stop. */
  get isOpen(): boolean {
    return this.#actor.getSnapshot().matches('open');
  }

  /** The dictionaries, read-only. */
  get directory(): DirectoryView {
    return this.#directory;
  }

  /** The sessions that have not ended, by their id. */
  get sessions(): ReadonlyMap<SessionId, Session> {
    return this.#sessions;
  }

  /** The actor of the lobby chart; those of the sessions are in its system. */
  get actor(): AnyActor {
    return this.#actor;
  }

  // What sessions report (SessionHost).

  sessionFailed(session: SessionId, error: unknown): void {
    this.#logFailure(session, error);
    // Later, so that no reader is taken out of a broadcast while a line is sent to it.
    queueMicrotask(() => this.#actor.send({ type: 'session.failed', session }));
  }

  limitReached(id: SessionId, limit: LimitName): void {
    this.noteLimit(id, limit);
    this.#sessions.get(id)?.actor?.send({ type: 'limit.reached', limit });
  }

  noteLimit(id: SessionId, limit: LimitName): void {
    this.#log.warn({ session: id, limit, option: optionOf(limit) }, 'limit reached');
    const address = this.#sessions.get(id)?.remoteAddress ?? '';
    this.#options.onLimit?.(limit, address, this.#directory.rowOf(id)?.id);
  }

  // What the lobby chart's actions do.

  #connectLobbyMachine(): typeof lobbyMachine {
    const [operator, roomAndMenu, proofs] = [this.operator, this.roomAndMenu, this.#proofs];
    const toSession = (update: Parameters<typeof sendToActor>[1]) =>
      sendToActor((id) => this.#sessions.get(id)?.actor, update);
    return lobbyMachine.provide({
      actions: {
        ...this.#clocks.actions,
        startSession: this.#contained((event) => this.#startSession(event)),
        resumeSession: this.#contained((event) => this.#startSession(event)),
        refuseConnection: this.#contained((event) => this.#refuseConnection(event)),
        countRequest: this.#contained((event) => this.#session(sessionOf(event)).activity.requestMade()),
        askDirectory: this.#contained((event) => this.#askDirectory(event)),
        returnToMenu: this.#contained((event) => this.#directory.send(sessionOf(event), { type: 'menu.return' })),
        refuseRequest: this.#contained((event) => this.#notify(sessionOf(event), tooOften)),
        closeUnidentified: this.#contained((event) => this.limitReached(sessionOf(event), 'idTimeout')),
        closeIdle: this.#contained((event) => this.limitReached(sessionOf(event), 'idle')),
        expireRequest: this.#contained((event) => this.#directory.expire(sessionOf(event))),
        endAway: toSession(() => ({ type: 'away.ended' })),
        passOn: toSession((event) => event.update),
        passOnFailure: toSession(() => ({ type: 'session.failed' })),
        logArrival: this.#contained((event) => this.#log.info(arrivalOf(event), 'identified')),
        announceArrival: this.#contained((event) => {
          const { session, id } = arrivalOf(event);
          roomAndMenu.announce(notices.joinedServer(id), session);
        }),
        announceDeparture: this.#contained((event) => {
          const { id } = this.#directory.rowOf(sessionOf(event)) as UserRow;
          roomAndMenu.announce(notices.disconnected(id), sessionOf(event));
        }),
        announceLossToRoom: this.#contained((event) => {
          assertEvent(event, 'user.lost');
          if (event.wasInRoom) roomAndMenu.announceLossToRoom(event.id);
        }),
        announceLossToMenu: this.#contained((event) => {
          assertEvent(event, 'user.lost');
          roomAndMenu.announceLossToMenu(event.id);
        }),
        removeSession: this.#contained((event) => this.#removeSession(sessionOf(event))),
        logFailure: ({ event }) => this.#logFailure(sessionOf(event), 'error' in event ? event.error : undefined),
        releaseFailedSession: this.#contained((event) => this.#releaseFailedSession(sessionOf(event))),
        muteDepartures: () => roomAndMenu.muteDepartures(),
        closeSessions: ({ context }) => {
          const closing = { type: 'server.closing', isFinal: context.endsForGood } as const;
          for (const { actor } of [...this.#sessions.values()]) actor?.send(closing);
        },
        refuseId: this.#contained((event) => proofs.refuseId(event)),
        requireProof: this.#contained((event) => proofs.require(event, this.#session(sessionOf(event)).connection)),
        checkProof: this.#contained((event) => proofs.check(event, this.#session(sessionOf(event)).remoteAddress)),
        takeId: this.#contained((event) => this.#askDirectory({ ...proved(event), type: 'id.take' })),
        probeConnection: this.#contained((event) => this.#session(sessionOf(event)).connection.probe?.()),
        refuseProof: this.#contained((event) => proofs.refuse(event, this.#session(sessionOf(event)).remoteAddress)),
        closeUnchecked: this.#contained((event) => this.limitReached(sessionOf(event), 'passwordQueue')),
        evictUser: this.#contained((event) => this.#notify(sessionOf(event), { type: 'session.evicted' })),
        announceTakeover: this.#contained((event) => {
          const { session, id } = arrivalOf(event);
          roomAndMenu.announce(notices.disconnected(id), session);
        }),
        recordAct: this.#contained((event) => operator.record(event as OperatorAct)),
        removeUser: this.#contained((event) =>
          operator.remove(sessionOf(event), event.type === 'operator.kick' ? event.why : undefined),
        ),
        concealUser: this.#contained((event) => {
          this.#session(sessionOf(event)).isConcealed = true;
        }),
        removeBanned: this.#contained(() => operator.removeBanned()),
        sayToAll: this.#contained((event) => operator.tell(event as OperatorAct)),
        tellOfDrain: this.#contained((event) => operator.tell(event as OperatorAct)),
      },
    }) as typeof lobbyMachine;
  }

  /** Keeps an error in an action from ending the lobby and all sessions: only the session it is about ends. */
  #contained(action: (event: LobbyEvent) => void): (args: { event: LobbyEvent }) => void {
    return ({ event }) => {
      try {
        action(event);
      } catch (error) {
        this.#logFailure(sessionOf(event), error);
        this.#actor.send({ type: 'session.failed', session: sessionOf(event) });
      }
    };
  }

  /** Or goes on with one where another process has stopped. */
  #startSession(event: LobbyEvent): void {
    assertEvent(event, ['connection.opened', 'session.handedOver']);
    const { session: id } = event;
    const connection = event.connection as SessionConnection;
    const state = event.type === 'session.handedOver' ? (event.state as SessionState) : undefined;
    const session = new Session(id, connection, this.#sessionOptions, this, state);
    // Not spawned: XState copies the parent's children at every spawn, so the cost of a connection would grow with
    // their number. The same parent, system and done/error events come with `parent`, at a flat cost.
    const snapshot = state && { snapshot: state.chart as Snapshot<unknown> };
    const actor = createActor(this.#sessionMachine, { id, parent: this.#parent, ...snapshot });
    this.#sessions.set(id, session);
    this.#log.info({ session: id, address: connection.remoteAddress }, 'connected');
    if (state === undefined) session.start(actor);
    else session.resume(actor, state);
  }

  #refuseConnection(event: LobbyEvent): void {
    assertEvent(event, 'connection.opened');
    const connection = event.connection as SessionConnection;
    this.operator.refuse(connection);
  }

  #askDirectory(event: LobbyEvent): void {
    const { session, ...command } = event as Command & { session: SessionId };
    const { counters, personAt } = this.#options;
    if (counters !== undefined) counters.commands[command.type]++;
    const isClaim = command.type === 'id.claim' || command.type === 'id.take';
    const network = isClaim ? personAt?.(this.#session(session).remoteAddress) : undefined;
    this.#directory.send(session, network ? ({ ...command, network } as Command) : command);
  }

  /** Sends a verdict or an update of the directory to its session, through the lobby chart. */
  #notify(session: SessionId, update: DirectoryUpdate): void {
    this.#options.counters?.countUpdate(update);
    const told = this.#sessions.get(session);
    if (update.type === 'id.granted' && told !== undefined) told.isProved = update.isProved ?? false;
    this.#actor.send(directoryEvent(session, update));
  }

  #removeSession(id: SessionId): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    const userId = this.#directory.rowOf(id)?.id;
    this.#sessions.delete(id);
    this.#proofs.forget(id);
    this.#directory.remove(id);
    const { counters } = this.#options;
    if (counters !== undefined) counters.endings[session.ending]++;
    this.#log.info({ session: id, reason: session.ending, id: userId }, 'disconnected');
  }

  #logFailure(session: SessionId, err: unknown): void {
    this.#log.error({ session, err }, 'a session failed');
  }

  /** A failed actor runs no exit actions, so this does what they would have done. */
  #releaseFailedSession(id: SessionId): void {
    const session = this.#session(id);
    session.ending = 'fault';
    session.sayLast(connectionNotices.fault());
    session.mutePresence();
    session.closeChannel(this.#directory.rowOf(id)?.id ?? '');
  }

  #session(id: SessionId): Session {
    const session = this.#sessions.get(id);
    if (session === undefined) throw new Error(`No session ${id}: an action ran after its session had ended.`);
    return session;
  }
}

/** Whose password was right, at the first or the second try to take the id. */
function proved(event: LobbyEvent): ProofRight | TakeTimedOut {
  assertEvent(event, ['proof.right', 'take.timedOut', 'directory.delayed']);
  return event.type === 'directory.delayed' ? takeAgain(event) : event;
}

/** Whose arrival an update is. */
function arrivalOf(event: LobbyEvent): { session: SessionId; id: UserId } {
  assertEvent(event, 'directory.granted');
  return { session: event.session, id: event.update.id };
}

function directoryInMemory(state: DirectorySnapshot | undefined, askRules: AskRules): (notify: Notify) => Directory {
  return (notify) =>
    state === undefined
      ? new MemoryDirectory(notify, { askRules })
      : MemoryDirectory.restore(state, notify, MemoryDirectory, { askRules });
}
