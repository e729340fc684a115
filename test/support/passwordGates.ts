/**
 * Servers with a password gate, and users at it.
 *
 * Owns: password files for tests, with hashes that cost nothing, and a hash that takes as long as the test says.
 */
import { createHash, scryptSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hash } from '../../src/passwordGate/hash.ts';
import { temporaryFolder } from './temporaryFolder.ts';

/** Returns the line of a password whose hash costs nothing. */
export function cheapLine(password: string, name = ''): string {
  const salt = createHash('sha256').update(password).digest().subarray(0, 8);
  const hash = scryptSync(password, salt, 16, { N: 2, r: 1, p: 1 });
  const text = [salt, hash].map((bytes) => bytes.toString('base64').replace(/=+$/, '')).join('$');
  return `$scrypt$ln=1,r=1,p=1$${text} ${name}`.trimEnd();
}

/** Returns a file with these passwords, without names. */
export function passwordFile(...passwords: string[]): string {
  const file = join(temporaryFolder(), 'passwords');
  writeFileSync(file, passwords.map((password) => `${cheapLine(password)}\n`).join(''), { mode: 0o600 });
  return file;
}

/** Returns a file of names that stay, each with its own id as password if no other is said. */
export function nameFile(...names: (string | [id: string, password: string])[]): string {
  const file = join(temporaryFolder(), 'names');
  writeNames(file, ...names);
  return file;
}

export function writeNames(file: string, ...names: (string | [id: string, password: string])[]): void {
  const lines = names.map((name) => (typeof name === 'string' ? ([name, name] as const) : name));
  writeFileSync(file, lines.map(([id, password]) => `${id}:${cheapLine(password)}\n`).join(''), { mode: 0o600 });
}

/** Hashes that wait until the test lets them go. The test says which password is right. */
export class SlowHash {
  /** How many hashes were under way at the same time, at most. */
  most = 0;
  /** Passwords in the order in which their hashing began. */
  readonly begun: string[] = [];
  readonly #underWay: { settle(isRight: boolean): void; fail(error: unknown): void }[] = [];

  readonly hash: Hash = (password, { hash }) =>
    new Promise((resolve, reject) => {
      this.begun.push(password);
      const settle = (isRight: boolean): void => resolve(isRight ? hash : Buffer.alloc(hash.length));
      this.#underWay.push({ settle, fail: reject });
      this.most = Math.max(this.most, this.#underWay.length);
    });

  get underWay(): number {
    return this.#underWay.length;
  }

  /** Lets the oldest hash go. */
  settle(isRight: boolean): void {
    this.#underWay.shift()?.settle(isRight);
  }

  fail(error: unknown): void {
    this.#underWay.shift()?.fail(error);
  }
}
