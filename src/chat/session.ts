/**
 * One user's session: between their connection and the actor of the session chart.
 *
 * Owns: what the session chart's actions do for this user, and how lines go past the chart while it keeps the channel open.
 * Decides nothing about what a state accepts: the chart does. Knows nothing of sockets.
 * Next: `machines/session.machine.ts`, `sessionActions.ts`, `lineChannel.ts`, `linePacing.ts`, `../dialogue/chartConnection.ts`.
 */
import { type Actor, assertEvent } from 'xstate';
import type { LimitName, ReplyName, SessionId, UserId } from '../../machines/events.ts';
import {
  isExitLine,
  isRelayedLine,
  type SessionContext,
  type SessionEvent,
  type sessionMachine,
} from '../../machines/session.machine.ts';
import type { Limits } from '../config/limits.ts';
import { ChartConnection, type ChartedConnection } from '../dialogue/chartConnection.ts';
import type { Input } from '../dialogue/lineQueue.ts';
import { connectionNotices, notices, replies } from '../protocol/replies.ts';
import type { Clock } from '../runtime/clock.ts';
import { TokenBucket } from '../runtime/tokenBucket.ts';
import type { Connection, Received } from '../transport/connection.ts';
import type { Broadcast, Reader } from './broadcast.ts';
import { type Counters, type Ending, endingAfter } from './counters.ts';
import type { DirectoryView } from './directory/directory.ts';
import { LineChannel } from './lineChannel.ts';
import { LinePacing } from './linePacing.ts';
import type { RoomAndMenu } from './roomAndMenu.ts';
import type { SessionSide } from './sessionActions.ts';

/** What a session needs of its connection. */
export type SessionConnection = ChartedConnection & Pick<Connection, 'remoteAddress' | 'needsDrain' | 'onceDrained'>;

export type SessionActor = Actor<typeof sessionMachine>;

export interface SessionOptions
  extends Pick<Limits, 'maxLineBytes' | 'rateLimit' | 'rateBurst' | 'idTries' | 'idleMs' | 'requestsPerMinute'> {
  clock: Clock;
  /** Counts lines; without it, nobody does. */
  counters?: Counters | undefined;
}

/** What all sessions share. */
export interface SessionHost {
  readonly directory: DirectoryView;
  readonly roomAndMenu: RoomAndMenu;
  /** An error on this user's side, which another user's action may have brought to light. */
  sessionFailed(session: SessionId, error: unknown): void;
  limitReached(session: SessionId, limit: LimitName): void;
}

/**
 * In UTF-16 units. A longer text goes to the partner line by line, so that the size after prefixing each line with the
 * sender's id is checked against what may wait for the partner.
 */
const maxUnitsAtOnce = 4096;

/** Quick to ask: without a match every line is for the channel. */
const mayBeForChart = /^[\s\u2800]*(?:$|\/|exit)/im;

export class Session extends ChartConnection<typeof sessionMachine> implements SessionSide, Reader {
  readonly id: SessionId;
  readonly remoteAddress: string;
  /** What else this user reads just now: the broadcast to the menu or to the common room. */
  broadcast: Broadcast | undefined;
  readonly channel: LineChannel;
  /** Why it ends, as far as is known; a user of whom nothing is known has hung up. */
  ending: Ending = 'hungUp';
  /** When the user's last line came, on the clock. */
  lastHeardAt: number;
  readonly #options: SessionOptions;
  readonly #host: SessionHost;
  readonly #pacing: LinePacing;
  /** How many users may be asked now; undefined if any number. */
  readonly #requests: TokenBucket | undefined;
  #refusedIds = 0;

  constructor(id: SessionId, connection: SessionConnection, options: SessionOptions, host: SessionHost) {
    super(connection);
    const { requestsPerMinute, clock } = options;
    this.id = id;
    this.remoteAddress = connection.remoteAddress;
    this.#host = host;
    this.#options = options;
    this.channel = new LineChannel(connection, (lines) => this.interject(lines));
    this.#pacing = new LinePacing(options, () => this.feed());
    this.#requests =
      requestsPerMinute > 0 ? new TokenBucket(requestsPerMinute / 60, requestsPerMinute, clock) : undefined;
    this.lastHeardAt = clock.now();
  }

  // What the connection says.

  override receive(received: Received): void {
    if (this.isOver) return;
    if (received !== 'end' && this.#options.idleMs > 0) this.lastHeardAt = this.#options.clock.now();
    // Most lines are chat and find nobody before them: they need no place among those that wait, and go together.
    const isLines = received !== 'end' && 'lines' in received;
    if (isLines && this.lineQueue.isEmpty && this.#mayRelay(received.lines)) this.#relay(received.lines);
    else super.receive(received);
  }

  failed(error: unknown): void {
    this.#host.sessionFailed(this.id, error);
  }

  // What the chart's actions say (SessionSide).

  say(reply: ReplyName, context: SessionContext, event: SessionEvent): void {
    const { directory, roomAndMenu } = this.#host;
    this.ending = event.type === 'limit.reached' ? event.limit : (endingAfter[reply] ?? this.ending);
    const { userId, partner } = context;
    this.show(replies[reply]({ userId, partner, event, online: directory, roomHistory: roomAndMenu.history }));
    const isTheirFault = event.type !== 'id.refused' || event.reason === undefined;
    const isRefused = reply === 'idNotAcceptable' || (reply === 'idTaken' && isTheirFault);
    if (isRefused && ++this.#refusedIds >= this.#options.idTries) this.limitReached('idTries');
  }

  hearPresence(): void {
    this.#host.roomAndMenu.enterMenu(this);
  }

  mutePresence(): void {
    this.#host.roomAndMenu.leaveMenu(this);
  }

  openChatChannel({ userId, pairingId }: SessionContext, event: SessionEvent): void {
    assertEvent(event, 'chat.started');
    const partner = this.#host.roomAndMenu.partnerOf(this.id, event.partnerSession);
    const { counters } = this.#options;
    const send = (text: string): void => {
      const said = notices.said(userId, text);
      counters?.countSent('chat', text);
      counters?.countDelivered('chat', said, partner === undefined ? 0 : 1);
      partner?.receive(pairingId, said);
    };
    this.channel.open(send, pairingId, partner);
  }

  openRoomChannel({ userId }: SessionContext): void {
    const { roomAndMenu } = this.#host;
    roomAndMenu.enterRoom(this, userId);
    this.channel.open((text) => roomAndMenu.sayInRoom(this, userId, text), 0, roomAndMenu.roomReader);
  }

  closeChannel(userId: UserId): void {
    this.channel.close();
    this.#host.roomAndMenu.leaveRoom(this, userId);
  }

  override show(text: string): void {
    this.broadcast?.flushTo(this);
    super.show(text);
  }

  /** True if this user has asked as many users recently as one may. */
  get asksTooOften(): boolean {
    return this.#requests?.has(1) === false;
  }

  requestMade(): void {
    this.#requests?.take(1);
  }

  // What others say (Reader).

  /** Shows a line from or about another user, whom an error here must not touch. */
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

  // When lines are taken (LineQueueOwner).

  mayTake(input: Input): boolean {
    // The end that too many tries have comes later; nothing is tried meanwhile.
    if (this.isWaiting || this.#refusedIds >= this.#options.idTries) return false;
    if (input === 'end') return true;
    const reader = this.channel.isOpen ? this.channel.reader : this.channel;
    // A user who leaves needs no room for what they say.
    if (reader?.needsDrain && !(this.channel.isOpen && isExitLine('line' in input ? input.line : '')))
      return this.#pacing.waitFor(reader);
    return this.#pacing.takeOne();
  }

  take(input: Input): void {
    if (input === 'end') {
      this.sendEnd();
      return;
    }
    // What others said before this line is read before the answer to it, and not in between.
    this.broadcast?.flushTo(this);
    if ('line' in input && this.channel.isOpen && isRelayedLine(input.line)) {
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
    this.send({ type: 'line.received', text: input.line });
  }

  protected onLimit(limit: LimitName): void {
    this.#host.limitReached(this.id, limit);
  }

  protected override stopListening(): void {
    super.stopListening();
    this.channel.forgetEarly();
    this.#pacing.stop();
  }

  /** True if all of these lines may go through the channel now. */
  #mayRelay(text: string): boolean {
    if (this.isWaiting || !this.channel.isOpen || this.channel.reader?.needsDrain) return false;
    if (text.length > maxUnitsAtOnce) return false;
    if (mayBeForChart.test(text) && !text.split('\n').every(isRelayedLine)) return false;
    return this.#pacing.takeAtOnce(text.split('\n').length);
  }

  #relay(text: string): void {
    this.prompts.lineTyped();
    this.channel.send(text);
  }
}
