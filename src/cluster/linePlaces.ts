/**
 * The quick way of lines between server processes: what is published for a process at the Redis where it listens.
 *
 * Owns: which Redis processes there are for it, at which of them this process listens, and the connections to them. Of
 * what is published nothing is kept in Redis, and nobody says whether it has arrived. A connection that ends is opened
 * again when it is needed.
 * Knows nothing of what lines mean. Next: `lineFlow.ts` (finds out what has not arrived), `quietPublisher.ts`.
 */
import { createHash } from 'node:crypto';
import { ignoreError } from '../runtime/ignoreError.ts';
import type { Log } from '../runtime/log.ts';
import type { RedisAddress, RedisPlace } from '../runtime/redisAddress.ts';
import type { Secret } from '../runtime/secret.ts';
import { QuietPublisher } from './quietPublisher.ts';
import { addressOf } from './redisConnection.ts';
import { type Client, clientOptions, findPlace } from './redisPlace.ts';

const connectTimeoutMs = 2000;
/** After a connection has ended, the next one is opened this much later at the soonest. */
const retryMs = 1000;
/** The listener asks for a sign of life so often, and takes Redis for gone after three of them. */
const aliveEveryMs = 1000;

/** What the directory's own Redis is called: processes may reach it under different addresses. */
const ofDirectory = 'directory';

export interface LinePlacesParts {
  node: string;
  /** With what each channel begins. */
  key: string;
  log: Log;
  /** The address of the directory, and those of the places for lines, with blanks between. */
  directory: string | Secret;
  lines: string | Secret | undefined;
  read: (text: string) => void;
  /** What others publish for us may be lost from here on. */
  deaf: () => void;
  /** What we have published there may be lost. */
  mute: (place: string) => void;
}

/** One connection to a place, and the next one after it. */
interface Way {
  readonly place: string;
  close: (() => void) | undefined;
  publisher?: QuietPublisher;
  retryAtMs: number;
  /** The operator was told that it has ended. */
  isTold: boolean;
}

export class LinePlaces {
  /** Where this process listens; the others are told so. */
  readonly own: string;
  readonly #parts: LinePlacesParts;
  readonly #places: ReadonlyMap<string, RedisAddress>;
  readonly #out = new Map<string, Way>();
  readonly #in: Way;
  #timer: NodeJS.Timeout | undefined;
  #isListening = false;
  #isOver = false;

  constructor(parts: LinePlacesParts) {
    this.#parts = parts;
    this.#places = placesOf(parts);
    const names = [...this.#places.keys()];
    const number = createHash('sha1').update(parts.node).digest().readUInt32BE();
    this.own = names[number % names.length] ?? ofDirectory;
    this.#in = newWay(this.own);
  }

  /** True while this process hears what others publish for it. */
  get isListening(): boolean {
    return this.#isListening;
  }

  start(): void {
    void this.#listen();
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    for (const way of [this.#in, ...this.#out.values()]) way.close?.();
  }

  /** False if there is no connection to that place just now. It is opened then. */
  publish(place: string, node: string, text: string): boolean {
    const way = this.#out.get(place) ?? newWay(place);
    this.#out.set(place, way);
    if (way.publisher?.publish(this.#channelOf(node), text)) return true;
    if (way.close === undefined && performance.now() >= way.retryAtMs) void this.#openPublisher(way);
    return false;
  }

  #channelOf(node: string): string {
    return `${this.#parts.key}:lines:${node}`;
  }

  async #openPublisher(way: Way): Promise<void> {
    const address = this.#places.get(way.place);
    if (address === undefined || this.#isOver) return;
    way.close = ignoreError;
    const ended = (reason: string): void => {
      delete way.publisher;
      this.#ended(way, reason);
      this.#parts.mute(way.place);
    };
    try {
      const place = await this.#find(address);
      if (this.#isOver) return;
      const publisher = new QuietPublisher(
        address,
        place,
        this.#channelOf(''),
        () => {
          way.publisher = publisher;
          way.isTold = false;
        },
        ended,
      );
      way.close = () => publisher.close();
    } catch (error) {
      ended(String((error as Error).message));
    }
  }

  async #listen(): Promise<void> {
    const { node, read, log } = this.#parts;
    const address = this.#places.get(this.own) as RedisAddress;
    let client: Client | undefined;
    let isEnded = false;
    const ended = (error: unknown): void => {
      if (isEnded) return;
      isEnded = true;
      this.#in.close?.();
      if (this.#isListening) this.#parts.deaf();
      this.#isListening = false;
      this.#ended(this.#in, String((error as Error).message));
      if (!this.#isOver) this.#timer = setTimeout(() => void this.#listen(), retryMs).unref();
    };
    try {
      const place = await this.#find(address);
      if (this.#isOver) return;
      const { createClient } = await import('@redis/client');
      const options = clientOptions(address, place, connectTimeoutMs, true, 3 * aliveEveryMs);
      client = createClient({ ...options, RESP: 3, pingInterval: aliveEveryMs }) as unknown as Client;
      this.#in.close = () => {
        client?.removeAllListeners().on('error', ignoreError);
        if (client?.isOpen) client.destroy();
      };
      await client.on('error', ended).connect();
      await client.sSubscribe(this.#channelOf(node), read);
      this.#isListening = true;
      this.#in.isTold = false;
      log.info({ place: this.own }, 'quick way for lines');
    } catch (error) {
      ended(error);
    }
  }

  async #find(address: RedisAddress): Promise<RedisPlace> {
    const { createClient } = await import('@redis/client');
    return findPlace(address, this.#parts.key, (place, asUser) => {
      return createClient(clientOptions(address, place, connectTimeoutMs, asUser)).on('error', ignoreError) as Client;
    });
  }

  #ended(way: Way, reason: string): void {
    way.close = undefined;
    way.retryAtMs = performance.now() + retryMs;
    if (!this.#isOver && !way.isTold) this.#parts.log.warn({ place: way.place, reason }, 'no quick way for lines');
    way.isTold = true;
  }
}

function newWay(place: string): Way {
  return { place, close: undefined, retryAtMs: 0, isTold: false };
}

/** By the names that all processes have in common. Throws a `SetupError` for what is no address. */
function placesOf({ directory, lines }: LinePlacesParts): Map<string, RedisAddress> {
  const text = typeof lines === 'string' ? lines : (lines?.reveal() ?? '');
  const addresses = text.split(/\s+/).filter(Boolean).map(addressOf);
  if (addresses.length === 0) return new Map([[ofDirectory, addressOf(directory)]]);
  return new Map(addresses.map((address) => [address.shown, address]));
}
