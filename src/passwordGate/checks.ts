/**
 * The checks of passwords: a few run at the same time, the others wait in a queue. Hashing is slow on purpose.
 *
 * Owns: the right passwords, how many are hashed at once, and how many may wait. Next: `hash.ts`.
 */
import type { Limits } from '../config/limits.ts';
import { findPassword, type Hash, type PasswordHash } from './hash.ts';

export interface Check {
  password: string;
  /** Called once, and later: with the password that was found, or undefined if it is wrong. Must not throw. */
  verdict(found: PasswordHash | undefined): void;
  /** Called instead of `verdict` after a bug of ours, or without memory. Must not throw. */
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

  /** Sets the right passwords for the checks that begin from now on. */
  renew(passwords: readonly PasswordHash[]): void {
    this.#passwords = passwords;
  }

  /** Returns false if too many checks wait already; then there is no verdict. */
  add(check: Check): boolean {
    if (this.#running < this.#limits.passwordChecks) {
      void this.#run(check);
      return true;
    }
    if (this.#waiting.size >= this.#limits.passwordQueue) return false;
    this.#waiting.add(check);
    return true;
  }

  /** Takes a check that waits out of the queue. A check that runs can't be stopped. */
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
