/**
 * Where the commands of sessions go: to the shared directory, to a directory in memory, or back with a refusal.
 *
 * Owns: the way of each command, and what becomes of commands whose effect is unknown when this process goes standalone
 * or is fenced. Which way is right now, `machines/clusterMember.machine.ts` says. Knows nothing of connections and
 * leases.
 * Next: `outgoingBatches.ts` (the way to the shared directory), `knownUsers.ts` (the directory in memory).
 */
import type { DirectoryUpdate } from '../../machines/events.ts';
import type { Command } from '../../machines/lobby.machine.ts';
import type { AskRules } from '../chat/directory/requestMemory.ts';
import type { KnownUsers } from './knownUsers.ts';
import type { OutgoingBatches } from './outgoingBatches.ts';
import type { SessionNames } from './sessionNames.ts';
import type { Outgoing } from './wireTypes.ts';

/** Who decides on a command: the shared directory; this process; nobody, if only the shared directory could. */
export type Decider = 'shared' | 'local' | 'none';

/** Notifies a session that is called NODE/SESSION. */
export type NotifyShared = (to: string, update: DirectoryUpdate) => void;

/** How often somebody may be asked; what the asker's server says counts. */
export type AskLimits = Omit<AskRules, 'now'>;

export interface CommandRouterParts {
  names: SessionNames;
  users: KnownUsers;
  batches: OutgoingBatches;
  notify: NotifyShared;
  askLimits: AskLimits;
}

export class CommandRouter {
  readonly #names: SessionNames;
  readonly #users: KnownUsers;
  readonly #batches: OutgoingBatches;
  readonly #notify: NotifyShared;
  readonly #askLimits: AskLimits;
  decider: Decider = 'shared';

  constructor({ names, users, batches, notify, askLimits }: CommandRouterParts) {
    this.#names = names;
    this.#users = users;
    this.#batches = batches;
    this.#notify = notify;
    this.#askLimits = askLimits;
  }

  /** Routes what a user asks. While nobody decides, a claim or a request is refused at once. */
  send(session: string, command: Command): void {
    const item = itemOf(session, command, this.#askLimits);
    if (this.decider !== 'none' || !this.#refuse(item)) this.#submit(item);
  }

  /** The request of this session has waited long enough. */
  expire(session: string): void {
    this.#submit(['request.expire', session]);
  }

  /** The session has ended. */
  remove(session: string): void {
    this.#submit(['gone', session]);
  }

  /** From now on this process decides, first on the commands whose effect is unknown. */
  decideLocally(): void {
    this.decider = 'local';
    this.#users.startStandalone((to, update) => {
      if (this.#names.isOurs(to)) this.#notify(to, update);
    });
    for (const item of this.#batches.takeCommands()) this.#decide(item);
  }

  /** Every user of this process loses the id; claims and requests on their way are refused. */
  evictUsers(): void {
    this.decider = 'none';
    const rows = this.#users.heldRows();
    const commands = this.#batches.takeCommands();
    this.#users.clear();
    for (const { session } of rows) this.#notify(session, { type: 'session.evicted', reason: 'lost' });
    for (const item of commands) this.#refuse(item);
    // This drops the announcements of the evictions too: the directory tells the other processes itself.
    this.#batches.clear();
  }

  #submit(item: Outgoing): void {
    if (this.decider === 'local') this.#decide(item);
    else this.#batches.add(item);
  }

  #decide(item: Outgoing): void {
    const [kind, session, argument] = item;
    const { standalone } = this.#users;
    if (standalone === undefined || this.#refuse(item)) return;
    if (kind === 'gone') standalone.remove(session);
    else if (kind === 'request.expire') standalone.expire(session);
    else standalone.send(session, commandOf(kind as Command['type'], argument));
  }

  /** Refuses what only the shared directory can decide; returns true if the item is of that kind. */
  #refuse([kind, session]: Outgoing): boolean {
    if (kind === 'id.claim' || kind === 'id.take') this.#notify(session, { type: 'id.refused', reason: 'unavailable' });
    else if (kind === 'request.make') {
      this.#submit(['menu.return', session]);
      this.#notify(session, { type: 'request.refused', reason: 'unavailable' });
    } else return false;
    return true;
  }
}

function itemOf(session: string, command: Command, { askedPerMinute, declineWaitMs }: AskLimits): Outgoing {
  const { type, ...rest } = command;
  if (command.type === 'id.claim') return [type, session, command.id, command.network ?? ''];
  if (command.type === 'id.take') return [type, session, command.id, command.network ?? '', command.doubted ?? ''];
  // Ids are compared in lower case. Lua lowers ASCII letters only, so ids that are asked for are lowered here.
  if (command.type === 'request.make')
    return [type, session, command.target.toLowerCase(), askedPerMinute, declineWaitMs];
  const [argument] = Object.values(rest) as (string | number)[];
  return argument === undefined ? [type, session] : [type, session, argument];
}

/** The inverse of `itemOf`, of what a process decides by itself. */
function commandOf(type: Command['type'], argument: unknown): Command {
  const name = type === 'menu.leave' ? 'to' : 'pairingId';
  return (argument === undefined ? { type } : { type, [name]: argument }) as Command;
}
