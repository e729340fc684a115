/**
 * What became of the latest attempt to call the directory: refused or not, and, while a call is under way, nobody knows.
 *
 * Owns: that an answer waits until it is known. A call under way may be carried out, so who is asked meanwhile must not
 * say that the directory is down. Knows nothing of connections. Next: `clusterMembership.ts`, `peers.ts` (who asks).
 */
export class Attempt {
  #isRefused = false;
  #isUnderWay = false;
  #waiting: (() => void)[] = [];

  /** A call is sent, or may be from now on. */
  begin(): void {
    this.#isUnderWay = true;
  }

  /** It is known what became of it. */
  end(isRefused: boolean): void {
    this.#isUnderWay = false;
    this.#isRefused = isRefused;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Resolves with true if the latest attempt was refused. Whoever asks has a time limit. */
  async isRefused(): Promise<boolean> {
    if (this.#isUnderWay) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.#isRefused;
  }
}
