/**
 * One person's session: between their connection and the actor of the session chart.
 *
 * Owns: the order of this person's lines (they wait while a verdict is out), the cable they run through while the chart
 * keeps it plugged, and this person's screen. Decides nothing about what a state accepts: the chart does.
 * Knows nothing of sockets. Next: `machines/session.ts`, `sessionActions.ts` (what the chart's actions do), `lobby.ts`.
 */
import type { Actor, SnapshotFrom } from 'xstate';
import type { SessionId } from '../../machines/messages.ts';
import { isExitLine, type sessionMachine } from '../../machines/session.ts';
import type { Connection, ConnectionUser } from '../wire/connection.ts';
import type { LineRefusal } from '../wire/framing.ts';
import type { Audience, Reader } from './audience.ts';
import { connectionNotices } from './replies.ts';
import { Screen } from './screen.ts';

/** What a session needs of its connection. */
export type Terminal = Pick<Connection, 'remoteAddress' | 'attach' | 'write' | 'end' | 'pause' | 'resume'>;

export type SessionActor = Actor<typeof sessionMachine>;

/** Where lines go while the chart keeps the cable plugged: one or more, parted by line feeds. */
export type Cable = (text: string) => void;

/** What came from the person, in order: lines, lines that were refused, and at last the end of their input. */
type Input = { line: string } | { refused: LineRefusal } | 'end';

export class Session implements ConnectionUser, Reader {
  readonly id: SessionId;
  /** Who else tells this person things just now: the menu's audience or the common room. */
  audience: Audience | undefined;
  readonly screen: Screen;
  readonly #terminal: Terminal;
  readonly #maxLineBytes: number;
  readonly #onFault: (error: unknown) => void;
  #actor: SessionActor | undefined;
  /** What came while a verdict was out, oldest first. */
  #held: Input[] = [];
  /** A verdict is out: what the person types has to wait. */
  #isWaiting = true;
  #feeding = false;
  #paused = false;
  /** Nothing the person sends matters any more. */
  #isOver = false;
  /** Where lines go while the chart keeps the cable plugged. */
  #cable: Cable | undefined;
  /** The number of the chat whose lines may be shown here; 0 for none. */
  #chat = 0;
  /** The number of the latest chat that has started here; the numbers of later ones are greater. */
  #latestChat = 0;
  /** Lines of the chat that starts next, which came before the news that it does. */
  #early: { chat: number; line: string }[] = [];

  /** `onFault` hears of errors on this person's side that somebody else's doing has brought to light. */
  constructor(id: SessionId, terminal: Terminal, maxLineBytes: number, onFault: (error: unknown) => void) {
    this.id = id;
    this.#onFault = onFault;
    this.#terminal = terminal;
    this.#maxLineBytes = maxLineBytes;
    this.screen = new Screen(terminal);
  }

  /** Starts the dialogue; from now on the connection is heard. */
  start(actor: SessionActor): void {
    this.#actor = actor;
    actor.subscribe((snapshot) => this.#onTransition(snapshot), ignoreError);
    actor.start();
    this.#terminal.attach(this);
  }

  lines(text: string): void {
    // Most lines are chat and find nobody before them: they need no place among the held ones, and go together.
    const areFirst = this.#held.length === 0 && !this.#isWaiting;
    if (areFirst && this.#relay(text)) return;
    for (const line of text.split('\n')) this.#accept({ line });
  }

  refusedLine(reason: LineRefusal): void {
    this.#accept({ refused: reason });
  }

  inputEnded(): void {
    this.#accept('end');
  }

  /** The chart opens a direct way for this person's lines, and for those of the chat with this number. */
  plug(cable: Cable, chat = 0): void {
    this.#cable = cable;
    this.#chat = chat;
    if (chat === 0) return;
    this.#latestChat = chat;
    const early = this.#early;
    this.#early = [];
    for (const { chat, line } of early) this.receive(chat, line);
  }

  unplug(): void {
    this.#cable = undefined;
    this.#chat = 0;
  }

  /**
   * Shows a line of the private chat with this number, and of no other. Lines take no time and news may: a line that has
   * overtaken the start of its chat waits for it. One that comes after the end of its chat is dropped.
   */
  receive(chat: number, line: string): void {
    if (chat === this.#chat) this.interject(line);
    else if (chat > this.#latestChat && !this.#isOver) this.#early.push({ chat, line });
  }

  /** Shows what the dialogue says next. */
  show(text: string): void {
    this.audience?.catchUp(this);
    this.screen.show(text);
  }

  /** Shows a line from or about somebody else, whom an error here must not touch. */
  interject(line: string): void {
    this.audience?.catchUp(this);
    this.deliver(line);
  }

  deliver(lines: string, bytes?: Buffer): void {
    try {
      this.screen.interject(lines, bytes);
    } catch (error) {
      this.#onFault(error);
    }
  }

  closed(): void {
    this.#end();
    this.#stopListening();
  }

  /** Sends what is said, then ends the connection. */
  hangUp(): void {
    this.#stopListening();
    this.#terminal.end();
  }

  /** Says something that is not the chart's, and hangs up, even if the screen is broken. */
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

  #stopListening(): void {
    this.#isOver = true;
    this.#held = [];
    this.#early = [];
  }

  #accept(input: Input): void {
    if (this.#isOver) return;
    this.#held.push(input);
    this.#feed();
  }

  /** Hands over what came, in order, for as long as no verdict is out. */
  #feed(): void {
    if (this.#feeding) return;
    this.#feeding = true;
    const held = this.#held;
    let next = 0;
    // Whoever hangs up puts a new, empty list in place of this one.
    while (next < held.length && held === this.#held && !this.#isWaiting) this.#take(held[next++] as Input);
    held.splice(0, next);
    this.#feeding = false;
    this.#throttle();
  }

  #take(input: Input): void {
    if (input === 'end') {
      this.#end();
      return;
    }
    // What was told before this line is read before the answer to it, and not in between.
    this.audience?.catchUp(this);
    if ('line' in input && this.#relay(input.line)) return;
    this.screen.lineTyped();
    if ('refused' in input) {
      this.interject(connectionNotices[input.refused](this.#maxLineBytes));
      return;
    }
    this.screen.promptAnswered();
    this.#actor?.send({ type: 'line.received', text: input.line });
  }

  /** Sends lines through the cable; false if there is none, or if one of them is for the chart. */
  #relay(text: string): boolean {
    if (this.#cable === undefined || (text.includes('()') && text.split('\n').some(isExitLine))) return false;
    this.screen.lineTyped();
    this.#cable(text);
    return true;
  }

  #end(): void {
    if (!this.#isOver) this.#actor?.send({ type: 'connection.closed' });
  }

  /** Reads nothing more from a person whose lines are waiting already; behind the last one there is nothing to read. */
  #throttle(): void {
    const full = this.#held.length > 0 && this.#held.at(-1) !== 'end';
    if (full === this.#paused) return;
    this.#paused = full;
    if (full) this.#terminal.pause();
    else this.#terminal.resume();
  }

  /** A verdict that comes later lets the lines go that waited for it. */
  #onTransition(snapshot: SnapshotFrom<typeof sessionMachine>): void {
    this.#isWaiting = snapshot.hasTag('waiting');
    if (this.#held.length > 0 && !this.#feeding) queueMicrotask(() => this.#feed());
  }
}

/** The lobby hears of a failed session by itself; this only keeps XState from throwing the error again. */
function ignoreError(): void {}
