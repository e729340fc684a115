/**
 * A directory whose updates come when the test lets them: the real one, with a gate in each direction.
 *
 * Owns: the messages that wait. `askNext` lets the directory take a session's next command, `notifyNext` lets the
 * session get its next update. Updates to a session that has ended are discarded, as by a lobby.
 */

import type { DirectoryUpdate, SessionId, UserRow } from '../../machines/events.ts';
import type { Command } from '../../machines/lobby.machine.ts';
import type { Directory, Notify } from '../../src/chat/directory/directory.ts';
import { MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';

export class GatedDirectory implements Directory {
  readonly #notify: Notify;
  readonly #directory: Directory;
  readonly #up = new Map<SessionId, (Command | 'gone')[]>();
  readonly #down = new Map<SessionId, DirectoryUpdate[]>();

  /** `create` returns the directory that decides; the one in memory by default. */
  constructor(
    notify: Notify,
    create: (notify: Notify) => Directory = (notifyAtOnce) => new MemoryDirectory(notifyAtOnce),
  ) {
    this.#notify = notify;
    this.#directory = create((to, update) => this.#down.get(to)?.push(update));
  }

  send(session: SessionId, command: Command): void {
    const up = this.#up.get(session) ?? [];
    up.push(command);
    this.#up.set(session, up);
    if (!this.#down.has(session)) this.#down.set(session, []);
  }

  remove(session: SessionId): void {
    this.#down.delete(session);
    const up = this.#up.get(session) ?? [];
    up.push('gone');
    this.#up.set(session, up);
  }

  expire(session: SessionId): void {
    this.#directory.expire(session);
  }

  /** Takes the id away from a session, as another server would. */
  evict(session: SessionId): void {
    this.#directory.remove(session);
    this.#down.get(session)?.push({ type: 'session.evicted' });
  }

  askNext(session: SessionId): void {
    const next = this.#up.get(session)?.shift();
    if (next === undefined) throw new Error(`${session} has asked nothing`);
    if (next !== 'gone') this.#directory.send(session, next);
    else {
      this.#directory.remove(session);
      this.#up.delete(session);
    }
  }

  /** Refuses the id that a session claims next, as if the directory could not be asked. */
  refuseUnchecked(session: SessionId): void {
    this.#up.get(session)?.shift();
    this.#down.get(session)?.push({ type: 'id.refused', reason: 'unavailable' });
  }

  /** Lets the directory take all commands of a session that has ended. */
  drain(session: SessionId): void {
    while (this.#up.has(session) && (this.#up.get(session)?.length ?? 0) > 0) this.askNext(session);
  }

  notifyNext(to: SessionId): void {
    const next = this.#down.get(to)?.shift();
    if (next === undefined) throw new Error(`there is no update for ${to}`);
    this.#notify(to, next);
  }

  rowOf(session: SessionId): UserRow | undefined {
    return this.#directory.rowOf(session);
  }

  rows(): Iterable<UserRow> {
    return this.#directory.rows();
  }

  get onlineCount(): number {
    return this.#directory.onlineCount;
  }

  get roomCount(): number {
    return this.#directory.roomCount;
  }
}
