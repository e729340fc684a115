/**
 * A user at the server, in the user's verbs.
 *
 * Owns: what one user types and reads, and how they leave. Knows nothing of the server's inside.
 * Next: `transcript.ts` (reading), `gathering.ts` (several users).
 */
import { once } from 'node:events';
import { connect as openSocket, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { Transcript } from './transcript.ts';
import { idPrompt, lineNotUtf8, menu } from './wireTexts.ts';

export class User extends Transcript {
  readonly #stream: Duplex;

  /** The user's end is a socket, or the input and output of a program that has one. */
  constructor(stream: Duplex) {
    super(stream, 'a stranger');
    this.#stream = stream;
  }

  /** Sends exactly these bytes, in one write. */
  send(bytes: string | readonly number[]): void {
    const buffer = Buffer.from(bytes as string);
    this.noteSaid(buffer);
    this.#stream.write(buffer);
  }

  /** Sends a line. */
  say(text: string): void {
    this.send(`${text}\n`);
  }

  /** Answers the first prompt, and reads the menu. */
  async identify(id: string): Promise<void> {
    this.name = id;
    await this.expect(idPrompt);
    this.say(id);
    await this.expect(menu);
  }

  choose(option: number): void {
    this.say(String(option));
  }

  accept(): void {
    this.say('y');
  }

  decline(): void {
    this.say('n');
  }

  /**
   * Proves that nothing came in between, without waiting: a line that is no text gets an answer in every state and
   * changes nothing, so everything that was sent before it has to be read first. `prompt` is the open one.
   */
  async expectSilence(prompt = ''): Promise<void> {
    this.send([0xff, 0x0a]);
    await this.expect(`${lineNotUtf8}${prompt}`);
  }

  /** Reads everything that was sent up to now, and the open prompt. */
  async settle(): Promise<{ read: string; prompt: string }> {
    this.send([0xff, 0x0a]);
    const read = await this.readThrough(lineNotUtf8);
    return { read: read.slice(0, -lineNotUtf8.length), prompt: this.takeUnread() };
  }

  /** Sends a FIN, and goes on reading. */
  halfClose(): void {
    this.#stream.end();
  }

  /** Sends a FIN, and reads nothing any more. */
  hangUp(): void {
    this.#socket.destroySoon();
  }

  /** Sends an RST. */
  resetConnection(): void {
    this.#socket.resetAndDestroy();
  }

  get #socket(): Socket {
    if (this.#stream instanceof Socket) return this.#stream;
    throw new Error(`${this.name} sits at a program and has no socket of their own.`);
  }
}

/**
 * Opens a connection to the server; it is closed when the test ends. With `keepsOpen` a FIN of the server gets no FIN
 * back.
 */
export async function connect(server: { port: number }, { keepsOpen = false } = {}): Promise<User> {
  const socket = openSocket({ port: server.port, host: '127.0.0.1', noDelay: true, allowHalfOpen: keepsOpen });
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  return new User(socket);
}
