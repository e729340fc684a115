/**
 * What the directory has said to sessions that have lines from before to read first.
 *
 * Owns: which sessions wait, for which message, and what they are told then, in order. Next: `lineFlows.ts`.
 */

/** An update waits so long at most: then lines are missing. Twice as long as it takes to send them again. */
const maxWaitMs = 3000;

interface Waiting {
  readonly from: string;
  readonly number: number;
  readonly sinceMs: number;
  readonly updates: (() => void)[];
}

export class WaitingUpdates {
  readonly #waiting = new Map<string, Waiting>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** From now on what this session is told waits for the message with this number from that node. */
  hold(session: string, from: string, number: number, nowMs: number): void {
    const updates = this.#waiting.get(session)?.updates ?? [];
    this.#waiting.set(session, { from, number, sinceMs: nowMs, updates });
  }

  /** Tells a session something, behind the lines that come before it. */
  inOrder(session: string, tell: () => void): void {
    const waiting = this.#waiting.get(session);
    if (waiting === undefined) tell();
    else waiting.updates.push(tell);
  }

  /** This node's messages were read up to this one. */
  read(node: string, upTo: number): void {
    this.#release(({ from, number }) => from === node && upTo >= number);
  }

  /** Nothing will come from this node. */
  gone(node: string): void {
    this.#release(({ from }) => from === node);
  }

  /** All is told now, and each session before that lines are missing. */
  releaseAll(isMissing: (session: string) => void): void {
    this.releaseLate(Number.POSITIVE_INFINITY, isMissing);
  }

  releaseFor(session: string): void {
    this.#release((_, waiter) => waiter === session);
  }

  /** Releases those who have waited too long. Each is told before that lines are missing. */
  releaseLate(nowMs: number, isMissing: (session: string) => void): void {
    this.#release(({ sinceMs }, session) => {
      const isDue = nowMs - sinceMs >= maxWaitMs;
      if (isDue) isMissing(session);
      return isDue;
    });
  }

  forget(session: string): void {
    this.#waiting.delete(session);
  }

  clear(): void {
    this.#waiting.clear();
  }

  #release(isDue: (waiting: Waiting, session: string) => boolean): void {
    for (const [session, waiting] of this.#waiting) {
      if (!isDue(waiting, session)) continue;
      this.#waiting.delete(session);
      for (const tell of waiting.updates) tell();
    }
  }
}
