/**
 * What an operator asks for, carried out: looks at the server, and acts as events of the lobby chart.
 *
 * Owns: the check of every request, what it becomes, and the answer. What an act does, and when, the chart decides. Each
 * request is carried out within one turn of the event loop, so that two operators at once are one behind the other; only
 * the file of bans is written later. Knows nothing of sockets.
 * Next: `requests.ts` (their form), `words.ts` (how texts are read), `machines/lobby.machine.ts`.
 */
import type { Ban, OperatorAct } from '../../machines/operatorActs.ts';
import type { Lobby } from '../chat/lobby.ts';
import { type CountedLimit, optionOf } from '../config/limits.ts';
import { nearest } from '../config/nearest.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { SetupError } from '../runtime/operatorError.ts';
import type { BanFile } from './banFile.ts';
import { type BanList, isBan, maxBans } from './banList.ts';
import type { LimitsReached } from './limitsReached.ts';
import type { Answer, Request, WhoRow } from './requests.ts';
import { OperatorMistake, readDuration, readReason, readTarget, readText, shownTarget } from './words.ts';

const dayMs = 86_400_000;
const longestBanMs = 3650 * dayMs;
const longestDrainMs = dayMs;
const defaultDrain = '10m';

/** The other servers that share the directory of users. */
export interface OtherServers {
  tellOthers(act: OperatorAct): void;
}

export interface OperatorOptions {
  lobby: Lobby;
  bans: BanList;
  /** Undefined: bans end with the server. */
  banFile: BanFile | undefined;
  limits: LimitsReached;
  others: OtherServers | undefined;
  /** Hands everybody over to a new process. Rejects with a `SetupError` if that can't be; undefined if it never can. */
  upgrade?: (() => Promise<{ users: number; left: number }>) | undefined;
  clock: Clock;
  log: Log;
}

/** What each word of a request does. */
type Handlers = { [Do in Request['do']]: (request: Record<string, unknown>, by: string) => Answer | Promise<Answer> };

/** Requests that change nothing. */
const looks: readonly string[] = ['who', 'bans', 'limits'] satisfies Request['do'][];

export class Operator {
  readonly #options: OperatorOptions;
  /** What changes now might reach only one of two processes. */
  #isUpgrading = false;
  readonly #handlers: Handlers = {
    who: () => this.#who(),
    kick: (request, by) => this.#kick(textIn(request, 'id'), optionalTextIn(request, 'reason'), by),
    ban: (request, by) => this.#ban(request, by),
    bans: () => ({ ok: true, bans: this.#options.bans.list() }),
    unban: (request, by) => this.#unban(textIn(request, 'target'), by),
    say: (request, by) => this.#say(textIn(request, 'text'), by),
    lockdown: ({ on }, by) => this.#lockdown(on, by),
    drain: (request, by) => this.#drain(optionalTextIn(request, 'for') ?? defaultDrain, by),
    limits: () => this.#limits(),
    upgrade: (_, by) => this.#upgrade(by),
  };

  constructor(options: OperatorOptions) {
    this.#options = options;
  }

  /** Takes what an operator said, which may be anything. Never rejects. */
  async answer(request: unknown): Promise<Answer> {
    try {
      const { do: what, by } = (request ?? {}) as { do?: unknown; by?: unknown };
      const words = Object.keys(this.#handlers);
      if (typeof what !== 'string' || !words.includes(what)) {
        const meant = nearest(String(what), words);
        throw new OperatorMistake(
          `There is no such command.${meant === undefined ? '' : ` Did you mean ${meant}?`} There are ${words.join(', ')}.`,
        );
      }
      if (this.#isUpgrading && !looks.includes(what)) throw new OperatorMistake('An upgrade is under way.');
      const name = typeof by === 'string' ? readText(by, 'A name') : '';
      return await this.#handlers[what as Request['do']](request as Record<string, unknown>, name || 'somebody');
    } catch (error) {
      if (error instanceof OperatorMistake) return { ok: false, error: error.message };
      this.#options.log.error({ err: error }, 'a command of the operator failed');
      return { ok: false, error: 'Something went wrong in the server. Its log says what.' };
    }
  }

  /** Another server's operator has acted. */
  actElsewhere(act: OperatorAct): void {
    if (act.type === 'operator.ban' || act.type === 'operator.unban') {
      if (!isBan(act.ban) || !this.#options.bans.add(act.ban)) return;
      void this.#keepBans();
    }
    this.#options.lobby.operator.act(act);
  }

  #who(): Answer {
    const { lobby, clock } = this.#options;
    const now = clock.now();
    const rows = [...lobby.directory.rows()];
    const states = new Map(rows.map(({ id, state }) => [id, state]));
    const seconds = (sinceMs: number | undefined) =>
      sinceMs === undefined ? null : Math.round((now - sinceMs) / 1000);
    const who: WhoRow[] = rows.map(({ id, session: name, state, partner }) => {
      const session = lobby.sessions.get(name);
      return {
        ...{ id, state, partner: partner ?? null, partnerState: (partner && states.get(partner)) ?? null },
        ...{ address: session?.remoteAddress ?? null, server: session ? null : (name.split('/')[0] ?? null) },
        ...{ sinceSeconds: seconds(session?.activity.openedAt), idleSeconds: seconds(session?.activity.lastHeardAt) },
      };
    });
    for (const { id: name, remoteAddress, activity } of lobby.sessions.values()) {
      if (lobby.directory.rowOf(name) !== undefined) continue;
      who.push({
        ...{ id: null, state: 'identifying', partner: null, partnerState: null, address: remoteAddress, server: null },
        ...{ sinceSeconds: seconds(activity.openedAt), idleSeconds: seconds(activity.lastHeardAt) },
      });
    }
    return { ok: true, who, door: lobby.operator.door };
  }

  #kick(id: string, reason: string | undefined, by: string): Answer {
    const rows = [...this.#options.lobby.directory.rows()];
    const row = rows.find((each) => each.id.toLowerCase() === id.trim().toLowerCase());
    if (row === undefined) {
      const meant = nearest(
        id,
        rows.map((each) => each.id),
      );
      throw new OperatorMistake(`Nobody here has that id.${meant === undefined ? '' : ` Did you mean ${meant}?`}`);
    }
    this.#act({ type: 'operator.kick', session: row.session, id: row.id, why: readReason(reason), by });
    return { ok: true, kicked: row.id };
  }

  async #ban(request: Record<string, unknown>, by: string): Promise<Answer> {
    const { lobby, bans } = this.#options;
    const target = readTarget(textIn(request, 'target').trim());
    const length = optionalTextIn(request, 'for');
    const reason = readReason(optionalTextIn(request, 'reason'));
    const forMs = length === undefined ? null : readDuration(length, longestBanMs);
    const sinceMs = this.#nowAfter(target);
    const ban: Ban = {
      ...target,
      reason,
      by,
      sinceMs,
      untilMs: forMs === null ? null : sinceMs + forMs,
      isLifted: false,
    };
    if (!bans.add(ban))
      throw new OperatorMistake(`There are ${maxBans} bans already. Take some back, or ban a network.`);
    const barred = lobby.operator.banned();
    const removed = barred.length;
    const addresses = target.kind === 'id' ? [...new Set(barred.map((session) => session.remoteAddress))] : [];
    this.#act({ type: 'operator.ban', ban, by });
    return { ok: true, banned: ban, removed, addresses, warning: await this.#keepBans() };
  }

  async #unban(text: string, by: string): Promise<Answer> {
    const { bans } = this.#options;
    const target = readTarget(text.trim());
    const former = bans.banOf(target);
    if (former === undefined) throw new OperatorMistake(`${shownTarget(target)} is not banned. See: bans`);
    const ban: Ban = { ...former, by, sinceMs: this.#nowAfter(target), isLifted: true };
    bans.add(ban);
    this.#act({ type: 'operator.unban', ban, by });
    return { ok: true, unbanned: ban, warning: await this.#keepBans() };
  }

  #say(text: string, by: string): Answer {
    const said = readText(text, 'A message');
    if (said === '') throw new OperatorMistake('A message has to say something.');
    this.#act({ type: 'operator.say', text: said, by });
    return { ok: true, said };
  }

  #lockdown(on: unknown, by: string): Answer {
    if (typeof on !== 'boolean') throw new OperatorMistake('A lockdown is on or off.');
    const { lobby } = this.#options;
    if (lobby.operator.door === 'emptying')
      throw new OperatorMistake('This server empties: nobody new comes in anyway.');
    this.#act({ type: on ? 'operator.lockdown' : 'operator.reopen', by });
    return { ok: true, door: lobby.operator.door, forSeconds: null };
  }

  #drain(length: string, by: string): Answer {
    const forMs = readDuration(length, longestDrainMs);
    this.#act({ type: 'operator.drain', forMs, by });
    return { ok: true, door: this.#options.lobby.operator.door, forSeconds: forMs / 1000 };
  }

  async #upgrade(by: string): Promise<Answer> {
    const { upgrade, log } = this.#options;
    if (upgrade === undefined) throw new OperatorMistake('This server can only be restarted.');
    log.info({ by }, 'upgrading');
    this.#isUpgrading = true;
    try {
      return { ok: true, ...(await upgrade()) };
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      log.error({ reason: error.message }, 'not upgraded: everything goes on as before');
      throw new OperatorMistake(`Everything goes on as before: ${error.message}`);
    } finally {
      this.#isUpgrading = false;
    }
  }

  #limits(): Answer {
    const { limits, clock } = this.#options;
    const now = clock.now();
    const rows = [...limits.counts].map(([limit, times]: [CountedLimit, number]) => ({
      ...{ limit, option: optionOf(limit), times },
      by: limits.by(limit).map(({ address, id, times, lastAtMs }) => ({
        ...{ address, id: id ?? null, times, secondsAgo: Math.round((now - lastAtMs) / 1000) },
      })),
    }));
    return { ok: true, limits: rows.sort((a, b) => b.times - a.times) };
  }

  /** Here, and at the other servers; each of them empties by itself. */
  #act(act: OperatorAct): void {
    const { lobby, others } = this.#options;
    if (lobby.operator.door === 'closing') throw new OperatorMistake('The server is stopping.');
    lobby.operator.act(act);
    if (act.type !== 'operator.drain') others?.tellOthers(act);
  }

  /** Now, and behind the former word about this target, whatever the system's date is. */
  #nowAfter(target: Pick<Ban, 'kind' | 'target'>): number {
    const { bans } = this.#options;
    const former = bans.records().find((ban) => ban.kind === target.kind && ban.target === target.target);
    return Math.max(bans.now(), (former?.sinceMs ?? 0) + 1);
  }

  /** Resolves with what the operator has to know if the file can't be written. */
  async #keepBans(): Promise<string | null> {
    const { banFile, bans, log, others } = this.#options;
    if (banFile === undefined) return others === undefined ? 'There is no --bans FILE: it ends with the server.' : null;
    try {
      await banFile.write(bans.records());
      return null;
    } catch (error) {
      log.error({ err: error }, 'the bans could not be written');
      return `The file of --bans could not be written (${(error as Error).message}): it ends with the server.`;
    }
  }
}

function textIn(request: Record<string, unknown>, name: string): string {
  const text = optionalTextIn(request, name);
  if (text === undefined) throw new OperatorMistake(`The request has no ${name}.`);
  return text;
}

function optionalTextIn(request: Record<string, unknown>, name: string): string | undefined {
  const text = request[name];
  if (text !== undefined && typeof text !== 'string') throw new OperatorMistake(`The ${name} of a request is a text.`);
  return text;
}
