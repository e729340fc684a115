/**
 * The lobby: the parent of all sessions, and the only one that touches the directory.
 *
 * Owns: session id → session, the directory, the common room and the broadcast of the menu; carries out the actions of
 * `machines/lobby.machine.ts`. Knows nothing of sockets. Next: `session.ts` (one person), `chat/directory/memoryDirectory.ts` (who wins).
 */
import { type Actor, type AnyActor, createActor, sendTo, toPromise } from 'xstate';
import type { LimitName, ReplyName, SessionId, SessionUpdate } from '../../machines/events.ts';
import { type LobbyEvent, lobbyMachine, sessionOf } from '../../machines/lobby.machine.ts';
import type { SessionContext, SessionEvent, sessionMachine } from '../../machines/session.machine.ts';
import type { Limits } from '../config/limits.ts';
import { connectionNotices, notices, replies } from '../protocol/replies.ts';
import { type Clock, systemClock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { FlushScheduler } from '../transport/flushScheduler.ts';
import { Broadcast } from './broadcast.ts';
import { type Counters, endingAfter } from './counters.ts';
import type { Directory, DirectoryView, Notify } from './directory/directory.ts';
import { MemoryDirectory } from './directory/memoryDirectory.ts';
import { LocalRelay, type Partner, type Relay, type RelayHandler, type SlowReader } from './directory/relay.ts';
import { asParent } from './lobbyParent.ts';
import { RoomHistory } from './roomHistory.ts';
import { Session, type SessionConnection, type SessionHost, type SessionOptions } from './session.ts';
import { connectSessionMachine, type SessionDesk } from './sessionActions.ts';

export interface LobbyOptions
  extends Omit<SessionOptions, 'clock'>,
    Pick<Limits, 'requestTimeoutMs' | 'announceLimit' | 'idTimeoutMs' | 'roomHistory'> {
  log: Log;
  /** The system's by default. */
  clock?: Clock | undefined;
  /** Hears of each limit that somebody has reached. */
  onLimit?: ((limit: LimitName) => void) | undefined;
  /** When lines to many are handed over; at once by default. */
  flushScheduler?: FlushScheduler | undefined;
  /** The directory to use; in memory by default. */
  createDirectory?: ((notify: Notify) => Directory) | undefined;
  /** The relay to use; without others by default. */
  createRelay?: ((handler: RelayHandler) => Relay) | undefined;
}

export class Lobby implements SessionDesk, SessionHost, RelayHandler {
  readonly #directory: Directory;
  readonly #relay: Relay;
  readonly #options: LobbyOptions;
  readonly #sessionOptions: SessionOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #counters: Counters | undefined;
  readonly #sessions = new Map<SessionId, Session>();
  readonly #room: Broadcast;
  readonly #menu: Broadcast;
  readonly #roomHistory: RoomHistory;
  readonly #sessionMachine: typeof sessionMachine;
  readonly #actor: Actor<typeof lobbyMachine>;
  readonly #parent: AnyActor;
  #lastSession = 0;
  #isStopping = false;

  constructor(options: LobbyOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#counters = options.counters;
    this.#clock = options.clock ?? systemClock;
    this.#sessionOptions = { ...options, clock: this.#clock };
    this.#sweep();
    const flushScheduler = options.flushScheduler ?? new FlushScheduler((run) => run());
    this.#room = new Broadcast(flushScheduler);
    this.#menu = new Broadcast(flushScheduler);
    this.#roomHistory = new RoomHistory(options.roomHistory);
    const createDirectory = options.createDirectory ?? ((notify: Notify) => new MemoryDirectory(notify));
    this.#directory = createDirectory((session, update) => this.#notify(session, update));
    this.#relay = options.createRelay?.(this) ?? new LocalRelay(this);
    this.#sessionMachine = connectSessionMachine(() => this.#actor, this);
    this.#actor = createActor(this.#connectLobbyMachine(), {
      id: 'lobby',
      input: { requestTimeoutMs: options.requestTimeoutMs, idTimeoutMs: options.idTimeoutMs },
      clock: this.#clock as never,
    });
    this.#parent = asParent(this.#actor);
    this.#actor.subscribe({ error: (error) => this.#log.fatal({ err: error }, 'the lobby failed') });
    this.#actor.start();
  }

  /** Starts a session for a connection, at once; `idTimeLeftMs` is the time to give an id, if less than usual is left. */
  open(terminal: SessionConnection, idTimeLeftMs?: number): void {
    const session = `s${++this.#lastSession}`;
    this.#actor.send({ type: 'connection.opened', session, connection: terminal, idTimeLeftMs });
  }

  /** Tells everybody and ends every session; resolves when nobody is left. */
  async stop(): Promise<void> {
    const done = toPromise(this.#actor);
    if (!this.#isStopping) this.#actor.send({ type: 'server.stop' });
    await done;
  }

  /** The dictionaries, to read. */
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

  // What the session chart's actions do (SessionDesk).

  say(id: SessionId, reply: ReplyName, context: SessionContext, event: SessionEvent): void {
    const directory = this.#directory;
    const session = this.#session(id);
    session.ending = event.type === 'limit.reached' ? event.limit : (endingAfter[reply] ?? session.ending);
    session.show(
      replies[reply]({
        userId: context.userId,
        partner: context.partner,
        refusal: event.type === 'request.refused' ? event.reason : 'unknown',
        isDirectoryAway: 'reason' in event && (event.reason === 'unavailable' || event.reason === 'lost'),
        limit: event.type === 'limit.reached' ? event.limit : 'idle',
        roomCount: directory.roomCount,
        roomHistory: this.#roomHistory,
        users: directory.rows(),
        onlineCount: directory.onlineCount,
      }),
    );
    const isTheirFault = event.type !== 'id.refused' || event.reason === undefined;
    if (reply === 'idNotAcceptable' || (reply === 'idTaken' && isTheirFault)) session.idRefused();
  }

  hearPresence(id: SessionId): void {
    this.#menu.add(this.#session(id));
  }

  mutePresence(id: SessionId): void {
    this.#menu.delete(this.#session(id));
  }

  openChatChannel(id: SessionId, { userId, pairingId }: SessionContext, event: SessionEvent): void {
    const peer = event.type === 'chat.started' ? this.#partnerOf(id, event.partnerSession) : undefined;
    const relay = (text: string): void => {
      const said = notices.said(userId, text);
      this.#counters?.countSent('chat', text);
      this.#counters?.countDelivered('chat', said, peer === undefined ? 0 : 1);
      peer?.receive(pairingId, said);
    };
    this.#session(id).openChannel(relay, pairingId, peer);
  }

  /** Somebody who is connected here directly, anybody else through the relay. */
  #partnerOf(id: SessionId, partner: SessionId): Partner | undefined {
    return this.#sessions.get(partner) ?? this.#relay.partnerElsewhere(id, partner);
  }

  openRoomChannel(id: SessionId, { userId }: SessionContext): void {
    const session = this.#session(id);
    this.#relay.toRoom(notices.joinedRoom(userId), id, false);
    this.#room.add(session);
    const relay = (text: string): void => {
      this.#counters?.countSent('room', text);
      this.#relay.toRoom(notices.said(userId, text), id, true);
    };
    session.openChannel(relay, 0, this.#relay.roomReader);
  }

  closeChannel(id: SessionId, { userId }: SessionContext): void {
    const session = this.#session(id);
    session.closeChannel();
    if (this.#room.delete(session) && this.#hasListeners) this.#relay.toRoom(notices.leftRoom(userId), id, false);
  }

  hangUp(id: SessionId): void {
    this.#session(id).hangUp();
  }

  // What the relay brings (RelayHandler).

  deliverToRoom(lines: string, from: SessionId | undefined, isSaid: boolean): void {
    const speaker = from === undefined ? undefined : this.#sessions.get(from);
    this.#room.send(lines, speaker);
    if (!isSaid) return;
    this.#counters?.countDelivered(
      'room',
      lines,
      speaker?.broadcast === this.#room ? this.#room.size - 1 : this.#room.size,
    );
    this.#roomHistory.add(lines);
  }

  deliverToMenu(line: string, from: SessionId | undefined): void {
    this.#menu.send(line, from === undefined ? undefined : this.#sessions.get(from));
  }

  deliverToPartner(to: SessionId, pairingId: number, lines: string): SlowReader | undefined {
    const session = this.#sessions.get(to);
    session?.receive(pairingId, lines);
    return session;
  }

  lostElsewhere(id: string, wasInRoom: boolean): void {
    if (wasInRoom) this.#room.send(notices.leftRoom(id));
    if (this.#directory.onlineCount <= this.#options.announceLimit) this.#menu.send(notices.disconnected(id));
  }

  linesMissing(readers: readonly SessionId[]): void {
    for (const reader of readers) this.#sessions.get(reader)?.interject(notices.linesMissing());
  }

  // What sessions say of themselves (SessionHost).

  sessionFailed(session: SessionId, error: unknown): void {
    // Later, so that nobody is taken out of a broadcast that is just being told something.
    queueMicrotask(() => this.#actor.send({ type: 'session.failed', session, error }));
  }

  limitReached(id: SessionId, limit: LimitName): void {
    this.#log.warn({ session: id, limit }, 'limit reached');
    this.#options.onLimit?.(limit);
    this.#sessions.get(id)?.actor?.send({ type: 'limit.reached', limit });
  }

  // What the lobby chart's actions do.

  #connectLobbyMachine(): typeof lobbyMachine {
    return lobbyMachine.provide({
      guards: {
        isOnline: ({ event }) => event.type === 'directory.updated' && this.#sessions.has(event.session),
        isArrival: ({ event }) =>
          event.type === 'directory.updated' && event.update.type === 'id.granted' && this.#sessions.has(event.session),
        isEmpty: () => this.#sessions.size === 0,
        isTooOften: ({ event }) => this.#sessions.get(sessionOf(event))?.asksTooOften ?? false,
      },
      actions: {
        startSession: this.#contained((event) => this.#startSession(event)),
        refuseConnection: this.#contained((event) => this.#refuseConnection(event)),
        askDirectory: this.#contained((event) => this.#askDirectory(event)),
        refuseRequest: this.#contained((event) => this.#refuseRequest(sessionOf(event))),
        closeUnidentified: this.#contained((event) => this.#closeUnidentified(sessionOf(event))),
        expireRequest: this.#contained((event) => this.#directory.expire(sessionOf(event))),
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
        closeSessions: () => {
          this.#isStopping = true;
          for (const { actor } of [...this.#sessions.values()]) actor?.send({ type: 'server.closing' });
        },
      },
    }) as typeof lobbyMachine;
  }

  /** An error in an action would end the lobby and with it everybody: it costs the session it is about, and no other. */
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
    if (event.type !== 'connection.opened') return;
    const { session: id } = event;
    const terminal = event.connection as SessionConnection;
    const session = new Session(id, terminal, this.#sessionOptions, this);
    // Not spawned: XState copies the parent's children at every spawn, so the cost of a connection would grow with
    // their number. The same parent, system and done/error events come with `parent`, at a flat cost.
    const actor = createActor(this.#sessionMachine, { id, parent: this.#parent as never });
    this.#sessions.set(id, session);
    this.#log.info({ session: id, address: terminal.remoteAddress }, 'connected');
    session.start(actor);
  }

  #refuseConnection(event: LobbyEvent): void {
    if (event.type !== 'connection.opened') return;
    const terminal = event.connection as SessionConnection;
    terminal.write(connectionNotices.serverClosing());
    terminal.end();
  }

  #askDirectory(event: LobbyEvent): void {
    const { session, ...command } = event as Extract<LobbyEvent, { type: 'id.claim' }>;
    if (event.type === 'request.make') this.#sessions.get(session)?.requestMade();
    if (this.#counters !== undefined) this.#counters.commands[command.type]++;
    this.#directory.send(session, command);
  }

  /** The way down for all verdicts and updates. */
  #notify(session: SessionId, update: SessionUpdate): void {
    this.#counters?.countUpdate(update);
    this.#actor.send({ type: 'directory.updated', session, update });
  }

  /** Whoever wanted to ask is back in the menu, as after any refusal. */
  #refuseRequest(from: SessionId): void {
    this.#directory.send(from, { type: 'menu.return' });
    this.#notify(from, { type: 'request.refused', reason: 'tooOften' });
  }

  /** Ends the sessions of those who have typed nothing for too long; looks a few times within that time. */
  #sweep(): void {
    const { idleMs } = this.#options;
    if (idleMs === 0 || this.#isStopping) return;
    const now = this.#clock.now();
    for (const { id, lastHeardAt } of this.#sessions.values()) {
      if (now - lastHeardAt >= idleMs) this.limitReached(id, 'idle');
    }
    const timer = this.#clock.setTimeout(() => this.#sweep(), Math.max(100, idleMs / 10));
    (timer as { unref?(): void }).unref?.();
  }

  #closeUnidentified(id: SessionId): void {
    if (this.#sessions.has(id)) this.limitReached(id, 'idTimeout');
  }

  #announceArrival(event: LobbyEvent): void {
    if (event.type !== 'directory.updated' || event.update.type !== 'id.granted') return;
    this.#log.info({ session: event.session, id: event.update.id }, 'identified');
    this.#announce(notices.joinedServer(event.update.id), event.session);
  }

  #announce(line: string, about: SessionId): void {
    if (this.#directory.onlineCount <= this.#options.announceLimit && this.#hasListeners)
      this.#relay.toMenu(line, about);
  }

  /** When all go, nobody here needs to be told of each who goes before. */
  get #hasListeners(): boolean {
    return !this.#isStopping || this.#relay.reachesOthers;
  }

  #removeSession(id: SessionId): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    const userId = this.#directory.rowOf(id)?.id;
    this.#sessions.delete(id);
    // Those in the menu are told before the partner gets there, who reads the fitting line of the chat instead.
    if (userId !== undefined) this.#announce(notices.disconnected(userId), id);
    this.#directory.remove(id);
    if (this.#counters !== undefined) this.#counters.endings[session.ending]++;
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
    // A failed actor runs no exit actions, so what those would have done is done here.
    this.#menu.delete(session);
    this.closeChannel(id, { userId: this.#directory.rowOf(id)?.id ?? '', partner: '', pairingId: 0 });
    this.#removeSession(id);
  }

  #session(id: SessionId): Session {
    const session = this.#sessions.get(id);
    if (session === undefined) throw new Error(`No session ${id}: an action ran after its session had ended.`);
    return session;
  }
}
