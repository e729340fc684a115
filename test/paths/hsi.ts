/**
 * The HSI suite (harmonised state identifiers; Petrenko, Yevtushenko): finds every fault of a kind, seen by outputs
 * alone.
 *
 * Owns: the suite, from the reviewed behaviour (`golden.ts`) and its identifiers
 * (`src/conform/stateIdentification.ts`).
 *
 * The guarantee. Let S be the behaviour in the golden file under `alphabet.ts`, where lines are no input of states that
 * hold them back, with text, commands and FIN as its outputs, and let n be the number of states of S after those that
 * no outputs can tell apart were made one. Then an implementation that is deterministic, that begins again at each
 * reset, that never leaves an input of S unanswered, and whose behaviour under this alphabet has at most n states when
 * reduced, passes this suite only if it gives the outputs of S for every sequence of inputs that S defines, however
 * long. Nothing is promised for implementations with more states (m > n), for inputs outside the alphabet (other ids,
 * other pairings), for lines that come while they are held back, or for several sessions together.
 */
import {
  identifiers,
  type Reduced as ReducedOf,
  reduce as reduceMachine,
} from '../../src/conform/stateIdentification.ts';
import { freshFirst, type Input } from './alphabet.ts';
import type { Behaviour } from './golden.ts';
import { outputInWords } from './subject.ts';
import { type Suite, suite } from './suites.ts';

type Sequence = readonly Input[];

export type Reduced = ReducedOf<Input>;

/** The reviewed behaviour, with what every subject can see for its outputs. */
export function reduce({ states }: Behaviour): Reduced {
  const visible = [...states].map(([label, reactions]): [string, Map<Input, { output: string; next: string }>] => [
    label,
    new Map([...reactions].map(([input, { output, next }]) => [input, { output: seen(output), next }])),
  ]);
  return reduceMachine(new Map(visible), ({ label }) => label);
}

/** What the reduction and the identifiers use: what every subject can see. */
function seen({ wiring: _, ...output }: Parameters<typeof outputInWords>[0]): string {
  return outputInWords(output);
}

/** Returns the suite: a way to each state, every input there, and the identifiers of the state after it. */
export function hsiSuite(behaviour: Behaviour): Suite {
  const machine = reduce(behaviour);
  const identify = identifiers(machine);
  const cover = stateCover(machine);
  const sequences: Sequence[] = [];
  for (const [state, way] of cover.entries()) {
    for (const identifier of identify[state] ?? []) sequences.push([...way, ...identifier]);
    for (const [input, { next }] of machine.reactions[state] ?? []) {
      for (const identifier of identify[next] ?? []) sequences.push([...way, input, ...identifier]);
    }
  }
  return suite('state identification (HSI)', sequences);
}

/** Returns a shortest way to each state. */
function stateCover({ initial, reactions }: Reduced): Sequence[] {
  const ways: Sequence[] = [];
  ways[initial] = [];
  const queue = [initial];
  for (const state of queue) {
    const way = ways[state] as Sequence;
    const ofState = reactions[state] as Reduced['reactions'][number];
    for (const input of freshFirst(ofState.keys(), way)) {
      const { next } = ofState.get(input) as { next: number };
      if (ways[next] !== undefined) continue;
      ways[next] = [...way, input];
      queue.push(next);
    }
  }
  return ways;
}
