/**
 * The checks of passwords: a few run at the same time, the others wait in a queue. Hashing is slow on purpose.
 *
 * Owns: how many are hashed at once, how many may wait, and which is next. The addresses take turns, so that users
 * of one address don't wait for all the tries of another. Whoever asks says with which hashes it is compared.
 * Next: `hash.ts`.
 */
import type { Limits } from '../config/limits.ts';
import { findPassword, type Hash, type PasswordHash } from './hash.ts';

export interface Check {
  /** The client's address. Checks of one address wait for each other; those of others come in between. */
  address: string;
  password: string;
  /** The hashes of the right passwords; asked when the check begins. */
  among(): readonly PasswordHash[];
  /** Called once, and later: with the password that was found, or undefined if it is wrong. Must not throw. */
  verdict(found: PasswordHash | undefined): void;
  /** Called instead of `verdict` after a bug of ours, or without memory. Must not throw. */
  failed(error: unknown): void;
  /** Called instead of `verdict` if too many checks wait, most of them from this address. Must not throw. */
  refused(): void;
}

export class PasswordChecks {
  readonly #limits: Pick<Limits, 'passwordChecks' | 'passwordQueue'>;
  readonly #hash: Hash | undefined;
  /** The checks that wait, by address. The first address is next; no set is empty. */
  readonly #waiting = new Map<string, Set<Check>>();
  #waitingCount = 0;
  #running = 0;

  /** Hashes with scrypt by default. */
  constructor(limits: Pick<Limits, 'passwordChecks' | 'passwordQueue'>, hash?: Hash | undefined) {
    this.#limits = limits;
    this.#hash = hash;
  }

  /** Starts a check, or lets it wait. Its verdict comes later; it is refused if too many checks wait. */
  add(check: Check): void {
    if (this.#running < this.#limits.passwordChecks) {
      void this.#run(check);
      return;
    }
    const own = this.#waiting.get(check.address)?.size ?? 0;
    if (this.#waitingCount >= this.#limits.passwordQueue && !this.#makeRoom(own + 1)) {
      check.refused();
      return;
    }
    const waiting = this.#waiting.get(check.address) ?? new Set();
    this.#waiting.set(check.address, waiting.add(check));
    this.#waitingCount++;
  }

  /** Takes a check that waits out of the queue. A check that runs can't be stopped. */
  cancel(check: Check): void {
    const waiting = this.#waiting.get(check.address);
    if (!waiting?.delete(check)) return;
    this.#waitingCount--;
    if (waiting.size === 0) this.#waiting.delete(check.address);
  }

  /** Refuses the last check of the address with the most that wait, if these are more than `size`. True if it did. */
  #makeRoom(size: number): boolean {
    let most: Set<Check> | undefined;
    for (const waiting of this.#waiting.values()) if (waiting.size > (most?.size ?? size)) most = waiting;
    const last = [...(most ?? [])].at(-1);
    if (last === undefined) return false;
    this.cancel(last);
    last.refused();
    return true;
  }

  /** Takes the next check out of the queue. The addresses take turns. */
  #takeNext(): Check | undefined {
    const [first] = this.#waiting;
    if (first === undefined) return undefined;
    const [address, waiting] = first;
    const [next] = waiting;
    if (next === undefined) return undefined;
    this.cancel(next);
    // The other checks of this address wait until all other addresses had their turn.
    this.#waiting.delete(address);
    if (waiting.size > 0) this.#waiting.set(address, waiting);
    return next;
  }

  async #run(check: Check): Promise<void> {
    this.#running++;
    try {
      check.verdict(await findPassword(check.password, check.among(), this.#hash));
    } catch (error) {
      check.failed(error);
    } finally {
      this.#running--;
      const next = this.#takeNext();
      if (next !== undefined) void this.#run(next);
    }
  }
}
