/**
 * What server processes and the shared directory say to each other: types only.
 *
 * Owns: the forms of what goes into a batch and of what comes out of an inbox; `directory.lua` is the other side.
 * Sessions are called NODE/NAME here.
 */

import type { SessionUpdate, UserState } from '../../machines/events.ts';
import type { Command } from '../../machines/lobby.machine.ts';

/** One row of the dictionaries as the directory keeps it. */
export interface SharedRow {
  id: string;
  session: string;
  state: UserState;
  /** The session of the other one while a request or a chat links the two; empty otherwise. */
  other: string;
  pairingId: number;
  /** Grows with every arrival. */
  order: number;
}

/** What a session asks, what the lobby says of it, and lines on their way. */
export type Outgoing =
  | [kind: Command['type'] | 'request.expire' | 'gone', session: string, ...rest: (string | number)[]]
  | ['line', from: string, to: string, pairingId: number, lines: string]
  | ['ack', from: string, to: string, pairingId: number, length: number]
  | ['room', from: string, lines: string, isSaid: boolean, isDeliveredHere: boolean]
  | ['menu', from: string, line: string];

export type Incoming =
  | ['row', SharedRow]
  | ['gone', session: string, id: string, state: UserState, isLost: boolean]
  | ['update', session: string, update: SessionUpdate]
  | ['line', to: string, pairingId: number, lines: string, from: string]
  | ['ack', to: string, pairingId: number, length: number]
  | ['room', lines: string, from: string, isSaid: boolean, isDeliveredThere: boolean]
  | ['menu', line: string, from: string]
  | ['snapshot']
  | ['leaseAck', renewal: number];
