/** The suite of state identification keeps its promise: tried on every machine that differs in one transition. */
import { describe, expect, it } from 'vitest';
import { identifiers, separates } from '../../src/conform/stateIdentification.ts';
import { readGolden } from './golden.ts';
import { hsiSuite, type Reduced, reduce } from './hsi.ts';

const machine = reduce(readGolden());
const { sequences } = hsiSuite(readGolden());

/**
 * True if the suite sees other outputs of `broken` than the reviewed ones. An input that a state ignores is silence.
 */
function isFound(broken: Reduced): boolean {
  return sequences.some((sequence) => {
    let [right, wrong] = [machine.initial, broken.initial];
    for (const input of sequence) {
      const expected = machine.reactions[right]?.get(input);
      const seen = broken.reactions[wrong]?.get(input) ?? { output: 'silence', next: wrong };
      if (expected?.output !== seen.output) return true;
      [right, wrong] = [expected.next, seen.next];
    }
    return false;
  });
}

describe('state identification', () => {
  it('makes one only states that differ in what the session remembers and never shows', () => {
    const merged = machine.labels.filter(({ length }) => length > 1).map((labels) => labels.join(' = '));
    expect(merged).toMatchInlineSnapshot(`
      [
        "closed = closed (1 refused) = closed (lior) = online.away (lior, golan #1) = closed (lior, golan #1) = closed (lior, 1 refused)",
        "online.requesting.naming (lior) = online.requesting.naming (lior, golan #1)",
        "online.commonRoom (lior) = online.commonRoom (lior, golan #1)",
        "online.requesting.looking (lior) = online.requesting.looking (lior, golan #1)",
        "online.requesting.awaiting.ringing (lior) = online.requesting.awaiting.ringing (lior, golan #1)",
        "online.requesting.awaiting.withdrawing (lior) = online.requesting.awaiting.withdrawing (lior, golan #1)",
      ]
    `);
  });

  it('has for any two states a sequence with which both are told apart', () => {
    const identify = identifiers(machine);
    for (const [a, ofA] of identify.entries()) {
      for (const [b, ofB] of identify.entries()) {
        const harmonised = ofA.filter((sequence) => ofB.includes(sequence));
        if (a !== b) expect(harmonised.some((sequence) => separates(machine, a, b, sequence))).toBe(true);
      }
    }
  });

  it('passes the reviewed behaviour', () => {
    expect(isFound(machine)).toBe(false);
  });

  it('finds every transition that leads to a wrong state', () => {
    const missed: string[] = [];
    let tried = 0;
    for (const [state, reactions] of machine.reactions.entries()) {
      for (const [input, { output, next }] of reactions) {
        for (const wrong of machine.reactions.keys()) {
          if (wrong === next) continue;
          const broken = machine.reactions.with(state, new Map(reactions).set(input, { output, next: wrong }));
          tried++;
          if (!isFound({ ...machine, reactions: broken })) {
            missed.push(`${machine.labels[state]} at ${input.label} to ${machine.labels[wrong]}`);
          }
        }
      }
    }
    console.log(`state identification: ${tried} machines with one wrong transition, ${missed.length} missed`);
    expect(missed).toEqual([]);
  });
});
