/**
 * The names of sessions: the lobby of a process calls a session SESSION, all processes together call it NODE/SESSION.
 *
 * Owns: the translation in both directions. A session of another process has no short name, so the lobby sees
 * NODE/SESSION.
 * Knows nothing of Redis.
 */
import type { DirectoryUpdate, SessionId, UserRow } from '../../machines/events.ts';

export class SessionNames {
  readonly #prefix: string;

  constructor(node: string) {
    this.#prefix = `${node}/`;
  }

  /** True for the shared name of a session that is connected to this process. */
  isOurs(shared: string): boolean {
    return shared.startsWith(this.#prefix);
  }

  toShared(session: SessionId): string {
    return this.#prefix + session;
  }

  toLocal(shared: string): SessionId {
    return this.isOurs(shared) ? shared.slice(this.#prefix.length) : shared;
  }

  toLocalRow(row: UserRow): UserRow {
    return { ...row, session: this.toLocal(row.session) };
  }

  toLocalUpdate(update: DirectoryUpdate): DirectoryUpdate {
    if (update.type !== 'chat.started') return update;
    return { ...update, partnerSession: this.toLocal(update.partnerSession) };
  }
}

/** The process to which a session is connected, of its shared name. */
export function nodeOf(shared: string): string {
  return shared.slice(0, shared.lastIndexOf('/'));
}
