/**
 * The password gate chart: what a user has to say before their session begins, if the server has a password.
 *
 * Owns: when a password is asked for and checked, how many tries there are, and what ends them. One actor of this
 * machine runs for each connection that was not admitted yet; without a password there is none. Knows nothing of
 * sockets, sentences, timers or hashes: `src/passwordGate/` carries the actions out.
 * Next: `session.machine.ts`, which begins where this chart ends.
 *
 * This file imports nothing but xstate and types, so it can be pasted into Stately's editor as it is.
 */
import { assign, setup } from 'xstate';
import type { LimitName } from './events.ts';

/** The names of the password gate's sentences; their wording is in `src/protocol/replies.ts`. */
export type PasswordGateReply =
  | 'passwordPrompt'
  | 'wrongPassword'
  | 'lineRefused'
  | 'passwordTries'
  | 'passwordQueue'
  | 'serverClosing'
  | 'limitReached';

/** The limits that this chart itself finds reached. How much is allowed stands in `src/config/limits.ts`. */
export type PasswordGateLimit = 'passwordTries' | 'passwordQueue';

export type PasswordGateEvent =
  | { type: 'line.received'; text: string }
  /** A line that can't be a password: it is too long, or no valid text. */
  | { type: 'line.refused'; reason: 'lineTooLong' | 'lineNotUtf8' }
  | { type: 'connection.closed' }
  /** `name` is the operator's name of the password; empty if it has none. */
  | { type: 'password.right'; name: string }
  | { type: 'password.wrong' }
  /** As many passwords wait for their check as may. */
  | { type: 'check.refused' }
  | { type: 'server.closing' }
  | { type: 'limit.reached'; limit: LimitName };

export const passwordGateMachine = setup({
  types: {
    context: {} as {
      /** Wrong passwords so far. */
      tries: number;
      maxTries: number;
    },
    input: {} as { maxTries: number },
    events: {} as PasswordGateEvent,
    tags: {} as 'waiting',
  },
  guards: {
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
  },
}).createMachine({
  id: 'passwordGate',
  description: 'One connection: the server asks its user for the password before anything else.',
  context: ({ input }) => ({ tries: 0, maxTries: input.maxTries }),
  initial: 'asking',
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
  },
  states: {
    asking: {
      description: 'Waits for the user to type a password.',
      entry: { type: 'say', params: { reply: 'passwordPrompt' } },
      on: {
        'line.received': { target: 'checking', actions: 'checkPassword' },
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
            actions: ['countTry', { type: 'say', params: { reply: 'lineRefused' } }],
            description: 'Says what was wrong with the line, and asks again.',
          },
        ],
      },
    },
    checking: {
      description: 'A check takes time, and others may come before it. Lines that are typed meanwhile wait.',
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
            actions: ['countTry', { type: 'say', params: { reply: 'wrongPassword' } }],
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
