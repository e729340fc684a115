/** What is always true of the directory, after any commands in any order. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UserState } from '../../machines/events.ts';
import type { Command } from '../../machines/lobby.machine.ts';
import { MemoryDirectory } from '../../src/chat/directory/memoryDirectory.ts';
import { rowNamed } from '../support/rowNamed.ts';

const ids = ['a', 'b', 'c', 'd'];
const anyId = fc.constantFrom(...ids);
/** 0 for the current number of the pairing, otherwise how far an answer's number is from it. */
const drift = fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constantFrom(-1, 1) });

type Step =
  | { type: 'menu.return' | 'request.withdraw' | 'gone' | 'expired' }
  | { type: 'id.claim' | 'id.take'; id: string }
  | { type: 'menu.leave'; to: 'requesting' | 'commonRoom' }
  | { type: 'request.make'; target: string }
  | { type: 'request.accept' | 'request.decline' | 'chat.leave'; drift: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ type: fc.constantFrom('id.claim' as const, 'id.take' as const), id: anyId }),
  fc.record({
    type: fc.constant('menu.leave' as const),
    to: fc.constantFrom('requesting' as const, 'requesting' as const, 'commonRoom' as const),
  }),
  fc.record({ type: fc.constantFrom('menu.return' as const, 'request.withdraw' as const) }),
  fc.record({ type: fc.constantFrom('gone' as const, 'expired' as const) }),
  fc.record({ type: fc.constant('request.make' as const), target: anyId }),
  fc.record({ type: fc.constant('request.make' as const), target: anyId }),
  fc.record({ type: fc.constant('request.accept' as const), drift }),
  fc.record({ type: fc.constantFrom('request.decline' as const, 'chat.leave' as const), drift }),
);

/** One step of the session s-`who`. */
function take(directory: MemoryDirectory, who: string, step: Step): void {
  const session = `s-${who}`;
  if (step.type === 'gone') directory.remove(session);
  else if (step.type === 'expired') directory.expire(session);
  else if ('drift' in step) {
    const pairingId = directory.snapshot().rows.find((row) => row.session === session)?.pairingId ?? 0;
    directory.send(session, { type: step.type, pairingId: pairingId + step.drift });
  } else directory.send(session, step as Command);
}

function expectConsistent(directory: MemoryDirectory): void {
  const all = [...directory.rows()];
  expect(directory.onlineCount).toBe(all.length);
  expect(directory.roomCount).toBe(all.filter(({ state }) => state === 'commonRoom').length);
  for (const row of all) {
    expect(directory.rowOf(row.session)).toEqual(row);
    if (row.partner === undefined) {
      expect(['menu', 'requesting', 'commonRoom']).toContain(row.state);
    } else {
      const state = opposite[row.state];
      expect(rowNamed(directory, row.partner)).toMatchObject({ partner: row.id, state });
    }
  }
  const numbers = new Map(directory.snapshot().rows.map(({ id, pairingId }) => [id, pairingId]));
  for (const { id, partner } of all) {
    if (partner === undefined) expect(numbers.get(id)).toBe(0);
    else expect(numbers.get(id)).toBe(numbers.get(partner));
  }
}

const opposite: Partial<Record<UserState, UserState>> = {
  requesting: 'confirming',
  confirming: 'requesting',
  chatting: 'chatting',
};

describe('after any sequence of commands', () => {
  it('partners have each other, and every id is in all dictionaries or in none', () => {
    const seen = new Set<string>();
    const start = ids.map((id): [string, Step] => [id, { type: 'id.claim', id }]);
    const sequences = fc.array(fc.tuple(anyId, anyStep), { maxLength: 60, size: 'max' });
    const check = (sequence: [string, Step][]) => {
      const directory = new MemoryDirectory(() => {});
      for (const [who, step] of [...start, ...sequence]) {
        take(directory, who, step);
        expectConsistent(directory);
        for (const { state } of directory.rows()) seen.add(state);
      }
    };
    fc.assert(fc.property(sequences, check), { numRuns: 300 });
    expect([...seen].sort()).toEqual(['chatting', 'commonRoom', 'confirming', 'menu', 'requesting']);
  });

  it('update go only to sessions that have claimed an id and are not gone', () => {
    const sequences = fc.array(fc.tuple(anyId, anyStep), { maxLength: 60, size: 'max' });
    const check = (sequence: [string, Step][]) => {
      const known = new Set<string>();
      const strangers: string[] = [];
      const directory = new MemoryDirectory((to) => {
        if (!known.has(to)) strangers.push(to);
      });
      for (const [who, step] of sequence) {
        if (step.type === 'id.claim' || step.type === 'id.take') known.add(`s-${who}`);
        take(directory, who, step);
        if (step.type === 'gone') known.delete(`s-${who}`);
      }
      expect(strangers).toEqual([]);
    };
    fc.assert(fc.property(sequences, check), { numRuns: 300 });
  });
});
