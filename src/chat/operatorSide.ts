/**
 * The lobby's side that operators and the door see: acts come in, and it can be asked who may come in.
 *
 * Owns: what the lobby chart's actions do at an act: who is removed, what they and all others read, what is logged of it.
 * Decides nothing: whom a ban is about the list of bans says, and when it counts the chart. Next: `machines/lobby.machine.ts`, `lobby.ts`, `../operator/`.
 */
import type { Actor } from 'xstate';
import type { SessionId, UserId } from '../../machines/events.ts';
import type { lobbyMachine } from '../../machines/lobby.machine.ts';
import type { OperatorAct } from '../../machines/operatorActs.ts';
import { connectionNotices, notices } from '../protocol/replies.ts';
import type { Log } from '../runtime/log.ts';
import type { Counters, DoorRefusal } from './counters.ts';
import type { DirectoryView } from './directory/directory.ts';
import type { Session, SessionConnection } from './session.ts';

/** Whom the operator lets not in. */
export interface Bans {
  /** The ban that is about this address, or this id if it is given; undefined if there is none. */
  about(address: string, id?: string): { readonly reason: string } | undefined;
}

export interface OperatorSideOptions {
  log: Log;
  bans: Bans;
  counters: Counters | undefined;
  sessions: ReadonlyMap<SessionId, Session>;
  directory: DirectoryView;
  actor(): Actor<typeof lobbyMachine>;
}

export class OperatorSide {
  readonly #options: OperatorSideOptions;

  constructor(options: OperatorSideOptions) {
    this.#options = options;
  }

  /** Brings what an operator does to the chart. */
  act(act: OperatorAct): void {
    this.#options.actor().send(act);
  }

  /** As the chart has it: who may come in. */
  get door(): 'open' | 'lockdown' | 'emptying' | 'closing' {
    const snapshot = this.#options.actor().getSnapshot();
    if (!snapshot.hasTag('admitsNobody')) return 'open';
    if (snapshot.matches({ open: 'lockedDown' })) return 'lockdown';
    return snapshot.matches({ open: 'emptying' }) ? 'emptying' : 'closing';
  }

  /** True if the server is not to come back when it has stopped, as the chart has it. */
  get endsForGood(): boolean {
    return this.#options.actor().getSnapshot().context.endsForGood;
  }

  /** Why a connection from this address would be refused just now; undefined if it would not. */
  refusalFor(address: string): DoorRefusal | undefined {
    const { door } = this;
    if (door === 'open') return this.isBanned(address) ? 'banned' : undefined;
    if (door === 'lockdown') return door;
    return this.endsForGood ? 'serverEnding' : 'serverClosing';
  }

  isBanned(address: string, id?: string): boolean {
    return this.#options.bans.about(address, id) !== undefined;
  }

  /** True if this session must not have this id, or be here at all. */
  isBannedSession(session: SessionId, id: UserId): boolean {
    const there = this.#options.sessions.get(session);
    return there !== undefined && this.isBanned(there.remoteAddress, id);
  }

  record(act: OperatorAct): void {
    const { counters, log } = this.#options;
    if (counters !== undefined) counters.acts[act.type]++;
    log.warn({ act: act.type, operator: act.by, ...aboutOf(act) }, 'the operator acted');
  }

  /** `reason` is that of a ban, if it isn't given. */
  remove(id: SessionId, reason?: string): void {
    const { sessions, bans, directory } = this.#options;
    const session = sessions.get(id);
    if (session === undefined) return;
    const why = reason ?? bans.about(session.remoteAddress, directory.rowOf(id)?.id)?.reason ?? '';
    session.actor?.send({ type: 'session.removed', why: why });
  }

  removeBanned(): void {
    for (const session of this.banned()) this.remove(session.id);
  }

  /** The sessions that a ban is about. */
  banned(): Session[] {
    const { sessions, directory } = this.#options;
    return [...sessions.values()].filter(({ id, remoteAddress }) =>
      this.isBanned(remoteAddress, directory.rowOf(id)?.id),
    );
  }

  /** Everybody who is connected reads it, in whatever state. */
  say(line: string): void {
    for (const session of [...this.#options.sessions.values()]) session.overhear(line);
  }

  tell(act: OperatorAct): void {
    if (act.type === 'operator.say') this.say(notices.operator(act.text));
    else if (act.type === 'operator.drain') this.say(notices.drain(act.forMs));
  }

  refuse(connection: SessionConnection): void {
    const why = this.refusalFor(connection.remoteAddress) ?? 'serverClosing';
    this.countRefused(connection.remoteAddress, why);
    connection.write(connectionNotices[why]());
    connection.end();
  }

  /** Logs nothing that everybody reads: in a flood, that is what costs most. */
  countRefused(address: string, reason: DoorRefusal): void {
    const { counters, log } = this.#options;
    if (counters !== undefined) counters.turnedAway[reason]++;
    log.debug({ address, reason }, 'let not in');
  }
}

/** Whom and what an act is about, for the log. */
function aboutOf(act: OperatorAct): object {
  switch (act.type) {
    case 'operator.kick':
      return { session: act.session, id: act.id, reason: act.why };
    case 'operator.ban':
    case 'operator.unban': {
      const { target, reason, sinceMs, untilMs } = act.ban;
      return { target, reason, sinceMs, untilMs };
    }
    case 'operator.say':
      return { text: act.text };
    case 'operator.drain':
      return { forMs: act.forMs };
    default:
      return {};
  }
}
