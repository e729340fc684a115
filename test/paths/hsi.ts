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
 * long. With one state more (`extraStates`, m = n + 1) the same is true of implementations of at most n + 1 states, under
 * a smaller alphabet (`fewInputs`), because the suite grows with the square of the inputs. Nothing is promised for
 * implementations with more states, for inputs outside the alphabet (other ids, other pairings), for lines that come
 * while they are held back, or for several sessions together.
 */
import {
  identifiers,
  type Reduced as ReducedOf,
  reduce as reduceMachine,
} from '../../src/conform/stateIdentification.ts';
import { alphabet, freshFirst, type Input, typedIn } from './alphabet.ts';
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
export function hsiSuite(behaviour: Behaviour, extraStates = 0): Suite {
  const machine = reduce(behaviour);
  const identify = identifiers(machine);
  const sequences: Sequence[] = [];
  const add = (way: Sequence, state: number, inputsLeft: number): void => {
    for (const identifier of identify[state] ?? []) sequences.push([...way, ...identifier]);
    if (inputsLeft === 0) return;
    for (const [input, { next }] of machine.reactions[state] ?? []) add([...way, input], next, inputsLeft - 1);
  };
  for (const [state, way] of stateCover(machine).entries()) add(way, state, extraStates + 1);
  const name = extraStates === 0 ? 'HSI' : `HSI, m = n + ${extraStates}`;
  return suite(`state identification (${name})`, sequences);
}

/** Returns the sequences that tell each state, by its label, from all that outputs can tell from it. */
export function identifiersOf(behaviour: Behaviour): ReadonlyMap<string, readonly Sequence[]> {
  const machine = reduce(behaviour);
  const identify = identifiers(machine);
  return new Map(
    machine.labels.flatMap((labels, state) => labels.map((label) => [label, identify[state] ?? []] as const)),
  );
}

/** The behaviour under fewer inputs: of lines that do the same everywhere, and of updates that lead to the same states, the first. */
export function fewInputs({ first, states }: Behaviour): Behaviour {
  const kept = new Map<string, Input>();
  for (const input of alphabet) {
    const typed = typedIn(input);
    const reactions = [...states.values()].map((of) => {
      const { next, output } = of.get(input) ?? {};
      const commands = output?.commands.map((command) => command.replace(` ${typed}`, ' <line>'));
      return [next, commands, typed === undefined ? '' : output?.text];
    });
    const key = JSON.stringify([input.event.type, ...reactions]);
    if (!kept.has(key)) kept.set(key, input);
  }
  const isKept = new Set(kept.values());
  const fewer = [...states].map(
    ([label, reactions]) => [label, new Map([...reactions].filter(([input]) => isKept.has(input)))] as const,
  );
  return { first, states: new Map(fewer) };
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
