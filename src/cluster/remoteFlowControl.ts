/**
 * Flow control of private chats between two server processes.
 *
 * Owns: how much text is in flight to each partner elsewhere, and the acks in both directions. Without it, a user who
 * writes faster than the partner reads would fill the partner's send queue, and the partner would be dropped.
 * Knows nothing of connections and leases. Next: `redisRelay.ts`, `lineFlows.ts` (what is in flight to all of them).
 */
import type { Partner, SlowReader } from '../chat/directory/relay.ts';
import type { ChatItem } from './wireTypes.ts';

/** Text in flight to one partner, from which on the speaker has to wait. */
const maxUnacknowledgedCodeUnits = 65_536;
/** The reader's process sends an ack for so much text: few acks, and a speaker whose partner reads never waits. */
const ackAfterCodeUnits = 16_384;

/** The partner of a session here, who is connected elsewhere. */
class RemotePartner implements Partner {
  /** The session, by its shared name. */
  readonly session: string;
  #unacknowledgedCodeUnits = 0;
  readonly #send: (pairingId: number, lines: string) => void;
  readonly #lines: SlowReader;
  #onceDrained: (() => void)[] = [];

  constructor(session: string, send: (pairingId: number, lines: string) => void, lines: SlowReader) {
    this.session = session;
    this.#send = send;
    this.#lines = lines;
  }

  receive(pairingId: number, lines: string): void {
    this.#unacknowledgedCodeUnits += lines.length;
    this.#send(pairingId, lines);
  }

  get needsDrain(): boolean {
    return this.#unacknowledgedCodeUnits >= maxUnacknowledgedCodeUnits || this.#lines.needsDrain;
  }

  onceDrained(callback: () => void): void {
    if (this.#unacknowledgedCodeUnits < maxUnacknowledgedCodeUnits) this.#lines.onceDrained(callback);
    else this.#onceDrained.push(callback);
  }

  ack(length: number): void {
    this.#unacknowledgedCodeUnits = Math.max(0, this.#unacknowledgedCodeUnits - length);
    if (this.#unacknowledgedCodeUnits >= maxUnacknowledgedCodeUnits) return;
    const callbacks = this.#onceDrained;
    this.#onceDrained = [];
    for (const callback of callbacks) callback();
  }
}

export class RemoteFlowControl {
  readonly #send: (to: string, item: ChatItem) => void;
  readonly #lines: SlowReader;
  /** The partner of each session here that chats with a user elsewhere. */
  readonly #partners = new Map<string, RemotePartner>();
  /** What each session here has read since the latest ack. */
  readonly #read = new Map<string, { pairingId: number; length: number }>();

  /** `lines` are all that are in flight, to whomever. */
  constructor(send: (to: string, item: ChatItem) => void, lines: SlowReader) {
    this.#send = send;
    this.#lines = lines;
  }

  /** The partner, connected elsewhere, of a session here. */
  between(from: string, to: string): Partner {
    const partner = new RemotePartner(
      to,
      (pairingId, lines) => this.#send(to, ['line', to, pairingId, lines, from]),
      this.#lines,
    );
    this.#partners.set(from, partner);
    return partner;
  }

  /** The partner elsewhere of a session here; undefined if it never had one. */
  partnerOf(session: string): string | undefined {
    return this.#partners.get(session)?.session;
  }

  /** A session here was given lines. The speaker's process gets an ack as soon as the reader needs no drain. */
  read(by: string, from: string, pairingId: number, length: number, reader: SlowReader | undefined): void {
    const read = this.#read.get(by);
    const sum = (read?.pairingId === pairingId ? read.length : 0) + length;
    this.#read.set(by, { pairingId, length: sum });
    if (sum < ackAfterCodeUnits) return;
    this.#read.delete(by);
    const notify = (): void => {
      if (reader?.needsDrain) reader.onceDrained(notify);
      else this.#send(from, ['ack', from, pairingId, sum]);
    };
    notify();
  }

  /** The partner of this session has read so much. */
  ack(of: string, length: number): void {
    this.#partners.get(of)?.ack(length);
  }

  delete(session: string): void {
    this.#partners.delete(session);
    this.#read.delete(session);
  }

  /** What was in flight is lost, so no ack will come. */
  forgetUnacknowledged(): void {
    for (const partner of this.#partners.values()) partner.ack(Number.POSITIVE_INFINITY);
    this.#read.clear();
  }
}
