/**
 * The connection of a page that wants to see its own session's chart: text as everywhere, and beside it the chart's steps.
 *
 * Owns: the form in which they are sent, and what is left out for a page that reads slowly: steps, never states.
 * Next: `ownChart.ts`, `webSocketWire.ts`.
 */
import type { AnyActor } from 'xstate';
import { ChartConnection } from '../dialogue/chartConnection.ts';
import { Connection, type ConnectionOptions, type ConnectionUser } from '../transport/connection.ts';
import type { ChartStep, OwnCharts } from './ownChart.ts';
import type { WebSocketWire } from './webSocketWire.ts';

/** What the page gets, as JSON in a binary message; text messages are the dialogue. */
export interface ChartMessage {
  states: readonly string[];
  steps: readonly ChartStep[];
  /** True if there were steps before these that are not told. */
  isIncomplete: boolean;
}

export class PageConnection extends Connection {
  readonly #page: WebSocketWire;
  readonly #charts: OwnCharts;
  #actor: AnyActor | undefined;
  #states: readonly string[] = [];
  #isBehind = false;

  constructor(wire: WebSocketWire, options: ConnectionOptions, address: string, charts: OwnCharts) {
    super(wire, options, address);
    this.#page = wire;
    this.#charts = charts;
    wire.once('close', () => this.#charts.leave(this.#actor));
    wire.on('drain', () => {
      if (this.#isBehind) this.#send([]);
    });
  }

  override attach(user: ConnectionUser): void {
    this.#charts.leave(this.#actor);
    this.#actor = user instanceof ChartConnection ? (user.actor as AnyActor | undefined) : undefined;
    this.#charts.follow(this.#actor, (states, steps) => {
      this.#states = states;
      this.#send(steps);
    });
    super.attach(user);
  }

  override end(): void {
    this.#charts.finish(this.#actor);
    super.end();
  }

  #send(steps: readonly ChartStep[]): void {
    const message: ChartMessage = { states: this.#states, steps, isIncomplete: this.#isBehind };
    this.#isBehind = !this.#page.writeBeside(Buffer.from(JSON.stringify(message)));
  }
}
