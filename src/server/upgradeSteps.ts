/**
 * What two processes of one server say to each other while one takes over from the other.
 *
 * Owns: their messages, in the order of the steps, and what is handed over, as plain data with a number for its form.
 * Next: `handOver.ts` (the process before), `takeOver.ts` (the one after), `../cli/upgrade.ts` (the channel).
 */
import type { AddressInfo, Server as Listener, Socket } from 'node:net';
import type { LobbyState } from '../chat/lobbyHandOver.ts';
import type { SessionState } from '../chat/session.ts';
import type { BanList } from '../operator/banList.ts';
import type { MovingConnection } from '../transport/movingConnection.ts';
import type { Listening } from './acceptor.ts';
import type { Spoken } from './newcomers.ts';

/** Changes with every change of what is handed over: only a successor with the same one understands it. */
export const stateFormat = 1;

/** A user on the way. */
interface MovingState {
  /** Which of the descriptors that the successor has inherited is its connection: 0 for the first one. */
  place: number;
  address: string;
  session: SessionState;
}

/** What a process hands over, as plain data. */
export interface ServerState {
  lobby: LobbyState;
  bans: ReturnType<BanList['records']>;
  isLockedDown: boolean;
  sessions: readonly MovingState[];
  /** How many descriptors the successor has inherited; some may have nobody any more. */
  places: number;
  listens: readonly { speaks: Listening; address: AddressInfo }[];
}

type ToSuccessor =
  | { type: 'state'; state: ServerState }
  /** What only one of the two can have is free. */
  | { type: 'open' }
  | { type: 'listener'; speaks: Listening }
  /** The connections, in the order of their sessions. */
  | { type: 'go'; connections: readonly MovingConnection[] }
  | { type: 'newcomer'; speaks: Spoken }
  /** The last bytes from the first process are on their way; `isAll` is false if they never will be. */
  | { type: 'sent'; place: number; isAll: boolean };

export type FromSuccessor =
  | { type: 'ready'; format: number }
  | { type: 'prepared' }
  | { type: 'opened' }
  | { type: 'running' }
  | { type: 'refused'; reason: string };

/** The way to the other process. */
export interface Channel<Out, In> {
  /** The other process has not ended. */
  isOpen(): boolean;
  /** Resolves when it is sent, or never will be. */
  send(message: Out, handle?: Listener | Socket): Promise<void>;
  /** Resolves with what comes next, and its handle. Rejects with a `SetupError` when the other process has ended. */
  receive(): Promise<{ message: In; handle: unknown }>;
}

export interface Successor extends Channel<ToSuccessor, FromSuccessor> {
  /** Resolves when it has ended. */
  kill(): Promise<unknown>;
}

export type Predecessor = Channel<FromSuccessor, ToSuccessor>;

/** Starts the other process, which inherits these sockets, the first one as descriptor 4. */
export type StartSuccessor = (sockets: readonly Socket[]) => Successor;

export interface UpgradeOptions {
  start: StartSuccessor;
  predecessor: Predecessor | undefined;
  /** Called when the server serves; a process before may end when this is done. Must not reject. */
  whenServing(): Promise<void>;
}
