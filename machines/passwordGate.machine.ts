/**
 * The password gate chart: what somebody has to say before their session begins, where the server has a password.
 *
 * Owns: when a password is asked for and checked, how many tries there are, and what ends them. One actor of this machine
 * runs for each connection that has not been let in; without a password there is none. Knows nothing of sockets, sentences,
 * timers or hashes: `src/passwordGate/` carries the actions out. Next: `session.machine.ts`, which begins where this chart ends.
 *
 * This file imports nothing but xstate and types, so it can be pasted into Stately's editor as it is.
 */
import { assign, setup } from 'xstate';
import type { LimitName } from './events.ts';

/** The sentences of the password gate; their wording is in `src/protocol/replies.ts`. */
export type PasswordGateReply =
  | 'passwordPrompt'
  | 'wrongPassword'
  | 'lineRefused'
  | 'passwordTries'
  | 'passwordQueue'
  | 'serverClosing'
  | 'limitReached';

/** Limits of the password gate that the chart itself finds reached; how much is allowed is in `src/config/limits.ts`. */
export type PasswordGateLimit = 'passwordTries' | 'passwordQueue';

export type PasswordGateEvent =
  | { type: 'line.received'; text: string }
  /** A line that can't be a password: too long, or no text. */
  | { type: 'line.refused'; reason: 'lineTooLong' | 'lineNotUtf8' }
  | { type: 'connection.closed' }
  /** `name` is what the operator calls the password; empty for no name. */
  | { type: 'password.right'; name: string }
  | { type: 'password.wrong' }
  /** So many passwords wait for their check that no more may. */
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
    /** Its answer is an event: right, wrong, or that too many wait already. */
    checkPassword: () => {},
    /** The session begins, with what was typed behind the password. */
    admit: () => {},
    hangUp: () => {},
    countTry: assign({ tries: ({ context }) => context.tries + 1 }),
  },
}).createMachine({
  id: 'passwordGate',
  description: 'Asks for the password of the server, before anything else.',
  context: ({ input }) => ({ tries: 0, maxTries: input.maxTries }),
  initial: 'asking',
  on: {
    'connection.closed': { target: '.closed', description: 'Hung up before the password; nobody hears of it.' },
    'server.closing': {
      target: '.closed',
      actions: { type: 'say', params: { reply: 'serverClosing' } },
    },
    'limit.reached': {
      target: '.closed',
      actions: { type: 'say', params: { reply: 'limitReached' } },
      description: 'Took more time, or more of the server, than one may.',
    },
  },
  states: {
    asking: {
      description: 'Waits for a password.',
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
            description: 'What can be no password is a try as well, so that there are few lines in all.',
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
      description: 'A check takes its time, and others may be before it: what is typed meanwhile waits.',
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
            description: 'Whoever guesses has to come again.',
          },
          {
            target: 'asking',
            actions: ['countTry', { type: 'say', params: { reply: 'wrongPassword' } }],
            description: 'A typing error, perhaps: asks again.',
          },
        ],
        'check.refused': {
          target: 'closed',
          actions: [
            { type: 'countLimit', params: { limit: 'passwordQueue' } },
            { type: 'say', params: { reply: 'passwordQueue' } },
          ],
          description: 'Waiting longer would only end with the time limit.',
        },
      },
    },
    open: {
      description: 'Let in: the rest is the session chart’s.',
      entry: 'admit',
      type: 'final',
    },
    closed: {
      description: 'Not let in: what was said is still delivered, then the connection ends.',
      entry: 'hangUp',
      type: 'final',
    },
  },
});
