/**
 * The cluster member chart: what ties one server process to a directory that it shares with other processes.
 *
 * Owns: when this process may speak for its users, when it decides by itself, and when it has to let its users go. Only
 * one process may ever speak for an id. So a process that hears nothing of the directory, or hears a refusal, has to
 * assume that others take over.
 * Knows nothing of Redis or of users. `src/cluster/clusterMembership.ts` carries the actions out.
 *
 * This file imports nothing but xstate, so it can be pasted into Stately's editor as it is.
 * What a refused connection means: decision 30, docs/decisions/0030-refused-is-down-silence-is-doubt.md.
 */
import { assertEvent, assign, raise, setup } from 'xstate';

export type ClusterMemberEvent =
  /** Both connections are open. `runId` names the directory's process: another process has another one. */
  | { type: 'connection.up'; runId: string }
  /** Nobody listens at the directory's address, as far as this process can tell. */
  | { type: 'connection.refused' }
  /** The connection broke or never came about. Other processes may still reach the directory. */
  | { type: 'connection.failed' }
  /** The directory, or what stands in its place, replied with an error. So it is no outage. */
  | { type: 'connection.denied' }
  | { type: 'connection.retry' }
  /** The directory has renewed the lease, and our inbox says so; the lease lasts so much longer. */
  | { type: 'lease.granted'; leftMs: number }
  /** The directory has taken this process for dead. */
  | { type: 'lease.denied' }
  /** The directory has lost everything, also that this process ever joined. */
  | { type: 'directory.emptied' }
  /** The directory has taken what we hold. */
  | { type: 'node.joined' }
  /** Every other process says itself that nobody listens there: so nobody can take over anything. */
  | { type: 'peers.agreed' }
  /** Another process reaches the directory, or perhaps does. */
  | { type: 'peers.disagreed' }
  | { type: 'node.stop' }
  | { type: 'node.left' };

export interface ClusterMemberContext {
  /** The directory's process at the latest connection; empty before the first. */
  runId: string;
  /** The directory's process that has taken what we hold; empty if there is none. */
  joinedRunId: string;
  /** How long this process may speak for its users, in ms, counted from the latest grant or the start of a rejoin. */
  leftMs: number;
  /** How often in a row this process was fenced, or did not get back; 4 at most. */
  setbacks: number;
}

/** A lease is renewed every half second. After two failed renewals this is more than a hiccup. */
const unresponsiveAfterMs = 1200;

/** Long enough not to keep a core busy, short enough for no user to notice. */
const retryMs = 200;

/**
 * 0.2, 0.4, 0.8, then 1.6 s, a quarter less or more: a directory that is too busy for all is not asked by all at once.
 * `pace` is from 0 to 1, another number for each of them.
 */
export function backOffMs(setbacks: number, pace: number): number {
  return retryMs * 2 ** (setbacks - 1) * (0.75 + pace / 2);
}

/** The time to open the connection, enough for six round trips of 400 ms. While users are held, the lease is shorter. */
export const openTimeoutMs = 2500;

/** The same for a process that goes on alone. What takes longer to reply here may have replied to others. */
export const tryTimeoutMs = 900;

/**
 * The time to send what we hold and to get the first lease. A directory that takes longer is of no use. It has to be
 * shorter than the time for which a new directory gives out no ids.
 */
const joinTimeoutMs = 2000;

/**
 * The time to follow another process that reaches the directory again. The directory's clock stood still as long as
 * nobody reached it: of the 3 s of our lease, half a second may have passed before, and half a second passes at once. So
 * it lasts 2 s from now. Finding out has taken 0.6 s of these at most.
 */
const doubtTimeoutMs = 1300;

/** The same where this process itself reaches it again, after `tryTimeoutMs` at most. */
const returnTimeoutMs = 1000;

/** How long a server that starts waits for its directory before it gives up. */
export const startTimeoutMs = 5000;

/** The time to say goodbye. A process that can't say it in this time is found out by its lease. */
const leaveTimeoutMs = 1000;

export const clusterMemberMachine = setup({
  types: {
    context: {} as ClusterMemberContext,
    events: {} as ClusterMemberEvent,
    tags: {} as 'acceptsCommands' | 'queuesCommands' | 'decidesLocally' | 'refusesClaims',
  },
  guards: {
    isSameRun: ({ context, event }) => {
      assertEvent(event, 'connection.up');
      return event.runId === context.joinedRunId;
    },
  },
  actions: {
    /** Opens the connection, unless it is open or being opened. */
    openConnection: () => {},
    /** The same, but soon: others may be back at the directory before us. */
    tryConnection: () => {},
    closeConnection: () => {},
    /** Sends what this process holds, and takes part from now on. */
    join: () => {},
    /** Continues where the connection broke: what has no reply is sent again. */
    resume: () => {},
    /** From now on this process decides for its own users. */
    decideLocally: () => {},
    /** Every user of this process loses the id. */
    evictUsers: () => {},
    leave: () => {},
    /** Is the directory down for all others too? Sends `peers.agreed` or `peers.disagreed`. */
    askPeers: () => {},
    rememberRun: assign({
      runId: ({ event }) => {
        assertEvent(event, 'connection.up');
        return event.runId;
      },
    }),
    /** Until then, a process that we knew before may still hold what we hold. */
    rememberJoin: assign({ joinedRunId: ({ context }) => context.runId }),
    /** Nothing bounds the time alone. From the moment a directory is there again, something has to. */
    limitRejoin: assign({ leftMs: joinTimeoutMs }),
    /** The directory still has our lease, and perhaps not for long. */
    limitReturn: assign({ leftMs: returnTimeoutMs }),
    /** Another process is back at the directory. From now on it may take over, but not before a lease has passed. */
    limitDoubt: assign({ leftMs: doubtTimeoutMs }),
    /** The directory no longer has what we hold: it was emptied, or we have decided alone since. */
    forgetJoin: assign({ joinedRunId: '' }),
    rememberLease: assign({
      leftMs: ({ event }) => {
        assertEvent(event, 'lease.granted');
        return event.leftMs;
      },
    }),
    retryLater: raise({ type: 'connection.retry' }, { delay: 'retry', id: 'retry' }),
    /** The same where nobody waits for it. */
    backOff: raise({ type: 'connection.retry' }, { delay: 'backOff', id: 'retry' }),
    countSetback: assign({ setbacks: ({ context }) => Math.min(context.setbacks + 1, 4) }),
    forgetSetbacks: assign({ setbacks: 0 }),
  },
  delays: {
    unresponsiveAfter: unresponsiveAfterMs,
    retry: retryMs,
    backOff: ({ context }) => backOffMs(context.setbacks, 0.5),
    joinTimeout: joinTimeoutMs,
    startTimeout: startTimeoutMs,
    leaveTimeout: leaveTimeoutMs,
    leaseLeft: ({ context }) => context.leftMs,
  },
}).createMachine({
  id: 'clusterMember',
  description: 'One of several server processes that share a directory: takes part, bridges trouble, lets go in time.',
  context: { runId: '', joinedRunId: '', leftMs: 0, setbacks: 0 },
  initial: 'starting',
  on: {
    'node.stop': { target: '.leaving', description: 'The server is told to stop; its users are gone by now.' },
  },
  states: {
    starting: {
      description: 'The first connection; a server without its directory does not start.',
      entry: 'openConnection',
      on: {
        'connection.up': { target: 'joining', actions: 'rememberRun' },
        'connection.refused': 'failed',
        'connection.failed': 'failed',
        'connection.denied': 'failed',
      },
      after: { startTimeout: 'failed' },
    },
    joining: {
      description: 'Takes part from now on, and holds no user yet.',
      tags: 'queuesCommands',
      entry: 'join',
      on: {
        'node.joined': { actions: 'rememberJoin' },
        'lease.granted': { target: 'member', actions: 'rememberLease' },
        'connection.refused': 'fenced',
        'connection.failed': 'fenced',
        'connection.denied': 'fenced',
      },
      after: { joinTimeout: { target: 'fenced', description: 'The directory may have it, but does not reply.' } },
    },
    member: {
      description: 'May speak for its users until the lease ends: every decision is the directory’s.',
      initial: 'healthy',
      on: {
        'lease.granted': { target: 'member', reenter: true, actions: ['rememberLease', 'forgetSetbacks'] },
        'lease.denied': { target: 'fenced', description: 'Taken for dead: others may have the ids by now.' },
        'directory.emptied': {
          target: '.reconnecting',
          actions: ['forgetJoin', 'closeConnection', 'openConnection'],
          description: 'Nobody was taken for dead: each process sends what it holds, as after a restart.',
        },
        'connection.refused': {
          target: '.reconnecting',
          actions: 'askPeers',
          description: 'Down for everybody, or only unreachable from here? The others know.',
        },
        'connection.failed': { target: '.reconnecting', actions: 'openConnection' },
        'connection.denied': {
          target: '.reconnecting',
          actions: 'openConnection',
          description: 'Others may be heard elsewhere: the lease runs on.',
        },
      },
      after: {
        leaseLeft: {
          target: 'fenced',
          description: 'Before the others may take over, and not after; no failure begins this time again.',
        },
      },
      states: {
        healthy: {
          description: 'The directory renews the lease in time.',
          tags: 'acceptsCommands',
          after: {
            unresponsiveAfter: { target: 'unresponsive', description: 'Two renewals have got no reply.' },
          },
        },
        unresponsive: {
          description: 'No reply comes: who claims an id or asks a user is told to try again; all else waits.',
          tags: 'refusesClaims',
        },
        reconnecting: {
          description: 'The connection broke; what users ask meanwhile is kept in order.',
          tags: 'queuesCommands',
          on: {
            'connection.up': [
              { guard: 'isSameRun', actions: 'resume', description: 'Nothing is lost; the next lease says so.' },
              {
                target: 'rejoining',
                actions: 'rememberRun',
                description: 'Another process holds the directory now, and knows nothing or not all.',
              },
            ],
            'connection.refused': { actions: 'askPeers' },
            'peers.agreed': {
              target: '#clusterMember.standalone',
              description: 'The directory is down for everybody: nobody can take over anything.',
            },
            'peers.disagreed': { actions: 'retryLater' },
            'connection.failed': { actions: 'retryLater' },
            'connection.denied': { actions: 'retryLater' },
            'connection.retry': { actions: 'openConnection' },
          },
        },
        rejoining: {
          description: 'Sends what it holds. Of two processes that hold the same id, the second to send it loses it.',
          tags: 'queuesCommands',
          entry: 'join',
          on: {
            'node.joined': { actions: 'rememberJoin' },
            'connection.failed': { target: 'reconnecting', actions: 'retryLater' },
            'connection.denied': { target: 'reconnecting', actions: 'retryLater' },
          },
        },
      },
    },
    standalone: {
      description: 'The directory is down: users here go on; who claims an id or asks a user is told to try again.',
      tags: 'decidesLocally',
      entry: ['decideLocally', 'retryLater'],
      on: {
        'connection.retry': { actions: 'tryConnection' },
        'connection.up': [
          {
            guard: 'isSameRun',
            target: 'member.rejoining',
            actions: 'limitReturn',
            description: 'Others may have been back before.',
          },
          {
            target: 'member.rejoining',
            actions: ['rememberRun', 'limitRejoin'],
            description: 'Until it is back, or the time for this is over.',
          },
        ],
        'connection.refused': { actions: 'askPeers' },
        'peers.agreed': { actions: 'retryLater' },
        'peers.disagreed': {
          target: 'member.reconnecting',
          actions: ['forgetJoin', 'limitDoubt', 'retryLater'],
          description: 'Somebody is back at the directory, or may be: this process follows in time, or lets go.',
        },
        'connection.failed': {
          target: 'fenced',
          description: 'Somebody listens, or nothing comes through: others may take over.',
        },
        'connection.denied': { target: 'fenced', description: 'Something replies: the directory may be elsewhere.' },
      },
    },
    fenced: {
      description: 'Holds nothing: the users who had an id are gone, and nobody gets one.',
      tags: 'refusesClaims',
      entry: ['evictUsers', 'closeConnection', 'countSetback', 'backOff'],
      on: {
        'connection.retry': { actions: 'openConnection' },
        'connection.up': { target: 'joining', actions: 'rememberRun' },
        'connection.refused': { actions: ['countSetback', 'backOff'] },
        'connection.failed': { actions: ['countSetback', 'backOff'] },
        'connection.denied': { actions: ['countSetback', 'backOff'] },
      },
    },
    leaving: {
      description: 'Says goodbye, so that the others needn’t wait for the end of the lease.',
      entry: 'leave',
      on: { 'node.left': 'left' },
      after: { leaveTimeout: 'left' },
    },
    left: { description: 'Takes no part any more.', type: 'final', entry: 'closeConnection' },
    failed: { description: 'Never took part.', type: 'final', entry: 'closeConnection' },
  },
});
