/**
 * The session chart as a pure function, for tables: a place and an event in, a place and named actions out.
 *
 * Owns: the shortest way to each place, one sample of every event, and the written form of an action. Runs no actor.
 */
import { initialTransition, type SnapshotFrom, transition } from 'xstate';
import { type SessionEvent, sessionMachine } from '../../machines/session.machine.ts';

type Snapshot = SnapshotFrom<typeof sessionMachine>;

export interface Step {
  place: string;
  /** Actions in order: `say menu`, `leaveMenu requesting`, `claimId`. */
  does: string[];
  snapshot: Snapshot;
}

export const line = (text: string): SessionEvent => ({ type: 'line.received', text });

const chatOf7 = { partnerId: 'golan', partnerSession: 's2', pairingId: 7 };

/** One of each, as the lobby would send it to somebody paired with golan under number 7. */
export const update = {
  idGranted: { type: 'id.granted', id: 'lior' },
  idRefused: { type: 'id.refused' },
  idUnchecked: { type: 'id.refused', reason: 'unavailable' },
  idUnproved: { type: 'id.refused', reason: 'unproved' },
  proofRequired: { type: 'proof.required', id: 'lior' },
  movedToRequesting: { type: 'move.granted', to: 'requesting' },
  movedToRoom: { type: 'move.granted', to: 'commonRoom' },
  moveRefused: { type: 'move.refused' },
  asked: { type: 'request.received', askerId: 'golan', pairingId: 7 },
  delivered: { type: 'request.delivered', pairingId: 7 },
  refused: { type: 'request.refused', reason: 'busy' },
  declined: { type: 'request.declined', pairingId: 7 },
  declinedAgain: { type: 'request.declined', pairingId: 7, isRepeated: true },
  expired: { type: 'request.expired', pairingId: 7 },
  withdrawn: { type: 'request.withdrawn', pairingId: 7 },
  started: { type: 'chat.started', ...chatOf7 },
  back: { type: 'id.granted', id: 'lior', isProved: true, chat: chatOf7 },
  backAlone: { type: 'id.granted', id: 'lior', isProved: true, chat: { ...chatOf7, isPartnerAway: true } },
  partnerAway: { type: 'partner.away', pairingId: 7 },
  partnerBack: { type: 'partner.back', partnerSession: 's3', pairingId: 7 },
  awayTooLong: { type: 'away.ended' },
  ended: { type: 'chat.ended', pairingId: 7 },
  evicted: { type: 'session.evicted' },
  removed: { type: 'session.removed', why: 'no insults' },
  closing: { type: 'server.closing', isFinal: false },
  limited: { type: 'limit.reached', limit: 'idle' },
  unreachable: { type: 'limit.reached', limit: 'unreachable' },
  failed: { type: 'session.failed' },
} satisfies Record<string, SessionEvent>;

export const hungUp: SessionEvent = { type: 'connection.closed' };

export const refusedLine: SessionEvent = { type: 'line.refused', reason: 'lineTooLong' };

/** All a session can hear, by one sample each; the line is one that means nothing special anywhere but at the id prompt. */
export const everyEvent: SessionEvent[] = [line('hello'), refusedLine, hungUp, ...Object.values(update)];

const toMenu = [line('lior'), update.idGranted];
const toNaming = [...toMenu, line('1'), update.movedToRequesting];
const toLooking = [...toNaming, line('golan')];
const toRinging = [...toLooking, update.delivered];
const toAnswering = [...toMenu, update.asked];
const toTalking = [...toRinging, update.started];

/** The shortest way to each place. */
const ways = {
  'identifying.prompting': [],
  'identifying.claiming': [line('lior')],
  'identifying.proving': [line('lior'), update.proofRequired],
  'online.menu.choosing': toMenu,
  'online.menu.moving': [...toMenu, line('1')],
  'online.requesting.naming': toNaming,
  'online.requesting.looking': toLooking,
  'online.requesting.awaiting.ringing': toRinging,
  'online.requesting.awaiting.withdrawing': [...toRinging, line('exit()')],
  'online.confirming.answering': toAnswering,
  'online.confirming.deciding': [...toAnswering, line('y')],
  'online.chatting.talking': toTalking,
  'online.chatting.alone': [...toTalking, update.partnerAway],
  'online.chatting.leaving': [...toTalking, line('exit()')],
  'online.away': [...toTalking, hungUp],
  'online.commonRoom': [...toMenu, line('3'), update.movedToRoom],
  closed: [hungUp],
} satisfies Record<string, SessionEvent[]>;
export type Place = keyof typeof ways;
export const places = Object.keys(ways) as Place[];

/** The very first step of a new connection. */
export function begin(): Step {
  return stepOf(initialTransition(sessionMachine));
}

export function arriveAt(place: Place): Snapshot {
  const arrived = play(begin().snapshot, ways[place]);
  if (placeOf(arrived) !== place) throw new Error(`The way to ${place} leads to ${placeOf(arrived)}.`);
  return arrived;
}

export function play(from: Snapshot, events: readonly SessionEvent[]): Snapshot {
  return events.reduce((snapshot, event) => hear(snapshot, event).snapshot, from);
}

export function hear(snapshot: Snapshot, event: SessionEvent): Step {
  return stepOf(transition(sessionMachine, snapshot, event));
}

/** A state's value as a path: `online.menu.choosing`. */
export function placeOf({ value }: { value: unknown }): string {
  if (typeof value === 'string') return value;
  const [[key, child] = ['', '']] = Object.entries(value as object);
  return `${key}.${placeOf({ value: child })}`;
}

function stepOf([snapshot, actions]: ReturnType<typeof transition<typeof sessionMachine>>): Step {
  const does = actions.map(({ type, params }) => [type, ...Object.values(params ?? {})].join(' '));
  return { place: placeOf(snapshot), does, snapshot };
}
