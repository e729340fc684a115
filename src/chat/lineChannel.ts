/**
 * The way of one user's lines past the chart while the chart keeps it open: to the room, or to a partner and back.
 *
 * Owns: where lines go, which partner's lines may be shown here, lines that came before the update that their chat has
 * started, and lines for a partner who is away. Decides nothing: the chart opens and closes it. Knows nothing of states,
 * prompts or sockets. Next: `session.ts`.
 */
import type { Connection } from '../transport/connection.ts';
import type { Partner, SlowReader } from './directory/relay.ts';

/** Takes one or more lines, separated by line feeds. */
export type SendLines = (text: string) => void;

/** The part of a connection that says if too much waits to be read. */
type Reading = Pick<Connection, 'needsDrain' | 'onceDrained'>;

/** How much is kept for a partner who is away, in UTF-16 units; then whoever says more has to wait. */
const maxHeldUnits = 65_536;

/** How many texts may arrive before the start of their chat does; then their sender has to wait. */
const maxEarlyTexts = 100;

export class LineChannel implements Partner {
  readonly #reading: Reading;
  readonly #show: (lines: string) => void;
  #send: SendLines | undefined;
  #reader: SlowReader | undefined;
  /** What was sent while the partner was away, oldest first. */
  #held: string[] = [];
  /** The number of the chat whose lines may be shown here; 0 if there is none. */
  #pairingId = 0;
  /** The number of the latest chat that has started here; the numbers of later ones are greater. */
  #latestPairingId = 0;
  /** Lines of the next chat, which came before the update that it has started. */
  #early: { pairingId: number; lines: string }[] = [];

  /** `reading` is this user's own connection. `show` is called with lines of the partner. */
  constructor(reading: Reading, show: (lines: string) => void) {
    this.#reading = reading;
    this.#show = show;
  }

  /**
   * Opens the way, and sends what was kept for the partner. With a `pairingId` lines of that chat are shown here, too.
   * `reader` is the one reader for whom this user has to wait; undefined if there is none.
   */
  open(send: SendLines, pairingId = 0, reader?: SlowReader): void {
    this.#send = send;
    this.#pairingId = pairingId;
    this.#reader = reader;
    if (pairingId === 0) return;
    this.#latestPairingId = pairingId;
    const early = this.#early;
    this.#early = [];
    for (const { pairingId, lines } of early) this.receive(pairingId, lines);
    const held = this.#held;
    this.#held = [];
    for (const text of held) send(text);
  }

  /** From now on keeps what is sent, until the way is opened again. */
  hold(): void {
    let units = 0;
    this.#held = [];
    this.#send = (text) => {
      units += text.length;
      this.#held.push(text);
    };
    // Whoever waits goes on by the update that the partner is back, or that the chat is over.
    this.#reader = {
      get needsDrain() {
        return units >= maxHeldUnits;
      },
      onceDrained: () => {},
    };
  }

  close(): void {
    this.#held = [];
    this.#send = undefined;
    this.#reader = undefined;
    this.#pairingId = 0;
  }

  get isOpen(): boolean {
    return this.#send !== undefined;
  }

  /** The reader for whom this user has to wait; undefined if there is none. */
  get reader(): SlowReader | undefined {
    return this.#reader;
  }

  send(text: string): void {
    this.#send?.(text);
  }

  /**
   * Shows lines of the private chat with this number. Updates may take longer than lines: a line that comes before the
   * start of its chat waits for it. A line that comes after the end of its chat is discarded.
   */
  receive(pairingId: number, lines: string): void {
    if (pairingId === this.#pairingId) this.#show(lines);
    else if (pairingId > this.#latestPairingId) this.#early.push({ pairingId, lines });
  }

  /** True while so much waits for this user to read, or for the start of its chat, that its sender should wait. */
  get needsDrain(): boolean {
    return this.#reading.needsDrain || this.#early.length >= maxEarlyTexts;
  }

  onceDrained(callback: () => void): void {
    this.#reading.onceDrained(callback);
  }

  /** Discards lines that wait: the session ends, and nothing is shown any more. */
  forgetEarly(): void {
    this.#early = [];
    this.#latestPairingId = Number.POSITIVE_INFINITY;
  }
}
