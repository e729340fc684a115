/**
 * What an operator does at one server, on its way to the others.
 *
 * Owns: the acts that go out and come in. A ban is kept in the shared directory, so that a server that joins later has it
 * too; all else is told to those who are there. Knows nothing of what an act does.
 * Next: `outgoingBatches.ts`, `membership.lua` (bans at a join), `../operator/operator.ts`.
 */
import type { Ban, OperatorAct } from '../../machines/operatorActs.ts';
import type { OutgoingBatches } from './outgoingBatches.ts';
import type { SessionNames } from './sessionNames.ts';
import type { Incoming } from './wireTypes.ts';

/** Takes what an operator did at another server. Must not throw. */
export interface ActHandler {
  actElsewhere(act: OperatorAct): void;
}

export class ActRelay {
  readonly #names: SessionNames;
  readonly #batches: Pick<OutgoingBatches, 'add'>;
  #handler: ActHandler | undefined;
  /** What came before the handler: the bans that the directory had when this server joined. */
  #early: OperatorAct[] = [];

  constructor(names: SessionNames, batches: Pick<OutgoingBatches, 'add'>) {
    this.#names = names;
    this.#batches = batches;
  }

  attach(handler: ActHandler): void {
    this.#handler = handler;
    for (const act of this.#early.splice(0)) handler.actElsewhere(act);
  }

  /** Tells the other servers. */
  send(act: OperatorAct): void {
    const from = this.#names.toShared('');
    if (act.type === 'operator.ban' || act.type === 'operator.unban') {
      this.#batches.add(['ban', from, ...sharedBan(act.ban)]);
      return;
    }
    // A session elsewhere has the name that all servers know already.
    const isOurs = act.type === 'operator.kick' && !act.session.includes('/');
    const shared = isOurs ? { ...act, session: this.#names.toShared(act.session) } : act;
    this.#batches.add(['act', from, JSON.stringify(shared)]);
  }

  /** An act has come in, perhaps our own. */
  deliver([kind, json, from]: Extract<Incoming, ['act' | 'ban', ...unknown[]]>): void {
    if (this.#names.isOurs(from)) return;
    if (kind === 'ban') {
      const ban = JSON.parse(json) as Ban;
      this.#take({ type: ban.isLifted ? 'operator.unban' : 'operator.ban', ban, by: ban.by });
      return;
    }
    const act = JSON.parse(json) as OperatorAct;
    this.#take(act.type === 'operator.kick' ? { ...act, session: this.#names.toLocal(act.session) } : act);
  }

  #take(act: OperatorAct): void {
    if (this.#handler === undefined) this.#early.push(act);
    else this.#handler.actElsewhere(act);
  }
}

/** A ban as the directory keeps it: its target, when it was said, and the whole. */
export function sharedBan(ban: Ban): [target: string, sinceMs: number, json: string] {
  return [`${ban.kind} ${ban.target}`, ban.sinceMs, JSON.stringify(ban)];
}
