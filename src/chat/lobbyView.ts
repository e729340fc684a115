/**
 * What the guards of the lobby's chart look at.
 *
 * Owns: the answers, from the sessions and the directory as they are at that moment. Decides nothing.
 * Next: `machines/lobby.machine.ts`.
 */
import type { SessionId } from '../../machines/events.ts';
import type { LobbyView } from '../../machines/lobby.machine.ts';
import type { DirectoryView } from './directory/directory.ts';
import type { OperatorSide } from './operatorSide.ts';
import type { Proofs } from './proofs.ts';
import type { Session, SessionConnection } from './session.ts';

export function viewOf(
  sessions: ReadonlyMap<SessionId, Session>,
  directory: DirectoryView,
  operator: Pick<OperatorSide, 'isBanned' | 'isBannedSession'>,
  proofs: Pick<Proofs, 'needsProof'>,
): LobbyView {
  return {
    get sessionCount() {
      return sessions.size;
    },
    get onlineCount() {
      return directory.onlineCount;
    },
    hasSession: (id) => sessions.has(id),
    isRunning: (id) => sessions.get(id)?.actor?.getSnapshot().status === 'active',
    hasId: (id) => directory.rowOf(id) !== undefined,
    hasAsked: (id) => {
      const row = directory.rowOf(id);
      return row?.state === 'requesting' && row.partner !== undefined;
    },
    isVisible: (id) => sessions.get(id)?.isConcealed === false && directory.rowOf(id) !== undefined,
    isBannedConnection: (connection) => operator.isBanned((connection as SessionConnection).remoteAddress),
    isBanned: (session, id) => operator.isBannedSession(session, id),
    isProved: (id) => sessions.get(id)?.isProved ?? false,
    needsProof: (id) => proofs.needsProof(id),
    requestsLeft: (id) => sessions.get(id)?.activity.requestsLeft ?? 0,
    silentMs: (id) => sessions.get(id)?.activity.silentMs ?? 0,
  };
}
