/**
 * Suites of dialogues that cover the graph of the session chart: its states, its transitions, every input in every
 * state, and all pairs of transitions that can follow each other.
 *
 * Owns: which sequences of inputs make up a suite; a dialogue that is only the beginning of another one is left out.
 * Knows nothing of outputs. Next: `hsi.ts`, the suite that identifies states by outputs alone.
 */
import type { Input } from './alphabet.ts';
import type { Edge, Node } from './sessionGraph.ts';

export interface Suite {
  readonly name: string;
  readonly sequences: readonly (readonly Input[])[];
}

/** Returns a way into every node. */
export function everyState(nodes: readonly Node[]): Suite {
  return suite(
    'every state',
    nodes.map(({ reachedBy }) => reachedBy),
  );
}

/** Returns every transition of the chart, from one of the states in which it is possible. */
export function everyBranch(nodes: readonly Node[]): Suite {
  const firsts = firstOfEach(edgesOf(nodes), ({ branch }) => branch);
  return suite('every transition', firsts.map(wayThrough));
}

/** Returns every input in every node, also where it has to be ignored. */
export function everyInput(nodes: readonly Node[]): Suite {
  return suite('every input in every state', edgesOf(nodes).map(wayThrough));
}

/** Returns each transition, and directly after it each one that is possible then. */
export function everyPair(nodes: readonly Node[]): Suite {
  const firsts = firstOfEach(
    pairsOf(nodes),
    ([first, second]) => `${branchWithInput(first)}, ${branchWithInput(second)}`,
  );
  return suite(
    'every pair of transitions',
    firsts.map(([first, second]) => [...wayThrough(first), second.input]),
  );
}

/** Returns the pairs of transitions that a suite takes, and all that there are, as `<branch>, <branch>`. */
export function coveredPairs(nodes: readonly Node[], { sequences }: Suite): { covered: number; total: number } {
  const all = new Set(pairsOf(nodes).map(([first, second]) => `${first.branch}, ${second.branch}`));
  const met = new Set<string>();
  for (const sequence of sequences) {
    const edges = follow(nodes, sequence);
    for (const [index, { branch }] of edges.entries()) met.add(`${edges[index - 1]?.branch}, ${branch}`);
  }
  return { covered: [...all].filter((pair) => met.has(pair)).length, total: all.size };
}

/** Returns the edges along which a sequence goes. */
export function follow(nodes: readonly Node[], sequence: readonly Input[]): Edge[] {
  let node = nodes[0];
  return sequence.map((input) => {
    const edge = node?.edges.get(input);
    if (edge === undefined) throw new Error(`${input.label} is no input of ${node?.label}.`);
    node = edge.target;
    return edge;
  });
}

export function edgesOf(nodes: readonly Node[]): Edge[] {
  return nodes.flatMap(({ edges }) => [...edges.values()]);
}

/** Returns a suite of these sequences, without those that are the beginning of others. */
export function suite(name: string, sequences: readonly (readonly Input[])[]): Suite {
  const beginnings = new Set<string>();
  const whole = new Map<string, readonly Input[]>();
  for (const sequence of sequences) {
    let key = '';
    for (const [index, { label }] of sequence.entries()) {
      key += `${label}\n`;
      if (index < sequence.length - 1) beginnings.add(key);
    }
    whole.set(key, sequence);
  }
  beginnings.add('');
  return { name, sequences: [...whole].filter(([key]) => !beginnings.has(key)).map(([, sequence]) => sequence) };
}

function wayThrough({ source, input }: Edge): readonly Input[] {
  return [...source.reachedBy, input];
}

function pairsOf(nodes: readonly Node[]): [Edge, Edge][] {
  const taken = edgesOf(nodes).filter(({ branch }) => branch !== undefined);
  return taken.flatMap((first) =>
    [...first.target.edges.values()]
      .filter(({ branch }) => branch !== undefined)
      .map((second): [Edge, Edge] => [first, second]),
  );
}

/** Returns different keys for what one transition does at different texts of the alphabet. */
function branchWithInput({ branch, input }: Edge): string {
  return `${branch} ${input.label}`;
}

function firstOfEach<T>(items: readonly T[], keyOf: (item: T) => string | undefined): T[] {
  const firsts = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    if (key !== undefined && !firsts.has(key)) firsts.set(key, item);
  }
  return [...firsts.values()];
}
