/**
 * What an action, a guard, an actor or a delay is called in a drawing: its name and parameters, or for one that was written
 * where it is used, what it does.
 *
 * Owns: these texts. XState's own actions and guards are functions, told apart by their fields, so that a machine of
 * another copy of XState is read as well. Runs nothing of a chart.
 * Next: `graph.ts`.
 */

/** What functions get as a name from where they stand, and not from their author. */
const places = new Set(['', 'guard', 'actions', 'entry', 'exit', 'src', 'default']);

/** The longest text of a function that is drawn as it is. */
const maxExpressionUnits = 40;

/** The fields of XState's own actions and guards that say what they do. */
export interface BuiltIn {
  readonly type?: string;
  readonly name?: string;
  readonly guards?: readonly unknown[];
  readonly stateValue?: unknown;
  readonly assignment?: unknown;
  readonly event?: unknown;
  readonly to?: unknown;
  readonly id?: unknown;
  readonly delay?: unknown;
  readonly sendId?: unknown;
  readonly src?: unknown;
  readonly actorRef?: unknown;
}

/** Returns the name of an action or guard, with its parameters: `say menu`. */
export function nameOf(part: unknown): string {
  if (typeof part === 'string') return part;
  if (typeof part === 'function') return nameOfFunction(part);
  const { type, params } = part as { type: string; params?: unknown };
  return [type, ...parametersOf(params).map(textOf)].join(' ');
}

/** Returns the values of an action's or guard's parameters; none if only the running machine knows them. */
export function parametersOf(params: unknown): unknown[] {
  return typeof params === 'object' && params !== null ? Object.values(params) : [];
}

/** Returns what an invoked or spawned actor is called. */
export function actorName(logic: unknown): string {
  if (typeof logic === 'string') return logic;
  const { id, config } = (logic ?? {}) as { id?: unknown; config?: unknown };
  if (typeof id === 'string') return id;
  return typeof config === 'function' && !places.has(config.name) ? config.name : 'an actor';
}

/** Returns the text of a delay: `1000 ms`, or its name. */
export function delayName(delay: string): string {
  return /^\d+$/.test(delay) ? `${delay} ms` : delay;
}

function nameOfFunction(part: BuiltIn & object): string {
  const { name = '', guards, stateValue } = part;
  if (guards !== undefined) return nameOfCombined(name, guards);
  if (stateValue !== undefined) return `in ${textOf(stateValue)}`;
  return nameOfBuiltIn(part) ?? (places.has(name) ? inlineName(String(part)) : name);
}

function nameOfCombined(name: string, guards: readonly unknown[]): string {
  const names = guards.map((guard) => {
    const isCombined = typeof guard === 'function' && ((guard as BuiltIn).guards?.length ?? 0) > 1;
    return isCombined ? `(${nameOf(guard)})` : nameOf(guard);
  });
  return name === 'not' ? `not ${names.join(' ')}` : names.join(` ${name} `);
}

/** Returns what one of XState's own actions does; undefined for any other function. */
function nameOfBuiltIn({ type, assignment, event, to, sendId, src, actorRef }: BuiltIn): string | undefined {
  switch (type) {
    case 'xstate.assign':
      return ['assign', ...(typeof assignment === 'object' ? Object.keys(assignment ?? {}) : [])].join(' ');
    case 'xstate.raise':
      return `raise ${eventName(event)}`;
    case 'xstate.emit':
      return `emit ${eventName(event)}`;
    case 'xstate.sendTo':
      return `send ${eventName(event)}${typeof to === 'string' ? ` to ${to.replace(/^#_/, '')}` : ''}`;
    case 'xstate.cancel':
      return `cancel ${fixedName(sendId)}`;
    case 'xstate.spawnChild':
      return `spawn ${actorName(src)}`;
    case 'xstate.stopChild':
      return `stop ${fixedName(actorRef)}`;
    default:
      return type?.startsWith('xstate.') ? type.slice('xstate.'.length) : undefined;
  }
}

/** Returns the event's type; a function makes one only while the machine runs. */
function eventName(event: unknown): string {
  const { type } = (event ?? {}) as { type?: unknown };
  return typeof type === 'string' ? type : 'an event';
}

function fixedName(id: unknown): string {
  return typeof id === 'string' ? id : 'one';
}

/** Returns what a short function without a name says, and `inline` for a longer one. */
function inlineName(source: string): string {
  const [, expression = ''] = /^(?:async\s*)?(?:\([^()]*\)|[\w$]+)\s*=>\s*([^{\s][^\n]*)$/.exec(source) ?? [];
  return expression === '' || expression.length > maxExpressionUnits ? 'inline' : expression;
}

function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
