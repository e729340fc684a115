/** Whose password is checked next: each address has its turn. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Check, PasswordChecks } from '../../src/passwordGate/checks.ts';
import { parsePasswordHash } from '../../src/passwordGate/hash.ts';
import { cheapLine, SlowHash } from '../support/passwordGates.ts';

function startChecks(passwordQueue: number) {
  const slow = new SlowHash();
  const checks = new PasswordChecks({ passwordChecks: 1, passwordQueue }, slow.hash);
  const among = () => [parsePasswordHash(cheapLine('secret'))];
  const refused: string[] = [];
  const add = (address: string, password: string): Check => {
    const check = {
      address,
      password,
      among,
      verdict: () => {},
      failed: () => {},
      refused: () => void refused.push(password),
    };
    checks.add(check);
    return check;
  };
  /** The order in which the rest is checked. */
  const begun = async (): Promise<string[]> => {
    while (slow.underWay > 0) {
      slow.settle(false);
      await nextTurn();
    }
    return slow.begun;
  };
  return { add, begun, refused, checks };
}

describe('passwords that wait', () => {
  it('are checked one of each address after the other', async () => {
    const { add, begun } = startChecks(100);
    for (let n = 1; n <= 4; n++) add('10.0.0.1', `guess${n}`);
    add('10.0.0.2', 'honest');
    add('10.0.0.3', 'other');
    expect(await begun()).toEqual(['guess1', 'guess2', 'honest', 'other', 'guess3', 'guess4']);
  });

  it('of the address with most of them make room when the queue is full', async () => {
    const { add, begun, refused } = startChecks(3);
    for (let n = 1; n <= 5; n++) add('10.0.0.1', `guess${n}`);
    expect(refused).toEqual(['guess5']);
    add('10.0.0.2', 'honest');
    expect(refused).toEqual(['guess5', 'guess4']);
    expect(await begun()).toEqual(['guess1', 'guess2', 'honest', 'guess3']);
  });

  it('are not checked when nobody wants to know any more', async () => {
    const { add, begun, checks } = startChecks(3);
    add('10.0.0.1', 'first');
    checks.cancel(add('10.0.0.2', 'gone'));
    add('10.0.0.2', 'next');
    expect(await begun()).toEqual(['first', 'next']);
  });
});
