/**
 * The quick way of lines in the exploration, in the place of `src/cluster/linePlaces.ts`.
 *
 * Owns: whether what is published arrives, arrives later than all else, or is lost without a word. Nothing arrives before
 * `carry` is called.
 */
import type { Lines } from '../../../src/cluster/redisDirectory.ts';

export class ModelLines {
  mode: 'open' | 'late' | 'lost' = 'open';
  readonly #readers = new Map<string, (text: string) => void>();
  #underWay: { to: string; text: string }[] = [];

  /** What a server sees of it. */
  of(node: string, read: (text: string) => void): Lines {
    this.#readers.set(node, read);
    return {
      ...{ own: 'model', isListening: true, start: () => {}, stop: () => {} },
      publish: (_, to, text) => {
        if (this.mode !== 'lost') this.#underWay.push({ to, text });
        return true;
      },
    };
  }

  /** The server is gone. */
  remove(node: string): void {
    this.#readers.delete(node);
  }

  get isLate(): boolean {
    return this.mode === 'late' && this.#underWay.length > 0;
  }

  /** Delivers what is under way. Returns true if there was anything. */
  carry(): boolean {
    if (this.mode === 'late') return false;
    const underWay = this.#underWay;
    this.#underWay = [];
    for (const { to, text } of underWay) this.#readers.get(to)?.(text);
    return underWay.length > 0;
  }
}
