/**
 * A connection to Redis that only publishes, and whose commands get no replies (CLIENT REPLY OFF).
 *
 * Owns: the few commands of Redis' protocol that this takes, and a sign of life now and then. A reply for each line
 * costs both sides more than the line does. `@redis/client` can't leave out replies: it counts them.
 * Knows nothing of what is published. Next: `linePlaces.ts`.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { RedisAddress, RedisPlace } from '../runtime/redisAddress.ts';

/** Who does not reply for so long is gone. */
const replyTimeoutMs = 2000;
/** A sign of life is asked for so often. */
const aliveEveryMs = 1000;
/** What Redis says here is short. */
const maxReplyCodeUnits = 1000;

export class QuietPublisher {
  readonly #socket: Socket;
  readonly #ended: (reason: string) => void;
  #isReady = false;
  #isOver = false;
  #replies = '';
  #timer: NodeJS.Timeout;

  /**
   * Either `ready` is called and perhaps `ended` later, or `ended` at once. `channel` is one on which nobody listens: is
   * publishing allowed?
   */
  constructor(
    address: RedisAddress,
    place: RedisPlace,
    channel: string,
    ready: () => void,
    ended: (reason: string) => void,
  ) {
    this.#ended = ended;
    this.#socket = open(address, place);
    this.#timer = setTimeout(() => this.#end('no answer'), replyTimeoutMs).unref();
    const { username = 'default', password } = address;
    if (password !== undefined) this.#write('AUTH', username, password.reveal());
    this.#write('SPUBLISH', channel, '');
    this.#write('PING');
    this.#socket
      .setEncoding('latin1')
      .on('data', (text) => this.#read(String(text), ready))
      .on('error', (error: NodeJS.ErrnoException) => this.#end(error.message || (error.code ?? '')))
      .on('close', () => this.#end('closed'));
  }

  /** False if the connection is not open. */
  publish(channel: string, text: string): boolean {
    if (this.#isReady) this.#write('SPUBLISH', channel, text);
    return this.#isReady;
  }

  close(): void {
    this.#isOver = true;
    this.#isReady = false;
    clearTimeout(this.#timer);
    this.#socket.destroy();
  }

  #write(...words: string[]): void {
    this.#socket.write(
      `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`,
    );
  }

  #read(text: string, ready: () => void): void {
    this.#replies += text;
    const wrong = /^-(.*)\r\n/m.exec(this.#replies)?.[1];
    if (wrong !== undefined || this.#replies.length > maxReplyCodeUnits) this.#end(wrong ?? 'not a Redis server');
    else if (this.#isReady ? this.#replies.endsWith('+OK\r\n') : this.#replies.endsWith('+PONG\r\n'))
      this.#replied(ready);
  }

  #replied(ready: () => void): void {
    this.#replies = '';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#askForLife(), aliveEveryMs).unref();
    if (this.#isReady) return;
    this.#write('CLIENT', 'REPLY', 'OFF');
    this.#isReady = true;
    ready();
  }

  /** The only command that has a reply while replies are off is the one that turns them on. */
  #askForLife(): void {
    this.#write('CLIENT', 'REPLY', 'ON');
    this.#write('CLIENT', 'REPLY', 'OFF');
    this.#timer = setTimeout(() => this.#end('no answer'), replyTimeoutMs).unref();
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.close();
    this.#ended(reason);
  }
}

function open({ isSecure }: RedisAddress, place: RedisPlace): Socket {
  if ('path' in place) return connectTcp(place.path);
  const { host, port } = place;
  if (isSecure) return connectTls({ host, port, servername: host }).setNoDelay();
  return connectTcp({ host, port, noDelay: true });
}
