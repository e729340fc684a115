/**
 * One user's connection and the chart that runs for it: what the user sends becomes the chart's events, one by one.
 *
 * Owns: the order of what was sent, when the next piece may be taken as far as every chart has it (not while a verdict is
 * out, not after the end), the prompts, and the end of the connection. Knows nothing of chats, passwords or sockets: a
 * session and a password gate each add what is theirs. Next: `lineQueue.ts`, `promptRenderer.ts`.
 */
import type { Actor, AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import type { LimitName, LineRefusal } from '../../machines/events.ts';
import type { Connection, ConnectionUser, Received } from '../transport/connection.ts';
import { type Input, LineQueue, type LineQueueOwner } from './lineQueue.ts';
import { PromptRenderer, type PromptState } from './promptRenderer.ts';

/** What a chart needs of its user's connection. */
export type ChartedConnection = Pick<Connection, 'attach' | 'write' | 'end' | 'pause' | 'resume'>;

/** A dialogue on its way to another process, as plain data. */
export interface DialogueState {
  /** The chart's snapshot, as XState persists it. */
  chart: unknown;
  held: readonly Received[];
  prompt: PromptState;
}

/** What every chart of a connection understands. */
type ConnectionEvent =
  | { type: 'line.received'; text: string; secret?: unknown }
  | { type: 'line.refused'; reason: LineRefusal }
  | { type: 'connection.closed' };

export abstract class ChartConnection<Machine extends AnyStateMachine> implements ConnectionUser, LineQueueOwner {
  readonly prompts: PromptRenderer;
  protected readonly lineQueue: LineQueue;
  readonly connection: ChartedConnection;
  #actor: Actor<Machine> | undefined;
  /** A verdict is out: what the user types has to wait. */
  protected isWaiting = true;
  /** What has to wait until `thaw`; undefined while nothing is frozen. */
  #whenThawed: (() => void)[] | undefined;
  /** Nothing the user sends is for this chart any more. */
  protected isOver = false;

  constructor(connection: ChartedConnection) {
    this.connection = connection;
    this.prompts = new PromptRenderer(connection);
    this.lineQueue = new LineQueue(this, connection);
  }

  /** Starts the dialogue; from now on the connection is heard. */
  start(actor: Actor<Machine>): void {
    this.#actor = actor;
    actor.subscribe(this);
    actor.start();
    this.connection.attach(this);
  }

  /** What another process needs to go on with this dialogue; the end of the input it sees for itself. */
  get dialogueState(): DialogueState {
    const held = this.lineQueue.held.filter((received) => received !== 'end');
    return { chart: this.#actor?.getPersistedSnapshot(), held, prompt: this.prompts.state };
  }

  /** Goes on where another process has stopped; `actor` is restored from the chart's snapshot. */
  resume(actor: Actor<Machine>, { held, prompt }: DialogueState): void {
    this.prompts.state = prompt;
    this.lineQueue.hold(held);
    this.start(actor);
  }

  /** The chart that runs for this user; undefined before `start`. */
  get actor(): Actor<Machine> | undefined {
    return this.#actor;
  }

  // What the connection says.

  receive(received: Received): void {
    if (!this.isOver) this.lineQueue.add(received);
  }

  limitReached(limit: LimitName): void {
    // Later: it may come while something is being written to this connection, or to the broadcast it is in.
    queueMicrotask(() => {
      if (this.#whenThawed !== undefined) this.#whenThawed.push(() => this.limitReached(limit));
      else if (!this.isOver) this.onLimit(limit);
    });
  }

  closed(): void {
    if (this.#whenThawed !== undefined) {
      this.#whenThawed.push(() => this.closed());
      return;
    }
    this.sendEnd();
    this.stopListening();
  }

  /** An error on this user's side, which another user's action may have caused. Costs this user the connection. */
  abstract failed(error: unknown): void;

  // What the actor reports. Methods, because two functions of its own would cost each connection 1.1 kB.

  /** The chart has taken an event. A verdict lets the lines go that waited for it. */
  next(snapshot: AnyMachineSnapshot): void {
    this.isWaiting = snapshot.status !== 'active' || snapshot.hasTag('waiting');
    if (!this.lineQueue.isEmpty) queueMicrotask(() => this.feed());
  }

  /** The chart itself has failed, and runs no more; nothing is done where somebody else hears of it, as the lobby does. */
  error(_error: unknown): void {}

  protected abstract onLimit(limit: LimitName): void;

  // When lines are taken (LineQueueOwner).

  abstract mayTake(input: Input): boolean;
  abstract take(input: Input): void;

  // What the chart's actions say.

  /** Sends what was said, then ends the connection. */
  hangUp(): void {
    this.stopListening();
    this.connection.end();
  }

  /** Says something that is not the chart's, and hangs up, even if writing fails. */
  sayLast(text: string): void {
    try {
      this.show(text);
    } catch {
      // Then the user reads nothing.
    }
    this.hangUp();
  }

  /** Shows what the dialogue says next. */
  show(text: string): void {
    this.prompts.show(text);
  }

  protected send(event: ConnectionEvent): void {
    (this.#actor as Actor<AnyStateMachine> | undefined)?.send(event);
  }

  protected sendEnd(): void {
    if (!this.isOver) this.send({ type: 'connection.closed' });
  }

  /** What is not taken yet never will be. */
  protected stopListening(): void {
    this.isOver = true;
    this.lineQueue.clear();
  }

  /** Gives what is not taken yet to somebody else, and goes on reading. */
  protected release(): Received[] {
    this.isOver = true;
    return this.lineQueue.release();
  }

  /** From now on nothing that comes changes anything, until `thaw`. */
  freeze(): void {
    this.#whenThawed ??= [];
    this.connection.pause();
  }

  thaw(): void {
    const waiting = this.#whenThawed;
    if (waiting === undefined) return;
    this.#whenThawed = undefined;
    if (this.lineQueue.isEmpty) this.connection.resume();
    for (const happen of waiting) happen();
    this.feed();
  }

  /** Takes what may be taken now. Nobody who could be told of an error has called. */
  protected feed(): void {
    try {
      if (!this.isOver && this.#whenThawed === undefined) this.lineQueue.feed();
    } catch (error) {
      this.failed(error);
    }
  }
}
