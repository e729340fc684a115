/**
 * The password gate chart: what a user has to say before their session begins, if the server has a password.
 *
 * Owns: when a password is asked for and checked, how many tries there are, when the time to give an id runs and when it
 * stands still, and what ends all that. One actor of this machine runs for each connection that was not admitted yet;
 * without a password there is none. Knows nothing of sockets, sentences or hashes: `src/passwordGate/` carries the actions
 * out. It reads no clock: an event says when it came (`atMs`), so that the chart alone does what is drawn.
 * Next: `session.machine.ts`, which begins where this chart ends.
 *
 * This file imports nothing but xstate and types, so it can be pasted into Stately's editor as it is.
 */
import { assertEvent, assign, cancel, raise, setup } from 'xstate';
import type { LimitName, LineRefusal } from './events.ts';

/** The names of the password gate's sentences; their wording is in `src/protocol/replies.ts`. */
export type PasswordGateReply =
  | 'passwordPrompt'
  | 'wrongPassword'
  | 'lineRefused'
  | 'passwordTries'
  | 'passwordQueue'
  | 'idTimeout'
  | 'serverClosing'
  | 'limitReached'
  | 'fault';

/** The limits that this chart itself finds reached. How much is allowed stands in `src/config/limits.ts`. */
export type PasswordGateLimit = 'passwordTries' | 'passwordQueue' | 'idTimeout';

export type PasswordGateEvent =
  | { type: 'line.received'; text: string; atMs: number }
  /** A line that can't be a password: it is too long, or no valid text. */
  | { type: 'line.refused'; reason: LineRefusal; atMs: number }
  | { type: 'connection.closed' }
  /** `name` is the operator's name of the password; empty if it has none. */
  | { type: 'password.right'; name: string }
  | { type: 'password.wrong'; atMs: number }
  /** As many passwords wait for their check as may. */
  | { type: 'check.refused' }
  | { type: 'id.timedOut' }
  | { type: 'server.closing' }
  | { type: 'limit.reached'; limit: LimitName }
  /** An error of ours happened on this user's side, outside of this actor. */
  | { type: 'gate.failed' };

export interface PasswordGateInput {
  maxTries: number;
  /** The time to give an id, of which the password takes a part. */
  idTimeoutMs: number;
  /** When the connection came, on the clock from which `atMs` is read too. */
  atMs: number;
  /** True if the server takes nobody in any more. */
  isServerClosing: boolean;
}

export interface PasswordGateContext {
  /** Wrong passwords so far. */
  tries: number;
  maxTries: number;
  /** What was left of the time to give an id when it began to run, or stood still, the last time. */
  timeLeftMs: number;
  /** When it began to run the last time. */
  runsSinceMs: number;
  isServerClosing: boolean;
}

export const passwordGateMachine = setup({
  types: {
    context: {} as PasswordGateContext,
    input: {} as PasswordGateInput,
    events: {} as PasswordGateEvent,
    tags: {} as 'waiting',
  },
  guards: {
    isServerClosing: ({ context }) => context.isServerClosing,
    isLastTry: ({ context }) => context.tries + 1 >= context.maxTries,
  },
  actions: {
    say: (_, _params: { reply: PasswordGateReply }) => {},
    countLimit: (_, _params: { limit: PasswordGateLimit }) => {},
    /** The result comes back as an event: right, wrong, or that too many wait already. */
    checkPassword: () => {},
    /** Starts the session, which also gets what was typed after the password. */
    admit: () => {},
    hangUp: () => {},
    countTry: assign({ tries: ({ context }) => context.tries + 1 }),
    startClock: raise({ type: 'id.timedOut' }, { id: 'time', delay: 'timeLeft' }),
    stopClock: cancel('time'),
    spendTime: assign(({ context, event }) => {
      assertEvent(event, ['line.received', 'line.refused']);
      const { timeLeftMs, runsSinceMs } = context;
      return { timeLeftMs: timeLeftMs - (event.atMs - runsSinceMs), runsSinceMs: event.atMs };
    }),
    resumeTime: assign(({ event }) => {
      assertEvent(event, 'password.wrong');
      return { runsSinceMs: event.atMs };
    }),
  },
  delays: { timeLeft: ({ context }) => context.timeLeftMs },
}).createMachine({
  id: 'passwordGate',
  description: 'One connection: the server asks its user for the password before anything else.',
  context: ({ input }) => ({
    tries: 0,
    maxTries: input.maxTries,
    timeLeftMs: input.idTimeoutMs,
    runsSinceMs: input.atMs,
    isServerClosing: input.isServerClosing,
  }),
  initial: 'arriving',
  on: {
    'connection.closed': {
      target: '.closed',
      description: 'The user hung up before the password. Nobody else is notified.',
    },
    'server.closing': {
      target: '.closed',
      actions: { type: 'say', params: { reply: 'serverClosing' } },
    },
    'limit.reached': {
      target: '.closed',
      actions: { type: 'say', params: { reply: 'limitReached' } },
      description: 'The connection has reached one of the server’s limits. The user reads which one.',
    },
    'gate.failed': {
      target: '.closed',
      actions: { type: 'say', params: { reply: 'fault' } },
      description: 'A bug of ours costs this user the connection, and no other user anything.',
    },
  },
  states: {
    arriving: {
      description: 'The connection is there.',
      always: [
        {
          guard: 'isServerClosing',
          target: 'closed',
          actions: { type: 'say', params: { reply: 'serverClosing' } },
          description: 'The server is on its way down, and takes nobody in any more.',
        },
        { target: 'asking' },
      ],
    },
    asking: {
      description: 'Waits for the user to type a password. The time to give an id runs.',
      entry: ['startClock', { type: 'say', params: { reply: 'passwordPrompt' } }],
      exit: 'stopClock',
      on: {
        'line.received': { target: 'checking', actions: ['spendTime', 'checkPassword'] },
        'id.timedOut': {
          target: 'closed',
          actions: [
            { type: 'countLimit', params: { limit: 'idTimeout' } },
            { type: 'say', params: { reply: 'idTimeout' } },
          ],
          description: 'Nothing was typed in time, or nothing that was right.',
        },
        'line.refused': [
          {
            guard: 'isLastTry',
            target: 'closed',
            actions: [
              { type: 'countLimit', params: { limit: 'passwordTries' } },
              { type: 'say', params: { reply: 'passwordTries' } },
            ],
            description: 'A line that can’t be a password is a try, too, so that the number of lines is limited.',
          },
          {
            target: 'asking',
            reenter: true,
            actions: ['spendTime', 'countTry', { type: 'say', params: { reply: 'lineRefused' } }],
            description: 'Says what was wrong with the line, and asks again.',
          },
        ],
      },
    },
    checking: {
      description:
        'A check takes a while. Lines that are typed meanwhile wait, and the time to give an id stands still.',
      tags: 'waiting',
      on: {
        'password.right': { target: 'open' },
        'password.wrong': [
          {
            guard: 'isLastTry',
            target: 'closed',
            actions: [
              { type: 'countLimit', params: { limit: 'passwordTries' } },
              { type: 'say', params: { reply: 'passwordTries' } },
            ],
            description: 'A user who guesses has to connect again.',
          },
          {
            target: 'asking',
            actions: ['resumeTime', 'countTry', { type: 'say', params: { reply: 'wrongPassword' } }],
            description: 'It may be a typing error: asks again.',
          },
        ],
        'check.refused': {
          target: 'closed',
          actions: [
            { type: 'countLimit', params: { limit: 'passwordQueue' } },
            { type: 'say', params: { reply: 'passwordQueue' } },
          ],
          description: 'The user would only wait until their time is over.',
        },
      },
    },
    open: {
      description: 'The user was admitted. The session chart takes over.',
      entry: 'admit',
      type: 'final',
    },
    closed: {
      description: 'The user was not admitted. What the server said is still delivered, then the connection ends.',
      entry: 'hangUp',
      type: 'final',
    },
  },
});
