/** The client chart, state by state: what each accepts, where that leads, and what is done on the way. */
import { describe, expect, it } from 'vitest';
import { type AnyActorRef, createActor, SimulatedClock } from 'xstate';
import {
  type ClientEvent,
  type ClientInput,
  clientMachine,
  closeTimeoutMs,
  connectTimeoutMs,
  greetingTimeoutMs,
  maxAttempts,
  retryDelayMs,
} from '../../machines/client.ts';

const connected: ClientEvent = { type: 'socket.connected' };
const greeted: ClientEvent = { type: 'server.greeted' };
const refused: ClientEvent = { type: 'socket.failed', code: 'ECONNREFUSED' };
const reset: ClientEvent = { type: 'socket.failed', code: 'ECONNRESET' };
const farewell: ClientEvent = { type: 'socket.closed', farewell: true };
const goneWithout: ClientEvent = { type: 'socket.closed', farewell: false };
const line: ClientEvent = { type: 'input.received', data: 'hello\n' };
const ended: ClientEvent = { type: 'input.ended' };
const interrupted: ClientEvent = { type: 'user.interrupted' };
const outputClosed: ClientEvent = { type: 'output.closed' };

/** A step of a script: an event, or a time that passes, in ms. */
type Step = ClientEvent | number;

/** How to get into each state; also into both kinds of connecting, which answer differently. */
const paths = {
  connecting: [],
  awaitingGreeting: [connected],
  talking: [connected, greeted],
  finishing: [connected, greeted, ended],
  retrying: [connected, greeted, reset],
  reconnecting: [connected, greeted, reset, retryDelayMs(1)],
} satisfies Record<string, Step[]>;
type From = keyof typeof paths;

/** Where a step leads, which actions it causes (notices by their name), and for the end the exit code. */
type Row = [from: From, event: Step, to: string, actions: string[], exitCode?: 0 | 1];

const person: ClientInput = { interactive: true, hasId: false };
const script: ClientInput = { interactive: false, hasId: false };
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
    'endSocket',
    'startInput',
    'closeConsole',
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

/** The names of the active states, without `connected` around its inner ones. */
function stateOf(actor: AnyActorRef): string {
  const { value } = actor.getSnapshot();
  return typeof value === 'string' ? value : Object.values(value).join();
}

function nameOf(step: Step): string {
  if (typeof step === 'number') return `${step} ms`;
  return 'farewell' in step ? `${step.type} (farewell: ${step.farewell})` : step.type;
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

const forPerson: Row[] = [
  ['connecting', connected, 'awaitingGreeting', []],
  ['connecting', refused, 'closed', ['unreachable', ...leave], 1],
  ['connecting', connectTimeoutMs - 1, 'connecting', []],
  ['connecting', connectTimeoutMs, 'closed', ['closeSocket', 'unreachable', ...leave], 1],
  ['connecting', interrupted, 'closed', leave, 0],
  ['connecting', outputClosed, 'closed', leave, 1],

  ['awaitingGreeting', greeted, 'talking', ['startInput']],
  ['awaitingGreeting', greetingTimeoutMs - 1, 'awaitingGreeting', []],
  ['awaitingGreeting', greetingTimeoutMs, 'closed', ['noGreeting', ...leave], 1],
  ['awaitingGreeting', reset, 'retrying', ['lost', 'retrying']],
  ['awaitingGreeting', goneWithout, 'closed', ['closedByServer', ...leave], 1],
  ['awaitingGreeting', interrupted, 'closed', leave, 0],

  ['talking', line, 'talking', ['sendInput']],
  ['talking', ended, 'finishing', ['endSocket']],
  ['talking', farewell, 'closed', leave, 0],
  ['talking', goneWithout, 'closed', ['closedByServer', ...leave], 1],
  ['talking', reset, 'retrying', ['lost', 'retrying']],
  ['talking', interrupted, 'closed', leave, 0],
  ['talking', outputClosed, 'closed', leave, 1],

  ['finishing', farewell, 'closed', leave, 0],
  ['finishing', goneWithout, 'closed', leave, 0],
  ['finishing', reset, 'closed', ['lost', ...leave], 1],
  ['finishing', closeTimeoutMs - 1, 'finishing', []],
  ['finishing', closeTimeoutMs, 'closed', ['noAnswerToEnd', ...leave], 1],
  ['finishing', interrupted, 'closed', leave, 0],

  ['retrying', line, 'retrying', ['notSent']],
  ['retrying', retryDelayMs(1) - 1, 'retrying', []],
  ['retrying', retryDelayMs(1), 'connecting', ['openSocket']],
  ['retrying', ended, 'closed', leave, 0],
  ['retrying', interrupted, 'closed', leave, 0],

  ['reconnecting', line, 'connecting', ['notSent']],
  ['reconnecting', connected, 'awaitingGreeting', ['reconnected']],
  ['reconnecting', refused, 'retrying', ['retrying']],
  ['reconnecting', connectTimeoutMs, 'retrying', ['closeSocket', 'retrying']],
  ['reconnecting', interrupted, 'closed', leave, 0],
];

const forScript: Row[] = [
  ['awaitingGreeting', reset, 'closed', ['lost', ...leave], 1],
  ['talking', reset, 'closed', ['lost', ...leave], 1],
  ['talking', goneWithout, 'closed', ['closedByServer', ...leave], 1],
  ['talking', farewell, 'closed', leave, 0],
  ['finishing', goneWithout, 'closed', leave, 0],
];

describe('with a person at the terminal', () => {
  for (const row of forPerson) {
    const [from, step, to, , exitCode] = row;
    it(`${from}, ${nameOf(step)}: ${to}${exitCode === undefined ? '' : ` with ${exitCode}`}`, () => check(person, row));
  }

  it('gives up after the last attempt, having waited longer each time', () => {
    const client = startClient(person);
    client.play(paths.retrying);
    const delays = Array.from({ length: maxAttempts }, (_, index) => retryDelayMs(index + 1));
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
    const client = startClient(person);
    client.play([connected]);
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      client.play([greeted, reset, retryDelayMs(attempt), connected]);
    }
    client.play([greeted, reset]);
    expect(client.actor.getSnapshot().output).toEqual({ exitCode: 1 });
  });

  it('counts attempts anew once a connection has lasted', () => {
    const client = startClient(person);
    client.play([...paths.reconnecting, connected, greeted]);
    expect(client.actor.getSnapshot().context.attempt).toBe(1);
    client.play([30_000]);
    expect(client.actor.getSnapshot().context.attempt).toBe(0);
    expect(stateOf(client.actor)).toBe('talking');
  });
});

describe('with a script at the other end of a pipe', () => {
  for (const row of forScript) {
    const [from, step, to, , exitCode] = row;
    it(`${from}, ${nameOf(step)}: ${to}${exitCode === undefined ? '' : ` with ${exitCode}`}`, () => check(script, row));
  }
});

describe('with an id', () => {
  it('sends the id after the greeting, on the first connection and on the next', () => {
    const client = startClient({ interactive: true, hasId: true });
    client.play([connected]);
    expect(client.done).toEqual(['openSocket']);
    client.play([greeted]);
    expect(client.done).toEqual(['openSocket', 'startInput', 'sendId']);
    client.done.length = 0;
    client.play([reset, retryDelayMs(1), connected, greeted]);
    expect(client.done).toEqual(['lost', 'retrying', 'openSocket', 'reconnected', 'startInput', 'sendId']);
  });
});
