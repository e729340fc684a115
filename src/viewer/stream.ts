/**
 * The stream of what happens, for browsers that watch: server-sent events, in order, with numbers.
 *
 * Owns: the watchers, what each has missed, and what happens to one that is too slow: it gets everything as it is then,
 * instead of what it has missed. So nothing waits for a watcher, and none costs more than `maxWaitingBytes`.
 * Next: `inspection.ts` (what is sent), `viewer.ts` (the requests).
 * Why not every step: decision 21, docs/decisions/0021-a-slow-observer-gets-a-new-picture.md.
 */

import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Lobby } from '../chat/lobby.ts';
import { ignoreError } from '../runtime/ignoreError.ts';
import type { Log } from '../runtime/log.ts';
import { Inspection } from './inspection.ts';

/** How many watchers there may be at once: the server writes to each of them in every turn. */
export const maxWatchers = 16;

/** What happens within this time is sent together, in ms; nobody sees the difference. */
const flushEveryMs = 50;

/** How much may wait for one watcher, besides the picture of everything that it got first. */
const maxWaitingBytes = 1024 * 1024;

/** How long a watcher with so much waiting may read nothing before it is cut off, in ms. */
const stallMs = 30_000;

/** How often a sign of life is sent when nothing happens, in ms. By it each side notices that the other is gone. */
const heartbeatMs = 15_000;

/** How many messages are kept for watchers who come back. */
const keptMessages = 2_000;

interface Watcher {
  response: ServerResponse;
  /** True if the message about each new session shall hold its chart. */
  wantsDefinitions: boolean;
  /** True if too much waits for it: it gets nothing more until it has read that. */
  isBehind: boolean;
  /** The length of the latest picture of everything, in bytes, which may wait besides. */
  pictureBytes: number;
  stall?: NodeJS.Timeout;
}

export interface StreamOptions {
  lobby: Lobby;
  log: Log;
  /** How long the inspection goes on without a watcher, in ms; by default long enough to reload the page. */
  graceMs?: number | undefined;
}

export class Stream {
  readonly #graceMs: number;
  readonly #inspection: Inspection;
  readonly #watchers = new Set<Watcher>();
  /** The latest messages as they were sent. The number of the first is `#last - #kept.length + 1`. */
  #kept: string[] = [];
  #pending: string[] = [];
  /** The number of the last message, valid within one run only. */
  #last = 0;
  #run = '';
  #flushing: NodeJS.Timeout | undefined;
  #leaving: NodeJS.Timeout | undefined;
  readonly #heartbeat: NodeJS.Timeout;

  constructor({ lobby, log, graceMs = 10_000 }: StreamOptions) {
    this.#graceMs = graceMs;
    const onError = (error: unknown): void => {
      log.error({ err: error }, 'the viewer failed');
      this.#dropWatchers();
    };
    this.#inspection = new Inspection(lobby, (message) => this.#publish(message), onError);
    this.#heartbeat = setInterval(() => this.#send(':\n\n'), heartbeatMs).unref();
  }

  /** True while the inspection observes the actors. */
  get isAttached(): boolean {
    return this.#inspection.isAttached;
  }

  /** Sends the stream as the response to a request, until its connection ends. */
  watch(request: IncomingMessage, response: ServerResponse, wantsDefinitions: boolean): void {
    if (this.#watchers.size >= maxWatchers) {
      response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '10' });
      response.end(`Already ${maxWatchers} watch, and no more can.\n`);
      return;
    }
    this.#attach();
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
    const watcher: Watcher = { response, wantsDefinitions, isBehind: false, pictureBytes: 0 };
    response.on('close', () => this.#leave(watcher));
    // The connection is broken: `close` follows.
    response.on('error', ignoreError);
    // The pending messages are older than this watcher.
    this.#flush();
    this.#watchers.add(watcher);
    this.#noteDefinitions();
    const missed = this.#missed(request.headers['last-event-id']);
    response.write('retry: 1000\n\n');
    if (missed === undefined) this.#sendBaseline(watcher);
    else response.write(missed);
  }

  close(): void {
    clearInterval(this.#heartbeat);
    this.#dropWatchers();
  }

  /** Cuts off all watchers. Browsers connect again by themselves, and get everything again. */
  #dropWatchers(): void {
    for (const { response } of this.#watchers) response.destroy();
    this.#detach();
  }

  #attach(): void {
    clearTimeout(this.#leaving);
    if (this.#inspection.isAttached) return;
    this.#run = randomUUID();
    this.#last = 0;
    this.#kept = [];
    this.#inspection.attach();
  }

  #detach(): void {
    clearTimeout(this.#leaving);
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    this.#pending = [];
    this.#kept = [];
    this.#inspection.detach();
  }

  #leave(watcher: Watcher): void {
    clearTimeout(watcher.stall);
    this.#watchers.delete(watcher);
    this.#noteDefinitions();
    if (this.#watchers.size > 0) return;
    clearTimeout(this.#leaving);
    this.#leaving = setTimeout(() => this.#detach(), this.#graceMs).unref();
  }

  #noteDefinitions(): void {
    this.#inspection.withDefinitions = [...this.#watchers].some(({ wantsDefinitions }) => wantsDefinitions);
  }

  #publish(message: { type: string }): void {
    this.#pending.push(this.#framed(message, ++this.#last));
    this.#flushing ??= setTimeout(() => this.#flush(), flushEveryMs).unref();
  }

  #flush(): void {
    if (!this.#inspection.isAttached) return;
    this.#inspection.publishRows();
    clearTimeout(this.#flushing);
    this.#flushing = undefined;
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    this.#kept = [...this.#kept, ...pending].slice(-keptMessages);
    this.#send(pending.join(''));
  }

  #send(text: string): void {
    const bytes = Buffer.from(text);
    for (const watcher of this.#watchers) {
      if (watcher.isBehind) continue;
      const { response, pictureBytes } = watcher;
      if (response.writableLength + bytes.length > maxWaitingBytes + pictureBytes) this.#fallBehind(watcher);
      else response.write(bytes);
    }
  }

  #fallBehind(watcher: Watcher): void {
    const { response } = watcher;
    if (!response.writableNeedDrain) {
      this.#sendBaseline(watcher);
      return;
    }
    watcher.isBehind = true;
    watcher.stall = setTimeout(() => response.destroy(), stallMs).unref();
    response.once('drain', () => {
      clearTimeout(watcher.stall);
      this.#flush();
      watcher.isBehind = false;
      this.#sendBaseline(watcher);
    });
  }

  #sendBaseline(watcher: Watcher): void {
    const messages = [...this.#inspection.baseline()].map((message) => this.#framed(message, this.#last));
    const picture = Buffer.from(messages.join(''));
    watcher.pictureBytes = picture.length;
    watcher.response.write(picture);
  }

  /** Returns what came after the message with this id; undefined if that message is not kept any more. */
  #missed(lastEventId: string | string[] | undefined): string | undefined {
    const [run, number] = String(lastEventId).split(' ');
    if (run !== this.#run || !/^\d{1,15}$/.test(number ?? '')) return undefined;
    const count = this.#last - Number(number);
    return count >= 0 && count <= this.#kept.length ? this.#kept.slice(this.#kept.length - count).join('') : undefined;
  }

  /** Returns a message in its form for the stream. Those in Stately's format have no event name; ours have one. */
  #framed(message: { type: string }, number: number): string {
    const name = message.type.startsWith('@xstate.') ? '' : 'event: statechat\n';
    return `id: ${this.#run} ${number}\n${name}data: ${JSON.stringify(message)}\n\n`;
  }
}
