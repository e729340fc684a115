/**
 * The clocks of the sessions: the time to give an id, to type something, to answer.
 *
 * Owns: which of them run. Decides nothing: `machines/lobby.machine.ts` says when one starts and stops, how long it runs,
 * and what the lobby hears when its time is over. XState could run them too, and does where the chart runs alone. But at
 * the end of each actor it looks through every clock that any actor has: with 10,000 sessions that wait for an id, the end
 * of one costs twenty times as much.
 */
import type { SessionId } from '../../machines/events.ts';
import { clockId, type LobbyEvent, type LobbyInput, sessionClocks, sessionOf } from '../../machines/lobby.machine.ts';
import type { Clock } from '../runtime/clock.ts';

type ClockName = keyof typeof sessionClocks;
type Action = (args: { event: LobbyEvent; context: LobbyInput }) => void;

export class SessionClocks {
  readonly #clock: Clock;
  readonly #send: (event: LobbyEvent) => void;
  readonly #running = new Map<string, { timer: unknown; dueAt: number }>();

  /** `send` sends an event to the lobby. */
  constructor(clock: Clock, send: (event: LobbyEvent) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** What the lobby chart's actions that start and stop a clock do. */
  get actions(): Record<
    'startIdClock' | 'startIdleClock' | 'startRequestClock' | 'startAwayClock' | 'startTakeClock',
    Action
  > &
    Record<'stopIdClock' | 'stopRequestClock' | 'stopClocks', Action> {
    return {
      ...{ startIdClock: this.#starting('id'), stopIdClock: this.#stopping('id') },
      ...{ startRequestClock: this.#starting('request'), stopRequestClock: this.#stopping('request') },
      ...{ startIdleClock: this.#starting('idle'), startAwayClock: this.#starting('away') },
      startTakeClock: this.#starting('take'),
      stopClocks: ({ event }) => this.forget(sessionOf(event)),
    };
  }

  /** How long the session has to give an id, or to wait for an answer; undefined if neither of these clocks runs. */
  leftMs(session: SessionId): number | undefined {
    const event: LobbyEvent = { type: 'id.timedOut', session };
    const clock = this.#running.get(clockId('id', event)) ?? this.#running.get(clockId('request', event));
    return clock && clock.dueAt - this.#clock.now();
  }

  /** The session has ended, or another process goes on with it. */
  forget(session: SessionId): void {
    for (const name of Object.keys(sessionClocks) as ClockName[]) {
      this.#stop(clockId(name, { type: 'id.timedOut', session }));
    }
  }

  #starting(name: ClockName): Action {
    return ({ event, context }) => {
      const { later, delayMs } = sessionClocks[name](event, context);
      const id = clockId(name, event);
      const timer = this.#clock.setTimeout(() => {
        this.#running.delete(id);
        this.#send(later);
      }, delayMs);
      this.#running.set(id, { timer, dueAt: this.#clock.now() + delayMs });
    };
  }

  #stopping(name: ClockName): Action {
    return ({ event }) => {
      this.#stop(clockId(name, event));
    };
  }

  #stop(id: string): void {
    const clock = this.#running.get(id);
    if (this.#running.delete(id)) this.#clock.clearTimeout(clock?.timer);
  }
}
