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
import { assertEvent, assign, cancel, enqueueActions, setup } from 'xstate';
import type { DirectoryUpdate, SessionId } from './events.ts';
import type {
  Command,
  DirectoryEvent,
  LobbyContext,
  LobbyEvent,
  LobbyInput,
  LobbyView,
  Proof,
  ProofRight,
  Request,
  TakeTimedOut,
} from './lobbyEvents.ts';

export type { Command, LobbyContext, LobbyEvent, LobbyInput, LobbyView, Proof, ProofRight, Request, TakeTimedOut };

/** Returns the session that a lobby event is about; empty if it is about none. */
export function sessionOf(event: LobbyEvent): SessionId {
  if ('session' in event) return event.session;
  return 'actorId' in event ? event.actorId : '';
}

/** Returns what the directory says to a session as the lobby hears it. */
export function directoryEvent(session: SessionId, update: DirectoryUpdate): DirectoryEvent {
  switch (update.type) {
    case 'id.granted':
      return { type: 'directory.granted', session, update };
    case 'take.delayed':
      return { type: 'directory.delayed', session, update };
    case 'connection.doubted':
      return { type: 'directory.doubted', session, update };
    default:
      return { type: 'directory.updated', session, update };
  }
}

function grantIn(event: LobbyEvent) {
  assertEvent(event, 'directory.granted');
  return event.update;
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
 * So long has a connection to show that somebody is still there. The system asks it each second, and after two questions
 * without an answer nobody is; the rest is for the ways between servers.
 */
const takeMs = 3000;

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
  away: (event: LobbyEvent, { resumeMs }: LobbyInput): SessionClock => ({
    delayMs: resumeMs,
    later: { type: 'away.timedOut', session: sessionOf(event) },
  }),
  take: (event: LobbyEvent): SessionClock => ({ delayMs: takeMs, later: takeAgain(event) }),
};

/** The second try to take an id, which ends the chat if its user is still there. */
export function takeAgain(event: LobbyEvent): TakeTimedOut {
  assertEvent(event, 'directory.delayed');
  const { session, update } = event;
  return { type: 'take.timedOut', session, id: update.id, doubted: update.holder };
}

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
    isBannedArrival: ({ context, event }) => context.view.isBanned(sessionOf(event), grantIn(event).id),
    isUnprovedArrival: ({ context: { view }, event }) => {
      const { id, isProved } = grantIn(event);
      return !isProved && view.hasSession(sessionOf(event)) && view.needsProof(id);
    },
    isThere: ({ context, event }) => context.view.hasSession(sessionOf(event)),
    isRunning: ({ context, event }) => context.view.isRunning(sessionOf(event)),
    isAnnouncedArrival: ({ context, event }) => context.view.hasSession(sessionOf(event)) && isQuiet(context),
    endsChats: ({ context: { resumeMs, view }, event }) => resumeMs === 0 && view.hasSession(sessionOf(event)),
    isReturn: ({ context, event }) => grantIn(event).chat !== undefined && context.view.hasSession(sessionOf(event)),
    mayReturn: ({ context: { resumeMs, view }, event }) => resumeMs > 0 && view.isProved(sessionOf(event)),
    isAnnouncedTakeover: ({ context, event }) =>
      grantIn(event).takesOver === true && context.view.hasSession(sessionOf(event)) && isQuiet(context),
    isAnnouncedDeparture: ({ context, event }) => context.view.isVisible(sessionOf(event)) && isQuiet(context),
    isAnnouncedLoss: ({ context }) => isQuiet(context),
    isTooOften: ({ context, event }) => context.view.requestsLeft(sessionOf(event)) < 1,
    hasIdleLimit: ({ context }) => context.idleMs > 0,
    isIdle: ({ context: { idleMs, view }, event }) => idleMs > 0 && view.silentMs(sessionOf(event)) >= idleMs,
    mayBecomeIdle: ({ context: { idleMs, view }, event }) => idleMs > 0 && view.hasSession(sessionOf(event)),
    isEmpty: ({ context }) => context.view.sessionCount === 0,
    hasNoId: ({ context, event }) => !context.view.hasId(sessionOf(event)),
    hasAsked: ({ context, event }) => context.view.hasAsked(sessionOf(event)),
  },
  actions: {
    startSession: () => {},
    /** Goes on with a session where another process has stopped; its user notices nothing. */
    resumeSession: () => {},
    /** Says why: the server ends, is locked down, or the operator lets nobody in from there. */
    refuseConnection: () => {},
    /** Sends a session's command to the directory. Its verdict comes back as an event, see `directoryEvent`. */
    askDirectory: () => {},
    /** The id counts as taken: nobody reads who is banned. */
    refuseId: () => {},
    requireProof: () => {},
    /** Has the password checked. The verdict comes back as an event. */
    checkProof: () => {},
    /** The id goes to this user, whoever has it. */
    takeId: () => {},
    /** Has the system ask if anybody is still there. If nobody is, the session hears that its user is unreachable. */
    probeConnection: () => {},
    refuseProof: () => {},
    closeUnchecked: () => {},
    evictUser: () => {},
    /** The session of a user who is away, and can't come back, ends. */
    endAway: () => {},
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
    /** What is left of the time to type something runs on. */
    checkIdleClock: enqueueActions(({ enqueue, event }) => {
      enqueue.raise({ type: 'idle.timedOut', session: sessionOf(event) });
    }),
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
    startRequestClock: enqueueActions(({ enqueue, event, context }) => {
      const { later, delayMs } = sessionClocks.request(event, context);
      enqueue.raise(later, { id: clockId('request', event), delay: delayMs });
    }),
    stopRequestClock: cancel(({ event }) => clockId('request', event)),
    startAwayClock: enqueueActions(({ enqueue, event, context }) => {
      const { later, delayMs } = sessionClocks.away(event, context);
      enqueue.raise(later, { id: clockId('away', event), delay: delayMs });
    }),
    startTakeClock: enqueueActions(({ enqueue, event }) => {
      const { later, delayMs } = sessionClocks.take(event);
      enqueue.raise(later, { id: clockId('take', event), delay: delayMs });
    }),
    stopClocks: enqueueActions(({ enqueue, event }) => {
      for (const name of Object.keys(sessionClocks) as (keyof typeof sessionClocks)[]) {
        enqueue.cancel(clockId(name, event));
      }
    }),
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
    'directory.granted': {
      guard: 'isThere',
      actions: 'passOn',
      description: 'The server ends, and so will the session.',
    },
    'directory.delayed': [
      {
        guard: 'endsChats',
        actions: 'takeId',
        description: 'The id is in a chat, to which nobody can come back here: nothing is waited for.',
      },
      {
        guard: 'isThere',
        actions: 'startTakeClock',
        description: 'The id is in a chat. Whoever has it may only seem to be there, and is asked first.',
      },
    ],
    'directory.doubted': {
      guard: 'isThere',
      actions: 'probeConnection',
      description: 'The other side of it. A user who is lost is away from then on, and the chat is still there.',
    },
    'xstate.done.actor.*': [
      {
        guard: 'isAnnouncedDeparture',
        actions: ['stopClocks', 'announceDeparture', 'removeSession'],
        description: 'A session has ended, for any reason. Users in the menu read that its user is gone.',
      },
      {
        actions: ['stopClocks', 'removeSession'],
        description: 'The same without a line: it had no id, or too many users are online to tell all of each one.',
      },
    ],
    'xstate.error.actor.*': [
      {
        guard: 'isAnnouncedDeparture',
        actions: ['logFailure', 'stopClocks', 'releaseFailedSession', 'announceDeparture', 'removeSession'],
        description:
          'A session failed, which is our bug. It costs its own user the connection, and other users nothing.',
      },
      {
        actions: ['logFailure', 'stopClocks', 'releaseFailedSession', 'removeSession'],
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
        actions: ['stopClocks', 'releaseFailedSession', 'removeSession'],
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
            actions: ['startIdClock', 'resumeSession', 'checkIdleClock'],
            description: 'The same: what is left of the time to give an id runs on.',
          },
          {
            guard: 'hasAsked',
            actions: ['startRequestClock', 'resumeSession', 'checkIdleClock'],
            description: 'The same: what is left of the time for an answer runs on.',
          },
          {
            actions: ['resumeSession', 'checkIdleClock'],
            description: 'Another process of this server had the session. It goes on as it was.',
          },
        ],
        'id.timedOut': { guard: 'isThere', actions: 'closeUnidentified' },
        'idle.timedOut': [
          { guard: 'isIdle', actions: 'closeIdle' },
          {
            guard: 'mayBecomeIdle',
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
        'take.timedOut': {
          guard: 'isThere',
          actions: 'takeId',
          description: 'Whoever has the id is away, and the user is back in the chat; or is still there, and it ends.',
        },
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
        'chat.suspend': [
          {
            guard: 'mayReturn',
            actions: ['startAwayClock', 'askDirectory'],
            description: 'The user has proved their id, and has a limited time to come back.',
          },
          { actions: 'endAway', description: 'Who has no name that stays is gone for good.' },
        ],
        'away.timedOut': { guard: 'isThere', actions: 'endAway' },
        'directory.granted': [
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
            guard: 'isReturn',
            actions: ['stopIdClock', 'logArrival', 'passOn'],
            description: 'The user was away, of which nobody but their partner has read, and is back in the chat.',
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
            guard: 'isThere',
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
