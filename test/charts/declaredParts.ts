/**
 * A chart's declaration in parts: its states by path, each with its transitions, all shorthands written out.
 *
 * Owns: the one form in which what Stately's parser reads is compared with what runs. A key that no side is known to have fails
 * here, so nothing is left out unnoticed. Next: `stately.test.ts`.
 */

/** What a chart may declare and the parser doesn't know; XState 4, which it is built on, hadn't these. */
const unknownToTheParser = ['reenter', 'output'] as const;

type Fields = Record<string, unknown>;

/** Every state of a declaration, in order, as `session.online.menu`. */
export function partsOf(config: Fields, path = String(config.id)): Map<string, Fields> {
  const {
    id,
    description,
    initial,
    type,
    context,
    tags,
    entry,
    exit,
    on = {},
    always,
    after = {},
    states,
    ...rest
  } = config;
  const transitions = [
    ...Object.entries(on as Fields).flatMap(([event, ways]) => transitionsOf(`on ${event}`, ways)),
    ...Object.entries(after as Fields).flatMap(([delay, ways]) => transitionsOf(`after ${delay}`, ways)),
    ...transitionsOf('always', always),
  ];
  const plain = {
    ...{ id, description, initial, type, tags: listOf(tags), context: contextOf(context) },
    ...{ entry: listOf(entry).map(named), exit: listOf(exit).map(named), transitions, unknown: unknownIn(rest, path) },
  };
  const children = Object.entries((states ?? {}) as Record<string, Fields>);
  return new Map([[path, plain], ...children.flatMap(([key, child]) => [...partsOf(child, `${path}.${key}`)])]);
}

function transitionsOf(when: string, ways: unknown): Fields[] {
  return listOf(ways).map((way) => {
    const declared = typeof way === 'string' ? { target: way } : (way as Fields);
    const { target, guard, cond, actions, description, ...rest } = declared;
    // XState 4 calls a guard `cond`.
    const condition = guard ?? cond;
    return {
      ...{ when, target, description, unknown: unknownIn(rest, when) },
      ...{ guard: condition === undefined ? undefined : named(condition), actions: listOf(actions).map(named) },
    };
  });
}

/** An action or guard as `{ type, params }`, whether it was declared by its name alone, in full, or came through the parser. */
function named(part: unknown): Fields {
  if (typeof part === 'string') return { type: part, params: {} };
  if (typeof part !== 'object' || part === null) throw new Error(`${String(part)} has no name`);
  const { kind, action, type, params = {}, ...rest } = part as Fields;
  if (kind !== undefined && kind !== 'named') throw new Error(`The parser takes ${JSON.stringify(part)} for no name`);
  if (keysOf(rest).length > 0) throw new Error(`Unknown in an action or guard: ${keysOf(rest).join(', ')}`);
  return action === undefined ? { type, params } : named(action);
}

/** The parser keeps a function as its text, between double braces. */
function contextOf(context: unknown): unknown {
  return typeof context === 'function' || (typeof context === 'string' && /^\{\{.*\}\}$/s.test(context))
    ? 'a function'
    : context;
}

function unknownIn(rest: Fields, where: string): string[] {
  const keys = keysOf(rest);
  const strange = keys.filter((key) => !unknownToTheParser.some((unknown) => unknown === key));
  if (strange.length > 0) throw new Error(`${where} declares ${strange.join(', ')}, which is not compared yet`);
  return keys;
}

/** Without those that `setup` adds and leaves empty. */
function keysOf(fields: Fields): string[] {
  return Object.keys(fields).filter((key) => fields[key] !== undefined);
}

function listOf(value: unknown): unknown[] {
  return value === undefined ? [] : [value].flat();
}
