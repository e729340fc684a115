/**
 * One person at the password gate: between their connection and the actor of the password gate chart.
 *
 * Owns: when their next line may be taken, the prompt that stands, and the check of the password they have typed.
 * Decides nothing about what is said or how often they may try: the chart does. Next: `machines/passwordGate.machine.ts`,
 * `gates.ts` (what the chart's actions do).
 */
import type { Actor, SnapshotFrom } from 'xstate';
import type { LimitName } from '../../machines/events.ts';
import type { passwordGateMachine } from '../../machines/passwordGate.machine.ts';
import { type Input, LineQueue, type LineQueueOwner } from '../dialogue/lineQueue.ts';
import { PromptRenderer } from '../dialogue/promptRenderer.ts';
import type { Connection, ConnectionUser } from '../transport/connection.ts';
import type { LineRefusal } from '../transport/lineDecoder.ts';
import type { Check } from './checks.ts';

export type PasswordGateActor = Actor<typeof passwordGateMachine>;

/** Who has to hear of what goes wrong at a password gate, and of its end. */
export interface PasswordGateHost {
  failed(gate: PasswordGate, error: unknown): void;
  limitReached(gate: PasswordGate, limit: LimitName): void;
}

export class PasswordGate implements ConnectionUser, LineQueueOwner {
  readonly connection: Connection;
  readonly prompts: PromptRenderer;
  /** When the person came, on the clock. */
  readonly openedAt: number;
  /** Runs out with the time to give an id. */
  timer: unknown;
  /** The check of what was typed last, until its verdict is there. */
  check: Check | undefined;
  readonly #actor: PasswordGateActor;
  readonly #host: PasswordGateHost;
  readonly #lineQueue: LineQueue;
  #isWaiting = true;
  /** Nothing the person sends is for this password gate any more. */
  #isOver = false;

  constructor(connection: Connection, actor: PasswordGateActor, host: PasswordGateHost, openedAt: number) {
    this.connection = connection;
    this.prompts = new PromptRenderer(connection);
    this.openedAt = openedAt;
    this.#actor = actor;
    this.#host = host;
    this.#lineQueue = new LineQueue(this);
  }

  /** Begins to ask; from now on the connection is heard. */
  start(): void {
    this.#actor.subscribe({
      next: (snapshot) => this.#onTransition(snapshot),
      error: (error) => this.failed(error),
    });
    this.#actor.start();
    this.connection.attach(this);
  }

  get actor(): PasswordGateActor {
    return this.#actor;
  }

  // What the connection says.

  lines(text: string): void {
    if (!this.#isOver) this.#lineQueue.add({ lines: text });
  }

  refusedLine(reason: LineRefusal): void {
    if (!this.#isOver) this.#lineQueue.add({ refused: reason });
  }

  inputEnded(): void {
    if (!this.#isOver) this.#lineQueue.add('end');
  }

  limitReached(limit: LimitName): void {
    // Later: it may come while the connection is being written to.
    queueMicrotask(() => {
      if (!this.#isOver) this.#host.limitReached(this, limit);
    });
  }

  failed(error: unknown): void {
    this.#host.failed(this, error);
  }

  closed(): void {
    if (!this.#isOver) this.#actor.send({ type: 'connection.closed' });
  }

  // What the chart's actions say.

  /** Gives what was typed behind the password back to the connection, for whoever uses it next. */
  leaveRest(): void {
    this.#isOver = true;
    this.connection.leave(this.#lineQueue.release());
  }

  /** Sends what is said, then ends the connection. */
  hangUp(): void {
    this.#isOver = true;
    this.#lineQueue.clear();
    this.connection.end();
  }

  /** Says something that is not the chart's, and hangs up, even if writing fails. */
  sayLast(text: string): void {
    try {
      this.prompts.show(text);
    } catch {
      // Then they read nothing.
    }
    this.hangUp();
  }

  // When lines are taken (LineQueueOwner).

  mayTake(): boolean {
    return !this.#isWaiting && !this.#isOver;
  }

  take(input: Input): void {
    if (input === 'end') {
      this.#actor.send({ type: 'connection.closed' });
      return;
    }
    this.prompts.lineTyped();
    this.prompts.promptAnswered();
    if ('refused' in input) this.#actor.send({ type: 'line.refused', reason: input.refused });
    else this.#actor.send({ type: 'line.received', text: input.line });
  }

  pause(): void {
    this.connection.pause();
  }

  resume(): void {
    this.connection.resume();
  }

  /** A verdict lets the lines go that waited for it; the last one, to somebody else. */
  #onTransition(snapshot: SnapshotFrom<typeof passwordGateMachine>): void {
    this.#isWaiting = snapshot.hasTag('waiting') || snapshot.status !== 'active';
    if (!this.#lineQueue.isEmpty) queueMicrotask(() => this.#feed());
  }

  #feed(): void {
    try {
      if (!this.#isOver) this.#lineQueue.feed();
    } catch (error) {
      this.failed(error);
    }
  }
}
