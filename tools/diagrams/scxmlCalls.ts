/**
 * The names by which an SCXML file calls what it can't hold: guards, actions, delays, actors, and the names of events.
 *
 * Owns: that each is a name that SCXML and ECMAScript take, and that no two share one. Next: `scxml.ts`.
 */
import type { AnyStateNode } from 'xstate';
import type { GraphTransition } from '../../src/chart/graph.ts';
import { actorName, type BuiltIn, nameOf, parametersOf } from '../../src/chart/partNames.ts';
import { uniqueNames } from './uniqueNames.ts';

/** Words of ECMAScript that name no function. */
const reserved = new Set([
  ...'await break case catch class const continue debugger default delete do else enum export extends'.split(' '),
  ...'false finally for function if import In in instanceof let new null return static super switch'.split(' '),
  ...'this throw true try typeof var void while with yield'.split(' '),
]);

export class Calls {
  readonly #functionFor = uniqueNames((text) => {
    const name = text.replace(/[^\p{L}\p{N}_$]+/gu, '_');
    return /^\p{N}|^$/u.test(name) || reserved.has(name) ? `_${name}` : name;
  });
  /** A blank would end an event's name. */
  readonly eventNamed = uniqueNames((type) => type.replace(/\s/gu, '_'));
  readonly #idOf: (id: string) => string;

  /** `idOf` returns the id of a state in the file. */
  constructor(idOf: (id: string) => string) {
    this.#idOf = idOf;
  }

  /** Returns `say('menu')` for an action or guard with a parameter. */
  call(part: unknown): string {
    const { type, params } = (typeof part === 'object' ? part : { type: nameOf(part) }) as {
      type: string;
      params?: unknown;
    };
    return `${this.#functionFor(type)}(${parametersOf(params).map(literal).join(', ')})`;
  }

  /** Returns what has to hold; XState's `and`, `or`, `not` and `stateIn` are the language's own. */
  condition(guard: unknown): string {
    const { name, guards, stateValue } = guard as BuiltIn;
    if (typeof guard !== 'function' || (guards === undefined && stateValue === undefined)) return this.call(guard);
    if (guards === undefined)
      return typeof stateValue === 'string' && stateValue.startsWith('#')
        ? `In('${this.#idOf(stateValue.slice(1))}')`
        : this.call(guard);
    const each = guards.map((part) => this.condition(part));
    if (name === 'not') return `!${each[0]}`;
    return `(${each.join(name === 'and' ? ' && ' : ' || ')})`;
  }

  /** Returns the attribute for a delay. */
  delay(name: string): Record<string, string> {
    return /^\d+(?: ms)?$/.test(name) ? { delay: name.replace(/(?: ms)?$/, 'ms') } : { delayexpr: this.call(name) };
  }

  /** Returns the event's name. The ends of states and actors have names of SCXML's own. */
  eventFor({ eventType, source, event, isDelayed }: GraphTransition): string {
    if (isDelayed) return this.eventNamed(`xstate.after.${event.replace(/ ms$/, '')}.${this.#idOf(source)}`);
    if (eventType === `xstate.done.state.${source}`) return `done.state.${this.#idOf(source)}`;
    const [, what, id = ''] = /^xstate\.(done|error)\.actor\.(.*)$/s.exec(eventType) ?? [];
    // An event that shows as XState calls it is not of an actor that the state invokes.
    if (what === undefined || event === eventType) return this.eventNamed(eventType);
    return `${what}.invoke.${this.#idOf(id)}`;
  }

  /** Returns the attributes of an invoked actor. */
  actor({ id }: AnyStateNode['invoke'][number], config: unknown, index: number): Record<string, string> {
    const { src } = [config].flat()[index] as { src?: unknown };
    return { type: 'xstate', id: this.#idOf(id), src: actorName(src) };
  }
}

function literal(value: unknown): string {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return `'${String(value).replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`;
}
