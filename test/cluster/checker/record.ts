/**
 * What the users of one run have seen together, and what of it must not be.
 *
 * Owns: who owns which id, as users read it; what is counted; and what was found. Knows nothing of what is read and typed.
 * Next: `randomUser.ts`.
 */

/**
 * - owners: an id with two owners for longer than a lease has to spare
 * - stuck: a user who gets no answer while all others are at rest
 * - wrong: a line or a chat of others
 * - twice: a line that was read before
 * - order: a line that was said before one that was read
 * - gap: a line is missing, and nobody said so
 * - ghost: an id that nobody has, or no row for one that somebody has
 * - lost: a user who was disconnected where nobody should be
 * - broken: the run itself failed
 */
export type Kind = 'owners' | 'stuck' | 'wrong' | 'twice' | 'order' | 'gap' | 'ghost' | 'lost' | 'broken';

export interface Violation {
  readonly kind: Kind;
  readonly what: string;
}

export interface Counts {
  claims: number;
  granted: number;
  chats: number;
  chatLines: number;
  roomLines: number;
  disconnected: number;
}

export function noCounts(): Counts {
  return { claims: 0, granted: 0, chats: 0, chatLines: 0, roomLines: 0, disconnected: 0 };
}

interface Owner {
  readonly name: string;
  /** The process of this user's server stands still. */
  readonly isFrozen: boolean;
}

interface Overlap {
  readonly both: readonly Owner[];
  readonly beganAtMs: number;
}

/** As much later than it should, an owner may have read that it is none any more. */
const spareMs = 300;
const pulseMs = 20;

export class Record {
  readonly violations: Violation[] = [];
  readonly counts: Counts = noCounts();
  /** Connections so far: each has a number of its own. */
  visits = 0;
  readonly #owners = new Map<string, Set<Owner>>();
  readonly #overlaps = new Set<Overlap>();
  /** For so long at most, nothing could be read here, because this process had no processor. */
  longestStallMs = 0;
  readonly #pulse: NodeJS.Timeout;

  constructor() {
    let beatAtMs = performance.now();
    this.#pulse = setInterval(() => {
      const now = performance.now();
      this.longestStallMs = Math.max(this.longestStallMs, now - beatAtMs - pulseMs);
      beatAtMs = now;
    }, pulseMs);
  }

  find(kind: Kind, what: string): void {
    this.violations.push({ kind, what });
  }

  owns(user: Owner): void {
    this.counts.granted++;
    const owners = this.#owners.get(user.name) ?? new Set();
    for (const other of owners) {
      // Who is frozen can't read that the id is gone.
      if (!other.isFrozen) this.#overlaps.add({ both: [other, user], beganAtMs: performance.now() });
    }
    this.#owners.set(user.name, owners.add(user));
  }

  ownsNoMore(user: Owner): void {
    this.#owners.get(user.name)?.delete(user);
    for (const overlap of [...this.#overlaps]) if (overlap.both.includes(user)) this.#end(overlap);
  }

  /** All users are at rest: these are the ids that the directory knows. */
  finish(known: readonly string[]): void {
    clearInterval(this.#pulse);
    for (const overlap of [...this.#overlaps]) this.#end(overlap);
    const owned = new Set([...this.#owners].filter(([, { size }]) => size > 0).map(([name]) => name));
    for (const name of known) if (!owned.delete(name)) this.find('ghost', `${name} is in the directory only`);
    for (const name of owned) this.find('ghost', `${name} is not in the directory`);
  }

  #end(overlap: Overlap): void {
    this.#overlaps.delete(overlap);
    const forMs = performance.now() - overlap.beganAtMs;
    if (forMs <= spareMs + this.longestStallMs) return;
    this.find('owners', `${overlap.both[0]?.name} had two owners for ${Math.round(forMs)} ms`);
  }
}
