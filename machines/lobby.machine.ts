/**
 * The lobby chart: the parent of all sessions.
 *
 * Owns: the server's life (open, draining, closed), who may come in, what an operator's act does, the time limits of the
 * dialogue, the limit of requests, who is announced, what becomes of a session that failed, and the order in which commands
 * reach the directory and updates reach sessions. When two users want the same thing, the directory
 * (`src/chat/directory/`) decides who wins. Only the lobby may use it. Knows nothing of sockets or sentences.
 *
 * This file imports nothing but xstate and types, so it can be pasted into Stately's editor as it is.
 * How sessions end: decision 1, docs/decisions/0001-session-end-is-xstates-own-end.md.
 */
import { assertEvent, assign, cancel, type DoneActorEvent, type ErrorActorEvent, enqueueActions, setup } from 'xstate';
import type { Destination, SessionId, SessionUpdate, UserId } from './events.ts';
import type { OperatorAct } from './operatorActs.ts';

/** What a session may want from the directory. */
export type Command =
  /** `network` is what counts as the address of one person; empty or not given if others may have the same. */
  | { type: 'id.claim'; id: string; network?: string }
  /** The id is this user's: whoever has it gives it up. Only the lobby asks so, after a right password. */
  | { type: 'id.take'; id: string; network?: string }
  | { type: 'menu.leave'; to: Destination }
  | { type: 'menu.return' }
  | { type: 'request.make'; target: string }
  | { type: 'request.withdraw' }
  | { type: 'request.accept'; pairingId: number }
  | { type: 'request.decline'; pairingId: number }
  /** Declines, and refuses all that this asker wants later. */
  | { type: 'asker.refuse'; pairingId: number }
  | { type: 'chat.leave'; pairingId: number };

/** A password for an id, which the lobby has checked. */
export interface Proof {
  type: 'id.prove';
  id: string;
  password: unknown;
}

/** A command or a proof, and the session it comes from. */
export type Request = (Command | Proof) & { session: SessionId };

export interface ProofRight {
  type: 'proof.right';
  session: SessionId;
  id: UserId;
}

export type LobbyEvent =
  /** `idTimeLeftMs` is given if a part of the time to give an id is over already. */
  | { type: 'connection.opened'; session: SessionId; connection: unknown; idTimeLeftMs?: number | undefined }
  /** Another process of this server had the session. Its user has `timeLeftMs` to give an id or to wait. */
  | {
      type: 'session.handedOver';
      session: SessionId;
      connection: unknown;
      state: unknown;
      has: 'noId' | 'asked' | 'id';
      timeLeftMs: number | undefined;
    }
  | { type: 'id.timedOut'; session: SessionId }
  | { type: 'idle.timedOut'; session: SessionId }
  | Request
  /** The verdict about the password that came with a proof. */
  | ProofRight
  | { type: 'proof.wrong'; session: SessionId; id: UserId }
  /** Too many passwords wait for their check. */
  | { type: 'proof.refused'; session: SessionId }
  | { type: 'request.timedOut'; session: SessionId }
  | { type: 'directory.updated'; session: SessionId; update: SessionUpdate }
  /** An error of ours happened on this user's side, outside of the session's actor. */
  | { type: 'session.failed'; session: SessionId }
  /** A user of another server is gone together with that server, which can't say so itself. */
  | { type: 'user.lost'; id: UserId; wasInRoom: boolean }
  | OperatorAct
  | { type: 'drain.timedOut' }
  | { type: 'server.stop' }
  | DoneActorEvent
  | ErrorActorEvent;

/**
 * What the guards look at and the lobby's chart doesn't keep itself: as it is at that moment, and read-only. A copy in the
 * context would cost more for each connection, the more there are.
 */
export interface LobbyView {
  readonly sessionCount: number;
  /** How many users have an id, on all servers that share their users. */
  readonly onlineCount: number;
  /** True if this session has not been removed. */
  hasSession(session: SessionId): boolean;
  /** True if besides its actor runs, so that it can be told something. */
  isRunning(session: SessionId): boolean;
  /** True if its user has an id, and others may have read of them. */
  isVisible(session: SessionId): boolean;
  /** True if the operator lets nobody in from there. */
  isBannedConnection(connection: unknown): boolean;
  /** True if this session must not have this id, or be here at all. */
  isBanned(session: SessionId, id: UserId): boolean;
  /** True if only its password gets this id. */
  needsProof(id: UserId): boolean;
  /** How many requests this session may make now. */
  requestsLeft(session: SessionId): number;
  /** For how long the user has typed nothing. */
  silentMs(session: SessionId): number;
}

export interface LobbyInput {
  requestTimeoutMs: number;
  idTimeoutMs: number;
  /** 0 for no limit. */
  idleMs: number;
  /** Users in the menu read who comes and goes while at most this many are online. */
  announceLimit: number;
  view: LobbyView;
}

export interface LobbyContext extends LobbyInput {
  /** True from an operator's `drain` on: the server is not to come back, and users read so. */
  endsForGood: boolean;
}

/** Returns the session that a lobby event is about; empty if it is about none. */
export function sessionOf(event: LobbyEvent): SessionId {
  if ('session' in event) return event.session;
  return 'actorId' in event ? event.actorId : '';
}

function isGranted(event: LobbyEvent): boolean {
  return grantIn(event) !== undefined;
}

function grantIn(event: LobbyEvent) {
  return event.type === 'directory.updated' && event.update.type === 'id.granted' ? event.update : undefined;
}

function isQuiet({ view, announceLimit }: LobbyInput): boolean {
  return view.onlineCount <= announceLimit;
}

/** The time that is left if a part of it is over already. */
function timeLeftOf(event: LobbyEvent): number | undefined {
  if (event.type === 'connection.opened') return event.idTimeLeftMs;
  return event.type === 'session.handedOver' ? event.timeLeftMs : undefined;
}

/** When a time limit is over, and what the lobby hears then. */
interface SessionClock {
  delayMs: number;
  later: LobbyEvent;
}

/**
 * The clocks that each session may have. Here XState runs them. The server runs them itself, in
 * `src/chat/sessionClocks.ts`, because XState looks through all clocks at the end of each actor.
 */
export const sessionClocks = {
  id: (event: LobbyEvent, { idTimeoutMs }: LobbyInput): SessionClock => ({
    delayMs: timeLeftOf(event) ?? idTimeoutMs,
    later: { type: 'id.timedOut', session: sessionOf(event) },
  }),
  /** Runs for what is left of the limit: a user may have typed something since it ran last. */
  idle: (event: LobbyEvent, { idleMs, view }: LobbyInput): SessionClock => {
    const session = sessionOf(event);
    return { delayMs: idleMs - view.silentMs(session), later: { type: 'idle.timedOut', session } };
  },
  request: (event: LobbyEvent, { requestTimeoutMs }: LobbyInput): SessionClock => ({
    delayMs: timeLeftOf(event) ?? requestTimeoutMs,
    later: { type: 'request.timedOut', session: sessionOf(event) },
  }),
};

/** What a clock of the event's session is called. */
export function clockId(name: keyof typeof sessionClocks, event: LobbyEvent): string {
  return `${name} of ${sessionOf(event)}`;
}

export const lobbyMachine = setup({
  types: {
    context: {} as LobbyContext,
    input: {} as LobbyInput,
    events: {} as LobbyEvent,
    tags: {} as 'admitsNobody',
  },
  guards: {
    isBannedAddress: ({ context, event }) => {
      assertEvent(event, 'connection.opened');
      return context.view.isBannedConnection(event.connection);
    },
    isBannedId: ({ context, event }) => {
      assertEvent(event, ['id.claim', 'id.prove', 'proof.right']);
      return context.view.isBanned(event.session, event.id);
    },
    needsProof: ({ context, event }) => {
      assertEvent(event, 'id.claim');
      return context.view.needsProof(event.id);
    },
    isBannedArrival: ({ context, event }) =>
      event.type === 'directory.updated' &&
      event.update.type === 'id.granted' &&
      context.view.isBanned(event.session, event.update.id),
    isUnprovedArrival: ({ context: { view }, event }) => {
      const { id = '', isProved } = grantIn(event) ?? {};
      return !isProved && view.hasSession(sessionOf(event)) && view.needsProof(id);
    },
    isThere: ({ context, event }) => context.view.hasSession(sessionOf(event)),
    isRunning: ({ context, event }) => context.view.isRunning(sessionOf(event)),
    isArrival: ({ context, event }) => isGranted(event) && context.view.hasSession(sessionOf(event)),
    isAnnouncedArrival: ({ context, event }) =>
      isGranted(event) && context.view.hasSession(sessionOf(event)) && isQuiet(context),
    isAnnouncedTakeover: ({ context, event }) =>
      grantIn(event)?.takesOver === true && context.view.hasSession(sessionOf(event)) && isQuiet(context),
    isAnnouncedDeparture: ({ context, event }) => context.view.isVisible(sessionOf(event)) && isQuiet(context),
    isAnnouncedLoss: ({ context }) => isQuiet(context),
    isTooOften: ({ context, event }) => context.view.requestsLeft(sessionOf(event)) < 1,
    hasIdleLimit: ({ context }) => context.idleMs > 0,
    isIdle: ({ context, event }) => context.view.silentMs(sessionOf(event)) >= context.idleMs,
    isEmpty: ({ context }) => context.view.sessionCount === 0,
    hasNoId: ({ event }) => event.type === 'session.handedOver' && event.has === 'noId',
    hasAsked: ({ event }) => event.type === 'session.handedOver' && event.has === 'asked',
  },
  actions: {
    startSession: () => {},
    /** Goes on with a session where another process has stopped; its user notices nothing. */
    resumeSession: () => {},
    /** Says why: the server ends, is locked down, or the operator lets nobody in from there. */
    refuseConnection: () => {},
    /** Sends a session's command to the directory. Its verdict comes back as `directory.updated`. */
    askDirectory: () => {},
    /** The id counts as taken: nobody reads who is banned. */
    refuseId: () => {},
    requireProof: () => {},
    /** Has the password checked. The verdict comes back as an event. */
    checkProof: () => {},
    /** The id goes to this user, whoever has it. */
    takeId: () => {},
    refuseProof: () => {},
    closeUnchecked: () => {},
    evictUser: () => {},
    /** Ends a request whose time is over. */
    expireRequest: () => {},
    /** One request less is left to this session, until time adds to them. */
    countRequest: () => {},
    /** In the directory the asker is in the menu again, as after any refusal. */
    returnToMenu: () => {},
    /** The asker reads that they have asked too often. */
    refuseRequest: () => {},
    /** Logs and counts the limit, and notifies the session, which ends by it: its time to give an id is over. */
    closeUnidentified: () => {},
    /** The same for a session whose user has typed nothing for too long. */
    closeIdle: () => {},
    passOn: () => {},
    /** Tells the session that an error of ours happened on its user's side. It ends by that. */
    passOnFailure: () => {},
    logArrival: () => {},
    announceArrival: () => {},
    /** Users in the menu read that the one is gone who had this id until now. */
    announceTakeover: () => {},
    announceDeparture: () => {},
    /** Users in the common room and in the menu read of a user of another server. */
    announceLossToRoom: () => {},
    announceLossToMenu: () => {},
    /** Takes a session that has ended out of every dictionary, and notifies its partner. */
    removeSession: () => {},
    logFailure: () => {},
    /** Does what the exit actions of a failed session would have done. Its user reads a neutral line. */
    releaseFailedSession: () => {},
    /** From now on users here don't read of each one who goes. */
    muteDepartures: () => {},
    /** All users read that the server is shutting down, and whether for good. */
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
    rememberEnd: assign({ endsForGood: true }),
    stopDrainClock: cancel('drain'),
    startDrainClock: enqueueActions(({ enqueue, event }) => {
      assertEvent(event, 'operator.drain');
      enqueue.raise({ type: 'drain.timedOut' }, { id: 'drain', delay: event.forMs });
    }),
    startIdClock: enqueueActions(({ enqueue, event, context }) => {
      const { later, delayMs } = sessionClocks.id(event, context);
      enqueue.raise(later, { id: clockId('id', event), delay: delayMs });
    }),
    stopIdClock: cancel(({ event }) => clockId('id', event)),
    startIdleClock: enqueueActions(({ enqueue, event, context }) => {
      const { later, delayMs } = sessionClocks.idle(event, context);
      enqueue.raise(later, { id: clockId('idle', event), delay: delayMs });
    }),
    stopIdleClock: cancel(({ event }) => clockId('idle', event)),
    startRequestClock: enqueueActions(({ enqueue, event, context }) => {
      const { later, delayMs } = sessionClocks.request(event, context);
      enqueue.raise(later, { id: clockId('request', event), delay: delayMs });
    }),
    stopRequestClock: cancel(({ event }) => clockId('request', event)),
  },
}).createMachine({
  id: 'lobby',
  description:
    'Starts a session for each connection, owns the dictionaries, pairs users, and ends everything in order.',
  context: ({ input }) => ({ ...input, endsForGood: false }),
  initial: 'open',
  on: {
    'directory.updated': {
      guard: 'isThere',
      actions: 'passOn',
      description:
        'Verdicts and updates go to their session in the directory’s order. A session that has ended gets none.',
    },
    'xstate.done.actor.*': [
      {
        guard: 'isAnnouncedDeparture',
        actions: ['stopIdClock', 'stopIdleClock', 'stopRequestClock', 'announceDeparture', 'removeSession'],
        description: 'A session has ended, for any reason. Users in the menu read that its user is gone.',
      },
      {
        actions: ['stopIdClock', 'stopIdleClock', 'stopRequestClock', 'removeSession'],
        description: 'The same without a line: it had no id, or too many users are online to tell all of each one.',
      },
    ],
    'xstate.error.actor.*': [
      {
        guard: 'isAnnouncedDeparture',
        actions: [
          'logFailure',
          'stopIdClock',
          'stopIdleClock',
          'stopRequestClock',
          'releaseFailedSession',
          'announceDeparture',
          'removeSession',
        ],
        description:
          'A session failed, which is our bug. It costs its own user the connection, and other users nothing.',
      },
      {
        actions: [
          'logFailure',
          'stopIdClock',
          'stopIdleClock',
          'stopRequestClock',
          'releaseFailedSession',
          'removeSession',
        ],
        description: 'The failed session had no id, or too many users are online.',
      },
    ],
    'session.failed': [
      {
        guard: 'isRunning',
        actions: 'passOnFailure',
        description:
          'An error outside of the session’s actor, which happened while another session ran. It ends itself.',
      },
      {
        guard: 'isThere',
        actions: ['stopIdClock', 'stopIdleClock', 'stopRequestClock', 'releaseFailedSession', 'removeSession'],
        description: 'Its actor has never run, so that nobody else knows it, or runs no more.',
      },
    ],
    'user.lost': [
      {
        guard: 'isAnnouncedLoss',
        actions: ['announceLossToRoom', 'announceLossToMenu'],
        description: 'Another server is gone, and with it its users. Who was in the room with them reads so.',
      },
      { actions: 'announceLossToRoom', description: 'Too many users are online to tell all who are in the menu.' },
    ],
  },
  states: {
    open: {
      description: 'Users come, pair and go.',
      initial: 'admitting',
      on: {
        'session.handedOver': [
          {
            guard: 'hasNoId',
            actions: ['startIdClock', 'resumeSession'],
            description: 'The same: what is left of the time to give an id runs on.',
          },
          {
            guard: 'hasAsked',
            actions: ['startRequestClock', 'resumeSession'],
            description: 'The same: what is left of the time for an answer runs on.',
          },
          {
            actions: 'resumeSession',
            description: 'Another process of this server had the session. It goes on as it was.',
          },
        ],
        'id.timedOut': { guard: 'isThere', actions: 'closeUnidentified' },
        'idle.timedOut': [
          { guard: 'isIdle', actions: 'closeIdle' },
          {
            guard: 'isThere',
            actions: 'startIdleClock',
            description: 'The user has typed something since. What is left of their time runs on.',
          },
        ],
        'id.claim': [
          {
            guard: 'isBannedId',
            actions: 'refuseId',
            description: 'The operator has banned this id. It is refused like one that is taken.',
          },
          {
            guard: 'needsProof',
            actions: 'requireProof',
            description: 'The id has a password. Without it the directory is not even asked.',
          },
          { actions: 'askDirectory' },
        ],
        'id.prove': {
          actions: ['stopIdClock', 'startIdClock', 'checkProof'],
          description: 'A check takes a while: the time to give an id begins anew, as often as there are tries.',
        },
        'proof.right': [
          { guard: 'isBannedId', actions: 'refuseId' },
          {
            guard: 'isThere',
            actions: 'takeId',
            description: 'The directory takes the id from whoever has it. A session that has ended takes none.',
          },
        ],
        'proof.wrong': { guard: 'isThere', actions: 'refuseProof' },
        'proof.refused': {
          guard: 'isThere',
          actions: 'closeUnchecked',
          description: 'The user would only wait until their time is over.',
        },
        'menu.leave': { actions: 'askDirectory' },
        'menu.return': { actions: 'askDirectory' },
        'request.make': [
          {
            guard: 'isTooOften',
            actions: ['returnToMenu', 'refuseRequest'],
            description: 'This session has asked too often recently, so nobody is asked.',
          },
          {
            actions: ['countRequest', 'stopRequestClock', 'startRequestClock', 'askDirectory'],
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
        'asker.refuse': { actions: 'askDirectory' },
        'chat.leave': { actions: 'askDirectory' },
        'directory.updated': [
          {
            guard: 'isBannedArrival',
            actions: ['stopIdClock', 'concealUser', 'removeUser'],
            description: 'The id was banned while the directory decided. Nobody reads of this arrival.',
          },
          {
            guard: 'isUnprovedArrival',
            actions: ['stopIdClock', 'concealUser', 'evictUser'],
            description: 'The id got a password while the directory decided. The user may come again and say it.',
          },
          {
            guard: 'isAnnouncedTakeover',
            actions: ['stopIdClock', 'logArrival', 'announceTakeover', 'announceArrival', 'passOn'],
            description: 'The user has taken the id from another session, of which users in the menu read too.',
          },
          {
            guard: 'isAnnouncedArrival',
            actions: ['stopIdClock', 'logArrival', 'announceArrival', 'passOn'],
            description: 'A user was granted an id. Users in the menu read of it.',
          },
          {
            guard: 'isArrival',
            actions: ['stopIdClock', 'logArrival', 'passOn'],
            description: 'Too many users are online to tell all of each one who comes.',
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
          actions: ['recordAct', 'rememberEnd'],
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
                guard: 'hasIdleLimit',
                actions: ['startIdClock', 'startIdleClock', 'startSession'],
                description: 'From now on the user has a limited time to give an id, and to type anything.',
              },
              {
                actions: ['startIdClock', 'startSession'],
                description: 'From now on the user has a limited time to give an id. Later they may be silent.',
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
      entry: ['muteDepartures', 'closeSessions'],
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
