/** The password gate chart: every transition, and that its test model walks it. */
import { createTestModel } from '@xstate/test';
import { describe, expect, it } from 'vitest';
import { createActor, initialTransition, SimulatedClock, transition } from 'xstate';
import { type PasswordGateEvent, passwordGateMachine } from '../../machines/passwordGate.machine.ts';

type Place = 'asking' | 'checking' | 'open' | 'closed';

const line: PasswordGateEvent = { type: 'line.received', text: 'secret', atMs: 0 };
const refused: PasswordGateEvent = { type: 'line.refused', reason: 'lineTooLong', atMs: 0 };
const right: PasswordGateEvent = { type: 'password.right', name: '' };
const wrong: PasswordGateEvent = { type: 'password.wrong', atMs: 0 };
const queueFull: PasswordGateEvent = { type: 'check.refused' };
const ends: PasswordGateEvent[] = [
  { type: 'connection.closed' },
  { type: 'server.closing' },
  { type: 'limit.reached', limit: 'unterminated' },
  { type: 'gate.failed' },
];
const timeOut: PasswordGateEvent = { type: 'id.timedOut' };
const everyEvent = [line, refused, right, wrong, queueFull, timeOut, ...ends];
const input = { maxTries: 3, idTimeoutMs: 60_000, atMs: 0, isServerClosing: false };

/** Where these lead, one after the other, and what the last one does. */
function outcome(maxTries: number, ...events: PasswordGateEvent[]): { place: Place; waits: boolean; does: string[] } {
  let [snapshot, actions] = initialTransition(passwordGateMachine, { ...input, maxTries });
  for (const event of events) [snapshot, actions] = transition(passwordGateMachine, snapshot, event);
  const does = actions
    .filter(({ type }) => !type.startsWith('xstate.'))
    .map(({ type, params }) => [type, ...Object.values(params ?? {})].join(' '));
  return { place: snapshot.value as Place, waits: snapshot.hasTag('waiting'), does };
}

const tooMany = ['countLimit passwordTries', 'say passwordTries', 'hangUp'];

describe('the password gate', () => {
  it('begins with the prompt', () => {
    expect(outcome(3)).toEqual({ place: 'asking', waits: false, does: ['say passwordPrompt'] });
  });

  it.each<[name: string, events: PasswordGateEvent[], place: Place, does: string[]]>([
    ['checks a password', [line], 'checking', ['checkPassword']],
    ['opens for the right one', [line, right], 'open', ['admit']],
    ['asks again after a wrong one', [line, wrong], 'asking', ['say wrongPassword', 'say passwordPrompt']],
    ['opens for the last try', [line, wrong, line, wrong, line, right], 'open', ['admit']],
    ['ends after the last wrong one', [line, wrong, line, wrong, line, wrong], 'closed', tooMany],
    ['asks again after a line that is none', [refused], 'asking', ['say lineRefused', 'say passwordPrompt']],
    ['counts such lines', [refused, refused, refused], 'closed', tooMany],
    ['counts them with the wrong ones', [refused, line, wrong, refused], 'closed', tooMany],
    [
      'ends when no check is to be had',
      [line, queueFull],
      'closed',
      ['countLimit passwordQueue', 'say passwordQueue', 'hangUp'],
    ],
    ['ends when the time is over', [timeOut], 'closed', ['countLimit idTimeout', 'say idTimeout', 'hangUp']],
  ])('%s', (_, events, place, does) => {
    expect(outcome(3, ...events)).toEqual({ place, waits: place === 'checking', does });
  });

  it.each<[Place, PasswordGateEvent[]]>([
    ['asking', []],
    ['checking', [line]],
  ])('ends from %s with every end', (_, before) => {
    const does = ends.map((end) => outcome(3, ...before, end));
    expect(does.map(({ place }) => place)).toEqual(['closed', 'closed', 'closed', 'closed']);
    expect(does.map(({ does }) => does)).toEqual([
      ['hangUp'],
      ['say serverClosing', 'hangUp'],
      ['say limitReached', 'hangUp'],
      ['say fault', 'hangUp'],
    ]);
  });

  it.each<[Place, PasswordGateEvent[], ignored: PasswordGateEvent[]]>([
    ['asking', [], [right, wrong, queueFull]],
    ['checking', [line], [line, refused, timeOut]],
  ])('in %s ignores the rest', (place, before, ignored) => {
    for (const event of ignored) expect(outcome(3, ...before, event)).toMatchObject({ place, does: [] });
  });

  it('is walked by its test model, every place and nobody let in without a right password', () => {
    const model = createTestModel(passwordGateMachine, {
      events: everyEvent,
      input,
      // An actor that is done hears nothing more.
      stopWhen: ({ status }) => status === 'done',
    });
    const paths = model.getSimplePaths();
    const reached = paths.flatMap(({ steps }) => steps.map(({ state }) => state.value));
    expect(new Set(reached)).toEqual(new Set(['asking', 'checking', 'open', 'closed']));
    for (const { state, steps } of paths) {
      const events = steps.map(({ event }) => event.type as string);
      if (state.value === 'open') expect(events.at(-1)).toBe('password.right');
      const tries = events.filter((type) => type === 'password.wrong' || type === 'line.refused').length;
      expect(tries).toBeLessThanOrEqual(3);
      if (tries === 3) expect(state.value).toBe('closed');
    }
  });
});

describe('a server that is closing', () => {
  it('asks for no password', () => {
    const [snapshot, actions] = initialTransition(passwordGateMachine, { ...input, isServerClosing: true });
    expect(snapshot.value).toBe('closed');
    expect(actions.map(({ params }) => params).filter(Boolean)).toEqual([{ reply: 'serverClosing' }]);
  });
});

describe('the time to give an id', () => {
  /** The chart alone, on a clock of the test. */
  function startGate() {
    const clock = new SimulatedClock();
    const actor = createActor(passwordGateMachine, { input, clock }).start();
    return {
      actor,
      /** Lets this much time pass, then sends an event that says when it comes. */
      after(ms: number, event?: PasswordGateEvent): unknown {
        clock.increment(ms);
        if (event !== undefined) actor.send('atMs' in event ? { ...event, atMs: clock.now() } : event);
        return actor.getSnapshot().value;
      },
    };
  }

  it('ends the connection, and not before', () => {
    const gate = startGate();
    expect(gate.after(59_999)).toBe('asking');
    expect(gate.after(1)).toBe('closed');
  });

  it('stands still while a password is checked, and runs on after a wrong one', () => {
    const gate = startGate();
    expect(gate.after(50_000, line)).toBe('checking');
    expect(gate.after(1_000_000, wrong)).toBe('asking');
    expect(gate.after(9_999)).toBe('asking');
    expect(gate.after(1)).toBe('closed');
  });

  it('is not given anew for a line that is refused', () => {
    const gate = startGate();
    expect(gate.after(50_000, refused)).toBe('asking');
    expect(gate.after(9_999)).toBe('asking');
    expect(gate.after(1)).toBe('closed');
  });

  it('is what a user has left who is let in', () => {
    const gate = startGate();
    gate.after(20_000, line);
    gate.after(5_000, wrong);
    gate.after(10_000, line);
    expect(gate.after(5_000, right)).toBe('open');
    expect(gate.actor.getSnapshot().context.timeLeftMs).toBe(30_000);
  });
});
