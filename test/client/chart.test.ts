/** The client chart, state by state: what each accepts, where that leads, and what is done on the way. */
import { describe, expect, it } from 'vitest';
import {
  closeTimeoutMs,
  connectTimeoutMs,
  greetingTimeoutMs,
  maxAttempts,
  pasteIntervalMs,
  replyTimeoutMs,
  requestHintMs,
  restartLimitMs,
  restartPauseMs,
  retryDelayMs,
  silenceHintMs,
} from '../../machines/client.machine.ts';
import {
  check,
  confirmed,
  connected,
  declined,
  delayMs,
  ended,
  farewell,
  goneWithout,
  goodbye,
  greeted,
  interrupted,
  leave,
  line,
  nameOf,
  outputClosed,
  pasted,
  pasteTooLong,
  paths,
  type Row,
  refused,
  replyAwaited,
  replyReceived,
  requestAnswered,
  requestSent,
  reset,
  resetAfterFarewell,
  resetAfterStop,
  script,
  startClient,
  stateOf,
  stopped,
  turnChanged,
  unconfirmed,
  untrusted,
  user,
} from './chartInSteps.ts';

const forUser: Row[] = [
  ['connecting', connected, 'awaitingGreeting', []],
  ['connecting', refused, 'closed', ['unreachable', ...leave], 1],
  ['connecting', goneWithout, 'closed', ['unreachable', ...leave], 1],
  ['connecting', connectTimeoutMs - 1, 'connecting', []],
  ['connecting', connectTimeoutMs, 'closed', ['closeSocket', 'unreachable', ...leave], 1],
  ['connecting', interrupted, 'closed', leave, 0],
  ['connecting', outputClosed, 'closed', leave, 1],

  ['awaitingGreeting', greeted, 'typing', ['startInput']],
  ['awaitingGreeting', silenceHintMs - 1, 'awaitingGreeting', []],
  ['awaitingGreeting', silenceHintMs, 'awaitingGreeting', ['stillSilent']],
  ['awaitingGreeting', greetingTimeoutMs - 1, 'awaitingGreeting', ['stillSilent']],
  ['awaitingGreeting', greetingTimeoutMs, 'closed', ['stillSilent', 'noGreeting', ...leave], 1],
  ['awaitingGreeting', reset, 'retrying', ['closedUnheard', 'retrying']],
  ['awaitingGreeting', goneWithout, 'retrying', ['closedUnheard', 'retrying']],
  ['awaitingGreeting', goodbye, 'closed', ['closedByServer', ...leave], 1],
  ['awaitingGreeting', pasted, 'awaitingGreeting', ['pasteNotSent']],
  ['awaitingGreeting', interrupted, 'closed', leave, 0],

  ['talking', line, 'typing', ['sendInput']],
  ['talking', ended, 'finishing', ['endSocket']],
  ['talking', farewell, 'closed', leave, 0],
  ['talking', goodbye, 'closed', ['closedByServer', ...leave], 1],
  ['talking', goneWithout, 'retrying', ['dropPendingInput', 'lost', 'retrying']],
  ['talking', resetAfterFarewell, 'closed', leave, 0],
  ['talking', reset, 'retrying', ['dropPendingInput', 'lost', 'retrying']],
  ['talking', stopped, 'waiting', ['dropPendingInput', 'restarting']],
  ['talking', resetAfterStop, 'waiting', ['dropPendingInput', 'restarting']],
  ['talking', interrupted, 'closed', leave, 0],
  ['talking', outputClosed, 'closed', leave, 1],

  ['talking', pasted, 'confirmingPaste', ['askAboutPaste']],
  ['talking', unconfirmed, 'typing', ['unconfirmed']],
  ['talking', pasteTooLong, 'typing', ['pasteTooLong']],

  ['awaitingReply', replyTimeoutMs - 1, 'typing', []],
  ['awaitingReply', replyTimeoutMs, 'typing', ['noReply']],
  ['awaitingReply', replyReceived, 'typing', []],
  ['asking', requestHintMs - 1, 'typing', []],
  ['asking', requestHintMs, 'typing', ['asked']],
  ['asking', requestAnswered, 'typing', []],

  ['confirmingPaste', confirmed, 'sendingPaste', ['endQuestion', 'pasteBegun', 'sendPastedLine']],
  ['confirmingPaste', declined, 'typing', ['endQuestion']],
  ['confirmingPaste', interrupted, 'typing', ['endQuestion']],
  ['confirmingPaste', reset, 'retrying', ['endQuestion', 'dropPendingInput', 'lost', 'retrying']],
  ['sendingPaste', pasteIntervalMs - 1, 'sendingPaste', []],
  ['sendingPaste', pasteIntervalMs, 'sendingPaste', ['sendPastedLine']],
  ['sendingPaste', interrupted, 'typing', ['pasteStopped']],
  ['sendingPaste', turnChanged, 'typing', ['pasteStopped']],
  ['sendingPaste', line, 'typing', ['pasteStopped', 'sendInput']],
  ['sendingPaste', pasted, 'sendingPaste', ['pasteNotSent']],
  ['sendingPaste', reset, 'retrying', ['dropPendingInput', 'lost', 'retrying']],

  ['finishing', farewell, 'closed', leave, 0],
  ['finishing', goodbye, 'closed', leave, 0],
  ['finishing', goneWithout, 'closed', leave, 0],
  ['finishing', stopped, 'closed', leave, 0],
  ['finishing', resetAfterFarewell, 'closed', leave, 0],
  ['finishing', reset, 'closed', ['lost', ...leave], 1],
  ['finishing', closeTimeoutMs - 1, 'finishing', []],
  ['finishing', closeTimeoutMs, 'closed', ['noAnswerToEnd', ...leave], 1],
  ['finishing', interrupted, 'closed', leave, 0],

  ['retrying', line, 'retrying', ['notSent']],
  ['retrying', delayMs(1) - 1, 'retrying', []],
  ['retrying', delayMs(1), 'connecting', ['openSocket']],
  ['retrying', ended, 'closed', leave, 0],
  ['retrying', interrupted, 'closed', leave, 0],

  ['waiting', line, 'waiting', ['notSent']],
  ['waiting', restartPauseMs - 1, 'waiting', []],
  ['waiting', restartPauseMs, 'trying', ['openSocket']],
  ['waiting', ended, 'closed', leave, 0],
  ['waiting', interrupted, 'closed', leave, 0],
  ['trying', line, 'trying', ['notSent']],
  ['trying', connected, 'trying', ['reconnected']],
  ['trying', greeted, 'typing', ['startInput']],
  ['trying', refused, 'waiting', []],
  ['trying', goneWithout, 'waiting', []],
  ['trying', connectTimeoutMs - 1, 'trying', []],
  ['trying', connectTimeoutMs, 'waiting', ['closeSocket']],
  ['trying', untrusted, 'closed', ['unreachable', ...leave], 1],
  ['trying', interrupted, 'closed', leave, 0],

  ['reconnecting', line, 'connecting', ['notSent']],
  ['reconnecting', connected, 'awaitingGreeting', ['reconnected']],
  ['reconnecting', goneWithout, 'retrying', ['retrying']],
  ['reconnecting', refused, 'retrying', ['retrying']],
  ['reconnecting', connectTimeoutMs, 'retrying', ['closeSocket', 'retrying']],
  ['reconnecting', untrusted, 'closed', ['unreachable', ...leave], 1],
  ['reconnecting', interrupted, 'closed', leave, 0],
];

const forScript: Row[] = [
  ['talking', unconfirmed, 'typing', []],
  ['awaitingGreeting', reset, 'closed', ['closedUnheard', ...leave], 1],
  ['awaitingReply', replyTimeoutMs, 'typing', []],
  ['asking', requestHintMs, 'typing', []],
  ['talking', reset, 'closed', ['lost', ...leave], 1],
  ['talking', goodbye, 'closed', ['closedByServer', ...leave], 1],
  ['talking', goneWithout, 'closed', ['lost', ...leave], 1],
  ['talking', stopped, 'closed', ['closedByServer', ...leave], 1],
  ['talking', resetAfterStop, 'closed', ['lost', ...leave], 1],
  ['talking', resetAfterFarewell, 'closed', leave, 0],
  ['talking', farewell, 'closed', leave, 0],
  ['finishing', goneWithout, 'closed', leave, 0],
];

describe('with a user at the terminal', () => {
  for (const row of forUser) {
    const [from, step, to, , exitCode] = row;
    it(`${from}, ${nameOf(step)}: ${to}${exitCode === undefined ? '' : ` with ${exitCode}`}`, () => check(user, row));
  }

  it('gives up after the last attempt, having waited longer each time', () => {
    const client = startClient(user);
    client.play(paths.retrying);
    const delays = Array.from({ length: maxAttempts }, (_, index) => delayMs(index + 1));
    expect(delays).toEqual([1000, 2000, 4000, 8000, 15_000]);
    for (const delay of delays) {
      client.play([delay - 1]);
      expect(stateOf(client.actor)).toBe('retrying');
      client.play([1]);
      expect(stateOf(client.actor)).toBe('connecting');
      client.play([refused]);
    }
    expect(client.done.at(-3)).toBe('gaveUp');
    expect(client.actor.getSnapshot().output).toEqual({ exitCode: 1 });
  });

  it('does not try for ever a server that drops it right after each connect', () => {
    const client = startClient(user);
    client.play([connected]);
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      client.play([greeted, reset, delayMs(attempt), connected]);
    }
    client.play([greeted, reset]);
    expect(client.actor.getSnapshot().output).toEqual({ exitCode: 1 });
  });

  it('asks a server that was stopped again and again, each time within 2 s, and gives up after a minute', () => {
    for (const pace of [0, 0.5, 1]) {
      const client = startClient({ ...user, pace });
      client.play([connected, greeted, stopped]);
      let waitedMs = 0;
      for (; stateOf(client.actor) === 'waiting'; waitedMs++) {
        client.play([1]);
        if (stateOf(client.actor) === 'trying') client.play([refused]);
      }
      expect(waitedMs).toBe(restartLimitMs);
      const tries = client.done.filter((action) => action === 'openSocket').length - 1;
      expect(restartLimitMs / tries).toBeLessThan(2000);
      expect(client.done.at(-3)).toBe('notBack');
      expect(client.actor.getSnapshot().output).toEqual({ exitCode: 1 });
    }
  });

  it('does not come back for ever to a server that is stopped right after each connect', () => {
    const client = startClient(user);
    client.play([connected]);
    for (let stop = 1; stop <= maxAttempts; stop++) client.play([greeted, stopped, restartPauseMs, connected]);
    client.play([greeted, stopped]);
    expect(client.done.at(-3)).toBe('closedByServer');
    expect(client.actor.getSnapshot().output).toEqual({ exitCode: 1 });
  });

  it('counts attempts from 0 again once a connection has lasted', () => {
    const client = startClient(user);
    client.play([...paths.reconnecting, connected, greeted]);
    expect(client.actor.getSnapshot().context.attempt).toBe(1);
    client.play([30_000]);
    expect(client.actor.getSnapshot().context.attempt).toBe(0);
    expect(stateOf(client.actor)).toBe('typing');
  });
});

it('a reply and a refusal are waited for on one connection only', () => {
  const client = startClient(user);
  client.play([...paths.talking, replyAwaited, requestSent, reset, delayMs(1), connected, greeted, 2 * replyTimeoutMs]);
  expect(client.done.filter((action) => action === 'noReply' || action === 'asked')).toEqual([]);
});

it('pasted lines are sent one after the other, and then the person types again', () => {
  const client = startClient(user);
  client.play([...paths.sendingPaste, pasteIntervalMs, pasteIntervalMs, pasteIntervalMs]);
  expect(client.done.filter((action) => action === 'sendPastedLine')).toHaveLength(3);
  expect(stateOf(client.actor)).toBe('typing');
});

it('a paste that was stopped is forgotten', () => {
  const client = startClient(user);
  client.play([...paths.sendingPaste, pasteIntervalMs, interrupted]);
  expect(client.actor.getSnapshot().context).toMatchObject({ pastedLines: [], sentLines: 0 });
  client.play([interrupted]);
  expect(client.actor.getSnapshot().output).toEqual({ exitCode: 0 });
});

describe('with a script at the other end of a pipe', () => {
  for (const row of forScript) {
    const [from, step, to, , exitCode] = row;
    it(`${from}, ${nameOf(step)}: ${to}${exitCode === undefined ? '' : ` with ${exitCode}`}`, () => check(script, row));
  }
});

it('waits a quarter less or more by its pace', () => {
  expect([0, 0.5, 1].map((pace) => retryDelayMs(3, pace))).toEqual([3000, 4000, 5000]);
});
