/**
 * One user's session: between their connection and the actor of the session chart.
 *
 * Owns: what the session chart's actions do for this user, and how lines go past the chart while it keeps the channel
 * open. Decides nothing about what a state accepts: the chart does. Knows nothing of sockets.
 * Next: `machines/session.machine.ts`, `sessionActions.ts`, `lineChannel.ts`, `linePacing.ts`,
 * `../dialogue/chartConnection.ts`.
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
import { ChartConnection, type ChartedConnection, type DialogueState } from '../dialogue/chartConnection.ts';
import type { Input } from '../dialogue/lineQueue.ts';
import { notices, replies } from '../protocol/replies.ts';
import type { Clock } from '../runtime/clock.ts';
import { Secret } from '../runtime/secret.ts';
import type { Connection, Received } from '../transport/connection.ts';
import type { Broadcast, Reader } from './broadcast.ts';
import { type Counters, type Ending, endingAfter } from './counters.ts';
import type { DirectoryView } from './directory/directory.ts';
import { LineChannel } from './lineChannel.ts';
import { LinePacing } from './linePacing.ts';
import type { RoomAndMenu } from './roomAndMenu.ts';
import type { SessionSide } from './sessionActions.ts';
import { UserActivity, type UserActivityState } from './userActivity.ts';

/** What a session needs of its connection. */
export type SessionConnection = ChartedConnection &
  Pick<Connection, 'remoteAddress' | 'needsDrain' | 'onceDrained'> &
  Partial<Pick<Connection, 'certificate' | 'probe'>>;

export type SessionActor = Actor<typeof sessionMachine>;

export interface SessionOptions
  extends Pick<Limits, 'maxLineBytes' | 'rateLimit' | 'rateBurst' | 'idTries' | 'idleMs' | 'requestsPerMinute'> {
  clock: Clock;
  /** Counts the session's lines; without it, they are not counted. */
  counters?: Counters | undefined;
}

/** A session on its way to another process, as plain data. */
export interface SessionState extends DialogueState, UserActivityState {
  id: SessionId;
  /** How many lines may come at once; undefined for any number. */
  lineTokens: number | undefined;
  /** The partner of the latest chat; empty if there was none. */
  partner: SessionId;
  /** True if the user has the id by its password. */
  isProved: boolean;
  /** Of the time to give an id, or of a request; undefined if none of them runs. */
  timeLeftMs: number | undefined;
}

/** What all sessions share. */
export interface SessionHost {
  readonly directory: DirectoryView;
  readonly roomAndMenu: RoomAndMenu;
  /** Ends a session after an error, which may have happened while another user's session ran. */
  sessionFailed(session: SessionId, error: unknown): void;
  limitReached(session: SessionId, limit: LimitName): void;
  /** Logs and counts a limit that the session's chart has found reached. */
  noteLimit(session: SessionId, limit: LimitName): void;
}

/**
 * In UTF-16 units. A longer text goes to the partner line by line: each line gets the sender's id in front, and after
 * each one the session looks if the partner has too much to read.
 */
const maxUnitsAtOnce = 4096;

/** A quick check of several lines: if it doesn't match, all of them are for the channel. */
const mayBeForChart = /^[\s\u2800]*(?:$|\/|exit)/im;

export class Session extends ChartConnection<typeof sessionMachine> implements SessionSide, Reader {
  readonly id: SessionId;
  declare readonly connection: SessionConnection;
  readonly remoteAddress: string;
  /** The broadcast that this user reads now: the menu's or the common room's. */
  broadcast: Broadcast | undefined;
  readonly channel: LineChannel;
  /** Why the session ends. If the server has no other reason, the user has hung up. */
  ending: Ending = 'hungUp';
  readonly activity: UserActivity;
  /** True if no user reads that this one has come or gone. */
  isConcealed = false;
  /** The partner of the latest chat; empty if there was none. */
  partner: SessionId;
  /** True if the user has the id by its password. */
  isProved: boolean;
  /** When this user's lines may be taken. */
  readonly pacing: LinePacing;
  readonly #options: SessionOptions;
  readonly #host: SessionHost;

  /** With `state` it goes on where another process has stopped. */
  constructor(
    id: SessionId,
    connection: SessionConnection,
    options: SessionOptions,
    host: SessionHost,
    state?: SessionState,
  ) {
    super(connection);
    this.id = id;
    this.remoteAddress = connection.remoteAddress;
    this.#host = host;
    this.#options = options;
    this.channel = new LineChannel(connection, (lines) => this.overhear(lines));
    this.pacing = new LinePacing(options, () => this.feed(), state?.lineTokens);
    this.activity = new UserActivity(options, state);
    this.partner = state?.partner ?? '';
    this.isProved = state?.isProved ?? false;
  }

  // Input from the connection.

  override receive(received: Received): void {
    if (this.isOver) return;
    if (received !== 'end') this.activity.heard();
    // Most lines are chat, and no line waits before them: they need no place in the line queue, and go together.
    const isLines = received !== 'end' && 'lines' in received;
    if (isLines && this.lineQueue.isEmpty && this.#mayRelay(received.lines)) this.#relay(received.lines);
    else super.receive(received);
  }

  failed(error: unknown): void {
    this.#host.sessionFailed(this.id, error);
  }

  // What the chart's actions do (SessionSide).

  say(reply: ReplyName, context: SessionContext, event: SessionEvent): void {
    this.ending = event.type === 'limit.reached' ? event.limit : (endingAfter[reply] ?? this.ending);
    this.show(wordingOf(reply, context, event, this.#host, this.#options));
  }

  noteLimit(limit: LimitName): void {
    this.#host.noteLimit(this.id, limit);
  }

  hearPresence(): void {
    this.#host.roomAndMenu.enterMenu(this);
  }

  mutePresence(): void {
    this.#host.roomAndMenu.leaveMenu(this);
  }

  /** Without an event, once more: another process has opened it before. */
  openChatChannel({ userId, pairingId }: SessionContext, event?: SessionEvent): void {
    if (event !== undefined) {
      assertEvent(event, ['chat.started', 'partner.back', 'id.granted']);
      this.partner = (event.type === 'id.granted' ? event.chat?.partnerSession : event.partnerSession) ?? '';
    }
    const partner = this.#host.roomAndMenu.partnerOf(this.id, this.partner);
    const { counters } = this.#options;
    // A function without a name of its own: the tool that runs TypeScript gives the others theirs, each time.
    this.channel.open(
      (text) => {
        const said = notices.said(userId, text);
        counters?.countSent('chat', text);
        counters?.countDelivered('chat', said, partner === undefined ? 0 : 1);
        partner?.receive(pairingId, said);
      },
      pairingId,
      partner,
    );
  }

  openRoomChannel({ userId }: SessionContext, event?: SessionEvent): void {
    const { roomAndMenu } = this.#host;
    if (event !== undefined) roomAndMenu.announceInRoom(this, userId);
    roomAndMenu.enterRoom(this);
    this.channel.open((text) => roomAndMenu.sayInRoom(this, userId, text), 0, roomAndMenu.roomReader);
  }

  closeChannel(userId: UserId): void {
    this.channel.close();
    this.#host.roomAndMenu.leaveRoom(this, userId);
  }

  interject(reply: ReplyName, context: SessionContext, event: SessionEvent): void {
    this.broadcast?.flushTo(this);
    this.prompts.interject(wordingOf(reply, context, event, this.#host, this.#options));
  }

  override show(text: string): void {
    this.broadcast?.flushTo(this);
    super.show(text);
  }

  // Lines from other users (Reader).

  /** Shows a line from or about another user. An error here must not cost that user anything. */
  overhear(line: string): void {
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
    if (this.isWaiting) return false;
    if (input === 'end') return true;
    const reader = this.channel.isOpen ? this.channel.reader : this.channel;
    // exit() is not sent to the reader, so it doesn't have to wait for them.
    if (reader?.needsDrain && !(this.channel.isOpen && isExitLine('line' in input ? input.line : '')))
      return this.pacing.waitFor(reader);
    return this.pacing.takeOne();
  }

  take(input: Input): void {
    if (input === 'end') {
      this.sendEnd();
      return;
    }
    // What others said before this line is shown first, and not between the line and its answer.
    this.broadcast?.flushTo(this);
    if ('line' in input && this.channel.isOpen && isRelayedLine(input.line)) {
      this.#relay(input.line);
      return;
    }
    this.prompts.lineTyped();
    const { counters } = this.#options;
    if (counters !== undefined) counters.lines['refused' in input ? 'refused' : 'dialogue']++;
    if ('refused' in input) {
      this.send({ type: 'line.refused', reason: input.refused });
      return;
    }
    this.prompts.promptAnswered();
    const isSecret = this.actor?.getSnapshot().hasTag('secret');
    this.send({
      type: 'line.received',
      ...(isSecret ? { text: '', secret: new Secret(input.line) } : { text: input.line }),
    });
  }

  protected onLimit(limit: LimitName): void {
    this.#host.limitReached(this.id, limit);
  }

  override stopListening(): void {
    super.stopListening();
    this.channel.forgetEarly();
    this.pacing.stop();
  }

  /** True if all of these lines may go through the channel now. */
  #mayRelay(text: string): boolean {
    if (this.isWaiting || !this.channel.isOpen || this.channel.reader?.needsDrain) return false;
    if (text.length > maxUnitsAtOnce) return false;
    if (mayBeForChart.test(text) && !text.split('\n').every(isRelayedLine)) return false;
    return this.pacing.takeAtOnce(text.split('\n').length);
  }

  #relay(text: string): void {
    this.prompts.lineTyped();
    this.channel.send(text);
  }
}

function wordingOf(
  reply: ReplyName,
  { userId, partner }: SessionContext,
  event: SessionEvent,
  { directory: online, roomAndMenu: { history: roomHistory } }: SessionHost,
  { maxLineBytes }: SessionOptions,
): string {
  return replies[reply]({ userId, partner, event, online, roomHistory, maxLineBytes });
}
