/**
 * The one fake of a connection: what a user types arrives at once, and what they read is kept.
 *
 * Owns: both ends of a connection without a socket, the user's and the session's. It keeps the promises of
 * `src/transport/connection.ts`: no line after its end, no text after its end, `closed` once. Must not know the lobby.
 * Next: `memory.ts` (a lobby of such users), `../random/memorySocket.ts` (the real connection on a fake socket).
 */
import type { SessionConnection } from '../../src/chat/session.ts';
import type { ConnectionUser } from '../../src/transport/connection.ts';
import type { LineRefusal } from '../../src/transport/lineDecoder.ts';

export class FakeConnection implements SessionConnection {
  remoteAddress = 'memory';
  /** Everything that was ever written to it. */
  written = '';
  /** True once either side has ended it. */
  isEnded = false;
  /** True once the server has ended it, also if the user has hung up before. */
  isEndedByServer = false;
  isPaused = false;
  /** True if so much waits to be read that its senders have to wait. */
  needsDrain = false;
  #onceDrained: (() => void)[] = [];
  #unread = '';
  #user: ConnectionUser | undefined;
  #failingWrites = 0;
  /** Called with each text at once. */
  onWrite: (text: string) => void = () => {};
  /** Called when the server ends the connection, at once. */
  onEnd: () => void = () => {};

  /** Sends lines in one piece. */
  type(...lines: string[]): void {
    if (this.isEnded) return;
    for (const line of lines) this.#user?.receive({ lines: line });
  }

  /** Sends a line that the framing refuses, and in the same piece the lines behind it, even if it ends the connection. */
  typeRefused(reason: LineRefusal, ...behind: string[]): void {
    if (this.isEnded) return;
    this.#user?.receive({ refused: reason });
    for (const line of behind) this.#user?.receive({ lines: line });
  }

  /** Returns all text since the last call. */
  read(): string {
    const text = this.#unread;
    this.#unread = '';
    return text;
  }

  /** Ends the input and reads on. */
  halfClose(): void {
    if (!this.isEnded) this.#user?.receive('end');
  }

  hangUp(): void {
    this.isEnded = true;
    const user = this.#user;
    this.#user = undefined;
    user?.closed();
  }

  /** Makes the next `count` writes throw, as a bug on the way to this user would. */
  failNextWrites(count: number): void {
    this.#failingWrites = count;
  }

  /** Reads what has waited. */
  drain(): void {
    this.needsDrain = false;
    for (const callback of this.#onceDrained.splice(0)) callback();
  }

  /** Reports a limit: the user has sent too much, or has left too much unread. */
  reachLimit(limit: Parameters<ConnectionUser['limitReached']>[0]): void {
    this.#user?.limitReached(limit);
  }

  // The session's end.

  attach(user: ConnectionUser): void {
    this.#user = user;
  }

  write(text: string): void {
    if (this.#failingWrites > 0) {
      this.#failingWrites--;
      throw new Error('This connection is broken.');
    }
    if (this.isEnded) return;
    this.written += text;
    this.#unread += text;
    this.onWrite(text);
  }

  end(): void {
    this.isEndedByServer = true;
    if (this.isEnded) return;
    this.isEnded = true;
    this.onEnd();
  }

  onceDrained(callback: () => void): void {
    this.#onceDrained.push(callback);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }
}
