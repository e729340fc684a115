/**
 * Faults of a chart, each a chart of its own: one transition, guard, action, parameter or initial state is changed.
 *
 * Owns: the list of faults. Next: `mutantHunt.ts`, which finds out if a user notices them, and `limitMutants.ts` for
 * those that stand in no chart's configuration.
 */
import { type AnyStateMachine, createMachine } from 'xstate';
import { sessionMachine } from '../../machines/session.machine.ts';

export interface Mutant<Machine extends AnyStateMachine = typeof sessionMachine> {
  /** What sort of change it is. */
  kind: string;
  /** What was changed, in words. */
  name: string;
  /** Builds the changed chart; a thousand of them at once would fill the memory. */
  create: () => Machine;
  /** For an event that is accepted where the chart ignores it: the state and the event. */
  accepts?: { path: string; event: string };
}

// biome-ignore lint/suspicious/noExplicitAny: configurations are taken apart and changed without their types.
type Config = any;

/** A state in the chart's configuration, with its id. */
interface Node {
  id: string;
  path: string[];
  config: Config;
}

/** Returns all faults of the session chart, of every kind. */
export function mutants(): Mutant[] {
  return mutantsOf(sessionMachine, ['session.online.menu', 'session.closed']);
}

/** Returns all faults of a chart. Ignored events lead to `accepted`, one at a time. */
export function mutantsOf<Machine extends AnyStateMachine>(
  machine: Machine,
  accepted: readonly string[],
): Mutant<Machine>[] {
  const faults = new Faults(machine);
  faults.addAll(accepted);
  return faults.found;
}

/** How a change reaches a state's configuration in a copy of the chart's. */
type At = (node: Node) => Config;

class Faults<Machine extends AnyStateMachine> {
  readonly found: Mutant<Machine>[] = [];
  readonly #original: Config;
  readonly #nodes: readonly Node[];
  readonly #values: ReadonlyMap<string, ReadonlySet<unknown>>;
  readonly #implementations: Implementations;

  constructor(machine: Machine) {
    this.#original = normalised(structuredClone(machine.config));
    this.#nodes = nodesOf(this.#original, machine.id, []);
    this.#values = parameterValues(this.#nodes);
    this.#implementations = withNegations(machine.implementations as Implementations);
  }

  addAll(accepted: readonly string[]): void {
    for (const node of this.#nodes) {
      for (const [event, branches] of Object.entries(node.config.on ?? {}) as [string, Config[]][]) {
        for (const index of branches.keys()) this.#addBranch(node, event, branches, index);
      }
      for (const when of ['entry', 'exit'] as const) {
        this.#addActions(`${node.id} ${when}`, node.config[when], (at) => at(node)[when]);
      }
      for (const child of Object.keys(node.config.states ?? {})) {
        if (child === node.config.initial) continue;
        this.#add('initial state changed', `${node.id}: ${child}`, (at) => {
          at(node).initial = child;
        });
      }
    }
    this.#addAccepting(accepted);
  }

  #add(kind: string, name: string, change: (at: At) => void, details: Pick<Mutant, 'accepts'> = {}): void {
    const create = (): Machine => {
      const config = structuredClone(this.#original);
      change(({ path }) => path.reduce((inner: Config, key) => inner.states[key], config));
      return createMachine(config, this.#implementations as never) as never;
    };
    this.found.push({ kind, name: `${kind}: ${name}`, create, ...details });
  }

  /** Faults of one transition among those of its state for the same event. */
  #addBranch(node: Node, event: string, branches: readonly Config[], index: number): void {
    const branch = branches[index];
    const name = `${node.id} ${event}[${index}]`;
    this.#add('transition removed', name, (at) => at(node).on[event].splice(index, 1));
    for (const other of this.#nodes) {
      if (resolve(node, branch.target) === other.id || other.path.length === 0) continue;
      this.#add('transition retargeted', `${name} → ${other.id}`, (at) => {
        at(node).on[event][index].target = `#${other.id}`;
      });
    }
    if (branch.target) {
      this.#add('transition without its target', name, (at) => delete at(node).on[event][index].target);
    }
    this.#add('re-entry changed', name, (at) => {
      at(node).on[event][index].reenter = !branch.reenter;
    });
    if (branch.guard) {
      this.#add('guard dropped', name, (at) => delete at(node).on[event][index].guard);
      this.#add('guard negated', name, (at) => {
        at(node).on[event][index].guard = `not ${branch.guard}`;
      });
    }
    if (index > 0) {
      this.#add('branches swapped', `${name} with [${index - 1}]`, (at) => swap(at(node).on[event], index));
    }
    this.#addActions(name, branch.actions, (at) => at(node).on[event][index].actions);
  }

  /** Faults of a list of actions. */
  #addActions(name: string, actions: readonly Config[], listIn: (at: At) => Config[]): void {
    for (const [position, action] of actions.entries()) {
      const what = `${name} / ${actionName(action)}`;
      this.#add('action dropped', what, (at) => listIn(at).splice(position, 1));
      for (const [key, value] of Object.entries(action.params ?? {})) {
        for (const other of this.#values.get(`${action.type} ${key}`) ?? []) {
          if (other === value) continue;
          this.#add('parameter changed', `${what}, ${key}: ${other}`, (at) => {
            listIn(at)[position].params[key] = other;
          });
        }
      }
      if (position === 0) continue;
      this.#add('actions swapped', `${what} with ${actionName(actions[position - 1])}`, (at) =>
        swap(listIn(at), position),
      );
    }
  }

  /** Every event in every state that ignores it. */
  #addAccepting(accepted: readonly string[]): void {
    const events = new Set(this.#nodes.flatMap(({ config }) => Object.keys(config.on ?? {})));
    for (const leaf of this.#nodes.filter(({ config }) => !config.states && config.type !== 'final')) {
      const handled = this.#nodes
        .filter(({ id }) => `${leaf.id}.`.startsWith(`${id}.`))
        .flatMap(({ config }) => Object.keys(config.on ?? {}));
      for (const event of [...events].filter((each) => !handled.includes(each))) {
        for (const target of accepted) {
          this.#add(
            'ignored event accepted',
            `${leaf.id} ${event} → ${target}`,
            (at) => {
              at(leaf).on = { ...at(leaf).on, [event]: [{ target: `#${target}`, actions: [] }] };
            },
            { accepts: { path: leaf.path.join('.'), event } },
          );
        }
      }
    }
  }
}

/** Swaps an element of a list with the one before it. */
function swap(list: unknown[], position: number): void {
  [list[position - 1], list[position]] = [list[position], list[position - 1]];
}

/** All values that each parameter of each action has somewhere in the chart. */
function parameterValues(nodes: readonly Node[]): Map<string, Set<unknown>> {
  const values = new Map<string, Set<unknown>>();
  for (const { config } of nodes) {
    const branches = Object.values(config.on ?? {}).flat() as Config[];
    for (const { type, params } of [...config.entry, ...config.exit, ...branches.flatMap(({ actions }) => actions)]) {
      for (const [key, value] of Object.entries(params ?? {})) {
        values.set(`${type} ${key}`, (values.get(`${type} ${key}`) ?? new Set()).add(value));
      }
    }
  }
  return values;
}

/** Some faults of every kind, from all over the chart. */
export function someMutants(ofEachKind: number): Mutant[] {
  const byKind = new Map<string, Mutant[]>();
  for (const mutant of mutants()) byKind.set(mutant.kind, [...(byKind.get(mutant.kind) ?? []), mutant]);
  return [...byKind.values()].flatMap((all) => {
    const distance = Math.max(1, Math.floor(all.length / ofEachKind));
    return all.filter((_, index) => index % distance === 0).slice(0, ofEachKind);
  });
}

interface Implementations {
  guards: Record<string, (...args: unknown[]) => boolean>;
}

/** Guards as they are, and each one's opposite under the name `not …`. */
function withNegations(implementations: Implementations): Implementations {
  const guards = Object.entries(implementations.guards).flatMap(([name, guard]) => [
    [name, guard],
    [`not ${name}`, (...args: unknown[]) => !guard(...args)],
  ]);
  return { ...implementations, guards: Object.fromEntries(guards) };
}

/** Writes every transition as a list of objects, and every action as a list. */
function normalised(config: Config): Config {
  const list = (value: Config): Config[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
  config.entry = list(config.entry);
  config.exit = list(config.exit);
  for (const [event, branches] of Object.entries(config.on ?? {})) {
    config.on[event] = list(branches).map((branch) => ({ ...branch, actions: list(branch.actions) }));
  }
  for (const child of Object.values(config.states ?? {})) normalised(child);
  return config;
}

function nodesOf(config: Config, id: string, path: string[]): Node[] {
  const children = Object.entries(config.states ?? {}).flatMap(([key, child]) =>
    nodesOf(child, `${id}.${key}`, [...path, key]),
  );
  return [{ id, path, config }, ...children];
}

/** Returns the id of the state that a target means, at the place where it is written. */
function resolve(node: Node, target: string | undefined): string | undefined {
  if (target === undefined) return undefined;
  if (target.startsWith('#')) return target.slice(1);
  if (target.startsWith('.')) return node.id + target;
  return `${node.id.slice(0, node.id.lastIndexOf('.'))}.${target}`;
}

function actionName(action: Config): string {
  return typeof action === 'string' ? action : [action.type, ...Object.values(action.params ?? {})].join(' ');
}
