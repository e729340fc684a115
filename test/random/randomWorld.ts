/**
 * The simulated world: the real lobby, sessions and connections, six users, a network and a clock, in one thread.
 *
 * Owns: what happens next. Each choice is one move: a user does something, bytes arrive at one end, a turn of the event
 * loop ends, time passes, or a late directory takes or sends one message. Next: `invariantChecker.ts` (what must hold),
 * `transcriptJudge.ts` (what each user reads), `users.ts` (what they do).
 */

import type { Notify } from '../../src/chat/directory/directory.ts';
import { MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';
import { Lobby, type LobbyOptions } from '../../src/chat/lobby.ts';
import { isProving } from '../../src/chat/movingSession.ts';
import type { Names } from '../../src/chat/proofs.ts';
import { limits } from '../../src/config/limits.ts';
import type { Log } from '../../src/runtime/log.ts';
import type { ConnectionOptions } from '../../src/transport/connection.ts';
import { FlushScheduler } from '../../src/transport/flushScheduler.ts';
import { SendBudget } from '../../src/transport/sendBudget.ts';
import { unlimited } from '../support/unlimited.ts';
import { Dice } from './choices.ts';
import { InvariantChecker, requestTimeoutMs } from './invariantChecker.ts';
import { LateDirectory } from './lateDirectory.ts';
import type { Link } from './link.ts';
import { maxLineBytes, names, passwordOf, withPassword } from './speech.ts';
import { Users, type UsersOptions } from './users.ts';
import { VirtualClock } from './virtualClock.ts';

export interface WorldOptions extends UsersOptions {
  /** True if the directory's updates come late: `MemoryDirectory` behind queues. */
  late: boolean;
  /** True if the limits of a real server hold, and users reach them. */
  limited?: boolean | undefined;
  /** True if other processes take over, again and again. */
  handsOver?: boolean | undefined;
  /** True if some ids have a password. */
  named?: boolean | undefined;
  /** Another directory, to see whether its faults are found out. */
  createDirectory?: (notify: Notify) => MemoryDirectory;
}

const lingerMs = 5_000;
const everything = Number.POSITIVE_INFINITY;
/** The times that make a difference: a turn, the framing guess, the linger, the request. */
const pauses = [1, 100, 250, 250, 250, 250, 5_000, 5_000, 61_000] as const;

export class RandomWorld {
  readonly checker: InvariantChecker;
  readonly #clock = new VirtualClock();
  readonly #dice = new Dice();
  #lobby: Lobby;
  readonly #lobbyOptions: LobbyOptions;
  readonly #connectionOptions: ConnectionOptions;
  readonly #handsOver: boolean;
  /** How often another process took over. */
  handOvers = 0;
  readonly #isLimited: boolean;
  #lateDirectory: LateDirectory | undefined;
  /** True if messages that have waited long in the late directory wait even longer. */
  #newestFirst = false;
  /** The verdicts about passwords that are on their way, the oldest first. */
  readonly #checks = new Set<() => void>();
  #flush: (() => void) | undefined;
  readonly #users: Users;
  readonly #links: ReadonlySet<Link>;

  constructor(options: WorldOptions) {
    const flushScheduler = new FlushScheduler((flush) => {
      this.#flush = flush;
    });
    const clock = this.#clock as never;
    this.#isLimited = options.limited ?? false;
    const tolerated = options.limited ? limits : unlimited;
    this.#handsOver = options.handsOver ?? false;
    this.#connectionOptions = {
      ...tolerated,
      framing: 'auto',
      maxLineBytes,
      lingerMs,
      clock,
      flushScheduler,
      total: new SendBudget(unlimited.outboxTotalBytes),
    };
    this.#users = new Users(this.#dice, options, this.#connectionOptions);
    this.#links = this.#users.links;
    const create = options.createDirectory ?? ((notify: Notify) => new MemoryDirectory(notify));
    let directory: MemoryDirectory | undefined;
    const createDirectory = (notify: Notify): MemoryDirectory => {
      directory = create((to, update) => {
        this.checker.directoryChanged = true;
        notify(to, update);
      });
      return directory;
    };
    this.#lobbyOptions = {
      ...tolerated,
      requestTimeoutMs,
      announceLimit: names.length - 1,
      maxLineBytes,
      clock,
      flushScheduler,
      log: this.#log(),
      ...(options.named && { names: this.#names() }),
      // Nobody comes back to a chat: that is explored in `../system`.
      resumeMs: 0,
      createDirectory: (notify) => {
        if (!options.late) return createDirectory(notify);
        this.#lateDirectory = new LateDirectory(notify, createDirectory);
        return this.#lateDirectory;
      },
    };
    this.#lobby = new Lobby(this.#lobbyOptions);
    this.checker = new InvariantChecker(
      this.#lobby,
      directory as never,
      this.#lateDirectory,
      () => this.#clock.now(),
      this.#links,
    );
  }

  /**
   * Makes the moves that the choices stand for, and lets all users go. Returns what was violated; undefined if nothing
   * was.
   */
  async run(choices: Iterable<number>): Promise<string | undefined> {
    try {
      await this.#live(choices);
    } catch (error) {
      this.checker.violation ??= `the server throws ${(error as Error).stack}`;
    }
    return this.checker.violation;
  }

  async #live(choices: Iterable<number>): Promise<void> {
    for (const choice of choices) {
      this.#dice.start(choice);
      await this.#move();
      this.checker.lookAtDirectory();
      if (this.checker.violation !== undefined) return;
    }
    await this.#settle();
    if (this.#dice.oneIn(2)) await this.#everybodyLeaves();
    await this.#stop();
  }

  async #move(): Promise<void> {
    const kind = this.#dice.of(100);
    const late = this.#lateDirectory;
    if (late && kind < (this.#newestFirst ? 25 : 50) && late.waiting > 0) return this.#release(late);
    if (this.#handsOver && kind === 0) return this.#handOver();
    if (kind < 75) return this.#act();
    if (kind < 95) return this.#network();
    if (kind < 98) return this.#settle();
    return this.#pass(this.#dice.from(pauses));
  }

  async #act(): Promise<void> {
    const deed = this.#users.act(this.#dice.from(names), this.checker);
    if (deed === undefined) return;
    if ('used' in deed) {
      if (this.#dice.of(4) > 0) await this.#carry(deed.used);
      return;
    }
    this.checker.acted();
    this.#lobby.open(deed.opened);
    await this.#callbackDone();
  }

  /** What the process before knows goes to the next one as plain data. */
  #handOver(): void {
    this.handOvers++;
    this.#endTurn();
    const before = this.#lobby;
    before.handOver.freeze();
    const moving = [...this.#links].flatMap((link) => {
      const { session, socket } = link;
      const isMoving = session !== undefined && before.sessions.get(session.id) === session && !isProving(session);
      if (!isMoving || socket.destroyed || socket.downEnd !== 'open') return [];
      return [{ link, state: structuredClone(before.handOver.stateOf(session)) }];
    });
    const state = structuredClone(before.handOver.state);
    let directory: MemoryDirectory | undefined;
    const createDirectory = (notify: Notify): MemoryDirectory => {
      const inherited = state?.directory ?? { lastPairingId: 0, rows: [] };
      directory = MemoryDirectory.restore(inherited, (to, update) => {
        this.checker.directoryChanged = true;
        notify(to, update);
      });
      return directory;
    };
    for (const { link, state } of moving) {
      before.handOver.forget(state.id);
      link.inherit(this.#connectionOptions);
    }
    before.handOver.thaw();
    void before.stop();
    this.#lobby = new Lobby({ ...this.#lobbyOptions, createDirectory, state });
    this.checker.handedOver(this.#lobby, directory as never);
    for (const { link, state } of moving) this.#lobby.handOver.resume(link, state);
    this.#lobby.handOver.allResumed();
  }

  // The network, the event loop and the clock.

  /** What a user has just sent arrives at once, and mostly the answers do, too. */
  async #carry(link: Link): Promise<void> {
    while (link.socket.hasUp) await this.#deliverUp(link, everything);
    if (this.#dice.oneIn(4)) return;
    this.#endTurn();
    if (this.#dice.oneIn(4)) return;
    for (const other of this.#links) while (other.deliverDown(everything));
  }

  async #network(): Promise<void> {
    const dice = this.#dice;
    if (this.#checks.size > 0 && dice.oneIn(2)) return this.#endCheck();
    let skip = dice.of(Math.max(1, this.#links.size));
    for (const link of this.#links) {
      if (skip-- > 0) continue;
      if (link.socket.hasUp && dice.oneIn(2)) {
        if (link.segments) return this.#deliverUp(link, everything);
        if (dice.oneIn(3)) link.socket.joinUp();
        return this.#deliverUp(link, dice.oneIn(2) ? everything : 1 + dice.of(8));
      }
      if (dice.oneIn(3)) this.#endTurn();
      link.deliverDown(dice.oneIn(2) ? everything : 1 + dice.of(20));
      return;
    }
  }

  async #endCheck(): Promise<void> {
    const [verdict] = this.#checks;
    if (verdict === undefined) return;
    this.#checks.delete(verdict);
    verdict();
    await this.#callbackDone();
  }

  async #deliverUp(link: Link, most: number): Promise<void> {
    link.deliverUp(most);
    await this.#callbackDone();
  }

  /** What Node does after each callback: sockets that were destroyed close, and microtasks run. */
  async #callbackDone(): Promise<void> {
    for (const { socket } of this.#links) if (socket.closing && socket.destroyed) socket.close();
    if (!this.#lateDirectory) return;
    // A verdict lets a line go, in a microtask; what that line leads to waits in the directory's queues.
    await undefined;
    await undefined;
  }

  #endTurn(): void {
    const flush = this.#flush;
    this.#flush = undefined;
    flush?.();
    for (const link of this.#links) {
      if (link.socket.closing) link.socket.close();
      if (link.socket.closed && (link.isCut || link.readEnd)) this.#users.links.delete(link);
    }
  }

  async #release(late: LateDirectory): Promise<void> {
    if (this.#dice.oneIn(40)) this.#newestFirst = !this.#newestFirst;
    if (this.#newestFirst) late.releaseNewest(this.#dice.oneIn(2));
    else late.release(this.#dice.of(late.waiting));
    await this.#callbackDone();
  }

  async #pass(ms: number): Promise<void> {
    // A first line that is incomplete for so long would count as a segment, and its rest as another.
    for (const link of this.#links) {
      while (!link.segments && link.firstLineBegun && link.socket.hasUp) await this.#deliverUp(link, everything);
    }
    this.#clock.pass(ms);
    await this.#callbackDone();
  }

  /** Lets everything under way arrive; then all promises must hold. */
  async #settle(): Promise<void> {
    for (let busy = true; busy; ) {
      busy = this.#flush !== undefined;
      for (const link of this.#links) {
        busy ||= link.socket.hasUp || link.socket.closing;
        while (link.socket.hasUp) await this.#deliverUp(link, everything);
      }
      for (; this.#checks.size > 0; busy = true) await this.#endCheck();
      for (const late = this.#lateDirectory; late && late.waiting > 0; busy = true) await this.#release(late);
      this.#endTurn();
      for (const link of this.#links) while (link.deliverDown(everything)) busy = true;
    }
    this.checker.lookAround();
  }

  // The end.

  async #everybodyLeaves(): Promise<void> {
    this.#users.leave();
    // Lines before the end of a user's input are taken first, and a rate may delay them.
    const mostMs = this.#isLimited ? (this.checker.steps / limits.rateLimit) * 1000 : 0;
    for (let waitedMs = 0; waitedMs < mostMs && this.#lobby.sessions.size > 0; waitedMs += lingerMs) {
      await this.#pass(lingerMs);
      await this.#settle();
    }
    await this.#pass(lingerMs);
    await this.#settle();
    this.checker.lookAtEmptyPlace(this.#clock.running);
  }

  async #stop(): Promise<void> {
    let stopped = false;
    const stop = this.#lobby.stop().then(() => {
      stopped = true;
    });
    await this.#settle();
    for (const link of this.#links) if (link.readEnd && !this.#dice.oneIn(4)) link.socket.finish();
    await this.#settle();
    await this.#pass(lingerMs);
    await this.#settle();
    this.checker.lookAtEmptyPlace(this.#clock.running);
    if (this.checker.violation === undefined) await stop;
    if (!stopped) this.checker.violation ??= 'the lobby does not stop';
  }

  /** A check is under way until the world decides that it is over. */
  #names(): Names {
    return {
      needsProof: (id) => withPassword.includes(id.toLowerCase()),
      isCertified: () => false,
      check: ({ id, password }, { right, wrong }) => {
        const verdict = password === passwordOf(id) ? right : wrong;
        this.#checks.add(verdict);
        return () => this.#checks.delete(verdict);
      },
    };
  }

  #log(): Log {
    const quiet = (): void => {};
    const loud = (details: object, message: string): void => {
      const error = Object.values(details).find((value) => value instanceof Error) as Error | undefined;
      this.checker.violation ??= `the server logs an error: ${message} ${error?.stack ?? ''}`;
    };
    return { info: quiet, debug: quiet, warn: quiet, error: loud, fatal: loud } as never;
  }
}
