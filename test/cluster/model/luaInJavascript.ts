/**
 * Lua as JavaScript: the functions that run inside Redis, run in a test, fast enough for an exploration.
 *
 * Owns: the part of Lua 5.1 that `src/cluster/*.lua` uses; anything else is refused when it is translated. Knows no
 * commands: those come with `redis`. `redisInMemory.system.test.ts` proves that it does what Redis does.
 */
import { parse } from 'luaparse';

/** A node of luaparse's tree. */
interface Node {
  type: string;
  [part: string]: unknown;
}

export type LuaValue = undefined | boolean | number | string | Table | LuaFunction;
export type LuaFunction = (...args: LuaValue[]) => LuaValue[] | undefined;

export class Table {
  readonly map = new Map<LuaValue, LuaValue>();
  /** What `#` says. */
  length = 0;
  index: Table | undefined;

  static from(values: readonly LuaValue[]): Table {
    const table = new Table();
    for (const [at, value] of values.entries()) table.set(at + 1, value);
    return table;
  }

  get(key: LuaValue): LuaValue {
    return this.map.get(key) ?? this.index?.get(key);
  }

  set(key: LuaValue, value: LuaValue): void {
    if (key === undefined) throw new Error('the index of a table is nil');
    if (value === undefined) {
      this.map.delete(key);
      if (key === this.length) this.length--;
    } else {
      this.map.set(key, value);
      while (this.map.has(this.length + 1)) this.length++;
    }
  }

  list(): LuaValue[] {
    return Array.from({ length: this.length }, (_, at) => this.map.get(at + 1));
  }
}

/** The operations whose meaning differs from JavaScript's. */
const operations = {
  Table,
  is: (value: LuaValue) => value !== undefined && value !== false,
  num(value: LuaValue): number {
    const number = typeof value === 'string' ? Number(value) : value;
    if (typeof number !== 'number' || Number.isNaN(number)) throw new Error(`arithmetic on ${typeof value}`);
    return number;
  },
  text(value: LuaValue): string {
    if (typeof value !== 'string' && typeof value !== 'number') throw new Error(`concatenation of ${typeof value}`);
    return String(value);
  },
  ordered(one: LuaValue, other: LuaValue): [number, number] {
    if (typeof one !== 'number' || typeof other !== 'number') throw new Error(`${typeof one} compared`);
    return [one, other];
  },
  at(table: LuaValue, key: LuaValue): LuaValue {
    if (!(table instanceof Table)) throw new Error(`index of ${typeof table}`);
    return table.get(key);
  },
  put(table: LuaValue, key: LuaValue, value: LuaValue): void {
    if (!(table instanceof Table)) throw new Error(`index of ${typeof table}`);
    table.set(key, value);
  },
  size: (value: LuaValue) => (value instanceof Table ? value.length : operations.text(value).length),
  call(called: LuaValue, ...args: LuaValue[]): LuaValue[] {
    if (typeof called !== 'function') throw new Error(`call of ${typeof called}`);
    return called(...args) ?? [];
  },
  table(keyed: [LuaValue, LuaValue][], values: LuaValue[]): Table {
    const table = Table.from(values);
    for (const [key, value] of keyed) table.set(key, value);
    return table;
  },
};

/** Runs the text with these globals, beside those of the language. */
export function runLua(text: string, globals: Record<string, LuaValue>): void {
  const all = { ...standard, ...globals };
  const names = Object.keys(all);
  const body = new Translation(names).chunk(parse(text, { luaVersion: '5.1', comments: false }) as unknown as Node);
  new Function('op', ...names.map((name) => `$${name}`), body)(operations, ...Object.values(all));
}

class Translation {
  #scopes: Map<string, string>[];
  #count = 0;

  constructor(globals: readonly string[]) {
    this.#scopes = [new Map(globals.map((name) => [name, `$${name}`]))];
  }

  chunk({ body }: Node): string {
    return `'use strict';${this.#block(body as Node[])}`;
  }

  #declare(name: string): string {
    const unique = `$${name}_${++this.#count}`;
    this.#scopes.at(-1)?.set(name, unique);
    return unique;
  }

  #find(name: string): string {
    const found = this.#scopes.findLast((scope) => scope.has(name))?.get(name);
    if (found === undefined) throw new Error(`no variable ${name}`);
    return found;
  }

  #block(body: readonly Node[], before = () => ''): string {
    this.#scopes.push(new Map());
    const text = before() + body.map((each) => this.#statement(each)).join('');
    this.#scopes.pop();
    return `{${text}}`;
  }

  #statement(node: Node): string {
    switch (node.type) {
      case 'LocalStatement': {
        const values = this.#list(node.init as Node[]);
        const names = (node.variables as { name: string }[]).map(({ name }) => this.#declare(name));
        return `let [${names}]=[${values}];`;
      }
      case 'AssignmentStatement': {
        const held = `held_${++this.#count}`;
        const puts = (node.variables as Node[]).map((each, at) => this.#assign(each, `${held}[${at}]`));
        return `const ${held}=[${this.#list(node.init as Node[])}];${puts.join('')}`;
      }
      case 'FunctionDeclaration': {
        const { identifier } = node as { identifier?: Node };
        if (node.isLocal) {
          const name = this.#declare((identifier as unknown as { name: string }).name);
          return `let ${name};${name}=${this.#function(node)};`;
        }
        return this.#assign(identifier as Node, this.#function(node));
      }
      case 'CallStatement':
        return `${this.#multiple(node.expression as Node)};`;
      case 'ReturnStatement':
        return `return [${this.#list(node.arguments as Node[])}];`;
      case 'BreakStatement':
        return 'break;';
      case 'IfStatement':
        return (node.clauses as Node[])
          .map((clause, at) => {
            const test = clause.condition ? `if(op.is(${this.#single(clause.condition as Node)}))` : '';
            return `${at > 0 ? 'else ' : ''}${test}${this.#block(clause.body as Node[])}`;
          })
          .join('');
      case 'WhileStatement':
        return `while(op.is(${this.#single(node.condition as Node)}))${this.#block(node.body as Node[])}`;
      case 'ForNumericStatement': {
        const [from, to] = [this.#single(node.start as Node), this.#single(node.end as Node)];
        const step = node.step ? this.#single(node.step as Node) : '1';
        const at = `at_${++this.#count}`;
        const begin = () => `let ${this.#declare((node.variable as { name: string }).name)}=${at};`;
        return `for(let ${at}=${from},end=${to};${at}<=end;${at}+=${step})${this.#block(node.body as Node[], begin)}`;
      }
      case 'ForGenericStatement': {
        const pairs = this.#single((node.iterators as Node[])[0] as Node);
        const pair = `pair_${++this.#count}`;
        const names = (node.variables as { name: string }[]).map(({ name }) => name);
        const begin = () => `let [${names.map((name) => this.#declare(name))}]=${pair};`;
        return `for(const ${pair} of ${pairs})${this.#block(node.body as Node[], begin)}`;
      }
      default:
        throw new Error(`no ${node.type} here`);
    }
  }

  #assign(to: Node, value: string): string {
    if (to.type === 'Identifier') return `${this.#find(to.name as string)}=${value};`;
    return `op.put(${this.#single(to.base as Node)},${this.#keyOf(to)},${value});`;
  }

  #keyOf(node: Node): string {
    if (node.type === 'IndexExpression') return this.#single(node.index as Node);
    return JSON.stringify((node.identifier as { name: string }).name);
  }

  #function(node: Node): string {
    let parameters: string[] = [];
    const name = () => {
      const isMethod = (node.identifier as Node | undefined)?.indexer === ':';
      const given = (node.parameters as Node[]).map((each) =>
        each.type === 'VarargLiteral' ? '...rest' : this.#declare(each.name as string),
      );
      parameters = isMethod ? [this.#declare('self'), ...given] : given;
      return '';
    };
    const body = this.#block(node.body as Node[], name);
    return `((${parameters})=>${body})`;
  }

  /** The values of several expressions: of the last one, all. */
  #list(nodes: readonly Node[]): string {
    return nodes
      .map((each, at) => {
        const isMultiple = each.type.endsWith('CallExpression') || each.type === 'VarargLiteral';
        return at === nodes.length - 1 && isMultiple ? `...${this.#multiple(each)}` : this.#single(each);
      })
      .join();
  }

  /** An array with all values of a call. */
  #multiple(node: Node): string {
    if (node.type === 'VarargLiteral') return 'rest';
    const { base } = node as unknown as { base: Node };
    const args = node.type === 'StringCallExpression' ? [node.argument as Node] : (node.arguments as Node[]);
    if (base.type === 'MemberExpression' && base.indexer === ':') {
      const self = this.#single(base.base as Node);
      return `op.call(op.at(${self},${this.#keyOf(base)}),${[self, this.#list(args)].filter(Boolean)})`;
    }
    return `op.call(${[this.#single(base), this.#list(args)].filter(Boolean)})`;
  }

  #single(node: Node): string {
    switch (node.type) {
      case 'Identifier':
        return this.#find(node.name as string);
      case 'NilLiteral':
        return 'undefined';
      case 'BooleanLiteral':
      case 'NumericLiteral':
        return String(node.value);
      case 'StringLiteral':
        return JSON.stringify(stringOf(node.raw as string));
      case 'MemberExpression':
      case 'IndexExpression':
        return `op.at(${this.#single(node.base as Node)},${this.#keyOf(node)})`;
      case 'FunctionDeclaration':
        return this.#function(node);
      case 'LogicalExpression': {
        const held = `held_${++this.#count}`;
        const [left, right] = [this.#single(node.left as Node), this.#single(node.right as Node)];
        const [ifTrue, ifFalse] = node.operator === 'and' ? [right, held] : [held, right];
        return `((${held})=>op.is(${held})?${ifTrue}:${ifFalse})(${left})`;
      }
      case 'UnaryExpression':
        return this.#unary(node.operator as string, this.#single(node.argument as Node));
      case 'BinaryExpression':
        return binary(node.operator as string, this.#single(node.left as Node), this.#single(node.right as Node));
      case 'TableConstructorExpression': {
        const fields = node.fields as Node[];
        const keyed = fields
          .filter(({ type }) => type !== 'TableValue')
          .map((field) => {
            const { type, key, value } = field as unknown as { type: string; key: Node; value: Node };
            const name =
              type === 'TableKeyString' ? JSON.stringify((key as unknown as { name: string }).name) : this.#single(key);
            return `[${name},${this.#single(value)}]`;
          });
        const values = fields.filter(({ type }) => type === 'TableValue').map(({ value }) => value as Node);
        return `op.table([${keyed}],[${this.#list(values)}])`;
      }
      default:
        return `${this.#multiple(node)}[0]`;
    }
  }

  #unary(operator: string, value: string): string {
    if (operator === 'not') return `(!op.is(${value}))`;
    return operator === '#' ? `op.size(${value})` : `(-op.num(${value}))`;
  }
}

function binary(operator: string, left: string, right: string): string {
  switch (operator) {
    case '==':
      return `(${left}===${right})`;
    case '~=':
      return `(${left}!==${right})`;
    case '..':
      return `(op.text(${left})+op.text(${right}))`;
    case '<':
    case '<=':
    case '>':
    case '>=':
      return `(([a,b])=>a${operator}b)(op.ordered(${left},${right}))`;
    default:
      return `(op.num(${left})${operator}op.num(${right}))`;
  }
}

function stringOf(raw: string): string {
  return raw.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter));
}

const { num, text } = operations;
const entries = (table: LuaValue): Iterable<[LuaValue, LuaValue]> => [...(table as Table).map];

/** What the language brings along. An iterator is an array of pairs here. */
const standard: Record<string, LuaValue> = {
  tonumber: (value) => [
    value === undefined || value === false || Number.isNaN(Number(value)) ? undefined : Number(value),
  ],
  tostring: (value) => [String(value ?? 'nil')],
  ipairs: (table) => [(table as Table).list().map((value, at) => [at + 1, value]) as unknown as LuaValue],
  pairs: (table) => [entries(table) as unknown as LuaValue],
  next: (table) => [
    ...((table as Table).map.keys().next().value === undefined ? [undefined] : [[...(table as Table).map.keys()][0]]),
  ],
  unpack: (table) => (table as Table).list(),
  pcall: (called, ...args) => {
    try {
      return [true, ...operations.call(called, ...args)];
    } catch (error) {
      return [false, (error as Error).message];
    }
  },
  setmetatable: (table, meta) => {
    (table as Table).index = (meta as Table).get('__index') as Table;
    return [table];
  },
  math: operations.table(
    [
      ['floor', (value) => [Math.floor(num(value))]],
      ['max', (...values) => [Math.max(...values.map(num))]],
      ['min', (...values) => [Math.min(...values.map(num))]],
      ['abs', (value) => [Math.abs(num(value))]],
    ],
    [],
  ),
  string: operations.table(
    [
      ['lower', (value) => [text(value).replace(/[A-Z]/g, (letter) => letter.toLowerCase())]],
      ['format', (_, value) => [num(value).toFixed(0)]],
      ['match', (value, pattern) => new RegExp(text(pattern).replaceAll('%', '\\')).exec(text(value))?.slice(1) ?? []],
    ],
    [],
  ),
  table: operations.table(
    [
      ['concat', (list, between) => [(list as Table).list().map(text).join(text(between))]],
      [
        'insert',
        (list, ...place) => {
          const table = list as Table;
          const [at, value] = place.length > 1 ? [num(place[0]), place[1]] : [table.length + 1, place[0]];
          refill(table, table.list().toSpliced(at - 1, 0, value));
          return [];
        },
      ],
      [
        'remove',
        (list, at) => {
          refill(list as Table, (list as Table).list().toSpliced(num(at) - 1, 1));
          return [];
        },
      ],
    ],
    [],
  ),
};

function refill(table: Table, values: readonly LuaValue[]): void {
  for (let at = table.length; at > values.length; at--) table.set(at, undefined);
  for (const [at, value] of values.entries()) table.set(at + 1, value);
}

/** What Lua gets for a null in JSON. */
const jsonNull = 'null of cjson';

export const cjson = operations.table(
  [
    ['encode', (value) => [JSON.stringify(toJson(value))]],
    ['decode', (json) => [fromJson(JSON.parse(text(json)))]],
    ['null', jsonNull],
  ],
  [],
);

function toJson(value: LuaValue): unknown {
  if (!(value instanceof Table)) return value;
  if (value.length > 0) return value.list().map(toJson);
  return Object.fromEntries([...value.map].map(([key, each]) => [String(key), toJson(each)]));
}

function fromJson(value: unknown): LuaValue {
  if (value === null) return jsonNull;
  if (typeof value !== 'object') return value as LuaValue;
  if (Array.isArray(value)) return Table.from(value.map(fromJson));
  return operations.table(
    Object.entries(value).map(([key, each]) => [key, fromJson(each)]),
    [],
  );
}
