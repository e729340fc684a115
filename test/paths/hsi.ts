/**
 * The HSI suite (harmonised state identifiers; Petrenko, Yevtushenko): finds every fault of a kind, seen by outputs alone.
 *
 * Owns: the reduction of the reviewed behaviour (`golden.ts`), the identifiers, and the suite.
 *
 * The guarantee. Let S be the behaviour in the golden file under `alphabet.ts`, where lines are no input of states that
 * hold them back, with text, commands and FIN as its outputs, and let n be the number of states of S after those that no
 * outputs can tell apart were made one. Then an implementation that is deterministic, that begins anew at each reset,
 * that never leaves an input of S unanswered, and whose behaviour under this alphabet has at most n states when reduced,
 * passes this suite only if it gives the outputs of S for every sequence of inputs that S defines, however long.
 * Nothing is promised for implementations with more states (m > n), for inputs outside the alphabet (other ids, other
 * pairings), for lines that come while they are held back, or for several sessions together.
 */
import { freshFirst, type Input } from './alphabet.ts';
import type { Behaviour } from './golden.ts';
import { outputInWords } from './subject.ts';
import { type Suite, suite } from './suites.ts';

type Sequence = readonly Input[];

interface Reaction {
  readonly output: string;
  readonly next: number;
}

/** The reduced machine: each state stands for all that no outputs can tell apart from it. */
export interface Reduced {
  readonly initial: number;
  /** By state, the reaction to each of its inputs. */
  readonly reactions: readonly ReadonlyMap<Input, Reaction>[];
  /** By state, the labels it stands for. */
  readonly labels: readonly (readonly string[])[];
}

/** Makes states one that accept the same inputs and can't be told apart by outputs, by refining a partition. */
export function reduce({ states }: Behaviour): Reduced {
  const labels = [...states.keys()];
  let classes = new Map(labels.map((label) => [label, 0]));
  for (;;) {
    const numbers = new Map<string, number>();
    const finer = new Map<string, number>();
    for (const [label, reactions] of states) {
      const signature = [...reactions].map(
        ([input, { output, next }]) => `${input.label} ${seen(output)} ${classes.get(next)}`,
      );
      const key = `${classes.get(label)} ${signature.sort().join('\n')}`;
      if (!numbers.has(key)) numbers.set(key, numbers.size);
      finer.set(label, numbers.get(key) as number);
    }
    const settled = numbers.size === new Set(classes.values()).size;
    classes = finer;
    if (settled) break;
  }
  const members: string[][] = [];
  for (const [label, number] of classes) members[number] = [...(members[number] ?? []), label];
  const reactions = members.map(([label]) => {
    const first = states.get(label as string) as ReadonlyMap<Input, never>;
    return new Map(
      [...first].map(([input, { output, next }]) => [
        input,
        { output: seen(output), next: classes.get(next) as number },
      ]),
    );
  });
  return { initial: classes.get(labels[0] as string) as number, reactions, labels: members };
}

/** What the reduction and the identifiers go by: what every subject can see. */
function seen({ wiring: _, ...output }: Parameters<typeof outputInWords>[0]): string {
  return outputInWords(output);
}

/**
 * For each state the sequences that tell it from every other one: for any two states, both have a sequence with the same
 * beginning at which their outputs differ.
 */
export function identifiers(machine: Reduced): Sequence[][] {
  const result: Sequence[][] = machine.reactions.map(() => []);
  for (let a = 0; a < machine.reactions.length; a++) {
    for (let b = a + 1; b < machine.reactions.length; b++) {
      const [ofA, ofB] = [result[a], result[b]] as [Sequence[], Sequence[]];
      if (ofA.some((sequence) => ofB.includes(sequence) && separates(machine, a, b, sequence))) continue;
      // One that another state has already keeps the suite small; a longer one might not be possible here to its end.
      const known = result.flat().find((sequence) => sequence.length === 1 && separates(machine, a, b, sequence));
      const sequence = known ?? separator(machine, a, b);
      if (!ofA.includes(sequence)) ofA.push(sequence);
      if (!ofB.includes(sequence)) ofB.push(sequence);
    }
  }
  return result;
}

/** The whole suite: a way to each state, every input there, and then the identifiers of where that leads. */
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

/** A shortest way to each state. */
function stateCover({ initial, reactions }: Reduced): Sequence[] {
  const ways: Sequence[] = [];
  ways[initial] = [];
  const queue = [initial];
  for (const state of queue) {
    const way = ways[state] as Sequence;
    const ofState = reactions[state] as Reduced['reactions'][number];
    for (const input of freshFirst(ofState.keys(), way)) {
      const { next } = ofState.get(input) as Reaction;
      if (ways[next] !== undefined) continue;
      ways[next] = [...way, input];
      queue.push(next);
    }
  }
  return ways;
}

/** True if both states take the sequence up to a place where their outputs differ. */
export function separates({ reactions }: Reduced, a: number, b: number, sequence: Sequence): boolean {
  let [atA, atB] = [a, b];
  for (const input of sequence) {
    const [ofA, ofB] = [reactions[atA]?.get(input), reactions[atB]?.get(input)];
    if (ofA === undefined || ofB === undefined) return false;
    if (ofA.output !== ofB.output) return true;
    [atA, atB] = [ofA.next, ofB.next];
  }
  return false;
}

/** A shortest sequence, of inputs both states take, at which their outputs differ. */
function separator({ reactions, labels }: Reduced, a: number, b: number): Sequence {
  const queue: { a: number; b: number; way: Sequence }[] = [{ a, b, way: [] }];
  const met = new Set([`${a} ${b}`]);
  for (const pair of queue) {
    for (const [input, ofA] of reactions[pair.a] ?? []) {
      const ofB = reactions[pair.b]?.get(input);
      if (ofB === undefined) continue;
      const way = [...pair.way, input];
      if (ofA.output !== ofB.output) return way;
      const key = `${ofA.next} ${ofB.next}`;
      if (met.has(key)) continue;
      met.add(key);
      queue.push({ a: ofA.next, b: ofB.next, way });
    }
  }
  throw new Error(
    `No inputs that both take tell ${labels[a]?.[0]} from ${labels[b]?.[0]}: HSI has no identifier for them.`,
  );
}
