/**
 * Everybody at the door: those who have connected to a server with a password, and have not been let in.
 *
 * Owns: their time limit and their end, and carries out the actions of `machines/passwordGate.machine.ts`. Whom it lets in it hands over with
 * what they have typed and the time they have left, and knows nothing of what happens then. Next: `gate.ts` (one person),
 * `checks.ts` (the checks).
 */
import { createActor } from 'xstate';
import type { LimitName } from '../../machines/events.ts';
import {
  type DoorEvent,
  type DoorLimit,
  type DoorReply,
  passwordGateMachine,
} from '../../machines/passwordGate.machine.ts';
import type { Limits } from '../config/limits.ts';
import { connectionNotices, doorReplies } from '../protocol/replies.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Log } from '../runtime/log.ts';
import type { Connection } from '../transport/connection.ts';
import { PasswordChecks } from './checks.ts';
import { Door, type DoorHost } from './gate.ts';
import type { Hash, PasswordHash } from './hash.ts';

export interface DoorkeeperOptions
  extends Pick<Limits, 'passwordTries' | 'passwordChecks' | 'passwordQueue' | 'idTimeoutMs' | 'maxLineBytes'> {
  log: Log;
  clock: Clock;
  /** Hears of each limit that somebody has reached. */
  onLimit(limit: LimitName | DoorLimit): void;
  /** Takes in whoever has said a password; `timeLeftMs` is what is left of the time to give an id. */
  letIn(connection: Connection, timeLeftMs: number): void;
  /** scrypt by default. */
  hash?: Hash | undefined;
}

export class Doorkeeper implements DoorHost {
  readonly #options: DoorkeeperOptions;
  readonly #checks: PasswordChecks;
  /** By the id of the door's actor. */
  readonly #doors = new Map<string, Door>();
  readonly #machine: typeof passwordGateMachine;
  #lastDoor = 0;
  #isStopping = false;

  constructor(passwords: readonly PasswordHash[], options: DoorkeeperOptions) {
    this.#options = options;
    this.#checks = new PasswordChecks(passwords, options, options.hash);
    this.#machine = this.#connectDoorMachine();
  }

  /** How many stand here. */
  get size(): number {
    return this.#doors.size;
  }

  /** Passwords that are tried from now on go by these. */
  renew(passwords: readonly PasswordHash[]): void {
    this.#checks.renew(passwords);
  }

  open(connection: Connection): void {
    if (this.#isStopping) {
      connection.write(connectionNotices.serverClosing());
      connection.end();
      return;
    }
    const { clock, idTimeoutMs, passwordTries, log } = this.#options;
    const id = `d${++this.#lastDoor}`;
    const actor = createActor(this.#machine, { id, input: { maxTries: passwordTries } });
    const door = new Door(connection, actor, this, clock.now());
    this.#doors.set(id, door);
    door.timer = clock.setTimeout(() => this.limitReached(door, 'idTimeout'), idTimeoutMs);
    log.debug({ address: connection.remoteAddress }, 'at the door');
    door.start();
  }

  /** Tells everybody, and ends their connections. */
  stop(): void {
    this.#isStopping = true;
    for (const { actor } of [...this.#doors.values()]) actor.send({ type: 'server.closing' });
  }

  // What doors say of themselves (DoorHost).

  limitReached(door: Door, limit: LimitName): void {
    this.#noteLimit(door, limit);
    door.actor.send({ type: 'limit.reached', limit });
  }

  /** Costs the person it is about the connection, and nobody else anything. */
  failed(door: Door, error: unknown): void {
    this.#options.log.error({ address: door.connection.remoteAddress, err: error }, 'a door failed');
    door.sayLast(connectionNotices.fault());
    if (door.actor.getSnapshot().status === 'active') door.actor.send({ type: 'connection.closed' });
    this.#remove(door);
  }

  // What the chart's actions do.

  #connectDoorMachine(): typeof passwordGateMachine {
    const of = ({ self }: { self: { id: string } }): Door => {
      const door = this.#doors.get(self.id);
      if (door === undefined) throw new Error(`No door ${self.id}: an action ran after its end.`);
      return door;
    };
    return passwordGateMachine.provide({
      actions: {
        say: (args, { reply }) => this.#say(of(args), reply, args.event),
        countLimit: (args, { limit }) => this.#noteLimit(of(args), limit),
        checkPassword: (args) => {
          if (args.event.type === 'line.received') this.#check(of(args), args.event.text);
        },
        letIn: (args) => this.#letIn(of(args), args.event.type === 'password.right' ? args.event.name : ''),
        hangUp: (args) => {
          const door = of(args);
          this.#remove(door);
          door.hangUp();
        },
      },
    }) as typeof passwordGateMachine;
  }

  #say(door: Door, reply: DoorReply, event: DoorEvent): void {
    door.screen.show(
      doorReplies[reply]({
        limit: event.type === 'limit.reached' ? event.limit : 'idTimeout',
        refusal: event.type === 'line.refused' ? event.reason : 'lineNotUtf8',
        maxLineBytes: this.#options.maxLineBytes,
      }),
    );
  }

  #check(door: Door, password: string): void {
    const check = {
      password,
      verdict: (found: PasswordHash | undefined) => {
        if (door.check !== check) return;
        door.check = undefined;
        door.actor.send(
          found === undefined ? { type: 'password.wrong' } : { type: 'password.right', name: found.name },
        );
      },
      failed: (error: unknown) => {
        if (door.check === check) this.failed(door, error);
      },
    };
    door.check = check;
    if (!this.#checks.add(check)) door.actor.send({ type: 'check.refused' });
  }

  #letIn(door: Door, password: string): void {
    const { clock, idTimeoutMs, log, letIn } = this.#options;
    const { connection, openedAt } = door;
    this.#remove(door);
    log.info({ address: connection.remoteAddress, passwordName: password }, 'let in');
    // Later, so that no other actor runs within an action of this one.
    queueMicrotask(() => {
      try {
        door.leaveRest();
        letIn(connection, Math.max(0, openedAt + idTimeoutMs - clock.now()));
      } catch (error) {
        this.failed(door, error);
      }
    });
  }

  #noteLimit(door: Door, limit: LimitName | DoorLimit): void {
    this.#options.log.warn({ address: door.connection.remoteAddress, limit }, 'limit reached');
    this.#options.onLimit(limit);
  }

  #remove(door: Door): void {
    this.#options.clock.clearTimeout(door.timer);
    this.#doors.delete(door.actor.id);
    if (door.check !== undefined) this.#checks.cancel(door.check);
    door.check = undefined;
  }
}
