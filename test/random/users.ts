/**
 * Six users at their terminals.
 *
 * Owns: which user has which connection, and what each user does next: connect, type, stop reading, end, cut. What they
 * send is under way then; the world decides when it arrives. Next: `speech.ts` (what they type), `randomWorld.ts`.
 */
import type { ConnectionOptions } from '../../src/transport/connection.ts';
import type { Dice } from './choices.ts';
import { Link, type Observer } from './link.ts';
import type { MemorySocket } from './memorySocket.ts';
import { nextWords, type Words } from './speech.ts';

export interface UsersOptions {
  /** Names of others are spelled as their owners do. */
  late: boolean;
  createSocket?: () => MemorySocket;
  /** Called with everything that is typed and read, in order. */
  onScreen?: (user: string, kind: 'typed' | 'read' | 'did', text: string) => void;
}

/** What a user did: a connection to open, or one on which something may be under way. */
export type Deed = { opened: Link } | { used: Link } | undefined;

const lf = Buffer.from('\n');
const crlf = Buffer.from('\r\n');

export class Users {
  /** All connections that are not over on both sides. */
  readonly links = new Set<Link>();
  /** The connection each user uses. */
  readonly #current = new Map<string, Link>();
  readonly #dice: Dice;
  readonly #options: UsersOptions;
  readonly #connection: ConnectionOptions;
  #lines = 0;

  constructor(dice: Dice, options: UsersOptions, connection: ConnectionOptions) {
    this.#dice = dice;
    this.#options = options;
    this.#connection = connection;
  }

  /** A user does something, or waits. */
  act(user: string, observer: Observer): Deed {
    const dice = this.#dice;
    const link = this.#current.get(user);
    if (link === undefined || link.isOver) return { opened: this.#connect(user, observer) };
    if (link.stalled) {
      if (dice.oneIn(4)) this.#stall(link, false);
      return undefined;
    }
    const fate = dice.of(400);
    if (fate === 0) this.#reset(link);
    else if (fate === 1) this.#stall(link, true);
    else if (link.socket.upEnd === 'fin') return undefined;
    else if (link.readEnd) {
      // A user may leave their side open for longer than the server waits.
      if (!dice.oneIn(3)) this.#finish(link);
    } else if (fate < 5) this.#finish(link);
    else {
      this.#type(link);
      return { used: link };
    }
    return dice.oneIn(2) ? { used: link } : undefined;
  }

  /** Lets each user end or cut their connection. */
  leave(): void {
    for (const link of this.#current.values()) {
      if (this.#dice.oneIn(2)) this.#reset(link);
      else if (link.socket.upEnd === 'open') this.#finish(link);
    }
  }

  #connect(user: string, observer: Observer): Link {
    const link = new Link(user, this.#dice.oneIn(6), observer, this.#connection, this.#options.createSocket?.());
    this.#current.set(user, link);
    this.links.add(link);
    const { onScreen } = this.#options;
    if (onScreen) link.judge.onScreen = (kind, text) => onScreen(user, kind, text);
    this.#notify(link, 'connects');
    return link;
  }

  #type(link: Link): void {
    const dice = this.#dice;
    if (link.segments) {
      this.#typeSegment(link);
      return;
    }
    const parts: Buffer[] = [];
    const sent: Words['sent'][] = [];
    for (let lines = dice.oneIn(5) ? 2 + dice.of(2) : 1; lines > 0; lines--) {
      const words = this.#words(link);
      parts.push(words.bytes, dice.oneIn(4) ? crlf : lf);
      sent.push(words.sent);
    }
    link.send(Buffer.concat(parts), ...sent);
  }

  /** Until the guess is made, whether a second segment is a line of its own would depend on when the first one came. */
  #typeSegment(link: Link): void {
    if (!link.heard && (link.socket.up.length > 0 || link.firstLineBegun)) return;
    const { bytes, sent } = this.#words(link);
    if (bytes.length > 0 && (link.heard || 'shown' in sent)) link.send(bytes, sent);
  }

  #words(link: Link): Words {
    return nextWords(link.judge.place.state, link.user, ++this.#lines, this.#options.late, this.#dice);
  }

  /** Half-closes, now and then behind a last line without its line feed. */
  #finish(link: Link): void {
    if (!link.segments && !link.readEnd && this.#dice.oneIn(3)) {
      const { bytes, sent } = this.#words(link);
      if (bytes.length > 0) link.send(bytes, sent);
    }
    this.#notify(link, 'ends');
    link.socket.finish();
  }

  #reset(link: Link): void {
    this.#notify(link, 'cuts the connection');
    link.socket.reset();
  }

  #stall(link: Link, stalled: boolean): void {
    this.#notify(link, stalled ? 'stops reading' : 'reads again');
    link.stalled = stalled;
  }

  #notify(link: Link, what: string): void {
    this.#options.onScreen?.(link.user, 'did', what);
  }
}
