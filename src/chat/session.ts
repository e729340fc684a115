/**
 * One person's session: between their connection and the actor of the session chart.
 *
 * Owns: when this person's next line may be taken, the channel lines run through while the chart keeps it open, and this
 * user's prompts. Decides nothing about what a state accepts: the chart does. Knows nothing of sockets.
 * Next: `machines/session.machine.ts`, `sessionActions.ts` (what the chart's actions do), `dialogue/lineQueue.ts` (lines that wait), `lobby.ts`.
 */
import type { Actor, SnapshotFrom } from 'xstate';
import type { LimitName, SessionId } from '../../machines/events.ts';
import { isExitLine, type sessionMachine } from '../../machines/session.machine.ts';
import type { Limits } from '../config/limits.ts';
import { type Input, LineQueue, type LineQueueOwner } from '../dialogue/lineQueue.ts';
import { PromptRenderer } from '../dialogue/promptRenderer.ts';
import { connectionNotices } from '../protocol/replies.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Connection, ConnectionUser } from '../transport/connection.ts';
import type { LineRefusal } from '../transport/lineDecoder.ts';
import type { Broadcast, Reader } from './broadcast.ts';
import type { Counters, Ending } from './counters.ts';
import type { Partner, SlowReader } from './directory/relay.ts';
import { TokenBucket } from './tokenBucket.ts';

/** What a session needs of its connection. */
export type SessionConnection = Pick<
  Connection,
  'remoteAddress' | 'attach' | 'write' | 'end' | 'pause' | 'resume' | 'needsDrain' | 'onceDrained'
>;

export type SessionActor = Actor<typeof sessionMachine>;

/** Where lines go while the chart keeps the channel open: one or more, parted by line feeds. */
export type Channel = (text: string) => void;

export interface SessionOptions
  extends Pick<Limits, 'maxLineBytes' | 'rateLimit' | 'rateBurst' | 'idTries' | 'idleMs' | 'requestsPerMinute'> {
  clock: Clock;
  /** Counts lines; without one, nobody does. */
  counters?: Counters | undefined;
}

/** Who has to hear of what goes wrong here. */
export interface SessionHost {
  /** An error on this person's side, that perhaps somebody else's doing has brought to light. */
  sessionFailed(session: SessionId, error: unknown): void;
  limitReached(session: SessionId, limit: LimitName): void;
}

/** Longer texts go to the partner line by line, so that how much they become with the sender's id before each is looked at. */
const maxUnitsAtOnce = 4096;

/** How many texts may have overtaken the start of their chat before the one who sends them has to wait. */
const maxEarlyTexts = 100;

export class Session implements ConnectionUser, LineQueueOwner, Reader, Partner {
  readonly id: SessionId;
  /** Who else tells this person things just now: the menu's broadcast or the common room. */
  broadcast: Broadcast | undefined;
  readonly prompts: PromptRenderer;
  /** Why it ends, as far as is known; who says nothing of it has hung up. */
  ending: Ending = 'hungUp';
  /** When the person's last line came, on the clock. */
  lastHeardAt: number;
  readonly #terminal: SessionConnection;
  readonly #options: SessionOptions;
  readonly #host: SessionHost;
  readonly #lineQueue: LineQueue;
  /** How many lines may be taken now; undefined if any number. */
  readonly #rate: TokenBucket | undefined;
  /** How many people may be asked now; undefined if any number. */
  readonly #requests: TokenBucket | undefined;
  #actor: SessionActor | undefined;
  /** A verdict is out: what the person types has to wait. */
  #isWaiting = true;
  /** What the next line waits for, its time or somebody who reads; then it is looked at again. */
  #waitsFor: 'time' | SlowReader | undefined;
  #timer: unknown;
  #refusedIds = 0;
  /** Nothing the person sends matters any more. */
  #isOver = false;
  /** Where lines go while the chart keeps the channel open. */
  #channel: Channel | undefined;
  /** Who reads what this person says there, and should not be overrun; undefined for many, who don't wait for each other. */
  #peer: SlowReader | undefined;
  /** The number of the chat whose lines may be shown here; 0 for none. */
  #pairingId = 0;
  /** The number of the latest chat that has started here; the numbers of later ones are greater. */
  #latestPairingId = 0;
  /** Lines of the chat that starts next, which came before the update that it does. */
  #early: { pairingId: number; line: string }[] = [];

  constructor(id: SessionId, terminal: SessionConnection, options: SessionOptions, host: SessionHost) {
    this.id = id;
    this.#host = host;
    this.#terminal = terminal;
    this.#options = options;
    this.#lineQueue = new LineQueue(this);
    this.prompts = new PromptRenderer(terminal);
    const { rateLimit, rateBurst, requestsPerMinute, clock } = options;
    this.#requests =
      requestsPerMinute > 0 ? new TokenBucket(requestsPerMinute / 60, requestsPerMinute, clock) : undefined;
    this.#rate = rateLimit > 0 ? new TokenBucket(rateLimit, rateBurst, clock) : undefined;
    this.lastHeardAt = clock.now();
  }

  /** Starts the dialogue; from now on the connection is heard. */
  start(actor: SessionActor): void {
    this.#actor = actor;
    actor.subscribe((snapshot) => this.#onTransition(snapshot), ignoreError);
    actor.start();
    this.#terminal.attach(this);
  }

  // What the connection says.

  lines(text: string): void {
    if (this.#isOver) return;
    this.#heard();
    // Most lines are chat and find nobody before them: they need no place among those that wait, and go together.
    if (this.#lineQueue.isEmpty && this.#mayRelay(text)) this.#relay(text);
    else this.#lineQueue.add({ lines: text });
  }

  refusedLine(reason: LineRefusal): void {
    if (this.#isOver) return;
    this.#heard();
    this.#lineQueue.add({ refused: reason });
  }

  inputEnded(): void {
    if (!this.#isOver) this.#lineQueue.add('end');
  }

  limitReached(limit: LimitName): void {
    // Later, so that nobody is taken out of a broadcast that is just being told something.
    queueMicrotask(() => {
      if (!this.#isOver) this.#host.limitReached(this.id, limit);
    });
  }

  failed(error: unknown): void {
    this.#host.sessionFailed(this.id, error);
  }

  closed(): void {
    this.#end();
    this.#stopListening();
  }

  // What the chart's actions say.

  /** The chart opens a direct way for this person's lines; in a private chat, also for the lines of that chat to here. */
  openChannel(channel: Channel, pairingId = 0, peer?: SlowReader): void {
    this.#channel = channel;
    this.#pairingId = pairingId;
    this.#peer = peer;
    if (pairingId === 0) return;
    this.#latestPairingId = pairingId;
    const early = this.#early;
    this.#early = [];
    for (const { pairingId, line } of early) this.receive(pairingId, line);
  }

  closeChannel(): void {
    this.#channel = undefined;
    this.#peer = undefined;
    this.#pairingId = 0;
  }

  /** Shows what the dialogue says next. */
  show(text: string): void {
    this.broadcast?.flushTo(this);
    this.prompts.show(text);
  }

  /** The person gave an id that they can't have. */
  idRefused(): void {
    if (++this.#refusedIds >= this.#options.idTries) this.limitReached('idTries');
  }

  /** True if this person has asked as many people of late as one may. */
  get asksTooOften(): boolean {
    return this.#requests?.has(1) === false;
  }

  requestMade(): void {
    this.#requests?.take(1);
  }

  /** Sends what is said, then ends the connection. */
  hangUp(): void {
    this.#stopListening();
    this.#terminal.end();
  }

  // What others say.

  /**
   * Shows a line of the private chat with this number, and of no other. Lines take no time and updates may: a line that has
   * overtaken the start of its chat waits for it. One that comes after the end of its chat is dropped.
   */
  receive(pairingId: number, line: string): void {
    if (pairingId === this.#pairingId) this.interject(line);
    else if (pairingId > this.#latestPairingId && !this.#isOver) this.#early.push({ pairingId, line });
  }

  /** Shows a line from or about somebody else, whom an error here must not touch. */
  interject(line: string): void {
    this.broadcast?.flushTo(this);
    this.deliver(line);
  }

  deliver(lines: string, bytes?: Buffer): void {
    try {
      this.prompts.interject(lines, bytes);
    } catch (error) {
      this.#host.sessionFailed(this.id, error);
    }
  }

  /** Says something that is not the chart's, and hangs up, even if writing fails. */
  sayLast(text: string): void {
    try {
      this.show(text);
    } catch {
      // Then they read nothing.
    }
    this.hangUp();
  }

  /** The chart that runs for this person; undefined before `start`. */
  get actor(): SessionActor | undefined {
    return this.#actor;
  }

  get remoteAddress(): string {
    return this.#terminal.remoteAddress;
  }

  // When lines are taken (LineQueueOwner).

  mayTake(input: Input): boolean {
    // The end that too many tries have comes later; nothing is tried meanwhile.
    if (this.#isWaiting || this.#refusedIds >= this.#options.idTries) return false;
    if (input === 'end') return true;
    const line = 'line' in input ? input.line : '';
    const reader = this.#channel === undefined ? this : this.#peer;
    // Whoever leaves needs no room for what they say.
    if (reader?.needsDrain && (this.#channel === undefined || !isExitLine(line))) return this.#waitForRoom(reader);
    return this.#rate === undefined || this.#rate.take(1) || this.#waitForTime(this.#rate.waitMs);
  }

  take(input: Input): void {
    if (input === 'end') {
      this.#end();
      return;
    }
    // What was told before this line is read before the answer to it, and not in between.
    this.broadcast?.flushTo(this);
    if ('line' in input && this.#channel !== undefined && !isExitLine(input.line)) {
      this.#relay(input.line);
      return;
    }
    this.prompts.lineTyped();
    const { counters } = this.#options;
    if (counters !== undefined) counters.lines['refused' in input ? 'refused' : 'dialogue']++;
    if ('refused' in input) {
      this.interject(connectionNotices[input.refused](this.#options.maxLineBytes));
      return;
    }
    this.prompts.promptAnswered();
    this.#actor?.send({ type: 'line.received', text: input.line });
  }

  pause(): void {
    this.#terminal.pause();
  }

  resume(): void {
    this.#terminal.resume();
  }

  /** As much waits for this person to read as should. */
  get needsDrain(): boolean {
    return this.#terminal.needsDrain || this.#early.length >= maxEarlyTexts;
  }

  onceDrained(callback: () => void): void {
    this.#terminal.onceDrained(callback);
  }

  #waitForRoom(reader: SlowReader): false {
    if (this.#waitsFor !== reader) reader.onceDrained(() => this.#lookAgain(reader));
    this.#waitsFor = reader;
    return false;
  }

  #waitForTime(ms: number): false {
    const { clock } = this.#options;
    if (this.#waitsFor !== 'time') {
      clock.clearTimeout(this.#timer);
      this.#timer = clock.setTimeout(() => this.#lookAgain('time'), Math.ceil(ms));
    }
    this.#waitsFor = 'time';
    return false;
  }

  /** Not for somebody whom the lines don't wait for any more: a partner of a chat that is over. */
  #lookAgain(after: 'time' | SlowReader): void {
    if (this.#waitsFor !== after) return;
    this.#waitsFor = undefined;
    this.#feed();
  }

  /** Nobody who could be told of an error here has called. */
  #feed(): void {
    try {
      if (!this.#isOver) this.#lineQueue.feed();
    } catch (error) {
      this.failed(error);
    }
  }

  /** True if all of these lines may go through the channel now. */
  #mayRelay(text: string): boolean {
    if (this.#isWaiting || this.#channel === undefined || this.#peer?.needsDrain || text.length > maxUnitsAtOnce)
      return false;
    if (text.includes('()') && text.split('\n').some(isExitLine)) return false;
    return this.#rate === undefined || this.#rate.take(text.split('\n').length);
  }

  #relay(text: string): void {
    this.prompts.lineTyped();
    this.#channel?.(text);
  }

  #heard(): void {
    if (this.#options.idleMs > 0) this.lastHeardAt = this.#options.clock.now();
  }

  #stopListening(): void {
    this.#isOver = true;
    this.#lineQueue.clear();
    this.#early = [];
    this.#options.clock.clearTimeout(this.#timer);
  }

  #end(): void {
    if (!this.#isOver) this.#actor?.send({ type: 'connection.closed' });
  }

  /** A verdict that comes later lets the lines go that waited for it. */
  #onTransition(snapshot: SnapshotFrom<typeof sessionMachine>): void {
    this.#isWaiting = snapshot.hasTag('waiting');
    if (!this.#lineQueue.isEmpty) queueMicrotask(() => this.#feed());
  }
}

/** The lobby hears of a failed session by itself; this only keeps XState from throwing the error again. */
function ignoreError(): void {}
