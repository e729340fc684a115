/**
 * Faults of the session chart, each a chart of its own: one transition, guard, action or initial state is changed.
 *
 * Owns: the list of faults. Next: `mutantHunt.ts`, which finds out if a user notices them.
 */
import { createMachine } from 'xstate';
import { sessionMachine } from '../../machines/session.machine.ts';

export interface Mutant {
  /** What sort of change it is. */
  kind: string;
  /** What was changed, in words. */
  name: string;
  /** Builds the changed chart; a thousand of them at once would fill the memory. */
  create: () => typeof sessionMachine;
}

// biome-ignore lint/suspicious/noExplicitAny: configurations are taken apart and changed without their types.
type Config = any;

/** A state in the chart's configuration, with its id. */
interface Node {
  id: string;
  path: string[];
  config: Config;
}

/** Returns all faults, of every kind. */
export function mutants(): Mutant[] {
  const found: Mutant[] = [];
  const original = normalised(structuredClone(sessionMachine.config));
  const nodes = nodesOf(original, 'session', []);
  const leaves = nodes.filter(({ config }) => !config.states);

  const add = (kind: string, name: string, change: (at: (node: Node) => Config) => void): void => {
    const create = (): typeof sessionMachine => {
      const config = structuredClone(original);
      change(({ path }) => path.reduce((inner: Config, key) => inner.states[key], config));
      return createMachine(config, implementations as never) as never;
    };
    found.push({ kind, name: `${kind}: ${name}`, create });
  };

  for (const node of nodes) {
    for (const [event, branches] of Object.entries(node.config.on ?? {}) as [string, Config[]][]) {
      branches.forEach((branch, index) => {
        const name = `${node.id} ${event}[${index}]`;
        add('transition removed', name, (at) => at(node).on[event].splice(index, 1));
        for (const other of nodes) {
          if (resolve(node, branch.target) === other.id || other.id === 'session') continue;
          add('transition retargeted', `${name} → ${other.id}`, (at) => {
            at(node).on[event][index].target = `#${other.id}`;
          });
        }
        if (branch.target) add('transition without its target', name, (at) => delete at(node).on[event][index].target);
        if (branch.guard) {
          add('guard dropped', name, (at) => delete at(node).on[event][index].guard);
          add('guard negated', name, (at) => {
            at(node).on[event][index].guard = `not ${branch.guard}`;
          });
        }
        if (index > 0) {
          add('branches swapped', `${name} with [${index - 1}]`, (at) => {
            const list = at(node).on[event];
            [list[index - 1], list[index]] = [list[index], list[index - 1]];
          });
        }
        branch.actions.forEach((action: Config, position: number) => {
          add('action dropped', `${name} / ${actionName(action)}`, (at) =>
            at(node).on[event][index].actions.splice(position, 1),
          );
        });
      });
    }
    for (const when of ['entry', 'exit'] as const) {
      node.config[when].forEach((action: Config, position: number) => {
        add('action dropped', `${node.id} ${when} / ${actionName(action)}`, (at) => at(node)[when].splice(position, 1));
      });
    }
    if (node.config.initial) {
      for (const child of Object.keys(node.config.states)) {
        if (child === node.config.initial) continue;
        add('initial state changed', `${node.id}: ${child}`, (at) => {
          at(node).initial = child;
        });
      }
    }
  }
  const events = new Set(nodes.flatMap(({ config }) => Object.keys(config.on ?? {})));
  for (const leaf of leaves) {
    const handled = nodes
      .filter(({ id }) => `${leaf.id}.`.startsWith(`${id}.`))
      .flatMap(({ config }) => Object.keys(config.on ?? {}));
    for (const event of events) {
      if (handled.includes(event) || leaf.config.type === 'final') continue;
      for (const target of ['#session.online.menu', '#session.closed']) {
        add('ignored event accepted', `${leaf.id} ${event} → ${target.slice(1)}`, (at) => {
          at(leaf).on = { ...at(leaf).on, [event]: [{ target, actions: [] }] };
        });
      }
    }
  }
  return found;
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

/** Guards as they are, and each one's opposite under the name `not …`. */
const implementations = {
  ...sessionMachine.implementations,
  guards: Object.fromEntries(
    Object.entries(sessionMachine.implementations.guards as Record<string, (...args: unknown[]) => boolean>).flatMap(
      ([name, guard]) => [
        [name, guard],
        [`not ${name}`, (...args: unknown[]) => !guard(...args)],
      ],
    ),
  ),
};

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
