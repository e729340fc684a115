/**
 * Which ids have a password, and whether one that was typed, or a certificate that was shown, is right.
 *
 * Owns: the names that stay, as the file says them at the moment. The checks stand in the same queue as those at the password
 * gate. Knows nothing of who has an id: the directory does. Next: `nameFile.ts`, `checks.ts`.
 * Why in the dialogue: decision 43, docs/decisions/0043-a-name-that-stays-is-proved-in-the-dialogue.md.
 */
import { networkOf } from '../transport/address.ts';
import type { Check, PasswordChecks } from './checks.ts';
import { type Name, type NameTable, normalFingerprint } from './nameFile.ts';

/** A password for an id, and where it comes from. */
export interface NameProof {
  id: string;
  password: string;
  address: string;
}

/** One of them is called, once and later. None of them may throw. */
export interface NameVerdict {
  right(): void;
  wrong(): void;
  /** Too many passwords wait for their check. */
  refused(): void;
  /** After a bug of ours, or without memory. */
  failed(error: unknown): void;
}

export class NameProofs {
  readonly #checks: PasswordChecks;
  #names: Map<string, Name>;

  constructor(names: NameTable, checks: PasswordChecks) {
    this.#names = new Map(names);
    this.#checks = checks;
  }

  /** From now on these are the names. Who types the password of a line that has changed meanwhile types a wrong one. */
  renew(names: NameTable): void {
    const unchanged = (id: string, name: Name): Name => {
      const former = this.#names.get(id);
      return former !== undefined && former.line === name.line ? { ...name, hash: former.hash } : name;
    };
    this.#names = new Map([...names].map(([id, name]) => [id, unchanged(id, name)]));
  }

  needsProof(id: string): boolean {
    return this.#names.size > 0 && this.#names.has(id.toLowerCase());
  }

  isCertified(id: string, certificate: string): boolean {
    return this.#names.get(id.toLowerCase())?.certificates.has(normalFingerprint(certificate)) === true;
  }

  /** Returns what cancels the check: then none of the verdicts is called. */
  check({ id, password, address }: NameProof, verdict: NameVerdict): () => void {
    const key = id.toLowerCase();
    let isWanted = true;
    const once = (tell: () => void): void => {
      if (isWanted) tell();
      isWanted = false;
    };
    const hashes = () => [this.#names.get(key)?.hash ?? []].flat();
    const check: Check = {
      ...{ address: networkOf(address), password, among: hashes },
      // The line may have gone or changed while the password was hashed.
      verdict: (found) =>
        once(() => (found !== undefined && hashes().includes(found) ? verdict.right() : verdict.wrong())),
      refused: () => once(() => verdict.refused()),
      failed: (error) => once(() => verdict.failed(error)),
    };
    this.#checks.add(check);
    return () => {
      isWanted = false;
      this.#checks.cancel(check);
    };
  }
}
