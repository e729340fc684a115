/**
 * A directory under the test's control: it records the commands of sessions, and sends any update that the test wants,
 * at any moment, true or not.
 *
 * Owns: the commands of each session. What sessions read of it is always the same: one user is online, and in the room.
 */

import type { AnyActor } from 'xstate';
import type { SessionId, SessionUpdate, UserRow } from '../../machines/events.ts';
import type { Command, LobbyEvent, Proof } from '../../machines/lobby.machine.ts';
import type { Directory, Notify } from '../../src/chat/directory/directory.ts';
import { limits } from '../../src/config/limits.ts';
import type { Facts } from '../../src/protocol/replies.ts';
import { user } from './alphabet.ts';
import { wordsOf } from './subject.ts';

/** The rows that all sessions read of the directory. */
export const surroundings: Pick<Facts, 'online' | 'roomHistory' | 'maxLineBytes'> = {
  online: {
    rows: () => [{ id: user, session: 'somewhere else', state: 'menu', partner: undefined }],
    ...{ onlineCount: 1, roomCount: 1 },
  },
  roomHistory: { text: '' },
  maxLineBytes: limits.maxLineBytes,
};

export class PuppetDirectory implements Directory {
  readonly #notify: Notify;
  readonly #commands = new Map<SessionId, string[]>();

  constructor(notify: Notify) {
    this.#notify = notify;
  }

  /** Sends an update to a session. Every id is proved, so that who is away waits for the puppet's word. */
  say(to: SessionId, update: SessionUpdate): void {
    this.#notify(to, update.type === 'id.granted' ? { ...update, isProved: true } : update);
  }

  /** Returns the commands of a session since the last call, in words. */
  takeCommands(session: SessionId): string[] {
    const commands = this.#commands.get(session) ?? [];
    this.#commands.delete(session);
    return commands;
  }

  /** Takes the proofs of a lobby's sessions for commands, though no directory gets them. */
  watchProofs(lobby: AnyActor): void {
    lobby.system.inspect((inspected) => {
      if (inspected.type !== '@xstate.event') return;
      const event = inspected.event as LobbyEvent;
      if (event.type === 'id.prove') this.send(event.session, event);
    });
  }

  send(session: SessionId, { session: _, ...command }: (Command | Proof) & { session?: SessionId }): void {
    const commands = this.#commands.get(session) ?? [];
    this.#commands.set(session, [...commands, wordsOf(command)]);
  }

  expire(session: SessionId): void {
    throw new Error(`The request of ${session} expired by itself, which no generated test waits for.`);
  }

  remove(_: SessionId): void {}

  /** Returns no row, so that no user reads that another user has disconnected. */
  rowOf(_: SessionId): undefined {}

  rows(): Iterable<UserRow> {
    return surroundings.online.rows();
  }

  get onlineCount(): number {
    return surroundings.online.onlineCount;
  }

  get roomCount(): number {
    return surroundings.online.roomCount;
  }
}
