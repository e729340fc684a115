/**
 * A directory whose updates come late, as from another process.
 *
 * Owns: the two ways between the lobby and a real directory. A session's commands arrive in order, and so do its
 * updates. But nothing arrives before the world lets it, and different sessions overtake each other.
 */

import type { DirectoryUpdate, SessionId, UserRow } from '../../machines/events.ts';
import type { Command } from '../../machines/lobby.machine.ts';
import type { Directory, Notify } from '../../src/chat/directory/directory.ts';
import type { MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';

interface Message {
  arrive(): void;
  /** Its updates for a session, on the way to it. */
  update?: DirectoryUpdate;
}

export class LateDirectory implements Directory {
  readonly #inner: MemoryDirectory;
  readonly #up = new Map<SessionId, Message[]>();
  readonly #down = new Map<SessionId, Message[]>();

  /** `create` returns the directory that decides. */
  constructor(notify: Notify, create: (notify: Notify) => MemoryDirectory) {
    this.#inner = create((to, update) => put(this.#down, to, { arrive: () => notify(to, update), update }));
  }

  /** How many sessions have something under way in either direction. */
  get waiting(): number {
    return this.#up.size + this.#down.size;
  }

  /** Returns true if the update that this chat has started is on its way to a session. */
  willStart(session: SessionId, pairingId: number): boolean {
    const messages = this.#down.get(session) ?? [];
    return messages.some(({ update }) => update?.type === 'chat.started' && update.pairingId === pairingId);
  }

  /** Lets the oldest message of one of the ways arrive; `which` from 0 to `waiting` - 1. */
  release(which: number): void {
    const up = which < this.#up.size;
    const ways = up ? this.#up : this.#down;
    let left = up ? which : which - this.#up.size;
    for (const [session, messages] of ways) {
      if (left-- > 0) continue;
      const message = messages.shift();
      if (messages.length === 0) ways.delete(session);
      message?.arrive();
      return;
    }
  }

  /** Does the same for the way that was empty most recently, so that the others wait longer. */
  releaseNewest(up: boolean): void {
    const last = (up && this.#up.size > 0) || this.#down.size === 0 ? this.#up.size : this.waiting;
    this.release(last - 1);
  }

  send(session: SessionId, command: Command): void {
    put(this.#up, session, { arrive: () => this.#inner.send(session, command) });
  }

  expire(session: SessionId): void {
    put(this.#up, session, { arrive: () => this.#inner.expire(session) });
  }

  remove(session: SessionId): void {
    put(this.#up, session, { arrive: () => this.#inner.remove(session) });
  }

  rowOf(session: SessionId): UserRow | undefined {
    return this.#inner.rowOf(session);
  }

  rows(): Iterable<UserRow> {
    return this.#inner.rows();
  }

  get onlineCount(): number {
    return this.#inner.onlineCount;
  }

  get roomCount(): number {
    return this.#inner.roomCount;
  }
}

function put(ways: Map<SessionId, Message[]>, session: SessionId, message: Message): void {
  const messages = ways.get(session);
  if (messages) messages.push(message);
  else ways.set(session, [message]);
}
