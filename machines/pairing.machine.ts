/**
 * The pairing chart: one request of one user to another, and the chat that may follow.
 *
 * Owns: what each of the two may do to it, what it comes to, and who hears of that in which order. The one who acts
 * hears last. Knows nothing of ids, of other users or of time: whoever runs it says what has happened to this pairing.
 * `src/chat/directory/pairingDecisions.ts` reads it as a table, which the directory carries out for every pairing.
 *
 * This file imports nothing but xstate and types, so it can be pasted into Stately's editor as it is.
 * Why the directory has no actors: decision 37, docs/decisions/0037-the-directory-reads-the-pairing-chart-as-a-table.md.
 */
import { setup } from 'xstate';
import type { RefusalReason, SessionUpdate, UserState } from './events.ts';

/** The two users of a pairing: who asks, and who is asked. */
export type PairingRole = 'asker' | 'target';

export type PairingEvent =
  /** The asker has named a target. This is how the target stands at that moment. */
  | { type: 'target.unknown' }
  | { type: 'target.self' }
  | { type: 'target.busy' }
  /** The target has refused all that this asker, or another one from the same address, wants. */
  | { type: 'target.refusing' }
  /** The target has just declined this asker, or another one from the same address. */
  | { type: 'target.resting' }
  /** The target has been asked so often that nobody may ask them just now. */
  | { type: 'target.askedTooOften' }
  | { type: 'target.free' }
  | { type: 'target.accept' }
  | { type: 'target.decline' }
  /** The same, and this asker was declined before. */
  | { type: 'target.declineAgain' }
  /** No, and no to all that this asker wants later. */
  | { type: 'target.refuse' }
  | { type: 'asker.withdraw' }
  /** The time to answer is over. */
  | { type: 'asker.expire' }
  | { type: 'asker.leave' }
  | { type: 'target.leave' }
  /** The connection is lost, and the user may come back. */
  | { type: 'asker.lost' }
  | { type: 'target.lost' }
  | { type: 'asker.back' }
  | { type: 'target.back' }
  /** The session has ended, or was evicted. */
  | { type: 'asker.gone' }
  | { type: 'target.gone' };

/** The updates that a pairing causes. */
export type PairingUpdate = Exclude<
  SessionUpdate['type'],
  `${'id' | 'proof' | 'move' | 'away' | 'session' | 'server' | 'limit'}.${string}`
>;

/** What is kept in mind of a request: the target was asked; has declined the asker; has refused the asker's later ones. */
export type Remembered = 'asked' | 'declined' | 'refused';

export const pairingMachine = setup({
  types: { events: {} as PairingEvent },
  actions: {
    /** Sends an update to one of the two. One who is gone gets none. */
    tell: (_, _params: { whom: PairingRole; update: PairingUpdate; reason?: RefusalReason; isRepeated?: true }) => {},
    /** Keeps in mind what the target has said, or been asked: the next request meets it as `target.resting` and so on. */
    remember: (_, _params: { what: Remembered }) => {},
    /** Says where the two are from now on, as other users see it. */
    place: (_, _params: { asker?: UserState; target?: UserState }) => {},
  },
}).createMachine({
  id: 'pairing',
  description: 'One request of one user to another, and the chat that may follow.',
  initial: 'named',
  states: {
    named: {
      description: 'The asker has named a target. The directory looks how the target stands.',
      on: {
        'target.unknown': {
          target: 'refused',
          actions: { type: 'tell', params: { whom: 'asker', update: 'request.refused', reason: 'unknown' } },
        },
        'target.self': {
          target: 'refused',
          actions: { type: 'tell', params: { whom: 'asker', update: 'request.refused', reason: 'self' } },
        },
        'target.busy': {
          target: 'refused',
          actions: { type: 'tell', params: { whom: 'asker', update: 'request.refused', reason: 'busy' } },
        },
        'target.refusing': {
          target: 'refused',
          actions: { type: 'tell', params: { whom: 'asker', update: 'request.refused', reason: 'busy' } },
          description: 'The asker reads that the target is busy, and can’t tell that they are refused.',
        },
        'target.resting': {
          target: 'refused',
          actions: { type: 'tell', params: { whom: 'asker', update: 'request.refused', reason: 'busy' } },
        },
        'target.askedTooOften': {
          target: 'refused',
          actions: { type: 'tell', params: { whom: 'asker', update: 'request.refused', reason: 'busy' } },
          description: 'Between two questions the target gets to do something else.',
        },
        'target.free': {
          target: 'asked',
          actions: [
            { type: 'remember', params: { what: 'asked' } },
            { type: 'tell', params: { whom: 'target', update: 'request.received' } },
            { type: 'tell', params: { whom: 'asker', update: 'request.delivered' } },
          ],
        },
      },
    },
    asked: {
      description: 'The target is asked. Nobody else can ask either of the two.',
      entry: { type: 'place', params: { asker: 'requesting', target: 'confirming' } },
      on: {
        'target.accept': {
          target: 'chatting',
          actions: [
            { type: 'tell', params: { whom: 'asker', update: 'chat.started' } },
            { type: 'tell', params: { whom: 'target', update: 'chat.started' } },
          ],
        },
        'target.decline': {
          target: 'declined',
          actions: [
            { type: 'tell', params: { whom: 'asker', update: 'request.declined' } },
            { type: 'tell', params: { whom: 'target', update: 'request.declined' } },
            { type: 'remember', params: { what: 'declined' } },
          ],
        },
        'target.declineAgain': {
          target: 'declined',
          actions: [
            { type: 'tell', params: { whom: 'asker', update: 'request.declined' } },
            { type: 'tell', params: { whom: 'target', update: 'request.declined', isRepeated: true } },
            { type: 'remember', params: { what: 'declined' } },
          ],
          description: 'The target hears besides how to refuse all later requests.',
        },
        'target.refuse': {
          target: 'declined',
          actions: [
            { type: 'tell', params: { whom: 'asker', update: 'request.declined' } },
            { type: 'tell', params: { whom: 'target', update: 'request.declined' } },
            { type: 'remember', params: { what: 'declined' } },
            { type: 'remember', params: { what: 'refused' } },
          ],
          description: 'The asker hears the same as of any other no.',
        },
        'asker.withdraw': {
          target: 'withdrawn',
          actions: [
            { type: 'tell', params: { whom: 'target', update: 'request.withdrawn' } },
            { type: 'tell', params: { whom: 'asker', update: 'request.withdrawn' } },
          ],
        },
        'asker.expire': {
          target: 'expired',
          actions: [
            { type: 'tell', params: { whom: 'target', update: 'request.expired' } },
            { type: 'tell', params: { whom: 'asker', update: 'request.expired' } },
          ],
        },
        'asker.gone': {
          target: 'withdrawn',
          actions: { type: 'tell', params: { whom: 'target', update: 'request.withdrawn' } },
          description: 'For the target this is the same as a request that was withdrawn.',
        },
        'target.gone': {
          target: 'gone',
          actions: { type: 'tell', params: { whom: 'asker', update: 'request.refused', reason: 'gone' } },
        },
      },
    },
    chatting: {
      description: 'The target has accepted. Who has asked makes no difference any more.',
      entry: { type: 'place', params: { asker: 'chatting', target: 'chatting' } },
      on: {
        'asker.leave': {
          target: 'ended',
          actions: [
            { type: 'tell', params: { whom: 'target', update: 'chat.ended' } },
            { type: 'tell', params: { whom: 'asker', update: 'chat.ended' } },
          ],
        },
        'target.leave': {
          target: 'ended',
          actions: [
            { type: 'tell', params: { whom: 'asker', update: 'chat.ended' } },
            { type: 'tell', params: { whom: 'target', update: 'chat.ended' } },
          ],
        },
        'asker.lost': {
          actions: [
            { type: 'place', params: { asker: 'away' } },
            { type: 'tell', params: { whom: 'target', update: 'partner.away' } },
          ],
          description: 'The other one can go on, or leave.',
        },
        'target.lost': {
          actions: [
            { type: 'place', params: { target: 'away' } },
            { type: 'tell', params: { whom: 'asker', update: 'partner.away' } },
          ],
        },
        'asker.back': {
          actions: [
            { type: 'place', params: { asker: 'chatting' } },
            { type: 'tell', params: { whom: 'target', update: 'partner.back' } },
          ],
          description: 'With another session, which has taken the id over.',
        },
        'target.back': {
          actions: [
            { type: 'place', params: { target: 'chatting' } },
            { type: 'tell', params: { whom: 'asker', update: 'partner.back' } },
          ],
        },
        'asker.gone': {
          target: 'ended',
          actions: { type: 'tell', params: { whom: 'target', update: 'chat.ended' } },
        },
        'target.gone': {
          target: 'ended',
          actions: { type: 'tell', params: { whom: 'asker', update: 'chat.ended' } },
        },
      },
    },
    refused: {
      description: 'The target could not be asked.',
      entry: { type: 'place', params: { asker: 'menu' } },
      type: 'final',
    },
    declined: {
      description: 'The target has said no.',
      entry: { type: 'place', params: { asker: 'menu', target: 'menu' } },
      type: 'final',
    },
    withdrawn: {
      description: 'The asker has given up, or is gone.',
      entry: { type: 'place', params: { asker: 'menu', target: 'menu' } },
      type: 'final',
    },
    expired: {
      description: 'The target has not answered in time.',
      entry: { type: 'place', params: { asker: 'menu', target: 'menu' } },
      type: 'final',
    },
    gone: {
      description: 'The target was asked, and has left the server.',
      entry: { type: 'place', params: { asker: 'menu', target: 'menu' } },
      type: 'final',
    },
    ended: {
      description: 'One of the two has left the chat or the server.',
      entry: { type: 'place', params: { asker: 'menu', target: 'menu' } },
      type: 'final',
    },
  },
});
