/**
 * How lines reach people: everybody in the common room, everybody in the menu, a partner who is connected to another server process.
 *
 * Owns: what the lobby asks of a relay, and what a relay says to the lobby. `LocalRelay` is the one of a single process: there
 * nobody is elsewhere. Knows nothing of sentences. Next: `../../cluster/redisDirectory.ts` (several processes).
 */
import type { SessionId } from '../../../machines/events.ts';

/** Somebody who reads, and should not be overrun. */
export interface SlowReader {
  /** As much waits to be read as should. */
  readonly needsDrain: boolean;
  /** Calls once, when less waits. */
  onceDrained(callback: () => void): void;
}

/** The partner of a private chat. */
export interface Partner extends SlowReader {
  /** Takes lines of the chat with this number. */
  receive(pairingId: number, lines: string): void;
}

/** What a relay brings. Nothing of it may throw. */
export interface RelayHandler {
  /** Everybody in the room reads it but `from`; `isSaid` if a person said it. */
  deliverToRoom(lines: string, from: SessionId | undefined, isSaid: boolean): void;
  deliverToMenu(line: string, from: SessionId | undefined): void;
  /** Lines for a session here from its partner elsewhere. Answers who reads them; undefined if the session has ended. */
  deliverToPartner(to: SessionId, pairingId: number, lines: string): SlowReader | undefined;
  /** Somebody elsewhere is gone whose process could not say so. */
  lostElsewhere(id: string, wasInRoom: boolean): void;
  /** Lines between processes may be missing; these sessions would have read them. */
  linesMissing(readers: readonly SessionId[]): void;
}

export interface Relay {
  /** Says something to everybody in the room but `from`. */
  toRoom(lines: string, from: SessionId, isSaid: boolean): void;
  /** Says something to everybody in the menu but `from`. */
  toMenu(line: string, from: SessionId): void;
  /** The way to a session of another process; undefined where there are none. */
  partnerElsewhere(of: SessionId, partner: SessionId): Partner | undefined;
  /** Who has to be waited for by those who speak in the room; undefined for nobody. */
  readonly roomReader: SlowReader | undefined;
  /** True if others read what is said even when nobody here does. */
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
