/**
 * State identification: sequences of inputs that tell each state of a machine from every other one by outputs alone.
 *
 * Owns: making one of states that no outputs can tell apart, and the harmonised identifiers (Petrenko, Yevtushenko) of those that
 * are left. What inputs and outputs are is for others to say. Next: `dialogues.ts`.
 */

/** By state, the reaction to each of its inputs. */
export type Machine<Input> = ReadonlyMap<
  string,
  ReadonlyMap<Input, { readonly output: string; readonly next: string }>
>;

interface Reaction {
  readonly output: string;
  readonly next: number;
}

/** The reduced machine: each state stands for all that no outputs can tell apart from it. */
export interface Reduced<Input> {
  readonly initial: number;
  /** By state, the reaction to each of its inputs. */
  readonly reactions: readonly ReadonlyMap<Input, Reaction>[];
  /** By state, the labels it stands for. */
  readonly labels: readonly (readonly string[])[];
}

/** Makes states one that accept the same inputs and can't be told apart by outputs, by refining a partition; the first state is the initial one. */
export function reduce<Input>(states: Machine<Input>, nameOf: (input: Input) => string): Reduced<Input> {
  const labels = [...states.keys()];
  let classes = new Map(labels.map((label) => [label, 0]));
  for (;;) {
    const numbers = new Map<string, number>();
    const finer = new Map<string, number>();
    for (const [label, reactions] of states) {
      const signature = [...reactions].map(
        ([input, { output, next }]) => `${nameOf(input)} ${output} ${classes.get(next)}`,
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
    const first = states.get(label as string) as ReadonlyMap<Input, { output: string; next: string }>;
    return new Map(
      [...first].map(([input, { output, next }]) => [input, { output, next: classes.get(next) as number }]),
    );
  });
  return { initial: classes.get(labels[0] as string) as number, reactions, labels: members };
}

/**
 * For each state the sequences that tell it from every other one: for any two states, both have a sequence with the same
 * beginning at which their outputs differ. `whereNone` hears of two that no inputs which both take can tell apart.
 */
export function identifiers<Input>(
  machine: Reduced<Input>,
  whereNone: (a: readonly string[], b: readonly string[]) => void = refuse,
): (readonly Input[])[][] {
  const result: (readonly Input[])[][] = machine.reactions.map(() => []);
  for (let a = 0; a < machine.reactions.length; a++) {
    for (let b = a + 1; b < machine.reactions.length; b++) {
      const [ofA, ofB] = [result[a], result[b]] as [(readonly Input[])[], (readonly Input[])[]];
      if (ofA.some((sequence) => ofB.includes(sequence) && separates(machine, a, b, sequence))) continue;
      // One that another state has already keeps the suite small; a longer one might not be possible here to its end.
      const known = result.flat().find((sequence) => sequence.length === 1 && separates(machine, a, b, sequence));
      const sequence = known ?? separator(machine, a, b);
      if (sequence === undefined) {
        whereNone(machine.labels[a] ?? [], machine.labels[b] ?? []);
        continue;
      }
      if (!ofA.includes(sequence)) ofA.push(sequence);
      if (!ofB.includes(sequence)) ofB.push(sequence);
    }
  }
  return result;
}

/** True if both states take the sequence up to a place where their outputs differ. */
export function separates<Input>(
  { reactions }: Reduced<Input>,
  a: number,
  b: number,
  sequence: readonly Input[],
): boolean {
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
function separator<Input>({ reactions }: Reduced<Input>, a: number, b: number): readonly Input[] | undefined {
  const queue: { a: number; b: number; path: readonly Input[] }[] = [{ a, b, path: [] }];
  const met = new Set([`${a} ${b}`]);
  for (const pair of queue) {
    for (const [input, ofA] of reactions[pair.a] ?? []) {
      const ofB = reactions[pair.b]?.get(input);
      if (ofB === undefined) continue;
      const path = [...pair.path, input];
      if (ofA.output !== ofB.output) return path;
      const key = `${ofA.next} ${ofB.next}`;
      if (met.has(key)) continue;
      met.add(key);
      queue.push({ a: ofA.next, b: ofB.next, path });
    }
  }
  return undefined;
}

function refuse([a]: readonly string[], [b]: readonly string[]): never {
  throw new Error(`No inputs that both take tell ${a} from ${b}: there is no identifier for them.`);
}
