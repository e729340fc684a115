/**
 * The lobby: the parent of all sessions, and the only one that touches the directory.
 *
 * Owns: session id → session and the directory; carries out the actions of `machines/lobby.machine.ts`. Knows nothing
 * of sockets. Next: `session.ts` (one user), `roomAndMenu.ts`, `directory/memoryDirectory.ts` (which user wins).
 */
import { type Actor, type AnyActor, assertEvent, createActor, type InspectionEvent, sendTo, toPromise } from 'xstate';
import type { LimitName, SessionId, SessionUpdate } from '../../machines/events.ts';
import { type LobbyEvent, lobbyMachine, sessionOf } from '../../machines/lobby.machine.ts';
import type { OperatorAct } from '../../machines/operatorActs.ts';
import type { sessionMachine } from '../../machines/session.machine.ts';
import { type Limits, optionOf } from '../config/limits.ts';
import { connectionNotices, notices } from '../protocol/replies.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import { ignoreError } from '../runtime/ignoreError.ts';
import type { Log } from '../runtime/log.ts';
import { FlushScheduler } from '../transport/flushScheduler.ts';
import type { Directory, DirectoryView, Notify } from './directory/directory.ts';
import { MemoryDirectory } from './directory/memoryDirectory.ts';
import { startIdleSweep } from './idleSweep.ts';
import { startParent } from './lobbyParent.ts';
import { type Bans, OperatorSide } from './operatorSide.ts';
import { RoomAndMenu, type RoomAndMenuOptions } from './roomAndMenu.ts';
import { Session, type SessionConnection, type SessionHost, type SessionOptions } from './session.ts';
import { connectSessionMachine } from './sessionActions.ts';

export interface LobbyOptions
  extends Omit<SessionOptions, 'clock'>,
    Pick<RoomAndMenuOptions, 'createRelay'>,
    Pick<Limits, 'requestTimeoutMs' | 'announceLimit' | 'idTimeoutMs' | 'roomHistory' | 'roomRate'> {
  log: Log;
  /** The system's clock by default. */
  clock?: Clock | undefined;
  /** Called with each limit that a session has reached, and whose it is. */
  onLimit?: ((limit: LimitName, address: string, id: string | undefined) => void) | undefined;
  /** Nobody is banned by default. */
  bans?: Bans | undefined;
  /** Decides when broadcasts are flushed: at once by default. */
  flushScheduler?: FlushScheduler | undefined;
  /** Gets what XState reports of the lobby's actor and those of its sessions, from their first event on. */
  inspect?: ((event: InspectionEvent) => void) | undefined;
  /** Creates the directory; the one in memory by default. */
  createDirectory?: ((notify: Notify) => Directory) | undefined;
}

export class Lobby implements SessionHost {
  readonly roomAndMenu: RoomAndMenu;
  /** Resolves when no session is left and none can come. */
  readonly closed: Promise<unknown>;
  readonly operator: OperatorSide;
  readonly #directory: Directory;
  readonly #options: LobbyOptions;
  readonly #sessionOptions: SessionOptions;
  readonly #log: Log;
  readonly #sessions = new Map<SessionId, Session>();
  readonly #sessionMachine: typeof sessionMachine;
  readonly #actor: Actor<typeof lobbyMachine>;
  readonly #parent: AnyActor;
  #lastSession = 0;
  #isStopping = false;

  constructor(options: LobbyOptions) {
    this.#options = options;
    this.#log = options.log;
    const { clock = systemClock, flushScheduler = new FlushScheduler((run) => run()), idleMs } = options;
    this.#sessionOptions = { ...options, clock };
    const createDirectory = options.createDirectory ?? ((notify: Notify) => new MemoryDirectory(notify));
    this.#directory = createDirectory((session, update) => this.#notify(session, update));
    this.roomAndMenu = new RoomAndMenu({
      ...{ ...options, clock, flushScheduler, directory: this.#directory },
      sessionOf: (id) => this.#sessions.get(id),
    });
    this.operator = new OperatorSide({
      ...{ log: options.log, counters: options.counters, sessions: this.#sessions, directory: this.#directory },
      bans: options.bans ?? { about: () => undefined },
      actor: () => this.#actor,
    });
    this.#sessionMachine = connectSessionMachine(
      () => this.#actor,
      (id) => this.#session(id),
    );
    this.#actor = createActor(this.#connectLobbyMachine(), {
      id: 'lobby',
      input: { requestTimeoutMs: options.requestTimeoutMs, idTimeoutMs: options.idTimeoutMs },
      clock,
      ...(options.inspect && { inspect: options.inspect }),
    });
    this.#actor.subscribe({ error: (error) => this.#log.fatal({ err: error }, 'the lobby failed') });
    this.#actor.start();
    this.#parent = startParent(this.#actor);
    this.closed = toPromise(this.#actor);
    // Who waits for it is told; that it failed is logged above.
    this.closed.catch(ignoreError);
    startIdleSweep(
      { clock, idleMs },
      () => (this.#isStopping ? [] : this.#sessions.values()),
      ({ id }) => this.limitReached(id, 'idle'),
    );
  }

  /**
   * Starts a session for a connection at once. `idTimeLeftMs` is the time to give an id, if less than usual is left.
   */
  open(connection: SessionConnection, idTimeLeftMs?: number): void {
    const session = `s${++this.#lastSession}`;
    this.#actor.send({ type: 'connection.opened', session, connection, idTimeLeftMs });
  }

  /** Notifies and ends every session; resolves when none is left. */
  async stop(): Promise<void> {
    if (!this.#isStopping) this.#actor.send({ type: 'server.stop' });
    await this.closed;
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
    // Later, so that no reader is taken out of a broadcast while a line is sent to it.
    queueMicrotask(() => this.#actor.send({ type: 'session.failed', session, error }));
  }

  limitReached(id: SessionId, limit: LimitName): void {
    this.#log.warn({ session: id, limit, option: optionOf(limit) }, 'limit reached');
    const session = this.#sessions.get(id);
    this.#options.onLimit?.(limit, session?.remoteAddress ?? '', this.#directory.rowOf(id)?.id);
    session?.actor?.send({ type: 'limit.reached', limit });
  }

  // What the lobby chart's actions do.

  #connectLobbyMachine(): typeof lobbyMachine {
    const { operator } = this;
    return lobbyMachine.provide({
      guards: {
        isOnline: ({ event }) => event.type === 'directory.updated' && this.#sessions.has(event.session),
        isArrival: ({ event }) =>
          event.type === 'directory.updated' && event.update.type === 'id.granted' && this.#sessions.has(event.session),
        isBannedAddress: ({ event }) => {
          assertEvent(event, 'connection.opened');
          return operator.isBanned((event.connection as SessionConnection).remoteAddress);
        },
        isBannedId: ({ event }) => event.type === 'id.claim' && operator.isBannedSession(event.session, event.id),
        isBannedArrival: ({ event }) =>
          event.type === 'directory.updated' &&
          event.update.type === 'id.granted' &&
          operator.isBannedSession(event.session, event.update.id),
        isEmpty: () => this.#sessions.size === 0,
        isTooOften: ({ event }) => this.#sessions.get(sessionOf(event))?.asksTooOften ?? false,
      },
      actions: {
        startSession: this.#contained((event) => this.#startSession(event)),
        refuseConnection: this.#contained((event) => this.#refuseConnection(event)),
        askDirectory: this.#contained((event) => this.#askDirectory(event)),
        refuseRequest: this.#contained((event) => this.#refuseRequest(sessionOf(event))),
        closeUnidentified: this.#contained((event) => {
          if (this.#sessions.has(sessionOf(event))) this.limitReached(sessionOf(event), 'idTimeout');
        }),
        expireRequest: this.#contained((event) => this.#directory.expire(sessionOf(event))),
        // With `sendTo`, so that an observer of the actors learns where the event comes from.
        passOn: sendTo(
          // biome-ignore lint/suspicious/noExplicitAny: XState can't type an actor reference found in an event.
          ({ event }: any) => this.#sessions.get(event.session)?.actor as any,
          // biome-ignore lint/suspicious/noExplicitAny: as above.
          ({ event }: any) => event.update,
          // biome-ignore lint/suspicious/noExplicitAny: as above.
        ) as any,
        announceArrival: this.#contained((event) => this.#announceArrival(event)),
        removeSession: this.#contained((event) => this.#removeSession(sessionOf(event))),
        dropFailedSession: this.#contained((event) => this.#dropFailed(sessionOf(event), event)),
        closeSessions: () => this.#closeSessions(),
        refuseId: this.#contained((event) => this.#notify(sessionOf(event), { type: 'id.refused' })),
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
        this.#dropFailed(sessionOf(event), { error });
      }
    };
  }

  #startSession(event: LobbyEvent): void {
    assertEvent(event, 'connection.opened');
    const { session: id } = event;
    const connection = event.connection as SessionConnection;
    const session = new Session(id, connection, this.#sessionOptions, this);
    // Not spawned: XState copies the parent's children at every spawn, so the cost of a connection would grow with
    // their number. The same parent, system and done/error events come with `parent`, at a flat cost.
    const actor = createActor(this.#sessionMachine, { id, parent: this.#parent });
    this.#sessions.set(id, session);
    this.#log.info({ session: id, address: connection.remoteAddress }, 'connected');
    session.start(actor);
  }

  #refuseConnection(event: LobbyEvent): void {
    assertEvent(event, 'connection.opened');
    const connection = event.connection as SessionConnection;
    this.operator.refuse(connection);
  }

  #askDirectory(event: LobbyEvent): void {
    const { session, ...command } = event as Extract<LobbyEvent, { type: 'id.claim' }>;
    if (event.type === 'request.make') this.#sessions.get(session)?.requestMade();
    const { counters } = this.#options;
    if (counters !== undefined) counters.commands[command.type]++;
    this.#directory.send(session, command);
  }

  /** Sends a verdict or an update of the directory to its session, through the lobby chart. */
  #notify(session: SessionId, update: SessionUpdate): void {
    this.#options.counters?.countUpdate(update);
    this.#actor.send({ type: 'directory.updated', session, update });
  }

  /** Brings the asker back to the menu, as after any refusal. */
  #refuseRequest(session: SessionId): void {
    this.#directory.send(session, { type: 'menu.return' });
    this.#notify(session, { type: 'request.refused', reason: 'tooOften' });
  }

  #announceArrival(event: LobbyEvent): void {
    assertEvent(event, 'directory.updated');
    const { session, update } = event;
    assertEvent(update, 'id.granted');
    this.#log.info({ session, id: update.id }, 'identified');
    this.roomAndMenu.announce(notices.joinedServer(update.id), session);
  }

  #closeSessions(): void {
    this.#isStopping = true;
    this.roomAndMenu.close();
    for (const { actor } of [...this.#sessions.values()]) actor?.send({ type: 'server.closing' });
  }

  #removeSession(id: SessionId): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    const userId = this.#directory.rowOf(id)?.id;
    this.#sessions.delete(id);
    // Before the partner is back in the menu: they read another line, the one about their chat or request.
    if (userId !== undefined && !session.isConcealed) this.roomAndMenu.announce(notices.disconnected(userId), id);
    this.#directory.remove(id);
    const { counters } = this.#options;
    if (counters !== undefined) counters.endings[session.ending]++;
    this.#log.info({ session: id, reason: session.ending, id: userId }, 'disconnected');
  }

  #dropFailed(id: SessionId, event: object): void {
    this.#log.error({ session: id, err: 'error' in event ? event.error : undefined }, 'a session failed');
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    session.ending = 'fault';
    session.sayLast(connectionNotices.fault());
    if (session.actor?.getSnapshot().status === 'active') {
      session.actor.send({ type: 'connection.closed' });
      return;
    }
    // A failed actor runs no exit actions, so this does what they would have done.
    session.mutePresence();
    session.closeChannel(this.#directory.rowOf(id)?.id ?? '');
    this.#removeSession(id);
  }

  #session(id: SessionId): Session {
    const session = this.#sessions.get(id);
    if (session === undefined) throw new Error(`No session ${id}: an action ran after its session had ended.`);
    return session;
  }
}
