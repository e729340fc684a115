/** Clients that connect, read the greeting, hang up, and begin again, until they are told to stop. */
import { once } from 'node:events';
import { connect as openSocket } from 'node:net';

const atOnce = 4;

export class Newcomers {
  greeted = 0;
  /** Why connections failed. */
  readonly refused: string[] = [];
  #isOver = false;
  readonly #ended: Promise<unknown>;

  constructor(port: number) {
    this.#ended = Promise.all(Array.from({ length: atOnce }, () => this.#keepComing(port)));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#ended;
  }

  async #keepComing(port: number): Promise<void> {
    while (!this.#isOver) {
      const socket = openSocket(port, '127.0.0.1');
      socket.on('error', (error) => this.refused.push(error.message));
      socket.once('data', () => {
        this.greeted++;
        socket.end();
      });
      await once(socket, 'close').catch(() => {});
    }
  }
}
