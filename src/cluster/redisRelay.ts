/**
 * The relay between many server processes: lines to the room, the menu and partners, and what is said of lost users.
 *
 * Owns: what lines become on their way out, and who gets the lines that come in. All lines pass through the inboxes, so
 * they keep their place among the decisions. Knows nothing of connections and leases.
 * Next: `remoteFlowControl.ts` (how much may be in flight to a partner), `outgoingBatches.ts`.
 */
import type { SessionId } from '../../machines/events.ts';
import type { Partner, Relay, RelayHandler, RoomHistoryEntry, SlowReader } from '../chat/directory/relay.ts';
import type { OutgoingBatches } from './outgoingBatches.ts';
import { RemoteFlowControl } from './remoteFlowControl.ts';
import type { SessionNames } from './sessionNames.ts';
import type { Incoming, IncomingLine } from './wireTypes.ts';

export class RedisRelay implements Relay {
  readonly reachesOthers = true;
  /** The lobby; undefined before it is attached, and when the server has stopped. */
  handler: RelayHandler | undefined;
  /** Speakers in the room wait for Redis, but not while there is none. */
  readonly roomReader: SlowReader;
  readonly #names: SessionNames;
  readonly #batches: OutgoingBatches;
  readonly #flowControl: RemoteFlowControl;
  readonly #isStandalone: () => boolean;

  constructor(names: SessionNames, batches: OutgoingBatches, isStandalone: () => boolean) {
    this.#names = names;
    this.#batches = batches;
    this.#flowControl = new RemoteFlowControl((item) => batches.add(item), batches);
    this.#isStandalone = isStandalone;
    this.roomReader = {
      get needsDrain() {
        return !isStandalone() && batches.needsDrain;
      },
      onceDrained: (callback) => batches.onceDrained(callback),
    };
  }

  toRoom(lines: string, from: SessionId, isSaid: boolean): void {
    const isDeliveredHere = this.#isStandalone();
    this.#batches.add(['room', this.#names.toShared(from), lines, isSaid, isDeliveredHere]);
    if (isDeliveredHere) this.handler?.deliverToRoom(lines, from, isSaid);
  }

  toMenu(line: string, from: SessionId): void {
    this.#batches.add(['menu', this.#names.toShared(from), line]);
  }

  partnerElsewhere(of: SessionId, partner: SessionId): Partner {
    return this.#flowControl.between(this.#names.toShared(of), partner);
  }

  /**
   * From now on the room here reads its lines without Redis: first those that our inbox hasn't shown, in order. Then these
   * readers are told that lines of others may be missing: here is the gap, whatever comes of them later.
   */
  startStandalone(readers: readonly SessionId[]): void {
    for (const [, from, lines, isSaid] of this.#batches.takeUndeliveredRoomLines()) {
      this.handler?.deliverToRoom(lines, this.#names.toLocal(from), isSaid);
    }
    if (readers.length > 0) this.handler?.linesMissing(readers);
  }

  /** Lines have come in. */
  deliver(item: IncomingLine): void {
    if (item[0] === 'line') {
      const [, to, pairingId, lines, from] = item;
      const reader = this.handler?.deliverToPartner(this.#names.toLocal(to), pairingId, lines);
      this.#flowControl.read(to, from, pairingId, lines.length, reader);
    } else if (item[0] === 'room') {
      const [, lines, from, isSaid, isDeliveredThere] = item;
      if (isDeliveredThere && this.#names.isOurs(from)) return;
      this.handler?.deliverToRoom(lines, this.#names.toLocal(from), isSaid);
    } else this.handler?.deliverToMenu(item[1], this.#names.toLocal(item[2]));
  }

  restoreHistory(said: readonly RoomHistoryEntry[]): void {
    this.handler?.restoreHistory(said);
  }

  /** A partner elsewhere has read so much. */
  ack(session: string, length: number): void {
    this.#flowControl.ack(session, length);
  }

  /** A user is gone from the directory. The lobby hears of those whose process could not say so. */
  userGone([, session, id, state, isLost]: Extract<Incoming, ['gone', ...unknown[]]>): void {
    if (isLost && !this.#names.isOurs(session)) this.handler?.lostElsewhere(id, state === 'commonRoom');
  }

  /** A session of this process has ended. */
  forget(session: string): void {
    this.#flowControl.delete(session);
  }

  /** Lines in flight between processes may be lost; these users would have read them. */
  linesMissing(readers: readonly SessionId[]): void {
    this.#flowControl.forgetUnacknowledged();
    if (readers.length > 0) this.handler?.linesMissing(readers);
  }
}
