/**
 * How lines reach users: all users in the common room, all users in the menu, a partner at another server.
 *
 * Owns: the methods that a relay has, and those of the handler that it calls. `LocalRelay` is the relay of a single
 * server, where no user is at another one. Knows nothing of sentences.
 * Next: `../../cluster/redisDirectory.ts` (several processes).
 */
import type { SessionId } from '../../../machines/events.ts';

/** A reader for whom the senders of lines have to wait. */
export interface SlowReader {
  /** True if so much waits to be read that no more should be sent. */
  readonly needsDrain: boolean;
  /** Calls `callback` once, when less waits. */
  onceDrained(callback: () => void): void;
}

/** The partner of a private chat. */
export interface Partner extends SlowReader {
  /** Takes lines of the chat with this number. */
  receive(pairingId: number, lines: string): void;
}

/** Lines that were said in the room, and when, in ms since 1970. */
export type RoomHistoryEntry = [at: number, lines: string];

/** What a relay calls when lines arrive. None of it may throw. */
export interface RelayHandler {
  /** Shows lines to all users in the room except `from`. `isSaid` is true if a user said them. */
  deliverToRoom(lines: string, from: SessionId | undefined, isSaid: boolean): void;
  /** What was said in the room while nobody here was in it; it takes the place of what is remembered here. */
  restoreHistory(said: readonly RoomHistoryEntry[]): void;
  deliverToMenu(line: string, from: SessionId | undefined): void;
  /** Shows lines of a partner at another server. Returns their reader; undefined if the session has ended. */
  deliverToPartner(to: SessionId, pairingId: number, lines: string): SlowReader | undefined;
  /** A user at another server is gone, and that server could not say so. */
  lostElsewhere(id: string, wasInRoom: boolean): void;
  /** Lines between servers may be missing. These sessions would have read them. */
  linesMissing(readers: readonly SessionId[]): void;
}

export interface Relay {
  /** Sends lines to all users in the room except `from`. `isSaid` is true if a user said them. */
  toRoom(lines: string, from: SessionId, isSaid: boolean): void;
  /** Sends a line to all users in the menu except `from`. */
  toMenu(line: string, from: SessionId): void;
  /** Returns the way to a partner at another server; undefined if there are no other servers. */
  partnerElsewhere(of: SessionId, partner: SessionId): Partner | undefined;
  /** The reader for whom users who speak in the room have to wait; undefined if there is none. */
  readonly roomReader: SlowReader | undefined;
  /** True if users at other servers read what is sent, even when no user here does. */
  readonly reachesOthers: boolean;
}

export class LocalRelay implements Relay {
  readonly #handler: RelayHandler;
  readonly roomReader = undefined;
  readonly reachesOthers = false;

  constructor(handler: RelayHandler) {
    this.#handler = handler;
  }

  toRoom(lines: string, from: SessionId, isSaid: boolean): void {
    this.#handler.deliverToRoom(lines, from, isSaid);
  }

  toMenu(line: string, from: SessionId): void {
    this.#handler.deliverToMenu(line, from);
  }

  partnerElsewhere(): undefined {
    return undefined;
  }
}
