/**
 * Long random dialogues of one session, for faults with a memory: the other suites are shortest ways, which come to each
 * state a few times at most.
 *
 * Owns: the choice of inputs. Half of the steps lead to the next state that was visited least, so that a walk comes
 * everywhere often; none ends the session or its connection. Knows nothing of outputs.
 */
import { Dice } from '../random/choices.ts';
import type { Input } from './alphabet.ts';
import type { Behaviour } from './golden.ts';

export interface Walk {
  readonly inputs: readonly Input[];
  /** How often it came to each state, from another one or from itself. */
  readonly visits: ReadonlyMap<string, number>;
}

/** Returns a walk of this length through the reviewed behaviour. */
export function randomWalk({ states }: Behaviour, seed: number, steps: number): Walk {
  const dice = new Dice();
  dice.start(seed);
  const inputs: Input[] = [];
  const visits = new Map<string, number>();
  let [at] = states.keys() as Iterable<string>;
  while (inputs.length < steps) {
    const byNext = new Map<string, Input[]>();
    for (const [input, { next }] of states.get(at as string) ?? []) {
      if (!/^closed|^online\.away/.test(next)) byNext.set(next, [...(byNext.get(next) ?? []), input]);
    }
    const nexts = [...byNext.keys()];
    const seldom = nexts.reduce((a, b) => ((visits.get(b) ?? 0) < (visits.get(a) ?? 0) ? b : a));
    at = dice.oneIn(2) ? seldom : dice.from(nexts);
    inputs.push(dice.from(byNext.get(at) as Input[]));
    visits.set(at, (visits.get(at) ?? 0) + 1);
  }
  return { inputs, visits };
}
