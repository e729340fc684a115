/**
 * What has happened so far, in numbers, for those who want to know (`--metrics`).
 *
 * Owns: the counters of sessions, lines and decisions. Whoever counts does so with one addition for what came together, never for
 * each byte, and not at all without counters. Knows nothing of who reads them. Next: `../metrics/registry.ts`.
 */

import {
  type LimitName,
  type RefusalReason,
  type ReplyName,
  type SessionUpdate,
  sessionLimits,
} from '../../machines/events.ts';
import type { Command } from '../../machines/lobby.machine.ts';

/** Why a session ended: the log and the metrics use the same words. */
export type Ending = 'quit' | 'hungUp' | 'shutdown' | 'evicted' | 'fault' | LimitName;

export class Counters {
  /** Connections that came, those that were refused included. */
  accepted = 0;
  /** Bytes of connections that are closed. */
  bytesReceived = 0;
  bytesSent = 0;
  /** Lines that people sent, by what became of them. */
  readonly lines = { dialogue: 0, chat: 0, room: 0, refused: 0 };
  /** Chat lines handed on; one to the room counts once for each reader. */
  readonly delivered = { chat: 0, room: 0 };
  readonly endings: Record<Ending, number> = {
    ...{ quit: 0, hungUp: 0, shutdown: 0, evicted: 0, fault: 0 },
    ...Object.fromEntries(sessionLimits.map((limit) => [limit, 0])),
  } as Record<Ending, number>;
  /** What the directory was asked. */
  readonly commands: Record<Command['type'], number> = {
    ...{ 'id.claim': 0, 'menu.leave': 0, 'menu.return': 0, 'request.make': 0, 'request.withdraw': 0 },
    ...{ 'request.accept': 0, 'request.decline': 0, 'chat.leave': 0 },
  };
  /** What it has told sessions. */
  readonly updates: Partial<Record<SessionUpdate['type'], number>> = {};
  /** Why requests reached nobody. */
  readonly refusals: Record<RefusalReason, number> = {
    unknown: 0,
    busy: 0,
    self: 0,
    gone: 0,
    tooOften: 0,
    unavailable: 0,
  };

  countUpdate(update: SessionUpdate): void {
    this.updates[update.type] = (this.updates[update.type] ?? 0) + 1;
    if (update.type === 'request.refused') this.refusals[update.reason]++;
  }

  /** Lines that came together, parted by line feeds. */
  countSent(place: 'chat' | 'room', text: string): void {
    this.lines[place] += 1 + lineFeeds(text);
  }

  /** Lines, each with its line feed, that so many read. */
  countDelivered(place: 'chat' | 'room', lines: string, readers: number): void {
    this.delivered[place] += lineFeeds(lines) * readers;
  }

  countClosed(socket: { bytesRead: number; bytesWritten: number }): void {
    this.bytesReceived += socket.bytesRead;
    this.bytesSent += socket.bytesWritten;
  }
}

/** How a session ends that was told this last. */
export const endingAfter: Partial<Record<ReplyName, Ending>> = {
  farewell: 'quit',
  serverClosing: 'shutdown',
  evicted: 'evicted',
};

function lineFeeds(text: string): number {
  let count = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) count++;
  return count;
}
