/**
 * One user at the password gate: between their connection and the actor of the password gate chart.
 *
 * Owns: the check of the password that was typed last, and when each line came. Decides nothing about what is said, how
 * often the user may try or how long they have: the chart does.
 * Next: `machines/passwordGate.machine.ts`, `../dialogue/chartConnection.ts`, `gates.ts` (what the chart's actions do).
 */
import type { LimitName } from '../../machines/events.ts';
import type { passwordGateMachine } from '../../machines/passwordGate.machine.ts';
import { ChartConnection } from '../dialogue/chartConnection.ts';
import type { Input } from '../dialogue/lineQueue.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Connection } from '../transport/connection.ts';
import type { Check } from './checks.ts';

/** What a password gate calls when something goes wrong at it. */
export interface PasswordGateHost {
  readonly clock: Clock;
  failed(gate: PasswordGate, error: unknown): void;
  limitReached(gate: PasswordGate, limit: LimitName): void;
}

export class PasswordGate extends ChartConnection<typeof passwordGateMachine> {
  readonly id: string;
  override readonly connection: Connection;
  /** The check of the last password, until its verdict comes. */
  check: Check | undefined;
  readonly #host: PasswordGateHost;

  constructor(id: string, connection: Connection, host: PasswordGateHost) {
    super(connection);
    this.id = id;
    this.connection = connection;
    this.#host = host;
  }

  failed(error: unknown): void {
    this.#host.failed(this, error);
  }

  override error(error: unknown): void {
    this.failed(error);
  }

  protected onLimit(limit: LimitName): void {
    this.#host.limitReached(this, limit);
  }

  /** Gives the lines that were typed after the password back to the connection, for the session. */
  leaveRest(): void {
    this.connection.leave(this.release());
  }

  // When lines are taken (LineQueueOwner).

  mayTake(): boolean {
    return !this.isWaiting && !this.isOver;
  }

  take(input: Input): void {
    if (input === 'end') {
      this.sendEnd();
      return;
    }
    this.prompts.lineTyped();
    this.prompts.promptAnswered();
    const atMs = this.#host.clock.now();
    if ('refused' in input) this.actor?.send({ type: 'line.refused', reason: input.refused, atMs });
    else this.actor?.send({ type: 'line.received', text: input.line, atMs });
  }
}
