/**
 * The direct way of one user's lines while the chart keeps it open: to the room, or to the partner of a chat and back.
 *
 * Owns: where lines go, whose lines may be shown here, and lines that have come before the update that their chat has
 * started. Decides nothing: the chart opens and closes it. Knows nothing of states, prompts or sockets. Next: `session.ts`.
 */
import type { Connection } from '../transport/connection.ts';
import type { Partner, SlowReader } from './directory/relay.ts';

/** Takes one or more lines, separated by line feeds. */
export type SendLines = (text: string) => void;

/** Where it shows how much waits to be read here. */
type Reading = Pick<Connection, 'needsDrain' | 'onceDrained'>;

/** How many texts may have overtaken the start of their chat before the one who sends them has to wait. */
const maxEarlyTexts = 100;

export class LineChannel implements Partner {
  readonly #reading: Reading;
  readonly #show: (lines: string) => void;
  #send: SendLines | undefined;
  #reader: SlowReader | undefined;
  /** The number of the chat whose lines may be shown here; 0 for none. */
  #pairingId = 0;
  /** The number of the latest chat that has started here; the numbers of later ones are greater. */
  #latestPairingId = 0;
  /** Lines of the chat that starts next, which came before the update that it does. */
  #early: { pairingId: number; lines: string }[] = [];

  /** `reading` is this user's own connection; `show` is called with lines of the partner. */
  constructor(reading: Reading, show: (lines: string) => void) {
    this.#reading = reading;
    this.#show = show;
  }

  /** In a private chat also for the lines of that chat to here. `reader` is who should not be overrun; undefined for many. */
  open(send: SendLines, pairingId = 0, reader?: SlowReader): void {
    this.#send = send;
    this.#pairingId = pairingId;
    this.#reader = reader;
    if (pairingId === 0) return;
    this.#latestPairingId = pairingId;
    const early = this.#early;
    this.#early = [];
    for (const { pairingId, lines } of early) this.receive(pairingId, lines);
  }

  close(): void {
    this.#send = undefined;
    this.#reader = undefined;
    this.#pairingId = 0;
  }

  get isOpen(): boolean {
    return this.#send !== undefined;
  }

  /** Who reads what is sent, and should not be overrun; undefined for many, who don't wait for each other. */
  get reader(): SlowReader | undefined {
    return this.#reader;
  }

  send(text: string): void {
    this.#send?.(text);
  }

  /**
   * Shows lines of the private chat with this number, and of no other. Lines take no time and updates may: a line that
   * has overtaken the start of its chat waits for it. One that comes after the end of its chat is dropped.
   */
  receive(pairingId: number, lines: string): void {
    if (pairingId === this.#pairingId) this.#show(lines);
    else if (pairingId > this.#latestPairingId) this.#early.push({ pairingId, lines });
  }

  /** True while so much waits to be read by this user, or for the start of its chat, that its sender should wait. */
  get needsDrain(): boolean {
    return this.#reading.needsDrain || this.#early.length >= maxEarlyTexts;
  }

  onceDrained(callback: () => void): void {
    this.#reading.onceDrained(callback);
  }

  /** The session ends: nothing is shown any more. */
  forgetEarly(): void {
    this.#early = [];
    this.#latestPairingId = Number.POSITIVE_INFINITY;
  }
}
