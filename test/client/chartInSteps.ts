/**
 * The client chart in steps: an event or some time, and what comes of it.
 *
 * Owns: how a test brings the chart into each state, and how it sees what was done.
 */
import { expect } from 'vitest';
import { type AnyActorRef, createActor, SimulatedClock } from 'xstate';
import { clientMachine, restartPauseMs, retryDelayMs } from '../../machines/client.machine.ts';
import type { ClientEvent, ClientInput } from '../../machines/clientEvents.ts';

/** Of a client with a medium pace. */
export const delayMs = (attempt: number): number => retryDelayMs(attempt, 0.5);

export const connected: ClientEvent = { type: 'socket.connected' };
export const greeted: ClientEvent = { type: 'server.spoke' };
export const refused: ClientEvent = { type: 'socket.failed', code: 'ECONNREFUSED', lastWords: 'none' };
export const reset: ClientEvent = { type: 'socket.failed', code: 'ECONNRESET', lastWords: 'none' };
export const farewell: ClientEvent = { type: 'socket.closed', lastWords: 'farewell' };
export const goodbye: ClientEvent = { type: 'socket.closed', lastWords: 'goodbye' };
export const stopped: ClientEvent = { type: 'socket.closed', lastWords: 'restart' };
export const resetAfterStop: ClientEvent = { type: 'socket.failed', code: 'ECONNRESET', lastWords: 'restart' };
export const resetAfterFarewell: ClientEvent = { type: 'socket.failed', code: 'ECONNRESET', lastWords: 'farewell' };
export const untrusted: ClientEvent = { type: 'socket.failed', code: 'CERT_HAS_EXPIRED', lastWords: 'none' };
export const askedForId: ClientEvent = { type: 'server.askedForId' };
export const askedForPassword: ClientEvent = { type: 'server.askedForPassword' };
export const accepted: ClientEvent = { type: 'id.accepted', id: 'dana' };
export const goneWithout: ClientEvent = { type: 'socket.closed', lastWords: 'none' };
export const line: ClientEvent = { type: 'input.received', data: 'hello\n' };
export const ended: ClientEvent = { type: 'input.ended' };
export const interrupted: ClientEvent = { type: 'user.interrupted' };
export const outputClosed: ClientEvent = { type: 'output.closed' };
export const unconfirmed: ClientEvent = { type: 'socket.unconfirmed' };
export const replyAwaited: ClientEvent = { type: 'reply.awaited' };
export const replyReceived: ClientEvent = { type: 'reply.received' };
export const requestSent: ClientEvent = { type: 'request.sent', partner: 'golan' };
export const requestAnswered: ClientEvent = { type: 'request.answered' };
export const turnChanged: ClientEvent = { type: 'turn.changed' };
export const pasted: ClientEvent = { type: 'paste.received', lines: ['one', 'two', 'three'] };
export const pasteTooLong: ClientEvent = { type: 'paste.tooLong' };
export const confirmed: ClientEvent = { type: 'paste.confirmed' };
export const declined: ClientEvent = { type: 'paste.declined' };

/** A step of a script: an event, or a time that passes, in ms. */
export type Step = ClientEvent | number;

/** How to get into each state; also into both kinds of connecting, which answer differently. */
export const paths = {
  connecting: [],
  awaitingGreeting: [connected],
  talking: [connected, greeted],
  finishing: [connected, greeted, ended],
  retrying: [connected, greeted, reset],
  reconnecting: [connected, greeted, reset, delayMs(1)],
  waiting: [connected, greeted, stopped],
  trying: [connected, greeted, stopped, restartPauseMs],
  awaitingReply: [connected, greeted, replyAwaited],
  asking: [connected, greeted, requestSent],
  confirmingPaste: [connected, greeted, pasted],
  sendingPaste: [connected, greeted, pasted, confirmed],
} satisfies Record<string, Step[]>;
type From = keyof typeof paths;

/** Where a step leads, which actions it causes (notices by their name), and for the end the exit code. */
export type Row = [from: From, event: Step, to: string, actions: string[], exitCode?: 0 | 1];

export const user: ClientInput = { interactive: true, id: '', pace: 0.5 };
export const script: ClientInput = { interactive: false, id: '', pace: 0.5 };
export const lior: ClientInput = { interactive: true, id: 'lior', pace: 0.5 };
export const leave = ['closeSocket', 'closeConsole'];

export function startClient(input: ClientInput) {
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
export function stateOf(actor: AnyActorRef): string {
  const { value } = actor.getSnapshot();
  const within = (part: unknown): string =>
    typeof part === 'string' ? part : within(Object.values(part as Record<string, unknown>)[0]);
  return within(value);
}

export function nameOf(step: Step): string {
  if (typeof step === 'number') return `${step} ms`;
  return 'lastWords' in step ? `${step.type} (last words: ${step.lastWords})` : step.type;
}

export function check(input: ClientInput, [from, step, to, actions, exitCode]: Row): void {
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
