/**
 * All users at the password gate: they have connected to a server with a password, and were not admitted yet.
 *
 * Owns: which gates there are; carries out the actions of `machines/passwordGate.machine.ts`. It admits a user with the
 * lines they have typed and the time they have left, and doesn't follow what happens then.
 * Next: `gate.ts` (one user), `checks.ts` (the checks).
 * Why a chart of its own: decision 23, docs/decisions/0023-the-password-gate-is-a-chart-of-its-own.md.
 */
import { assertEvent, createActor } from 'xstate';
import type { LimitName } from '../../machines/events.ts';
import {
  type PasswordGateEvent,
  type PasswordGateLimit,
  type PasswordGateReply,
  passwordGateMachine,
} from '../../machines/passwordGate.machine.ts';
import { type Limits, optionOf } from '../config/limits.ts';
import { connectionNotices, passwordGateReplies } from '../protocol/replies.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import { networkOf } from '../transport/address.ts';
import type { Connection } from '../transport/connection.ts';
import type { Check, PasswordChecks } from './checks.ts';
import { PasswordGate, type PasswordGateHost } from './gate.ts';
import type { PasswordHash } from './hash.ts';

export interface PasswordGatesOptions extends Pick<Limits, 'passwordTries' | 'idTimeoutMs' | 'maxLineBytes'> {
  log: Log;
  clock: Clock;
  /** False once the server takes nobody in any more. */
  isOpen(): boolean;
  /** True if it is not to come back when it has stopped. */
  endsForGood(): boolean;
  /** Called with each limit that a user has reached. */
  onLimit(limit: LimitName | PasswordGateLimit, address: string): void;
  /**
   * Starts the session of a user who said a right password. `timeLeftMs` is what is left of their time to give an id.
   */
  admit(connection: Connection, timeLeftMs: number): void;
  checks: PasswordChecks;
}

export class PasswordGates implements PasswordGateHost {
  readonly #options: PasswordGatesOptions;
  readonly #checks: PasswordChecks;
  #passwords: readonly PasswordHash[];
  /** By the id of the password gate's actor. */
  readonly #gates = new Map<string, PasswordGate>();
  readonly #machine: typeof passwordGateMachine;
  readonly clock: Clock;
  #lastGate = 0;

  constructor(passwords: readonly PasswordHash[], options: PasswordGatesOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.#checks = options.checks;
    this.#passwords = passwords;
    this.#machine = this.#connectGateMachine();
  }

  /** How many users are at the password gate. */
  get size(): number {
    return this.#gates.size;
  }

  /** Sets the right passwords for the checks that begin from now on. */
  renew(passwords: readonly PasswordHash[]): void {
    this.#passwords = passwords;
  }

  open(connection: Connection): void {
    const { clock, idTimeoutMs, passwordTries: maxTries, isOpen, log } = this.#options;
    const id = `d${++this.#lastGate}`;
    const input = { maxTries, idTimeoutMs, atMs: clock.now(), isServerClosing: !isOpen() };
    const actor = createActor(this.#machine, { id, input, clock });
    const gate = new PasswordGate(id, connection, this);
    this.#gates.set(id, gate);
    log.debug({ address: connection.remoteAddress }, 'password required');
    gate.start(actor);
  }

  /** Notifies all users here, and ends their connections. */
  stop(): void {
    for (const { actor } of [...this.#gates.values()]) actor?.send({ type: 'server.closing' });
  }

  // What password gates report (PasswordGateHost).

  limitReached(gate: PasswordGate, limit: LimitName): void {
    this.#noteLimit(gate, limit);
    gate.actor?.send({ type: 'limit.reached', limit });
  }

  /** Ends the connection of the user whom the error is about, and of no other. */
  failed(gate: PasswordGate, error: unknown): void {
    this.#options.log.error({ address: gate.connection.remoteAddress, err: error }, 'a password gate failed');
    if (gate.actor?.getSnapshot().status === 'active') gate.actor.send({ type: 'gate.failed' });
    // It is still there if its actor runs no more, or has failed at this.
    if (this.#gates.has(gate.id)) this.#release(gate);
  }

  /** Does what the chart of a gate would have done that has failed itself, or has let its user in. */
  #release(gate: PasswordGate): void {
    this.#remove(gate);
    gate.sayLast(connectionNotices.fault());
  }

  // What the chart's actions do.

  #connectGateMachine(): typeof passwordGateMachine {
    const of = ({ self }: { self: { id: string } }): PasswordGate => {
      const gate = this.#gates.get(self.id);
      if (gate === undefined) throw new Error(`No gate ${self.id}: an action ran after its end.`);
      return gate;
    };
    return passwordGateMachine.provide({
      actions: {
        say: (args, { reply }) => this.#say(of(args), reply, args.event),
        countLimit: (args, { limit }) => this.#noteLimit(of(args), limit),
        checkPassword: (args) => {
          assertEvent(args.event, 'line.received');
          this.#check(of(args), args.event.text);
        },
        admit: (args) => {
          assertEvent(args.event, 'password.right');
          this.#admit(of(args), args.event.name, args.context.timeLeftMs);
        },
        hangUp: (args) => {
          const gate = of(args);
          this.#remove(gate);
          gate.hangUp();
        },
      },
    }) as typeof passwordGateMachine;
  }

  #say(gate: PasswordGate, reply: PasswordGateReply, event: PasswordGateEvent): void {
    const { maxLineBytes, endsForGood } = this.#options;
    gate.show(passwordGateReplies[reply]({ event, endsForGood: endsForGood(), maxLineBytes }));
  }

  #check(gate: PasswordGate, password: string): void {
    const check: Check = {
      password,
      among: () => this.#passwords,
      address: networkOf(gate.connection.remoteAddress),
      verdict: (found: PasswordHash | undefined) => {
        if (gate.check !== check) return;
        gate.check = undefined;
        const wrong = { type: 'password.wrong', atMs: this.clock.now() } as const;
        gate.actor?.send(found === undefined ? wrong : { type: 'password.right', name: found.name });
      },
      failed: (error: unknown) => {
        if (gate.check === check) this.failed(gate, error);
      },
      refused: () => {
        if (gate.check === check) gate.actor?.send({ type: 'check.refused' });
      },
    };
    gate.check = check;
    this.#checks.add(check);
  }

  #admit(gate: PasswordGate, password: string, timeLeftMs: number): void {
    const { log, admit } = this.#options;
    const { connection } = gate;
    this.#remove(gate);
    log.info({ address: connection.remoteAddress, passwordName: password }, 'let in');
    // Later, so that no other actor runs within an action of this one.
    queueMicrotask(() => {
      try {
        gate.leaveRest();
        admit(connection, Math.max(0, timeLeftMs));
      } catch (error) {
        this.failed(gate, error);
        this.#release(gate);
      }
    });
  }

  #noteLimit(gate: PasswordGate, limit: LimitName | PasswordGateLimit): void {
    const address = gate.connection.remoteAddress;
    this.#options.log.warn({ address, limit, option: optionOf(limit) }, 'limit reached');
    this.#options.onLimit(limit, gate.connection.remoteAddress);
  }

  #remove(gate: PasswordGate): void {
    this.#gates.delete(gate.id);
    if (gate.check !== undefined) this.#checks.cancel(gate.check);
    gate.check = undefined;
  }
}
