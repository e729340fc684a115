/**
 * A chart's configuration as JSON, as Stately's tools and `createMachine` take it.
 *
 * Owns: what stands there for a function. A guard, an action or an actor is there by the name that the drawings give it, so
 * that no transition loses its condition. Contexts, inputs and outputs that are functions are left out: they depend on how
 * the machine is started. So is what JSON can't hold.
 * Next: `../../src/chart/partNames.ts`.
 */
import type { AnyStateMachine } from 'xstate';
import { actorName, nameOf } from '../../src/chart/partNames.ts';

/** Where functions have names in the drawings. */
const named = new Set(['guard', 'actions', 'entry', 'exit']);

export function jsonOf({ config }: AnyStateMachine): string {
  return `${JSON.stringify(plain(config, '', []), null, 2)}\n`;
}

/** Returns the value without functions. `key` is where it stands, `around` what it stands in. */
function plain(value: unknown, key: string, around: readonly unknown[]): unknown {
  if (key === 'src') return actorName(value);
  if (typeof value === 'function') return named.has(key) ? nameOf(value) : undefined;
  if (typeof value === 'bigint' || around.includes(value)) return undefined;
  if (typeof value !== 'object' || value === null) return value;
  const within = [...around, value];
  if (Array.isArray(value)) return value.map((each) => plain(each, key, within));
  const entries = Object.entries(value).map(([name, each]) => [name, plain(each, name, within)]);
  // An event without a transition is one that a state forbids.
  return Object.fromEntries(entries.map(([name, each]) => [name, each ?? (key === 'on' ? {} : each)]));
}
