/**
 * Private chats between two server processes: nobody is overrun.
 *
 * Owns: how much of what was said to a partner elsewhere is not known to be read, and the acknowledgement of it in both directions.
 * Without it, whoever writes faster than the other one reads would fill that one's send queue and cost them the connection.
 * Next: `redisDirectory.ts`.
 */

import type { Partner, SlowReader } from '../chat/directory/relay.ts';
import type { Outgoing } from './wireTypes.ts';

/** UTF-16 units under way to one partner before the speaker has to wait. */
const maxUnacknowledgedCodeUnits = 65_536;
/** After so many the speaker is told: few messages, and never a reason to wait while the partner reads. */
const ackAfterCodeUnits = 16_384;

/** The partner of a session here, who is connected elsewhere. */
class RemotePartner implements Partner {
  unacknowledged = 0;
  readonly #send: (pairingId: number, lines: string) => void;
  readonly #way: SlowReader;
  #onceDrained: (() => void)[] = [];

  constructor(send: (pairingId: number, lines: string) => void, way: SlowReader) {
    this.#send = send;
    this.#way = way;
  }

  receive(pairingId: number, lines: string): void {
    this.unacknowledged += lines.length;
    this.#send(pairingId, lines);
  }

  get needsDrain(): boolean {
    return this.unacknowledged >= maxUnacknowledgedCodeUnits || this.#way.needsDrain;
  }

  onceDrained(callback: () => void): void {
    if (this.unacknowledged < maxUnacknowledgedCodeUnits) this.#way.onceDrained(callback);
    else this.#onceDrained.push(callback);
  }

  ack(length: number): void {
    this.unacknowledged = Math.max(0, this.unacknowledged - length);
    if (this.unacknowledged >= maxUnacknowledgedCodeUnits) return;
    const callbacks = this.#onceDrained;
    this.#onceDrained = [];
    for (const callback of callbacks) callback();
  }
}

export class RemoteFlowControl {
  readonly #send: (item: Outgoing) => void;
  readonly #way: SlowReader;
  /** The partner of each session here that chats with somebody elsewhere, as far as it has said something. */
  readonly #partners = new Map<string, { other: string; partner: RemotePartner }>();
  /** What each session here has read and its partner doesn't know of. */
  readonly #read = new Map<string, { pairingId: number; length: number }>();

  constructor(send: (item: Outgoing) => void, way: SlowReader) {
    this.#send = send;
    this.#way = way;
  }

  /** The way from a session here to one elsewhere. */
  between(from: string, to: string): Partner {
    const partner = new RemotePartner(
      (pairingId, lines) => this.#send(['line', from, to, pairingId, lines]),
      this.#way,
    );
    this.#partners.set(from, { other: to, partner });
    return partner;
  }

  /** A session here was given lines; whoever says them hears of it, when there is room for more. */
  read(by: string, from: string, pairingId: number, length: number, reader: SlowReader | undefined): void {
    const read = this.#read.get(by);
    const sum = (read?.pairingId === pairingId ? read.length : 0) + length;
    this.#read.set(by, { pairingId, length: sum });
    if (sum < ackAfterCodeUnits) return;
    this.#read.delete(by);
    const notify = (): void => {
      if (reader?.needsDrain) reader.onceDrained(notify);
      else this.#send(['ack', by, from, pairingId, sum]);
    };
    notify();
  }

  ack(by: string, length: number): void {
    this.#partners.get(by)?.partner.ack(length);
  }

  delete(session: string): void {
    this.#partners.delete(session);
    this.#read.delete(session);
  }

  /** What was under way is lost, and nobody will say that it was read. */
  forgetUnacknowledged(): void {
    for (const { partner } of this.#partners.values()) partner.ack(Number.POSITIVE_INFINITY);
    this.#read.clear();
  }
}
