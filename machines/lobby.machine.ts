/**
 * The lobby chart: the parent of all sessions.
 *
 * Owns: the server's life (open, draining, closed), who may come in, what an operator's act does, the time limits of the
 * dialogue, and the order in which commands reach the directory and updates reach sessions. When two users want the same
 * thing, the directory (`src/chat/directory/`) decides who wins. Only the lobby may use it. Knows nothing of sockets or
 * sentences.
 *
 * This file imports nothing but xstate and types, so it can be pasted into Stately's editor as it is.
 * How sessions end: decision 1, docs/decisions/0001-session-end-is-xstates-own-end.md.
 */
import { assertEvent, cancel, type DoneActorEvent, type ErrorActorEvent, enqueueActions, setup } from 'xstate';
import type { Destination, SessionId, SessionUpdate } from './events.ts';
import type { OperatorAct } from './operatorActs.ts';

/** What a session may want from the directory. */
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
  /** `idTimeLeftMs` is given if a part of the time to give an id is over already. */
  | { type: 'connection.opened'; session: SessionId; connection: unknown; idTimeLeftMs?: number | undefined }
  | { type: 'id.timedOut'; session: SessionId }
  | Request
  | { type: 'request.timedOut'; session: SessionId }
  | { type: 'directory.updated'; session: SessionId; update: SessionUpdate }
  | { type: 'session.failed'; session: SessionId; error: unknown }
  | OperatorAct
  | { type: 'drain.timedOut' }
  | { type: 'server.stop' }
  | DoneActorEvent
  | ErrorActorEvent;

/** Returns the session that a lobby event is about; empty if it is about none. */
export function sessionOf(event: LobbyEvent): SessionId {
  if ('session' in event) return event.session;
  return 'actorId' in event ? event.actorId : '';
}

export const lobbyMachine = setup({
  types: {
    context: {} as { requestTimeoutMs: number; idTimeoutMs: number },
    input: {} as { requestTimeoutMs: number; idTimeoutMs: number },
    events: {} as LobbyEvent,
    tags: {} as 'admitsNobody',
  },
  guards: {
    isOnline: () => true,
    isBannedAddress: () => false,
    isBannedId: () => false,
    isBannedArrival: () => false,
    isArrival: ({ event }) => event.type === 'directory.updated' && event.update.type === 'id.granted',
    isEmpty: () => true,
    isTooOften: () => false,
  },
  actions: {
    startSession: () => {},
    /** Says why: the server ends, is locked down, or the operator lets nobody in from there. */
    refuseConnection: () => {},
    /** Sends a session's command to the directory. Its verdict comes back as `directory.updated`. */
    askDirectory: () => {},
    /** The id counts as taken: nobody reads who is banned. */
    refuseId: () => {},
    /** Ends a request whose time is over. */
    expireRequest: () => {},
    /** No target is asked, because this session has asked too often recently. */
    refuseRequest: () => {},
    /** Ends a session that has no id yet: its time to give one is over. */
    closeUnidentified: () => {},
    passOn: () => {},
    announceArrival: () => {},
    /** Takes a session that has ended out of every dictionary, and notifies those who have to know. */
    removeSession: () => {},
    /** Does the same for a session that failed. Its user reads a neutral line. */
    dropFailedSession: () => {},
    closeSessions: () => {},
    /** Logs and counts what the operator has done, and who it was. */
    recordAct: () => {},
    /** From now on nobody reads that this user was here. */
    concealUser: () => {},
    removeUser: () => {},
    /** Removes everybody whom a ban is about. */
    removeBanned: () => {},
    sayToAll: () => {},
    /** Everybody reads when the server will end. */
    tellOfDrain: () => {},
    stopDrainClock: cancel('drain'),
    startDrainClock: enqueueActions(({ enqueue, event }) => {
      assertEvent(event, 'operator.drain');
      enqueue.raise({ type: 'drain.timedOut' }, { id: 'drain', delay: event.forMs });
    }),
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
  description:
    'Starts a session for each connection, owns the dictionaries, pairs users, and ends everything in order.',
  context: ({ input }) => ({ requestTimeoutMs: input.requestTimeoutMs, idTimeoutMs: input.idTimeoutMs }),
  initial: 'open',
  on: {
    'directory.updated': {
      guard: 'isOnline',
      actions: 'passOn',
      description:
        'Verdicts and updates go to their session in the directory’s order. A session that has ended gets none.',
    },
    'xstate.done.actor.*': {
      actions: ['stopIdClock', 'stopRequestClock', 'removeSession'],
      description: 'A session has ended, for any reason. This is the one way out of the dictionaries.',
    },
    'xstate.error.actor.*': {
      actions: ['stopIdClock', 'stopRequestClock', 'dropFailedSession'],
      description: 'A session failed, which is our bug. It costs its own user the connection, and other users nothing.',
    },
    'session.failed': {
      actions: ['stopIdClock', 'stopRequestClock', 'dropFailedSession'],
      description: 'The same for an error outside of the session’s actor, which happened while another session ran.',
    },
  },
  states: {
    open: {
      description: 'Users come, pair and go.',
      initial: 'admitting',
      on: {
        'id.timedOut': { actions: 'closeUnidentified' },
        'id.claim': [
          {
            guard: 'isBannedId',
            actions: 'refuseId',
            description: 'The operator has banned this id. It is refused like one that is taken.',
          },
          { actions: 'askDirectory' },
        ],
        'menu.leave': { actions: 'askDirectory' },
        'menu.return': { actions: 'askDirectory' },
        'request.make': [
          { guard: 'isTooOften', actions: 'refuseRequest' },
          {
            actions: ['stopRequestClock', 'startRequestClock', 'askDirectory'],
            description: 'From now on the target has a limited time to answer.',
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
        'directory.updated': [
          {
            guard: 'isBannedArrival',
            actions: ['stopIdClock', 'concealUser', 'removeUser'],
            description: 'The id was banned while the directory decided. Nobody reads of this arrival.',
          },
          {
            guard: 'isArrival',
            actions: ['stopIdClock', 'announceArrival', 'passOn'],
            description: 'A user was granted an id. Users in the menu read of it.',
          },
        ],
        'operator.kick': {
          actions: ['recordAct', 'removeUser'],
          description: 'Nothing more happens if the user has left, or is at another server.',
        },
        'operator.ban': {
          actions: ['recordAct', 'removeBanned'],
          description: 'The ban is in the list already: whom it is about has to go, and will not come in again.',
        },
        'operator.unban': { actions: 'recordAct' },
        'operator.say': {
          actions: ['recordAct', 'sayToAll'],
          description: 'Whoever is connected reads it, in whatever state.',
        },
        'operator.drain': {
          target: '.emptying',
          actions: 'recordAct',
          description: 'A second time: the time begins anew.',
        },
        'server.stop': { target: 'draining' },
      },
      states: {
        admitting: {
          description: 'Whoever is not banned may come in.',
          on: {
            'connection.opened': [
              { guard: 'isBannedAddress', actions: 'refuseConnection' },
              {
                actions: ['startIdClock', 'startSession'],
                description: 'From now on the user has a limited time to give an id.',
              },
            ],
            'operator.lockdown': { target: 'lockedDown', actions: 'recordAct' },
          },
        },
        lockedDown: {
          description: 'Nobody new comes in. Those inside go on.',
          tags: 'admitsNobody',
          on: {
            'connection.opened': { actions: 'refuseConnection' },
            'operator.reopen': { target: 'admitting', actions: 'recordAct' },
          },
        },
        emptying: {
          description: 'Nobody new comes in. Those inside go on until the last has left or the time is over.',
          tags: 'admitsNobody',
          entry: ['startDrainClock', 'tellOfDrain'],
          exit: 'stopDrainClock',
          always: { guard: 'isEmpty', target: '#lobby.draining' },
          on: {
            'connection.opened': { actions: 'refuseConnection' },
            'drain.timedOut': { target: '#lobby.draining' },
          },
        },
      },
    },
    draining: {
      description: 'Every session is notified and ends. New connections are refused.',
      tags: 'admitsNobody',
      entry: 'closeSessions',
      always: { guard: 'isEmpty', target: 'closed' },
      on: {
        'connection.opened': { actions: 'refuseConnection' },
      },
    },
    closed: {
      description: 'No session is left.',
      tags: 'admitsNobody',
      type: 'final',
    },
  },
});
