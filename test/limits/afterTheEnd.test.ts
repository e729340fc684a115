/** When the server has ended a connection, what still comes from it changes nothing, and is read to its end. */
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { SimulatedClock } from 'xstate';
import { PasswordChecks } from '../../src/passwordGate/checks.ts';
import { PasswordGates } from '../../src/passwordGate/gates.ts';
import type { Connection } from '../../src/transport/connection.ts';
import { FakeConnection } from '../support/fakeConnection.ts';
import { Gathering } from '../support/memory.ts';
import { unlimited } from '../support/unlimited.ts';
import { fault, menu, tooManyAttempts } from '../support/wireTexts.ts';

/** Somebody at a password gate where one try is all there is. */
function atGate() {
  const reached: string[] = [];
  const gates = new PasswordGates([], {
    ...{ ...unlimited, passwordTries: 1, log: pino({ level: 'silent' }) },
    checks: new PasswordChecks({ passwordChecks: 1, passwordQueue: 1 }),
    ...{
      clock: new SimulatedClock(),
      admit: () => {},
      isOpen: () => true,
      endsForGood: () => false,
      onLimit: (limit) => reached.push(limit),
    },
  });
  const lior = new FakeConnection();
  gates.open(lior as unknown as Connection);
  return { lior, reached };
}

describe('at the end of a session', () => {
  it('lines behind the last one are not kept, so that nothing stops the reading', () => {
    const all = new Gathering();
    const [lior] = all.gather('lior') as [FakeConnection];
    lior.type('2', 'hello', 'hello');
    expect([lior.isEnded, lior.isPaused]).toEqual([true, false]);
  });

  it('a limit that was reached a moment before is not counted', async () => {
    const reached: string[] = [];
    const all = new Gathering({ onLimit: (limit) => reached.push(limit) });
    const [lior] = all.gather('lior') as [FakeConnection];
    lior.reachLimit('outboxFull');
    lior.type('2');
    await new Promise(setImmediate);
    expect([lior.read(), reached]).toEqual([expect.not.stringContaining(menu), []]);
  });
});

describe('at the end of the only try of a password', () => {
  it('lines behind it are not kept, so that nothing stops the reading', () => {
    const { lior } = atGate();
    lior.typeRefused('lineNotUtf8', 'hello', 'hello');
    expect(lior.written.endsWith(tooManyAttempts)).toBe(true);
    expect([lior.isEnded, lior.isPaused]).toEqual([true, false]);
  });

  it('a limit that was reached a moment before is not counted', async () => {
    const { lior, reached } = atGate();
    lior.reachLimit('outboxFull');
    lior.typeRefused('lineNotUtf8');
    await new Promise(setImmediate);
    expect(reached).toEqual(['passwordTries']);
  });
});

describe('at the end that an error of ours has caused at the password gate', () => {
  it('the user is told, and the connection is over', () => {
    const { lior } = atGate();
    lior.failNextWrites(1);
    lior.typeRefused('lineNotUtf8');
    expect([lior.written.endsWith(fault), lior.isEnded]).toEqual([true, true]);
  });
});
