/**
 * Lines that reach several users, or a user at another server: in the common room, in the menu, in a private chat.
 *
 * Owns: both broadcasts, the relay and the room's history; what others read of a user who comes or goes. The session
 * chart decides, by its entry and exit actions, which user is in which broadcast. Knows nothing of charts or sockets.
 * Next: `broadcast.ts`, `directory/relay.ts`, `session.ts`.
 */
import type { SessionId, UserId } from '../../machines/events.ts';
import type { Limits } from '../config/limits.ts';
import { notices } from '../protocol/replies.ts';
import type { Clock } from '../runtime/clock.ts';
import type { FlushScheduler } from '../transport/flushScheduler.ts';
import { Broadcast, type Reader } from './broadcast.ts';
import type { Counters } from './counters.ts';
import {
  LocalRelay,
  type Partner,
  type Relay,
  type RelayHandler,
  type RoomHistoryEntry,
  type SlowReader,
} from './directory/relay.ts';
import { RoomHistory } from './roomHistory.ts';
import { RoomPacing } from './roomPacing.ts';

/** A session, as other users' lines reach it. */
export type Listener = Reader & { readonly id: SessionId; readonly channel: Partner; overhear(line: string): void };

export interface RoomAndMenuOptions extends Pick<Limits, 'roomHistory' | 'roomRate'> {
  clock: Clock;
  counters?: Counters | undefined;
  flushScheduler: FlushScheduler;
  /** Creates the relay; one without other servers by default. */
  createRelay?: ((handler: RelayHandler) => Relay) | undefined;
  sessionOf(id: SessionId): Listener | undefined;
  /** Called when another server is gone, with each of its users. The lobby's chart says who reads of it. */
  onLost(id: UserId, wasInRoom: boolean): void;
}

export class RoomAndMenu implements RelayHandler {
  readonly history: RoomHistory;
  readonly #options: RoomAndMenuOptions;
  readonly #room: Broadcast;
  readonly #menu: Broadcast;
  readonly #relay: Relay;
  readonly #pacing: RoomPacing;
  /** True once the lobby's chart has said that no user here needs to read of each other user who goes. */
  #isMuted = false;

  constructor(options: RoomAndMenuOptions) {
    this.#options = options;
    this.#room = new Broadcast(options.flushScheduler);
    this.#menu = new Broadcast(options.flushScheduler);
    this.history = new RoomHistory(options.roomHistory);
    this.#relay = options.createRelay?.(this) ?? new LocalRelay(this);
    this.#pacing = new RoomPacing(options, this.#relay.roomReader);
  }

  enterMenu(reader: Reader): void {
    this.#menu.add(reader);
  }

  /** May be called any number of times. */
  leaveMenu(reader: Reader): void {
    this.#menu.delete(reader);
  }

  /** Tells those in the room who comes. */
  announceInRoom(reader: Listener, userId: UserId): void {
    this.#relay.toRoom(notices.joinedRoom(userId), reader.id, false);
  }

  enterRoom(reader: Listener): void {
    this.#room.add(reader);
  }

  /** May be called any number of times. */
  leaveRoom(reader: Listener, userId: UserId): void {
    if (this.#room.delete(reader) && this.#hasListeners) this.#relay.toRoom(notices.leftRoom(userId), reader.id, false);
  }

  /** Sends one or more lines of a user, separated by line feeds, to the room. */
  sayInRoom(speaker: Listener, userId: UserId, text: string): void {
    this.#options.counters?.countSent('room', text);
    const said = notices.said(userId, text);
    this.#pacing.said(said);
    this.#relay.toRoom(said, speaker.id, true);
  }

  /** What users who speak in the room have to wait for. */
  get roomReader(): SlowReader {
    return this.#pacing;
  }

  /** Returns the partner of a chat: of this server directly, of another server through the relay. */
  partnerOf(session: SessionId, partner: SessionId): Partner | undefined {
    return this.#options.sessionOf(partner)?.channel ?? this.#relay.partnerElsewhere(session, partner);
  }

  /** Sends a line about a user to all users in the menu. */
  announce(line: string, about: SessionId): void {
    if (this.#hasListeners) this.#relay.toMenu(line, about);
  }

  announceLossToRoom(id: UserId): void {
    this.#room.send(notices.leftRoom(id));
  }

  announceLossToMenu(id: UserId): void {
    this.#menu.send(notices.disconnected(id));
  }

  /** To be called before all sessions end. */
  muteDepartures(): void {
    this.#isMuted = true;
    this.#pacing.stop();
  }

  // What the relay brings (RelayHandler).

  deliverToRoom(lines: string, from: SessionId | undefined, isSaid: boolean): void {
    const speaker = from === undefined ? undefined : this.#options.sessionOf(from);
    this.#room.send(lines, speaker);
    if (!isSaid) return;
    if (speaker === undefined) this.#pacing.said(lines);
    const readers = speaker?.broadcast === this.#room ? this.#room.size - 1 : this.#room.size;
    this.#options.counters?.countDelivered('room', lines, readers);
    this.history.add(lines);
  }

  restoreHistory(said: readonly RoomHistoryEntry[]): void {
    this.history.restore(said);
  }

  deliverToMenu(line: string, from: SessionId | undefined): void {
    this.#menu.send(line, from === undefined ? undefined : this.#options.sessionOf(from));
  }

  deliverToPartner(to: SessionId, pairingId: number, lines: string): SlowReader | undefined {
    const channel = this.#options.sessionOf(to)?.channel;
    channel?.receive(pairingId, lines);
    return channel;
  }

  lostElsewhere(id: UserId, wasInRoom: boolean): void {
    this.#options.onLost(id, wasInRoom);
  }

  linesMissing(readers: readonly SessionId[]): void {
    for (const reader of readers) this.#options.sessionOf(reader)?.overhear(notices.linesMissing());
  }

  get #hasListeners(): boolean {
    return !this.#isMuted || this.#relay.reachesOthers;
  }
}
