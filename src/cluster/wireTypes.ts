/**
 * What server processes and the shared directory send each other.
 *
 * Owns: the items of a batch and of an inbox entry; `directory.lua` reads the former and writes the latter. Sessions
 * are called NODE/SESSION here. With a change that the Lua doesn't show, raise the version in `luaLibrary.ts`.
 */
import type { SessionUpdate, UserState } from '../../machines/events.ts';
import type { Command } from '../../machines/lobby.machine.ts';
import type { RoomHistoryEntry } from '../chat/directory/relay.ts';

/** So many users are listed: every process knows their rows. The Lua has the same number. */
export const listSize = 500;

/** One row of the dictionaries as the shared directory stores it. */
export interface SharedRow {
  id: string;
  session: string;
  state: UserState;
  /** The other user's session while a request or a chat links the two; empty otherwise. */
  other: string;
  pairingId: number;
  /** Grows with every arrival. */
  order: number;
  /** What counts as the address of one person; missing if others may have the same. */
  network?: string;
  /** Whose requests this user refuses; missing if nobody's. */
  refuses?: readonly string[];
}

/** What a session asks, what the lobby says of it, and lines on their way. Lengths are in UTF-16 code units. */
export type Outgoing =
  | [kind: Command['type'] | 'request.expire' | 'gone', session: string, ...rest: (string | number)[]]
  | ['line', from: string, to: string, pairingId: number, lines: string]
  | ['ack', from: string, to: string, pairingId: number, length: number]
  | ['room', from: string, lines: string, isSaid: boolean, isDeliveredHere: boolean]
  | ['menu', from: string, line: string]
  | ['act', from: string, json: string]
  | ['ban', from: string, target: string, sinceMs: number, json: string];

export type IncomingLine =
  | ['line', to: string, pairingId: number, lines: string, from: string]
  | ['room', lines: string, from: string, isSaid: boolean, isDeliveredThere: boolean]
  | ['menu', line: string, from: string];

export type Incoming =
  | IncomingLine
  | ['row', SharedRow, isListed: boolean]
  | ['gone', session: string, id: string, state: UserState, isLost: boolean]
  | ['update', session: string, update: SessionUpdate]
  | ['ack', to: string, pairingId: number, length: number]
  | ['act' | 'ban', json: string, from: string]
  | ['snapshot']
  | ['peer', node: string, address: string]
  | ['peerGone', node: string]
  | ['history', said: RoomHistoryEntry[]]
  | ['sweep']
  | ['leaseAck', renewal: number, inboxLength: number];

/** True if the item is no command: it only passes through the directory, which decides nothing about it. */
export function isRelayed([kind]: Incoming | Outgoing): boolean {
  return kind === 'line' || kind === 'room' || kind === 'menu' || kind === 'act' || kind === 'ban';
}
