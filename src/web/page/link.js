/**
 * The WebSocket to the server, which comes back by itself when it is lost.
 *
 * Owns: when it is tried again. Knows nothing of what is said. Next: `main.js`.
 *
 * @import { ChartMessage } from '../pageConnection.ts'
 * @typedef {object} LinkUser
 * @property {() => void} opened
 * @property {(text: string) => void} heard
 * @property {(message: ChartMessage) => void} moved the own chart has taken steps
 * @property {(code: number) => number} closed returns how long to wait at most before it is tried again, in ms; 0: never
 * @property {(seconds: number) => void} waiting
 */

/** Before the first try, in ms; a different part of it for each page, so that they don't come all at once. */
const firstWaitMs = 1_000;

export class Link {
  #user;
  /** @type {WebSocket | undefined} */
  #socket;
  #waitMs = firstWaitMs;
  #timer = 0;

  /** @param {LinkUser} user */
  constructor(user) {
    this.#user = user;
    // A network that comes back is worth a try at once.
    addEventListener('online', () => {
      if (this.#timer !== 0) this.open();
    });
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  open() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    const socket = new WebSocket(`${location.origin.replace('http', 'ws')}/dialogue`, 'statechat.chart');
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.addEventListener('open', () => {
      this.#waitMs = firstWaitMs;
      this.#user.opened();
    });
    socket.addEventListener('message', ({ data }) => {
      if (typeof data === 'string') this.#user.heard(data);
      else this.#user.moved(JSON.parse(new TextDecoder().decode(data)));
    });
    socket.addEventListener('close', ({ code }) => {
      const mostMs = this.#user.closed(code);
      if (mostMs > 0) this.#wait(mostMs);
    });
  }

  /** @param {string} line */
  send(line) {
    this.#socket?.send(line);
  }

  /** @param {number} mostMs */
  #wait(mostMs) {
    const ms = this.#waitMs * (0.75 + Math.random() / 2);
    this.#waitMs = Math.min(2 * this.#waitMs, mostMs);
    this.#user.waiting(Math.ceil(ms / 1000));
    this.#timer = window.setTimeout(() => this.open(), ms);
  }
}
