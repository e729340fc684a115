/** The client chart of a person whose id is known: when it is said, and what is typed before its turn. */
import { describe, expect, it } from 'vitest';
import { idPromptTimeoutMs, restartPauseMs } from '../../machines/client.machine.ts';
import {
  accepted,
  askedForId,
  askedForPassword,
  check,
  connected,
  delayMs,
  ended,
  greeted,
  line,
  lior,
  nameOf,
  type Row,
  reset,
  startClient,
  stateOf,
  stopped,
  user,
} from './chartInSteps.ts';

/** With `--id`; the states within `arriving` by their own names. */
const forLior: Row[] = [
  ['awaitingGreeting', greeted, 'awaitingPrompt', ['startInput']],
  ['talking', askedForId, 'typing', ['sendId', 'sendPendingInput']],
  ['talking', idPromptTimeoutMs - 1, 'awaitingPrompt', []],
  ['talking', idPromptTimeoutMs, 'typing', ['sendId', 'sendPendingInput']],
  ['talking', line, 'awaitingPrompt', ['addPendingInput']],
  ['talking', ended, 'awaitingPrompt', []],
  ['talking', askedForPassword, 'enteringPassword', []],
  ['talking', reset, 'retrying', ['dropPendingInput', 'lost', 'retrying']],
];

describe('with an id', () => {
  for (const row of forLior) {
    const [from, step, to] = row;
    it(`${from}, ${nameOf(step)}: ${to}`, () => check(lior, row));
  }

  it('says it when it is asked for, on the first connection and on the next', () => {
    const client = startClient(lior);
    client.play([connected, greeted, askedForId]);
    expect(client.done).toEqual(['openSocket', 'startInput', 'sendId', 'sendPendingInput']);
    client.done.length = 0;
    client.play([reset, delayMs(1), connected, greeted, askedForId]);
    expect(client.done).toEqual([
      ...[
        'dropPendingInput',
        'lost',
        'retrying',
        'openSocket',
        'reconnected',
        'startInput',
        'sendId',
        'sendPendingInput',
      ],
    ]);
  });

  it('says it only once on each connection: when it is taken, the user decides', () => {
    const client = startClient(lior);
    client.play([connected, greeted, askedForId, askedForId]);
    expect(client.done.filter((action) => action === 'sendId')).toHaveLength(1);
  });

  it('says a password first, if one is asked for, and again if it was wrong', () => {
    const client = startClient(lior);
    client.play([connected, greeted, line, askedForPassword, line, askedForPassword, askedForId]);
    expect(client.done).toEqual([
      ...[
        'openSocket',
        'startInput',
        'addPendingInput',
        'sendPendingLine',
        'addPendingInput',
        'sendPendingLine',
        'sendId',
        'sendPendingInput',
      ],
    ]);
  });

  it('ends when everything was said, if the input had ended before', () => {
    const client = startClient(lior);
    client.play([connected, greeted, line, ended, askedForId]);
    expect(client.done.slice(-3)).toEqual(['sendId', 'sendPendingInput', 'endSocket']);
    expect(stateOf(client.actor)).toBe('finishing');
  });

  it('forgets with the connection what was typed for it: no line of it is the next password', () => {
    const client = startClient(lior);
    client.play([connected, greeted, line, reset, delayMs(1), connected, greeted, askedForPassword]);
    expect(stateOf(client.actor)).toBe('enteringPassword');
    expect(client.done).not.toContain('sendPendingLine');
  });

  it('has the same one at a server that was stopped and is back', () => {
    const client = startClient(user);
    client.play([connected, greeted, accepted, stopped, restartPauseMs, connected, greeted, askedForId]);
    expect(client.done.slice(-4)).toEqual(['reconnected', 'startInput', 'sendId', 'sendPendingInput']);
  });

  it('has the same one after a reconnect that the server had accepted before', () => {
    const client = startClient(user);
    client.play([connected, greeted, accepted, reset, delayMs(1), connected, greeted, askedForId]);
    expect(client.done.slice(-2)).toEqual(['sendId', 'sendPendingInput']);
    expect(client.actor.getSnapshot().context.id).toBe('dana');
  });
});
