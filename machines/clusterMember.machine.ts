/**
 * The cluster member chart: what ties one server process to a directory that it shares with other processes.
 *
 * Owns: when this process may speak for its users, when it decides by itself, and when it has to let its users go. Only
 * one process may ever speak for an id. So a process that hears nothing of the directory has to assume that others take
 * over.
 * Knows nothing of Redis or of users. `src/cluster/clusterMembership.ts` carries the actions out.
 *
 * This file imports nothing but xstate, so it can be pasted into Stately's editor as it is.
 * What a refused connection means: decision 30, docs/decisions/0030-refused-is-down-silence-is-doubt.md.
 */
import { assertEvent, assign, raise, setup } from 'xstate';

export type ClusterMemberEvent =
  /** Both connections are open. `runId` names the directory's process: another process has another one. */
  | { type: 'connection.up'; runId: string }
  /** Nobody listens at the directory's address: the directory itself is down, and nobody can take over anything. */
  | { type: 'connection.refused' }
  /** The connection broke or never came about. Other processes may still reach the directory. */
  | { type: 'connection.failed' }
  | { type: 'connection.retry' }
  /** The directory has renewed the lease, and our inbox says so; the lease lasts so much longer. */
  | { type: 'lease.granted'; leftMs: number }
  /** The directory doesn't know this process any more. */
  | { type: 'lease.denied' }
  | { type: 'node.stop' }
  | { type: 'node.left' };

export interface ClusterMemberContext {
  /** The directory's process at the latest connection; empty before the first. */
  runId: string;
  /** What was left of the lease when it was last granted, in ms. */
  leftMs: number;
}

/** A lease is renewed every half second. After two failed renewals this is more than a hiccup. */
const unresponsiveAfterMs = 1200;

/** Long enough not to keep a core busy, short enough for no user to notice. */
const retryMs = 200;

/** The time to send what we hold and to get the first lease. A directory that takes longer is of no use. */
const joinTimeoutMs = 2000;

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
      return event.runId === context.runId;
    },
  },
  actions: {
    /** Opens the connection, unless it is open or being opened. */
    openConnection: () => {},
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
    rememberRun: assign({
      runId: ({ event }) => {
        assertEvent(event, 'connection.up');
        return event.runId;
      },
    }),
    rememberLease: assign({
      leftMs: ({ event }) => {
        assertEvent(event, 'lease.granted');
        return event.leftMs;
      },
    }),
    retryLater: raise({ type: 'connection.retry' }, { delay: 'retry', id: 'retry' }),
  },
  delays: {
    unresponsiveAfter: unresponsiveAfterMs,
    retry: retryMs,
    joinTimeout: joinTimeoutMs,
    startTimeout: startTimeoutMs,
    leaveTimeout: leaveTimeoutMs,
    leaseLeft: ({ context }) => context.leftMs,
  },
}).createMachine({
  id: 'clusterMember',
  description: 'One of several server processes that share a directory: takes part, bridges trouble, lets go in time.',
  context: { runId: '', leftMs: 0 },
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
      },
      after: { startTimeout: 'failed' },
    },
    joining: {
      description: 'Sends what it holds. Of two processes that hold the same id, the second to send it loses it.',
      tags: 'queuesCommands',
      entry: 'join',
      on: {
        'lease.granted': { target: 'member', actions: 'rememberLease' },
        'connection.refused': 'standalone',
        'connection.failed': {
          target: 'standalone',
          description: 'Nothing has come back: it goes on by itself, and tries again.',
        },
      },
      after: { joinTimeout: { target: 'fenced', description: 'The directory may have it, but does not reply.' } },
    },
    member: {
      description: 'Holds the lease: every decision is the directory’s.',
      initial: 'healthy',
      on: {
        'lease.granted': { target: 'member', reenter: true, actions: 'rememberLease' },
        'lease.denied': { target: 'fenced', description: 'Taken for dead: others may have the ids by now.' },
        'connection.refused': { target: 'standalone', description: 'The directory is down for everybody.' },
        'connection.failed': '.reconnecting',
      },
      after: {
        leaseLeft: { target: 'fenced', description: 'Before the others may take over, and not after.' },
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
          entry: 'openConnection',
          on: {
            'connection.up': [
              { guard: 'isSameRun', actions: 'resume', description: 'Nothing is lost; the next lease says so.' },
              {
                target: '#clusterMember.joining',
                actions: 'rememberRun',
                description: 'Another process holds the directory now, and knows nothing or not all.',
              },
            ],
            'connection.failed': { actions: 'retryLater' },
            'connection.retry': { actions: 'openConnection' },
          },
        },
      },
    },
    standalone: {
      description: 'The directory is down: users here go on; who claims an id or asks a user is told to try again.',
      tags: 'decidesLocally',
      entry: ['decideLocally', 'retryLater'],
      on: {
        'connection.retry': { actions: 'openConnection' },
        'connection.up': { target: 'joining', actions: 'rememberRun' },
        'connection.refused': { actions: 'retryLater' },
        'connection.failed': {
          target: 'fenced',
          description: 'Somebody listens, or nothing comes through: others may take over.',
        },
      },
    },
    fenced: {
      description: 'Holds nothing: the users who had an id are gone, and nobody gets one.',
      tags: 'refusesClaims',
      entry: ['evictUsers', 'closeConnection', 'retryLater'],
      on: {
        'connection.retry': { actions: 'openConnection' },
        'connection.up': { target: 'joining', actions: 'rememberRun' },
        'connection.refused': { actions: 'retryLater' },
        'connection.failed': { actions: 'retryLater' },
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
