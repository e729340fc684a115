/**
 * What a directory keeps in mind of earlier requests: how often somebody was asked within a minute, and whom they have
 * declined. It belongs to ids and addresses, so that to reconnect changes nothing.
 *
 * Owns: what is kept, for how long, and the most of it. Decides nothing: the pairing chart says what has to be kept, and what
 * follows from it. Knows nothing of sessions. Next: `memoryDirectory.ts`; the Lua of `../../cluster/asking.lua` does the same.
 */
/** How often somebody may be asked, and on which clock, in ms. */
export interface AskRules {
  /** 0 for no limit. */
  readonly askedPerMinute: number;
  readonly declineWaitMs: number;
  now(): number;
}

/** No limit: for those who test something else. */
export const noAskRules: AskRules = { askedPerMinute: 0, declineWaitMs: 0, now: () => 0 };

/** What is kept, as plain data: when a target was asked, and when whom they have declined. Times are negative: ms ago. */
export interface AskedBefore {
  asked: [target: string, times: number[]][];
  declined: [target: string, asker: string, at: number][];
}

const minuteMs = 60_000;
/** How long it is known who was declined. */
const memoryMs = 3_600_000;
/** So many targets, and so many of those who were declined, are kept; then the oldest is forgotten. Each takes some hundred bytes. */
const maxKept = 10_000;

export class RequestMemory {
  readonly #rules: AskRules;
  /** When each target was asked within the last minute, oldest first; targets in the order of their latest time. */
  readonly #asked = new Map<string, number[]>();
  /** When each target has declined each asker last, in that order. */
  readonly #declined = new Map<string, { target: string; asker: string; at: number }>();

  constructor(rules: AskRules, { asked, declined }: AskedBefore = { asked: [], declined: [] }) {
    this.#rules = rules;
    const now = rules.now();
    for (const [target, times] of asked)
      this.#asked.set(
        target,
        times.map((at) => now + at),
      );
    for (const [target, asker, at] of declined)
      this.#declined.set(keyOf(target, asker), { target, asker, at: now + at });
  }

  isAskedTooOften(target: string): boolean {
    const { askedPerMinute } = this.#rules;
    return askedPerMinute > 0 && this.#recent(target).length >= askedPerMinute;
  }

  /** True if the target has declined somebody who goes by one of these names, a moment ago. */
  isResting(target: string, names: readonly string[]): boolean {
    const { declineWaitMs, now } = this.#rules;
    return names.some((name) => now() - this.#declinedAt(target, name) < declineWaitMs);
  }

  hasDeclined(target: string, name: string): boolean {
    return this.#rules.now() - this.#declinedAt(target, name) < memoryMs;
  }

  noteAsked(target: string): void {
    const { askedPerMinute, now } = this.#rules;
    if (askedPerMinute === 0) return;
    const times = [...this.#recent(target), now()];
    this.#asked.delete(target);
    this.#asked.set(target, times);
    forgetFirst(this.#asked, ([, last]) => now() - (last.at(-1) as number) >= minuteMs);
  }

  noteDeclined(target: string, names: readonly string[]): void {
    const now = this.#rules.now();
    for (const asker of names) {
      const key = keyOf(target, asker);
      this.#declined.delete(key);
      this.#declined.set(key, { target, asker, at: now });
    }
    forgetFirst(this.#declined, ([, { at }]) => now - at >= memoryMs);
  }

  /** What would still change a decision. */
  snapshot(): AskedBefore {
    const now = this.#rules.now();
    const declined = [...this.#declined.values()].filter(({ target, asker }) => this.hasDeclined(target, asker));
    return {
      asked: [...this.#asked.keys()].flatMap((target) => {
        const times = this.#recent(target);
        return times.length > 0 ? [[target, times.map((at) => at - now)]] : [];
      }),
      declined: declined.map(({ target, asker, at }) => [target, asker, at - now]),
    };
  }

  #recent(target: string): number[] {
    const now = this.#rules.now();
    return (this.#asked.get(target) ?? []).filter((at) => now - at < minuteMs);
  }

  #declinedAt(target: string, name: string): number {
    return this.#declined.get(keyOf(target, name))?.at ?? Number.NEGATIVE_INFINITY;
  }
}

/** No id has a blank in it. */
function keyOf(target: string, asker: string): string {
  return `${target} ${asker}`;
}

/** Forgets the first entries, as long as they are over or there are too many. */
function forgetFirst<Value>(entries: Map<string, Value>, isOver: (entry: [string, Value]) => boolean): void {
  for (const entry of entries) {
    if (entries.size <= maxKept && !isOver(entry)) return;
    entries.delete(entry[0]);
  }
}
