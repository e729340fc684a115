/** The client chart, state by state: what each accepts, where that leads, and what is done on the way. */
import { describe, expect, it } from 'vitest';
import { type AnyActorRef, createActor, SimulatedClock } from 'xstate';
import {
  clientMachine,
  closeTimeoutMs,
  connectTimeoutMs,
  greetingTimeoutMs,
  idPromptTimeoutMs,
  maxAttempts,
  pasteIntervalMs,
  replyTimeoutMs,
  requestHintMs,
  retryDelayMs,
  silenceHintMs,
} from '../../machines/client.machine.ts';
import type { ClientEvent, ClientInput } from '../../machines/clientEvents.ts';

/** Of a client with a medium pace. */
const delayMs = (attempt: number): number => retryDelayMs(attempt, 0.5);

const connected: ClientEvent = { type: 'socket.connected' };
const greeted: ClientEvent = { type: 'server.spoke' };
const refused: ClientEvent = { type: 'socket.failed', code: 'ECONNREFUSED', lastWords: 'none' };
const reset: ClientEvent = { type: 'socket.failed', code: 'ECONNRESET', lastWords: 'none' };
const farewell: ClientEvent = { type: 'socket.closed', lastWords: 'farewell' };
const goodbye: ClientEvent = { type: 'socket.closed', lastWords: 'goodbye' };
const resetAfterFarewell: ClientEvent = { type: 'socket.failed', code: 'ECONNRESET', lastWords: 'farewell' };
const untrusted: ClientEvent = { type: 'socket.failed', code: 'CERT_HAS_EXPIRED', lastWords: 'none' };
const askedForId: ClientEvent = { type: 'server.askedForId' };
const askedForPassword: ClientEvent = { type: 'server.askedForPassword' };
const accepted: ClientEvent = { type: 'id.accepted', id: 'dana' };
const goneWithout: ClientEvent = { type: 'socket.closed', lastWords: 'none' };
const line: ClientEvent = { type: 'input.received', data: 'hello\n' };
const ended: ClientEvent = { type: 'input.ended' };
const interrupted: ClientEvent = { type: 'user.interrupted' };
const outputClosed: ClientEvent = { type: 'output.closed' };
const unconfirmed: ClientEvent = { type: 'socket.unconfirmed' };
const replyAwaited: ClientEvent = { type: 'reply.awaited' };
const replyReceived: ClientEvent = { type: 'reply.received' };
const requestSent: ClientEvent = { type: 'request.sent', partner: 'golan' };
const requestAnswered: ClientEvent = { type: 'request.answered' };
const turnChanged: ClientEvent = { type: 'turn.changed' };
const pasted: ClientEvent = { type: 'paste.received', lines: ['one', 'two', 'three'] };
const pasteTooLong: ClientEvent = { type: 'paste.tooLong' };
const confirmed: ClientEvent = { type: 'paste.confirmed' };
const declined: ClientEvent = { type: 'paste.declined' };

/** A step of a script: an event, or a time that passes, in ms. */
type Step = ClientEvent | number;

/** How to get into each state; also into both kinds of connecting, which answer differently. */
const paths = {
  connecting: [],
  awaitingGreeting: [connected],
  talking: [connected, greeted],
  finishing: [connected, greeted, ended],
  retrying: [connected, greeted, reset],
  reconnecting: [connected, greeted, reset, delayMs(1)],
  awaitingReply: [connected, greeted, replyAwaited],
  asking: [connected, greeted, requestSent],
  confirmingPaste: [connected, greeted, pasted],
  sendingPaste: [connected, greeted, pasted, confirmed],
} satisfies Record<string, Step[]>;
type From = keyof typeof paths;

/** Where a step leads, which actions it causes (notices by their name), and for the end the exit code. */
type Row = [from: From, event: Step, to: string, actions: string[], exitCode?: 0 | 1];

const user: ClientInput = { interactive: true, id: '', pace: 0.5 };
const script: ClientInput = { interactive: false, id: '', pace: 0.5 };
const lior: ClientInput = { interactive: true, id: 'lior', pace: 0.5 };
const leave = ['closeSocket', 'closeConsole'];

function startClient(input: ClientInput) {
  const clock = new SimulatedClock();
  const done: string[] = [];
  const record = (name: string) => () => {
    done.push(name);
  };
  const names = [
    'openSocket',
    'closeSocket',
    'sendId',
    'sendInput',
    'addPendingInput',
    'sendPendingLine',
    'sendPendingInput',
    'dropPendingInput',
    'endSocket',
    'startInput',
    'closeConsole',
    'sendPastedLine',
    'askAboutPaste',
    'endQuestion',
  ] as const;
  const machine = clientMachine.provide({
    actions: {
      ...Object.fromEntries(names.map((name) => [name, record(name)])),
      say: (_, { notice }) => {
        done.push(notice);
      },
    },
  });
  const actor = createActor(machine, { input, clock }).start();
  return {
    done,
    actor,
    play(steps: readonly Step[]): void {
      for (const step of steps) {
        if (typeof step === 'number') clock.increment(step);
        else actor.send(step);
      }
    },
  };
}

/** The name of the innermost active state. */
function stateOf(actor: AnyActorRef): string {
  const { value } = actor.getSnapshot();
  const within = (part: unknown): string =>
    typeof part === 'string' ? part : within(Object.values(part as Record<string, unknown>)[0]);
  return within(value);
}

function nameOf(step: Step): string {
  if (typeof step === 'number') return `${step} ms`;
  return 'lastWords' in step ? `${step.type} (last words: ${step.lastWords})` : step.type;
}

function check(input: ClientInput, [from, step, to, actions, exitCode]: Row): void {
  const client = startClient(input);
  client.play(paths[from]);
  client.done.length = 0;
  client.play([step]);
  expect({ state: stateOf(client.actor), done: client.done, output: client.actor.getSnapshot().output }).toEqual({
    state: to,
    done: actions,
    output: exitCode === undefined ? undefined : { exitCode },
  });
}

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

  it('has the same one after a reconnect that the server had accepted before', () => {
    const client = startClient(user);
    client.play([connected, greeted, accepted, reset, delayMs(1), connected, greeted, askedForId]);
    expect(client.done.slice(-2)).toEqual(['sendId', 'sendPendingInput']);
    expect(client.actor.getSnapshot().context.id).toBe('dana');
  });
});

it('waits a quarter less or more by its pace', () => {
  expect([0, 0.5, 1].map((pace) => retryDelayMs(3, pace))).toEqual([3000, 4000, 5000]);
});
