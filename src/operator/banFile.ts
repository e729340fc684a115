/**
 * The file of `--bans`: the operator's bans, across a restart.
 *
 * Owns: its form, and that it is always whole: a new one is written beside it and takes its place. Next: `banList.ts`.
 */
import { readFileSync } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import type { Ban } from '../../machines/operatorActs.ts';
import { readSetupFile, SetupError } from '../runtime/operatorError.ts';
import { isBan } from './banList.ts';

/** Of the file's form. */
const version = 1;

export class BanFile {
  readonly #path: string;
  /** Writes are one behind the other. */
  #written: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** Returns what was written before; nothing if there is no file yet. Throws a `SetupError` if it holds something else. */
  read(): Ban[] {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      text = readSetupFile(this.#path);
    }
    try {
      const { version: found, bans } = JSON.parse(text) as { version?: unknown; bans?: unknown };
      if (found === version && Array.isArray(bans) && bans.every(isBan)) return bans;
    } catch {
      // It is no JSON.
    }
    throw new SetupError(`${this.#path}: this is no list of bans of statechat. To begin a new one, move it away.`);
  }

  /** Resolves when the file holds them, on the disk. Rejects with the system's error; then it holds what it held before. */
  write(bans: readonly Ban[]): Promise<void> {
    const written = this.#written.then(() => this.#replace(`${JSON.stringify({ version, bans }, undefined, 1)}\n`));
    this.#written = written.catch(() => {});
    return written;
  }

  async #replace(text: string): Promise<void> {
    // Several workers may have the same file.
    const fresh = `${this.#path}.${process.pid}`;
    try {
      const file = await open(fresh, 'w', 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(fresh, this.#path);
    } catch (error) {
      await unlink(fresh).catch(() => {});
      throw error;
    }
  }
}
