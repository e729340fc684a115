/**
 * The relay between many server processes: lines to the room, the menu and partners, and what is said of lost users.
 *
 * Owns: what lines become on their way out, and who gets the lines that come in. Lines to the room and the menu pass
 * through the inboxes, so all read them in one order, in their place among the decisions. Lines of private chats go past
 * them. Knows nothing of connections and leases.
 * Next: `remoteFlowControl.ts` (how much may be in flight to a partner), `lineFlows.ts`, `outgoingBatches.ts`.
 */
import type { SessionId } from '../../machines/events.ts';
import type { Partner, Relay, RelayHandler, RoomHistoryEntry, SlowReader } from '../chat/directory/relay.ts';
import type { Clock } from '../runtime/clock.ts';
import { LineFlows } from './lineFlows.ts';
import type { OutgoingBatches } from './outgoingBatches.ts';
import type { Publish } from './quickWay.ts';
import { RemoteFlowControl } from './remoteFlowControl.ts';
import { nodeOf, type SessionNames } from './sessionNames.ts';
import type { ChatItem, Incoming, IncomingLine } from './wireTypes.ts';

export interface RedisRelayParts {
  node: string;
  names: SessionNames;
  batches: OutgoingBatches;
  clock: Clock;
  /** Sends something to another process past the directory. */
  publish: Publish;
  isStandalone: () => boolean;
}

export class RedisRelay implements Relay {
  readonly reachesOthers = true;
  /** The lobby; undefined before it is attached, and when the server has stopped. */
  handler: RelayHandler | undefined;
  /** Speakers in the room wait for Redis, but not while there is none. */
  readonly roomReader: SlowReader;
  /** Lines of private chats, and what has to stay in order with them. */
  readonly flows: LineFlows;
  readonly #node: string;
  readonly #names: SessionNames;
  readonly #batches: OutgoingBatches;
  readonly #flowControl: RemoteFlowControl;
  readonly #isStandalone: () => boolean;

  constructor({ node, names, batches, clock, publish, isStandalone }: RedisRelayParts) {
    this.#node = node;
    this.#names = names;
    this.#batches = batches;
    this.#isStandalone = isStandalone;
    this.flows = new LineFlows({
      ...{ node, clock, publish },
      pass: (to, text) => this.#pass(to, text),
      deliver: (item) => this.#deliverChatItem(item),
      lineMissing: (session) => this.#lineMissing(session),
    });
    this.#flowControl = new RemoteFlowControl((to, item) => this.flows.add(to, item), this.flows);
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

  /** This session ends its chat now, if it has one: its partner elsewhere reads what was said before that first. */
  markEnd(session: string): void {
    const partner = this.#flowControl.partnerOf(session);
    const mark = partner && this.flows.markFor(partner);
    if (mark) this.#batches.add(['pass', this.#node, nodeOf(mark[2]), JSON.stringify(mark)]);
  }

  /** Lines that are kept are sent again when there is a directory. */
  #pass(to: string, text: string): boolean {
    const { isOpen } = this.#batches.state;
    if (isOpen) this.#batches.add(['pass', this.#node, to, text]);
    return isOpen;
  }

  /**
   * From now on the room here reads its lines without Redis: first those that our inbox hasn't shown, in order. Then these
   * readers are told that lines of others may be missing: here is the gap, whatever comes of them later.
   */
  startStandalone(readers: readonly SessionId[]): void {
    this.flows.updates.releaseAll((session) => this.#lineMissing(session));
    for (const [, from, lines, isSaid] of this.#batches.takeUndeliveredRoomLines()) {
      this.handler?.deliverToRoom(lines, this.#names.toLocal(from), isSaid);
    }
    if (readers.length > 0) this.handler?.linesMissing(readers);
  }

  /** Lines have come in. */
  deliver(item: IncomingLine): void {
    if (item[0] === 'room') {
      const [, lines, from, isSaid, isDeliveredThere] = item;
      if (isDeliveredThere && this.#names.isOurs(from)) return;
      this.handler?.deliverToRoom(lines, this.#names.toLocal(from), isSaid);
    } else this.handler?.deliverToMenu(item[1], this.#names.toLocal(item[2]));
  }

  restoreHistory(said: readonly RoomHistoryEntry[]): void {
    this.handler?.restoreHistory(said);
  }

  #lineMissing(session: string): void {
    this.handler?.linesMissing([this.#names.toLocal(session)]);
  }

  #deliverChatItem(item: ChatItem): void {
    if (item[0] === 'ack') {
      this.#flowControl.ack(item[1], item[3]);
      return;
    }
    const [, to, pairingId, lines, from] = item;
    const reader = this.handler?.deliverToPartner(this.#names.toLocal(to), pairingId, lines);
    this.#flowControl.read(to, from, pairingId, lines.length, reader);
  }

  /** A user is gone from the directory. The lobby hears of those whose process could not say so. */
  userGone([, session, id, state, isLost]: Extract<Incoming, ['gone', ...unknown[]]>): void {
    if (isLost && !this.#names.isOurs(session)) this.handler?.lostElsewhere(id, state === 'commonRoom');
  }

  /** A session of this process has ended. */
  forget(session: string): void {
    this.#flowControl.delete(session);
    this.flows.updates.forget(session);
  }

  /** Lines in flight between processes may be lost; these users would have read them. */
  linesMissing(readers: readonly SessionId[]): void {
    this.#flowControl.forgetUnacknowledged();
    if (readers.length > 0) this.handler?.linesMissing(readers);
  }
}
