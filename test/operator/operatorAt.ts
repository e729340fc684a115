/**
 * An operator at a lobby of users in memory.
 *
 * Owns: the operator's commands as the socket would bring them, and a date that the test sets. Next:
 * `../support/memory.ts`.
 */
import type { LobbyOptions } from '../../src/chat/lobby.ts';
import { BanList } from '../../src/operator/banList.ts';
import { LimitsReached } from '../../src/operator/limitsReached.ts';
import { Operator, type OtherServers } from '../../src/operator/operator.ts';
import type { Answer, Request } from '../../src/operator/requests.ts';
import { createLog } from '../../src/runtime/log.ts';
import type { FakeConnection } from '../support/fakeConnection.ts';
import { forget, Gathering, LateUpdates } from '../support/memory.ts';

export class OperatedGathering extends Gathering {
  readonly bans: BanList;
  readonly limits: LimitsReached;
  readonly late: LateUpdates;
  readonly operator: Operator;
  /** In ms since 1970, for bans. */
  dateMs = Date.now();

  constructor(options: Partial<LobbyOptions> = {}, others?: OtherServers) {
    const late = new LateUpdates();
    let dateMs = (): number => 0;
    const bans = new BanList(() => dateMs());
    const limits: { reached?: LimitsReached } = {};
    const onLimit: LobbyOptions['onLimit'] = (...reached) => limits.reached?.add(...reached);
    super({ createDirectory: late.createDirectory, bans, onLimit, ...options });
    dateMs = () => this.dateMs;
    this.bans = bans;
    this.late = late;
    this.limits = new LimitsReached(this.clock);
    limits.reached = this.limits;
    const log = createLog('silent');
    const { lobby, clock } = this;
    this.operator = new Operator({ lobby, bans, banFile: undefined, limits: this.limits, others, clock, log });
  }

  /** A user in the menu, who has read everything up to now. */
  come(id: string, address = 'memory'): FakeConnection {
    const terminal = this.connect((connection) => {
      connection.remoteAddress = address;
    });
    terminal.type(id);
    terminal.read();
    return terminal;
  }

  order(request: Request): Promise<Answer> {
    return this.operator.answer({ by: 'root (uid 0)', ...request });
  }
}

/** Lior, golan and noa in the menu, and an operator. */
export function operated(...args: ConstructorParameters<typeof OperatedGathering>) {
  const all = new OperatedGathering(...args);
  const trio = { all, lior: all.come('lior', '198.51.100.7'), golan: all.come('golan'), noa: all.come('noa') };
  forget(trio);
  return trio;
}

/** The answer to what can't be done. */
export function mistake(error: unknown) {
  return { ok: false, error };
}
