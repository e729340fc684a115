/**
 * Random walks through a chart by its names alone: what XState does at each step.
 *
 * Owns: the chart as SCXML says it. Guards hold as chance wants, and actions are only noted down, so that two engines can
 * be compared that share no data. Next: `scion.system.test.ts`.
 */
import fc from 'fast-check';
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyTransitionDefinition,
  assign,
  createMachine,
  initialTransition,
  transition,
} from 'xstate';
import { transitionIdsOf } from '../../src/chart/graph.ts';
import { callOf, doneBy } from './declaredWays.ts';

interface Step {
  /** Missing at the start. */
  event?: string;
  /** The guards that hold. */
  guards: readonly string[];
}

/** The innermost states, what was done on the way to them, and what will be sent later. */
export interface Outcome {
  states: string[];
  done: string[];
  sent: string[];
}

export interface Walks {
  guards: string[];
  /**
   * The guards of transitions without an event. These hold only after something was done in the same step: what they
   * ask can't have changed before, and the engines differ in when they ask.
   */
  unprompted: string[];
  delays: string[];
  walks: Step[][];
  outcomes: Outcome[][];
}

const longestWalk = 60;

/** Returns walks of so many steps together. A walk ends where the chart does, or sometimes before. */
export function randomWalks(machine: AnyStateMachine, steps: number, seed: number): Walks {
  const bare = new BareChart(machine);
  const choices = fc.sample(
    fc.record({ choice: fc.nat(), guards: fc.subarray(bare.guards), end: fc.nat(longestWalk) }),
    { numRuns: steps, seed },
  );
  const walks: Step[][] = [];
  const outcomes: Outcome[][] = [];
  let isOver = true;
  for (const { choice, guards, end } of choices) {
    const step = isOver
      ? { guards }
      : bare.stepFor(choice, choice % 4 === 1 ? guards : without(bare.unprompted, guards));
    const outcome = bare.take(step);
    if (isOver) {
      walks.push([]);
      outcomes.push([]);
    }
    walks.at(-1)?.push(step);
    outcomes.at(-1)?.push(outcome);
    isOver = end === 0 || bare.isOver;
  }
  return { guards: bare.guards, unprompted: bare.unprompted, delays: bare.delays, walks, outcomes };
}

class BareChart {
  readonly guards: string[];
  readonly unprompted: string[];
  readonly delays: string[];
  readonly #events: string[];
  readonly #machine: AnyStateMachine;
  #snapshot: AnyMachineSnapshot | undefined;
  #holding: readonly string[] = [];
  readonly #tries = new Map<AnyTransitionDefinition, number>();

  constructor(machine: AnyStateMachine) {
    const { actions, delays } = machine.implementations;
    const declared = [...transitionIdsOf(machine).keys()];
    this.guards = guardsOf(declared);
    this.unprompted = guardsOf(declared.filter(({ eventType }) => eventType === ''));
    this.delays = Object.keys(delays).map(callOf);
    this.#events = unique(declared.map(({ eventType }) => nameFor(eventType))).filter(
      (name) => name !== '' && !isOwn(name),
    );
    const isNoted = (name: string): boolean => doneBy(machine, name) === callOf(name);
    // With the same configuration, but with a context that holds only what was done.
    const { output: _, ...config } = machine.config;
    this.#machine = createMachine({ ...config, context: { done: [] } }).provide({
      guards: Object.fromEntries(unique(this.guards.map(nameIn)).map((name) => [name, this.#guardNamed(name)])),
      actions: Object.fromEntries(
        Object.entries(actions).map(([name, built]) => [name, isNoted(name) ? noteDown(name) : built]),
      ),
      delays: Object.fromEntries(Object.keys(delays).map((name) => [name, 1000])),
      // biome-ignore lint/suspicious/noExplicitAny: the names are only known while it runs.
    } as any);
  }

  get isOver(): boolean {
    return this.#snapshot?.status !== 'active';
  }

  /**
   * Returns a step that may take the transition that was tried least of those that could be taken now; now and then
   * any event.
   */
  stepFor(choice: number, guards: readonly string[]): Step {
    const any = { event: this.#events[choice % this.#events.length] ?? '', guards };
    if (choice % 8 === 0) return any;
    const nodes = this.#snapshot?._nodes ?? [];
    const possible = nodes
      .flatMap((node) => [...node.transitions.values()].flat())
      .filter((each) => !isOwn(each.eventType));
    const least = Math.min(...possible.map((each) => this.#tries.get(each) ?? 0));
    const rare = possible.filter((each) => (this.#tries.get(each) ?? 0) === least);
    const chosen = rare[choice % rare.length];
    if (chosen === undefined) return any;
    this.#tries.set(chosen, least + 1);
    const { guard, source, eventType } = chosen;
    const others = guardsOf(source.transitions.get(eventType) ?? []);
    const own = guard === undefined ? [] : [callOf(guard)];
    return { event: nameFor(eventType), guards: [...without(others, guards), ...own] };
  }

  take({ event, guards }: Step): Outcome {
    this.#holding = guards;
    const before = this.#snapshot && ({ ...this.#snapshot, context: { done: [] } } as AnyMachineSnapshot);
    const [next, actions] =
      event === undefined || before === undefined
        ? initialTransition(this.#machine)
        : transition(this.#machine, before, { type: event });
    this.#snapshot = next as AnyMachineSnapshot;
    const nodes = this.#snapshot._nodes.filter(({ type }) => type === 'atomic' || type === 'final');
    const { done } = this.#snapshot.context;
    return { states: nodes.map(({ id }) => id).sort(), done, sent: actions.flatMap(sentBy) };
  }

  #guardNamed(name: string): (args: { context: { done: string[] } }, params: unknown) => boolean {
    return ({ context }, params) => {
      const call = callOf({ type: name, params: params ?? {} });
      return this.#holding.includes(call) && (context.done.length > 0 || !this.unprompted.includes(call));
    };
  }
}

/** True for the event at the end of a state, which each engine makes for itself, by a name of its own. */
function isOwn(eventType: string): boolean {
  return eventType.startsWith('xstate.done.state.');
}

/** A star stands for anything that may come in its place. */
function nameFor(eventType: string): string {
  return eventType.replace('*', 'any');
}

function guardsOf(transitions: readonly AnyTransitionDefinition[]): string[] {
  return unique(transitions.flatMap(({ guard }) => (guard === undefined ? [] : [callOf(guard)])));
}

function noteDown(name: string): unknown {
  return assign(({ context: { done } }: { context: { done: string[] } }, params: unknown) => ({
    done: [...done, callOf({ type: name, params: params ?? {} })],
  }));
}

/** Returns what XState would send later or take back, in the words of `scion.cjs`. */
function sentBy({ type, params }: { type: string; params?: unknown }): string[] {
  const { event, delay, sendId } = (params ?? {}) as { event?: { type: string }; delay?: number; sendId?: string };
  if (type === 'xstate.raise') return delay === undefined ? [] : [`send ${event?.type}`];
  return type === 'xstate.cancel' ? [`cancel ${sendId}`] : [];
}

function nameIn(call: string): string {
  return call.slice(0, call.indexOf('('));
}

function without(some: readonly string[], all: readonly string[]): string[] {
  return all.filter((each) => !some.includes(each));
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
