/**
 * One connection of the simulation: a user's end, the real `Connection`, and the session behind it.
 *
 * Owns: what it observes between connection and session, without a change: which lines were framed, when the session
 * took each of them, and how much the server had said by then.
 * Next: `transcriptJudge.ts` (what the user reads), `randomWorld.ts`.
 */
import { Session, type SessionConnection } from '../../src/chat/session.ts';
import {
  Connection,
  type ConnectionOptions,
  type ConnectionUser,
  type Received,
} from '../../src/transport/connection.ts';
import type { LineRefusal } from '../../src/transport/lineDecoder.ts';
import { MemorySocket } from './memorySocket.ts';
import { TranscriptJudge } from './transcriptJudge.ts';

/** What a link calls in the world. */
export interface Observer {
  /** A user's action has reached the server. */
  acted(): void;
  /** Called just before the session acts on a line. Returns how the judge shall spell the line. */
  takes(link: Link, text: string): string;
  /** The server knows that the connection is gone. */
  closed(link: Link): void;
  violated(link: Link, what: string): void;
}

/** A line as the user sends it, and what must become of it: a text, or a refusal. */
export type Sent = { shown: string } | { refusal: LineRefusal };

export class Link implements SessionConnection, ConnectionUser {
  readonly remoteAddress = 'memory';
  /** The name of the user. */
  readonly user: string;
  readonly judge = new TranscriptJudge();
  socket: MemorySocket;
  session: Session | undefined;
  /** The user sends no line feeds. */
  readonly segments: boolean;
  /** The user reads nothing now. */
  stalled = false;
  /** The user has read the server's FIN. */
  readEnd = false;
  /** The server has framed at least one line. */
  heard = false;
  /** Some bytes of a first line have arrived, and no line feed. */
  firstLineBegun = false;
  readonly #observer: Observer;
  #connection: Connection;
  readonly #sent: Sent[] = [];
  /** Framed, but not yet taken by the session. */
  readonly #framed: Sent[] = [];
  /** The user's lines end with CR, so the server's may too. */
  #hasSentCr = false;
  #said = 0;
  #ended = false;

  constructor(
    user: string,
    segments: boolean,
    observer: Observer,
    options: ConnectionOptions,
    socket = new MemorySocket(),
  ) {
    this.user = user;
    this.segments = segments;
    this.#observer = observer;
    this.socket = socket;
    this.#connection = new Connection(this.socket as never, options);
  }

  /** Another process goes on with the connection, of which it knows only the state. */
  inherit(options: ConnectionOptions): void {
    const { state, gathered } = this.#connection.giveAway();
    this.socket = this.socket.inherited();
    this.#connection = new Connection(this.socket as never, options, this.remoteAddress, structuredClone(state));
    if (gathered.length > 0) this.#connection.write(gathered.toString());
  }

  // The user's end.

  send(bytes: Buffer, ...lines: Sent[]): void {
    this.#sent.push(...lines);
    this.#hasSentCr ||= bytes.includes(0x0d);
    this.socket.send(bytes);
  }

  /** True if no user uses the connection any more: it was cut, or both sides have ended it. */
  get isOver(): boolean {
    return this.isCut || (this.readEnd && this.socket.upEnd === 'fin');
  }

  get isCut(): boolean {
    return this.socket.upEnd === 'reset' || this.socket.downEnd === 'reset';
  }

  /** At most so many bytes reach the server. */
  deliverUp(most: number): void {
    const [first] = this.socket.up;
    if (first !== undefined) {
      const end = first.indexOf(10);
      this.firstLineBegun = !this.heard && (end === -1 || end >= most);
    }
    this.socket.deliverUp(most);
  }

  /** At most so many bytes reach the user; false if there was nothing to read. */
  deliverDown(most: number): boolean {
    if (this.stalled || this.isCut) return false;
    const bytes = this.socket.takeDown(most);
    if (bytes !== undefined) {
      this.judge.receive(this.#hasSentCr ? withoutCr(bytes) : bytes);
      if (this.judge.violation !== undefined) this.#observer.violated(this, this.judge.violation);
      return true;
    }
    if (this.socket.downEnd !== 'fin' || this.readEnd) return false;
    this.readEnd = true;
    const { state } = this.judge.place;
    if (state !== 'over' && this.socket.upEnd !== 'fin') this.#observer.violated(this, `is cut off in ${state}`);
    this.judge.onScreen?.('read', '(end)');
    return true;
  }

  /** True if the user has read all that the server has handed to the socket. */
  get hasReadAll(): boolean {
    return this.socket.down.length === 0 && (this.socket.downEnd !== 'fin' || this.readEnd);
  }

  // The session's terminal.

  attach(user: ConnectionUser): void {
    if (!(user instanceof Session)) throw new TypeError('Only sessions attach to a terminal.');
    this.session = user;
    const { prompts } = user;
    const lineTyped = prompts.lineTyped.bind(prompts);
    // A session does this for every line that it takes, at that moment. Only lines of a chat are taken together.
    prompts.lineTyped = () => {
      lineTyped();
      this.#taken();
    };
    const { channel } = user;
    const open = channel.open.bind(channel);
    channel.open = (send, pairingId) =>
      open((text) => {
        for (const _ of text.split('\n').slice(1)) this.#taken();
        send(text);
      }, pairingId);
    this.#connection.attach(this);
  }

  write(text: string): void {
    if (!this.#ended) this.#said += text.length;
    this.#connection.write(text);
  }

  end(): void {
    this.#ended = true;
    this.#connection.end();
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  get needsDrain(): boolean {
    return this.#connection.needsDrain;
  }

  onceDrained(callback: () => void): void {
    this.#connection.onceDrained(callback);
  }

  // The connection's user.

  limitReached(limit: Parameters<ConnectionUser['limitReached']>[0]): void {
    this.session?.limitReached(limit);
  }

  failed(error: unknown): void {
    this.session?.failed(error);
  }

  receive(received: Received): void {
    if (received === 'end') this.#inputEnded();
    else if ('lines' in received) this.#lines(received.lines);
    else this.#refused(received.refused);
    this.session?.receive(received);
  }

  #lines(text: string): void {
    for (const line of text.split('\n')) {
      this.#framedAs(JSON.stringify(line), (sent) => 'shown' in sent && sent.shown === line);
      this.#framed.push({ shown: line });
    }
  }

  #refused(reason: LineRefusal): void {
    this.#framedAs(reason, (sent) => 'refusal' in sent && sent.refusal === reason);
    this.#framed.push({ refusal: reason });
  }

  #inputEnded(): void {
    this.#observer.acted();
    if (this.#sent.length > 0) this.#observer.violated(this, `ends its input, but lost ${JSON.stringify(this.#sent)}`);
  }

  closed(): void {
    if (this.socket.upEnd === 'reset') this.#observer.acted();
    this.session?.closed();
    this.#observer.closed(this);
  }

  #framedAs(what: string, matches: (sent: Sent) => boolean): void {
    this.#observer.acted();
    this.heard = true;
    this.firstLineBegun = false;
    const sent = this.#sent.shift();
    if (sent === undefined || !matches(sent)) {
      this.#observer.violated(this, `sent ${JSON.stringify(sent)}, but the server heard ${what}`);
    }
  }

  #taken(): void {
    const taken = this.#framed.shift();
    if (taken === undefined) this.#observer.violated(this, 'has a line taken that it never sent');
    else if ('shown' in taken) this.judge.type(this.#said, this.#observer.takes(this, taken.shown));
  }
}

function withoutCr(bytes: Buffer): Buffer {
  return Buffer.from(bytes.filter((byte) => byte !== 0x0d));
}
