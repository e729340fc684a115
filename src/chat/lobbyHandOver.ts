/**
 * A lobby on its way to another process, which goes on with its sessions: an upgrade.
 *
 * Owns: what all sessions share, as plain data; that nothing changes while it is on its way; and how the lobby over there
 * goes on with it. Knows nothing of sockets, nor of processes. Next: `lobby.ts`, `../server/handOver.ts`.
 */
import type { Actor } from 'xstate';
import type { SessionId } from '../../machines/events.ts';
import type { lobbyMachine } from '../../machines/lobby.machine.ts';
import type { Directory } from './directory/directory.ts';
import { type DirectorySnapshot, MemoryDirectory } from './directory/memoryDirectory.ts';
import { reopenChannel, stateOf } from './movingSession.ts';
import type { RoomHistory } from './roomHistory.ts';
import type { Session, SessionConnection, SessionState } from './session.ts';
import type { SessionClocks } from './sessionClocks.ts';

/** What all sessions share, on its way to another process, as plain data. */
export interface LobbyState {
  lastSession: number;
  directory: DirectorySnapshot;
  roomHistory: RoomHistory['lines'];
}

/** The lobby's own parts. */
interface LobbyParts {
  sessions: Map<SessionId, Session>;
  directory: Directory;
  roomHistory: RoomHistory;
  lastSession(): number;
  actor(): Actor<typeof lobbyMachine>;
  clocks: SessionClocks;
}

export class LobbyHandOver {
  readonly #lobby: LobbyParts;
  /** What has to wait until `thaw`; undefined while nothing is frozen. */
  #whenThawed: (() => void)[] | undefined;

  constructor(lobby: LobbyParts) {
    this.#lobby = lobby;
  }

  /**
   * What another process needs beside the sessions' states to go on with them; undefined if the directory isn't in this
   * process.
   */
  get state(): LobbyState | undefined {
    const { directory, roomHistory, lastSession } = this.#lobby;
    if (!(directory instanceof MemoryDirectory)) return undefined;
    return { lastSession: lastSession(), directory: directory.snapshot(), roomHistory: roomHistory.lines };
  }

  /** What another process needs to go on with this session. */
  stateOf(session: Session): SessionState {
    return stateOf(session, this.#lobby.clocks.leftMs(session.id));
  }

  /** From now on nothing changes, until `thaw`; the clock has to stand still, too. */
  freeze(): void {
    this.#whenThawed ??= [];
    for (const session of this.#lobby.sessions.values()) session.freeze();
  }

  thaw(): void {
    const waiting = this.#whenThawed ?? [];
    this.#whenThawed = undefined;
    for (const session of [...this.#lobby.sessions.values()]) session.thaw();
    for (const happen of waiting) happen();
  }

  /** Lets this happen later if nothing may change now. Returns false if it may happen now. */
  delays(happen: () => void): boolean {
    this.#whenThawed?.push(happen);
    return this.#whenThawed !== undefined;
  }

  /** Another process goes on with this session: nothing happens to it here any more. */
  forget(id: SessionId): void {
    const { sessions, clocks } = this.#lobby;
    sessions.get(id)?.stopListening();
    sessions.delete(id);
    clocks.forget(id);
  }

  /** Goes on with a session of another process, whose directory this lobby was created with. */
  resume(connection: SessionConnection, state: SessionState): void {
    const { id: session, timeLeftMs } = state;
    this.#lobby.actor().send({ type: 'session.handedOver', session, connection, state, timeLeftMs });
  }

  /** To be called when all sessions that came are resumed: chats go on, and the other sessions have ended. */
  allResumed(): void {
    const { sessions, directory, actor } = this.#lobby;
    for (const session of sessions.values()) reopenChannel(session);
    for (const { session, id, state } of [...directory.rows()]) {
      if (sessions.has(session)) continue;
      actor().send({ type: 'user.lost', id, wasInRoom: state === 'commonRoom' });
      directory.remove(session);
    }
  }
}
