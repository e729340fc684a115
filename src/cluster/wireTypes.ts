/**
 * What server processes and the shared directory send each other.
 *
 * Owns: the items of a batch and of an inbox entry; `directory.lua` reads the former and writes the latter. Sessions
 * are called NODE/SESSION here. With a change that the Lua doesn't show, raise the version in `luaLibrary.ts`.
 */
import type { DirectoryUpdate, UserState } from '../../machines/events.ts';
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

/** What a session asks, what the lobby says of it, and lines on their way. `pass` goes to that node as it is. */
export type Outgoing =
  | [kind: Command['type'] | 'request.expire' | 'gone', session: string, ...rest: (string | number)[]]
  | ['pass', from: string, node: string, item: string]
  | ['room', from: string, lines: string, isSaid: boolean, isDeliveredHere: boolean]
  | ['menu', from: string, line: string]
  | ['act', from: string, json: string]
  | ['ban', from: string, target: string, sinceMs: number, json: string];

/** What users in private chats say, and how much of it was read. Lengths are in UTF-16 code units. */
export type ChatItem =
  | ['line', to: string, pairingId: number, lines: string, from: string]
  | ['ack', to: string, pairingId: number, length: number];

/**
 * What servers send each other past the directory, or through it. `from` is a node, `read` the number of the latest
 * message from the other side that was read. No message from before `oldest` will come any more.
 */
export type FlowItem =
  | ['flow', from: string, number: number, oldest: number, read: number, items: ChatItem[]]
  | ['read', from: string, read: number]
  | ['probe', from: string, probe: number]
  | ['tried', from: string, probe: number, read: number]
  | ['shut', from: string];

/** What the directory tells this session from now on comes behind the message with this number. */
export type Mark = ['mark', from: string, session: string, number: number];

export type IncomingLine =
  | ['room', lines: string, from: string, isSaid: boolean, isDeliveredThere: boolean]
  | ['menu', line: string, from: string];

export type Incoming =
  | IncomingLine
  | FlowItem
  | Mark
  | ['row', SharedRow, isListed: boolean]
  | ['gone', session: string, id: string, state: UserState, isLost: boolean]
  | ['update', session: string, update: DirectoryUpdate]
  | ['act' | 'ban', json: string, from: string]
  | ['snapshot']
  | ['peer', node: string, address: string]
  | ['peerGone', node: string]
  | ['history', said: RoomHistoryEntry[]]
  | ['sweep']
  | ['leaseAck', renewal: number, inboxLength: number];

/** True if the item is no command: it only passes through the directory, which decides nothing about it. */
export function isRelayed([kind]: Incoming | Outgoing): boolean {
  return kind === 'pass' || kind === 'room' || kind === 'menu' || kind === 'act' || kind === 'ban';
}
