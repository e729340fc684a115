/**
 * What one user has done recently, as far as a limit or the operator asks for it: how many requests, and when lines came.
 *
 * Owns: the measuring. The lobby's chart decides what follows (`machines/lobby.machine.ts`). Knows nothing of charts.
 */
import type { Limits } from '../config/limits.ts';
import type { Clock } from '../runtime/clock.ts';
import { TokenBucket } from '../runtime/tokenBucket.ts';

export type UserActivityOptions = { clock: Clock } & Pick<Limits, 'requestsPerMinute'>;

/** What is known of a user, on its way to another process. */
export interface UserActivityState {
  /** How many requests may be made now; undefined for any number. */
  requestTokens: number | undefined;
  /** How long ago the connection came, and the user's last line. */
  openMs: number;
  silentMs: number;
}

export class UserActivity {
  readonly #clock: Clock;
  /** Says how many requests this user may make now; undefined if there is no limit. */
  readonly #requests: TokenBucket | undefined;
  /** When the connection came, and the user's last line, on the clock, in ms. */
  readonly openedAt: number;
  lastHeardAt: number;

  /** With `state` it goes on where another process has stopped. */
  constructor({ clock, requestsPerMinute }: UserActivityOptions, state?: UserActivityState) {
    this.#clock = clock;
    this.#requests =
      requestsPerMinute > 0
        ? new TokenBucket(requestsPerMinute / 60, requestsPerMinute, clock, state?.requestTokens)
        : undefined;
    this.openedAt = clock.now() - (state?.openMs ?? 0);
    this.lastHeardAt = clock.now() - (state?.silentMs ?? 0);
  }

  get state(): UserActivityState {
    const now = this.#clock.now();
    return { requestTokens: this.#requests?.tokens, openMs: now - this.openedAt, silentMs: now - this.lastHeardAt };
  }

  /** To be called when lines come. */
  heard(): void {
    this.lastHeardAt = this.#clock.now();
  }

  /** For how long this user has typed nothing. */
  get silentMs(): number {
    return this.#clock.now() - this.lastHeardAt;
  }

  requestMade(): void {
    this.#requests?.take(1);
  }

  /** How many requests this user may make now. */
  get requestsLeft(): number {
    return this.#requests?.left ?? Number.POSITIVE_INFINITY;
  }
}
