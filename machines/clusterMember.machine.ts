/**
 * The membership chart: what ties one server process to a directory that it shares with others.
 *
 * Owns: when this process may speak for its people, when it decides by itself, and when it has to let them go. Only one
 * process may ever speak for an id, so whoever hears nothing of the directory has to assume that others have taken over.
 * Knows nothing of Redis or of people. `src/cluster/redisDirectory.ts` carries the actions out.
 *
 * This file imports nothing but xstate, so it can be pasted into Stately's editor as it is.
 * What a refused connection means: decision 30, docs/decisions/0030-refused-is-down-silence-is-doubt.md.
 */
import { assign, raise, setup } from 'xstate';

export type MembershipEvent =
  /** Both connections stand; `run` names the process on the other side. */
  | { type: 'link.up'; run: string }
  /** Nobody listens there: the directory itself is down, and nobody can take over anything. */
  | { type: 'link.refused' }
  /** The link broke, or never came about, and nobody knows how the others see it. */
  | { type: 'link.failed' }
  | { type: 'link.retry' }
  /** The directory has renewed the lease, and we have read so in our inbox; there is so much left of it. */
  | { type: 'lease.granted'; leftMs: number }
  /** The directory doesn't know this process any more. */
  | { type: 'lease.denied' }
  | { type: 'node.stop' }
  | { type: 'node.left' };

export interface MembershipContext {
  /** The process that held the directory when we were last connected; empty before. */
  run: string;
  /** What was left of the lease when it was granted last, in ms. */
  leftMs: number;
}

/** A lease is renewed every half second: two that fail are more than a hiccup. */
const silenceMs = 1200;

/** Long enough not to keep a core busy, short enough for nobody to notice. */
const retryMs = 200;

/** To say what we hold and to be heard; a directory that takes longer is of no use. */
const joinTimeoutMs = 2000;

/** How long a server that starts waits for its directory before it gives up. */
export const startTimeoutMs = 5000;

/** Our people hang up anyway; if it can't be said in this time, the others will find out by the lease. */
const leaveTimeoutMs = 1000;

export const clusterMemberMachine = setup({
  types: {
    context: {} as MembershipContext,
    events: {} as MembershipEvent,
    tags: {} as 'ready' | 'queueing' | 'deciding' | 'refusing',
  },
  guards: {
    isSameRun: ({ context, event }) => event.type === 'link.up' && event.run === context.run,
  },
  actions: {
    /** Opens the link, unless it is open or being opened. */
    openLink: () => {},
    closeLink: () => {},
    /** Hands over what this process holds, and takes part from now on. */
    join: () => {},
    /** Goes on where the link broke: what has no answer is said again. */
    resume: () => {},
    /** From now on this process decides for its own people. */
    decideHere: () => {},
    /** Everybody who has an id loses it. */
    evictEverybody: () => {},
    leave: () => {},
    rememberRun: assign({ run: ({ event }) => (event.type === 'link.up' ? event.run : '') }),
    rememberLease: assign({ leftMs: ({ event }) => (event.type === 'lease.granted' ? event.leftMs : 0) }),
    retryLater: raise({ type: 'link.retry' }, { delay: 'retry', id: 'retry' }),
  },
  delays: {
    silence: silenceMs,
    retry: retryMs,
    joinTimeout: joinTimeoutMs,
    startTimeout: startTimeoutMs,
    leaveTimeout: leaveTimeoutMs,
    leaseLeft: ({ context }) => context.leftMs,
  },
}).createMachine({
  id: 'clusterMember',
  description: 'One of several server processes that share a directory: takes part, bridges trouble, lets go in time.',
  context: { run: '', leftMs: 0 },
  initial: 'starting',
  on: {
    'node.stop': { target: '.leaving', description: 'The server is told to stop; its people are gone by now.' },
  },
  states: {
    starting: {
      description: 'The first connection; a server without its directory does not start.',
      entry: 'openLink',
      on: {
        'link.up': { target: 'joining', actions: 'rememberRun' },
        'link.refused': 'failed',
        'link.failed': 'failed',
      },
      after: { startTimeout: 'failed' },
    },
    joining: {
      description: 'Says what it holds: who claims an id second has lost it.',
      tags: 'queueing',
      entry: 'join',
      on: {
        'lease.granted': { target: 'member', actions: 'rememberLease' },
        'link.refused': 'away',
        'link.failed': { target: 'away', description: 'Still nothing but its own word to go by; tries again.' },
      },
      after: { joinTimeout: { target: 'lost', description: 'Heard, perhaps, but not answered.' } },
    },
    member: {
      description: 'Holds the lease: every decision is the directory’s.',
      initial: 'answering',
      on: {
        'lease.granted': { target: 'member', reenter: true, actions: 'rememberLease' },
        'lease.denied': { target: 'lost', description: 'Taken for dead: others may have the ids by now.' },
        'link.refused': { target: 'away', description: 'The directory is down for everybody.' },
        'link.failed': '.reconnecting',
      },
      after: {
        leaseLeft: { target: 'lost', description: 'Before the others may take over, and not after.' },
      },
      states: {
        answering: {
          description: 'As it should be.',
          tags: 'ready',
          after: { silence: { target: 'silent', description: 'Renewals that nobody answers.' } },
        },
        silent: {
          description: 'Nothing is heard: whoever claims or asks is told to try again, the others wait.',
          tags: 'refusing',
        },
        reconnecting: {
          description: 'The link broke; what is asked meanwhile is kept in order.',
          tags: 'queueing',
          entry: 'openLink',
          on: {
            'link.up': [
              { guard: 'isSameRun', actions: 'resume', description: 'Nothing is lost; the next lease says so.' },
              {
                target: '#clusterMember.joining',
                actions: 'rememberRun',
                description: 'Another process holds the directory now, and knows nothing or not all.',
              },
            ],
            'link.failed': { actions: 'retryLater' },
            'link.retry': { actions: 'openLink' },
          },
        },
      },
    },
    away: {
      description: 'The directory is down: people here go on, and whoever claims or asks is told to try again.',
      tags: 'deciding',
      entry: ['decideHere', 'retryLater'],
      on: {
        'link.retry': { actions: 'openLink' },
        'link.up': { target: 'joining', actions: 'rememberRun' },
        'link.refused': { actions: 'retryLater' },
        'link.failed': {
          target: 'lost',
          description: 'Somebody is there, or nothing comes through: others may take over.',
        },
      },
    },
    lost: {
      description: 'Holds nothing: those who had an id are gone, and nobody gets one.',
      tags: 'refusing',
      entry: ['evictEverybody', 'closeLink', 'retryLater'],
      on: {
        'link.retry': { actions: 'openLink' },
        'link.up': { target: 'joining', actions: 'rememberRun' },
        'link.refused': { actions: 'retryLater' },
        'link.failed': { actions: 'retryLater' },
      },
    },
    leaving: {
      description: 'Says goodbye, so that nobody has to find out.',
      entry: 'leave',
      on: { 'node.left': 'left' },
      after: { leaveTimeout: 'left' },
    },
    left: { description: 'Takes no part any more.', type: 'final', entry: 'closeLink' },
    failed: { description: 'Never took part.', type: 'final', entry: 'closeLink' },
  },
});
