/**
 * What has happened so far, in numbers, for `--metrics`.
 *
 * Owns: the counters of sessions, lines and decisions. To count costs one addition for lines that came together, and
 * never one for each byte. A server without metrics has no counters. Knows nothing of who reads them.
 * Next: `../metrics/registry.ts`.
 */

import {
  type DirectoryUpdate,
  type LimitName,
  type RefusalReason,
  type ReplyName,
  sessionLimits,
} from '../../machines/events.ts';
import type { Command } from '../../machines/lobby.machine.ts';
import { type OperatorAct, operatorActs } from '../../machines/operatorActs.ts';

/** Why a session ended, in the words of the log and of the metrics. */
export type Ending = 'quit' | 'hungUp' | 'shutdown' | 'evicted' | 'removed' | 'fault' | LimitName;

/** Why the lobby lets somebody not in. */
export type DoorRefusal = 'banned' | 'lockdown' | 'serverClosing' | 'serverEnding';

export class Counters {
  /** All connections, also those that were refused. */
  accepted = 0;
  /** Bytes of the connections that are closed. */
  bytesReceived = 0;
  bytesSent = 0;
  /** Lines that users sent, by where they went. */
  readonly lines = { dialogue: 0, chat: 0, room: 0, refused: 0 };
  /** Lines that were delivered. One to the room counts once for each reader. */
  readonly delivered = { chat: 0, room: 0 };
  readonly endings: Record<Ending, number> = {
    ...{ quit: 0, hungUp: 0, shutdown: 0, evicted: 0, removed: 0, fault: 0 },
    ...Object.fromEntries(sessionLimits.map((limit) => [limit, 0])),
  } as Record<Ending, number>;
  /** Commands that the directory got. */
  readonly commands: Record<Command['type'], number> = {
    ...{ 'id.claim': 0, 'id.take': 0, 'menu.leave': 0, 'menu.return': 0, 'request.make': 0 },
    ...{ 'request.withdraw': 0, 'request.accept': 0, 'request.decline': 0, 'asker.refuse': 0, 'chat.leave': 0 },
    'chat.suspend': 0,
  };
  /** Updates that it sent to sessions. */
  readonly updates: Partial<Record<DirectoryUpdate['type'], number>> = {};
  /** Requests that reached no target, by the reason. */
  readonly refusals: Record<RefusalReason, number> = {
    unknown: 0,
    busy: 0,
    self: 0,
    gone: 0,
    tooOften: 0,
    unavailable: 0,
  };

  /** Connections that were let not in, by the reason. */
  readonly turnedAway: Record<DoorRefusal, number> = { banned: 0, lockdown: 0, serverClosing: 0, serverEnding: 0 };
  /** What operators did. */
  readonly acts = Object.fromEntries(operatorActs.map((act) => [act, 0])) as Record<OperatorAct['type'], number>;

  countUpdate(update: DirectoryUpdate): void {
    this.updates[update.type] = (this.updates[update.type] ?? 0) + 1;
    if (update.type === 'request.refused') this.refusals[update.reason]++;
  }

  /** Counts lines that came together, separated by line feeds. */
  countSent(place: 'chat' | 'room', text: string): void {
    this.lines[place] += 1 + lineFeeds(text);
  }

  /** Counts lines, each with its line feed, once for each of so many readers. */
  countDelivered(place: 'chat' | 'room', lines: string, readers: number): void {
    this.delivered[place] += lineFeeds(lines) * readers;
  }

  countClosed(socket: { bytesRead: number; bytesWritten: number }): void {
    this.bytesReceived += socket.bytesRead;
    this.bytesSent += socket.bytesWritten;
  }
}

/** Why a session ended, by the last thing it said. */
export const endingAfter: Partial<Record<ReplyName, Ending>> = {
  farewell: 'quit',
  serverClosing: 'shutdown',
  evicted: 'evicted',
  removed: 'removed',
  fault: 'fault',
  tooManyIds: 'idTries',
};

function lineFeeds(text: string): number {
  let count = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) count++;
  return count;
}
