/**
 * The checks of passwords, a few at the same time and the rest in a queue: hashing is slow on purpose.
 *
 * Owns: the passwords that open, how many are hashed at once, and how many may wait. Next: `hash.ts`.
 */
import type { Limits } from '../config/limits.ts';
import { findPassword, type Hash, type PasswordHash } from './hash.ts';

export interface Check {
  password: string;
  /** Comes once, and later; with the password it was, if it was one. Must not throw. */
  verdict(found: PasswordHash | undefined): void;
  /** Our own bug, or no memory, in the place of a verdict. Must not throw. */
  failed(error: unknown): void;
}

export class PasswordChecks {
  readonly #limits: Pick<Limits, 'passwordChecks' | 'passwordQueue'>;
  readonly #hash: Hash | undefined;
  readonly #waiting = new Set<Check>();
  #passwords: readonly PasswordHash[];
  #running = 0;

  constructor(
    passwords: readonly PasswordHash[],
    limits: Pick<Limits, 'passwordChecks' | 'passwordQueue'>,
    hash: Hash | undefined,
  ) {
    this.#passwords = passwords;
    this.#limits = limits;
    this.#hash = hash;
  }

  /** Checks that begin from now on go by these. */
  renew(passwords: readonly PasswordHash[]): void {
    this.#passwords = passwords;
  }

  /** False if too many wait already; then there is no verdict. */
  add(check: Check): boolean {
    if (this.#running < this.#limits.passwordChecks) {
      void this.#run(check);
      return true;
    }
    if (this.#waiting.size >= this.#limits.passwordQueue) return false;
    this.#waiting.add(check);
    return true;
  }

  /** Nobody wants the verdict any more: a check that waits is not made. One that runs can't be stopped. */
  cancel(check: Check): void {
    this.#waiting.delete(check);
  }

  async #run(check: Check): Promise<void> {
    this.#running++;
    try {
      check.verdict(await findPassword(check.password, this.#passwords, this.#hash));
    } catch (error) {
      check.failed(error);
    } finally {
      this.#running--;
      const [next] = this.#waiting;
      if (next !== undefined) {
        this.#waiting.delete(next);
        void this.#run(next);
      }
    }
  }
}
