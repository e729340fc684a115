/**
 * Dialogues of two people, generated from the charts that run (`reference.ts`).
 *
 * Owns: the inputs, the search through every place two people can be in together, and the suites. What a server lacks, its
 * dialogues don't need: the features of a dialect choose the inputs. Next: `testClient.ts`.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Features } from '../protocol/dialect.ts';
import { names, type Outcome, type PeaceFeatures, Reference, type Step } from './reference.ts';
import { identifiers, reduce } from './stateIdentification.ts';

/** Each step, and what should come of it. */
export interface Dialogue {
  readonly steps: readonly (Step & Outcome)[];
}

/** Those that are played unless others are asked for. */
export const usualSuites = ['states', 'branches', 'segments', 'inputs', 'pairs'] as const;
/** `segments` are the branches without line feeds; `hsi` finds every fault in what a server remembers, and takes its time. */
export const suiteNames = [...usualSuites, 'hsi'] as const;
export type SuiteName = (typeof suiteNames)[number];

/** One thing that somebody does somewhere, where it leads and what it takes. */
interface Edge {
  readonly from: string;
  readonly step: Step;
  readonly to: string;
  /** Everything that anybody reads. */
  readonly output: string;
  readonly transitions: readonly string[];
}

/** What exit() does before a chat has begun: not every server has it. */
const withdrawals = [
  'session.online.requesting.naming line.received 0',
  'session.online.requesting.awaiting.ringing line.received 0',
];

/** Made once for each set of features: it takes a second or two, and always comes out the same. */
const made = new Map<string, Promise<Dialogues>>();
/** Others have their turn after so long, in ms: dialogues are made while checks wait for a server. */
const sliceMs = 5;

export function dialoguesFor(features: Features): Promise<Dialogues> {
  const { chat, room, list, withdraw, never, declineWait, askedPerMinute } = features;
  const key = JSON.stringify([chat, room, list, withdraw, never, declineWait, askedPerMinute]);
  const dialogues = made.get(key) ?? Dialogues.make(features);
  made.set(key, dialogues);
  return dialogues;
}

class Dialogues {
  readonly #features: PeaceFeatures;
  readonly #inputs: readonly string[];
  /** A shortest path to each place. */
  readonly #paths = new Map<string, readonly Step[]>();
  readonly #edges: Edge[] = [];

  private constructor(features: Features) {
    this.#features = features;
    this.#inputs = [
      ...[...names, 'nobody', 'no id!', '', ...(features.chat ? ['1'] : []), '2', ...(features.room ? ['3'] : [])],
      ...[
        ...(features.list ? ['4'] : []),
        'y',
        'YES',
        'n',
        ...(features.never ? ['never'] : []),
        'maybe',
        'hello',
        'exit()',
        ' exit() ',
      ],
    ];
  }

  static async make(features: Features): Promise<Dialogues> {
    const dialogues = new Dialogues(features);
    await dialogues.#explore(features.withdraw ? [] : withdrawals);
    return dialogues;
  }

  /** How many places two people can be in together, and how many things can be done there. */
  get size(): { places: number; edges: number } {
    return { places: this.#paths.size, edges: this.#edges.length };
  }

  /** Every transition of the session chart that can be taken by what people do. */
  get transitions(): ReadonlySet<string> {
    return new Set(this.#edges.flatMap(({ transitions }) => transitions));
  }

  suite(name: SuiteName): Dialogue[] {
    return this.#sequencesOf(name).map((steps) => this.#withOutcomes(steps));
  }

  #sequencesOf(name: SuiteName): (readonly Step[])[] {
    if (name === 'states') return withoutPrefixes([...this.#paths.values()]);
    if (name === 'inputs') return this.#edges.map((edge) => this.#through(edge));
    // A segment without anything in it is none.
    if (name === 'segments') return this.#sequencesOf('branches').filter((steps) => steps.every(isVisible));
    if (name === 'hsi') return withoutPrefixes(this.#identifying());
    const sequences = new Map<string, readonly Step[]>();
    const add = (key: string, sequence: readonly Step[]): void => {
      if ((sequences.get(key)?.length ?? Number.POSITIVE_INFINITY) > sequence.length) sequences.set(key, sequence);
    };
    for (const edge of this.#edges) {
      if (name === 'branches') for (const each of edge.transitions) add(each, this.#through(edge));
      else {
        for (const next of this.#edges.filter(({ from }) => from === edge.to)) {
          for (const one of edge.transitions) {
            for (const other of next.transitions) add(`${one} ${other}`, [...this.#through(edge), next.step]);
          }
        }
      }
    }
    return withoutPrefixes([...sequences.values()]);
  }

  /** A path to each place, everything that can be done there, and then what tells where that has led from anywhere else. */
  #identifying(): (readonly Step[])[] {
    const machine = new Map([...this.#paths.keys()].map((place) => [place, new Map<string, Edge>()]));
    for (const edge of this.#edges) machine.get(edge.from)?.set(JSON.stringify(edge.step), edge);
    const visible = new Map(
      [...machine].map(([place, edges]) => [
        place,
        new Map([...edges].map(([input, { output, to }]) => [input, { output, next: to }])),
      ]),
    );
    const reduced = reduce(visible, (input) => input);
    // The kit knows who is connected without asking.
    const identify = identifiers(reduced, () => {});
    const classOf = new Map(
      reduced.labels.flatMap((labels, number) => labels.map((label) => [label, number] as const)),
    );
    const identifiersOf = (place: string): readonly (readonly Step[])[] =>
      (identify[classOf.get(place) ?? 0] ?? []).map((sequence) => sequence.map((input) => JSON.parse(input) as Step));
    return this.#edges.flatMap((edge) =>
      identifiersOf(edge.to).map((sequence) => [...this.#through(edge), ...sequence]),
    );
  }

  #through({ from, step }: Edge): readonly Step[] {
    return [...(this.#paths.get(from) ?? []), step];
  }

  async #explore(without: readonly string[]): Promise<void> {
    let begin = performance.now();
    const start = new Reference(this.#features).key;
    this.#paths.set(start, []);
    const queue = [start];
    for (const from of queue) {
      const path = this.#paths.get(from) as readonly Step[];
      const here = this.#played(path);
      for (const step of [...names.keys()].flatMap((user) => this.#stepsOf(user, here.isHere(user)))) {
        if (performance.now() - begin > sliceMs) {
          await nextTurn();
          begin = performance.now();
        }
        const reference = this.#played(path);
        const { transitions, read, ended } = reference.perform(step);
        // Under each other's names they would only do the same again.
        if (reference.hasForeignId(step.user) || transitions.some((each) => without.includes(each))) continue;
        const to = reference.key;
        this.#edges.push({ from, step, to, transitions, output: JSON.stringify([read, ended]) });
        if (this.#paths.has(to)) continue;
        this.#paths.set(to, [...path, step]);
        queue.push(to);
      }
    }
  }

  #played(path: readonly Step[]): Reference {
    const reference = new Reference(this.#features);
    for (const step of path) reference.perform(step);
    return reference;
  }

  #withOutcomes(steps: readonly Step[]): Dialogue {
    const reference = new Reference(this.#features);
    return { steps: steps.map((step) => ({ ...step, ...reference.perform(step) })) };
  }

  #stepsOf(user: number, isHere: boolean): Step[] {
    if (!isHere) return [{ user, does: 'connects' }];
    return [...this.#inputs.map((text): Step => ({ user, does: 'types', text })), { user, does: 'hangs up' }];
  }
}

function isVisible(step: Step): boolean {
  return step.does !== 'types' || step.text !== '';
}

/** Without those that are the beginning of another one. */
function withoutPrefixes(sequences: readonly (readonly Step[])[]): (readonly Step[])[] {
  const texts = sequences.map((sequence) => sequence.map((step) => JSON.stringify(step)).join());
  const sorted = [...texts.entries()].sort(([, a], [, b]) => (a < b ? -1 : 1));
  const kept = sorted.filter(([, text], index) => !sorted[index + 1]?.[1].startsWith(text));
  return kept.map(([at]) => sequences[at] as readonly Step[]).sort((a, b) => a.length - b.length);
}
