/**
 * The lobby chart: the parent of all sessions.
 *
 * Owns: the server's life (open, draining, closed), the time limits of the dialogue, and the order in which requests
 * reach the directory and updates reach sessions. Who wins when two want the same thing is the directory's decision
 * (`src/chat/directory/`), which only the lobby may ask. Knows nothing of sockets or sentences.
 *
 * This file imports nothing but xstate and types, so it can be pasted into Stately's editor as it is.
 * How sessions end: decision 1, docs/decisions/0001-session-end-is-xstates-own-end.md.
 */
import { assertEvent, cancel, type DoneActorEvent, type ErrorActorEvent, enqueueActions, setup } from 'xstate';
import type { Destination, SessionId, SessionUpdate } from './events.ts';

/** What a session may ask the directory to do. */
export type Command =
  | { type: 'id.claim'; id: string }
  | { type: 'menu.leave'; to: Destination }
  | { type: 'menu.return' }
  | { type: 'request.make'; target: string }
  | { type: 'request.withdraw' }
  | { type: 'request.accept'; pairingId: number }
  | { type: 'request.decline'; pairingId: number }
  | { type: 'chat.leave'; pairingId: number };

/** A command and the session it comes from. */
export type Request = Command & { session: SessionId };

export type LobbyEvent =
  /** `idTimeLeftMs` is there if some of the time to give an id has gone already. */
  | { type: 'connection.opened'; session: SessionId; connection: unknown; idTimeLeftMs?: number | undefined }
  | { type: 'id.timedOut'; session: SessionId }
  | Request
  | { type: 'request.timedOut'; session: SessionId }
  | { type: 'directory.updated'; session: SessionId; update: SessionUpdate }
  | { type: 'session.failed'; session: SessionId; error: unknown }
  | { type: 'server.stop' }
  | DoneActorEvent
  | ErrorActorEvent;

/** The session a lobby event is about; empty if it is about none. */
export function sessionOf(event: LobbyEvent): SessionId {
  if ('session' in event) return event.session;
  return 'actorId' in event ? event.actorId : '';
}

export const lobbyMachine = setup({
  types: {
    context: {} as { requestTimeoutMs: number; idTimeoutMs: number },
    input: {} as { requestTimeoutMs: number; idTimeoutMs: number },
    events: {} as LobbyEvent,
  },
  guards: {
    isOnline: () => true,
    isArrival: ({ event }) => event.type === 'directory.updated' && event.update.type === 'id.granted',
    isEmpty: () => true,
    isTooOften: () => false,
  },
  actions: {
    startSession: () => {},
    refuseConnection: () => {},
    /** Hands a session's request to the directory; the answer comes back as `directory.updated`. */
    askDirectory: () => {},
    /** Tells the directory that a request has waited long enough. */
    expireRequest: () => {},
    /** Nobody is asked: this session has asked too often recently. */
    refuseRequest: () => {},
    /** The limit ends a session that has no id yet. */
    closeUnidentified: () => {},
    passOn: () => {},
    announceArrival: () => {},
    /** Takes a session that has ended out of every dictionary, and tells who has to know. */
    removeSession: () => {},
    /** The same for a session that failed; its person reads a neutral line. */
    dropFailedSession: () => {},
    closeSessions: () => {},
    stopIdClock: cancel(({ event }) => `id of ${sessionOf(event)}`),
    startIdClock: enqueueActions(({ enqueue, event, context }) => {
      assertEvent(event, 'connection.opened');
      enqueue.raise(
        { type: 'id.timedOut', session: sessionOf(event) },
        { id: `id of ${sessionOf(event)}`, delay: event.idTimeLeftMs ?? context.idTimeoutMs },
      );
    }),
    stopRequestClock: cancel(({ event }) => `request of ${sessionOf(event)}`),
    startRequestClock: enqueueActions(({ enqueue, event, context }) => {
      enqueue.raise(
        { type: 'request.timedOut', session: sessionOf(event) },
        { id: `request of ${sessionOf(event)}`, delay: context.requestTimeoutMs },
      );
    }),
  },
}).createMachine({
  id: 'lobby',
  description: 'Starts a session for each connection, owns the dictionaries, pairs people, ends everything in order.',
  context: ({ input }) => ({ requestTimeoutMs: input.requestTimeoutMs, idTimeoutMs: input.idTimeoutMs }),
  initial: 'open',
  on: {
    'directory.updated': {
      guard: 'isOnline',
      actions: 'passOn',
      description:
        'Verdicts and updates go to their session in the order the directory gave them; to one that is gone, not at all.',
    },
    'xstate.done.actor.*': {
      actions: ['stopIdClock', 'stopRequestClock', 'removeSession'],
      description: 'A session has ended, for whatever reason: the one way out of the dictionaries.',
    },
    'xstate.error.actor.*': {
      actions: ['stopIdClock', 'stopRequestClock', 'dropFailedSession'],
      description:
        'A session failed, which is our bug: it costs its own person the connection and nobody else anything.',
    },
    'session.failed': {
      actions: ['stopIdClock', 'stopRequestClock', 'dropFailedSession'],
      description: 'The same for an error outside of its actor, which somebody else has run into.',
    },
  },
  states: {
    open: {
      description: 'People come, pair and go.',
      on: {
        'connection.opened': {
          actions: ['startIdClock', 'startSession'],
          description: 'From now on there is a limited time to give an id.',
        },
        'id.timedOut': { actions: 'closeUnidentified' },
        'id.claim': { actions: 'askDirectory' },
        'menu.leave': { actions: 'askDirectory' },
        'menu.return': { actions: 'askDirectory' },
        'request.make': [
          { guard: 'isTooOften', actions: 'refuseRequest' },
          {
            actions: ['stopRequestClock', 'startRequestClock', 'askDirectory'],
            description: 'From now on the other one has a limited time to answer.',
          },
        ],
        'request.withdraw': { actions: 'askDirectory' },
        'request.timedOut': {
          actions: 'expireRequest',
          description: 'Does nothing when the request was answered meanwhile.',
        },
        'request.accept': { actions: 'askDirectory' },
        'request.decline': { actions: 'askDirectory' },
        'chat.leave': { actions: 'askDirectory' },
        'directory.updated': {
          guard: 'isArrival',
          actions: ['stopIdClock', 'announceArrival', 'passOn'],
          description: 'Somebody was granted an id: those in the menu hear of it.',
        },
        'server.stop': { target: 'draining' },
      },
    },
    draining: {
      description: 'Every session is told and ends; nobody new is let in.',
      entry: 'closeSessions',
      always: { guard: 'isEmpty', target: 'closed' },
      on: {
        'connection.opened': { actions: 'refuseConnection' },
      },
    },
    closed: {
      description: 'Nobody is left.',
      type: 'final',
    },
  },
});
