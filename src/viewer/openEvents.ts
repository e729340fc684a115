/**
 * What may leave the process of what the actors do.
 *
 * Owns: the fields that are passed on (a list of allowed ones: never what a user typed, never an address, never an
 * object of the running program). Next: `inspection.ts` (the viewer), `inspector.ts` (observers of other programs).
 */
import type { Actor, AnyActor, AnyEventObject, AnyMachineSnapshot, AnyStateMachine } from 'xstate';

/** The fields of events that hold only names of the protocol, ids of users who are online, and numbers. */
const openFields = [
  'id',
  'session',
  'askerId',
  'to',
  'partnerId',
  'partnerSession',
  'reason',
  'limit',
  'actorId',
  'pairingId',
];

/** What is left of an event. */
export interface OpenEvent {
  type: string;
  [field: string]: unknown;
}

/** Returns an event without what must not leave the process: of a typed text only its length. */
export function openEvent(event: AnyEventObject): OpenEvent {
  const open: OpenEvent = { type: event.type };
  for (const field of openFields) if (event[field] !== undefined) open[field] = event[field];
  if (typeof event.text === 'string') open.length = event.text.length;
  if (typeof event.update === 'object') open.update = openEvent(event.update);
  return open;
}

/** Returns what is left of the snapshot of a chart; of an actor without a chart, only its status. */
export function openSnapshot({ status, value, context, tags }: AnyMachineSnapshot): object {
  if (value === undefined) return { status };
  const { userId, partner, pairingId } = context;
  return {
    ...{ status, value, tags: [...tags] },
    context: userId === undefined ? {} : { userId, partner, pairingId },
    ...{ children: {}, historyValue: {} },
  };
}

/** Returns the chart, as Stately's tools take it, with names instead of functions; undefined if there is none. */
export function definitionOf(actor: AnyActor): string | undefined {
  const { config } = (actor as Actor<AnyStateMachine>).logic;
  return config && JSON.stringify(config, (_, value) => (typeof value === 'function' ? { type: value.name } : value));
}
