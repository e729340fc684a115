/**
 * The machines that a file of anybody's exports.
 *
 * Owns: which exports are machines of XState 5, what each is called, and what is said of a file that has none or can't be
 * loaded. A file is loaded as Node loads it: what it does then, it does. One that finds no XState of its own gets ours.
 * Next: `draw.ts`.
 */
import { existsSync, statSync } from 'node:fs';
import Module, { register } from 'node:module';
import { basename, delimiter } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { graphOf, statesIn } from '../../src/chart/graph.ts';

/** A file that can't be drawn; the message says why, for whoever gave it. */
export class FileError extends Error {}

export interface NamedMachine {
  /** The machine's id; for one without, the name of its export, or that of the file. */
  name: string;
  machine: AnyStateMachine;
}

/** A file may wait for something while it is loaded, but not for ever. */
const loadWithinMs = 30_000;

/** Some errors bring half a page along. */
const maxMessageUnits = 300;

const endings = /\.[cm]?[jt]sx?$/;

/** Rejects with a `FileError` if there is nothing to draw. */
export async function machinesIn(path: string): Promise<NamedMachine[]> {
  const file = basename(path);
  if (!existsSync(path)) throw new FileError(`${path} does not exist`);
  if (!statSync(path).isFile()) throw new FileError(`${path} is not a file`);
  if (!endings.test(file)) throw new FileError(`${file} is not a file of JavaScript or TypeScript`);
  return machinesAmong(namesIn(await load(path)), file);
}

/** Returns the machines among what a file exports. Throws a `FileError` if there are none, or one can't be drawn. */
export function machinesAmong(exported: readonly [name: string, value: unknown][], file: string): NamedMachine[] {
  const found = new Map<AnyStateMachine, string>();
  for (const [name, value] of exported) {
    if (isOlder(value))
      throw new FileError(`${file} exports ${name}, a machine of XState 4; only those of XState 5 are drawn`);
    if (isMachine(value) && !found.has(value)) found.set(value, name);
  }
  if (found.size === 0) {
    const names = exported.map(([name]) => name).join(', ');
    throw new FileError(`${file} exports no machine of XState 5${names === '' ? '' : `, only ${names}`}`);
  }
  return [...found].map(([machine, name]) => {
    refuseSharedIds(machine, file);
    const given = name === 'default' ? file.replace(endings, '') : name;
    return { machine, name: machine.id === '(machine)' ? given : machine.id };
  });
}

async function load(path: string): Promise<object> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = `${basename(path)} is not loaded after ${loadWithinMs / 1000} s`;
    timer = setTimeout(() => reject(new FileError(message)), loadWithinMs);
  });
  try {
    return await Promise.race([import(pathToFileURL(path).href), late]);
  } catch (error) {
    if (error instanceof FileError) throw error;
    const message = (error instanceof Error ? error.message : String(error))
      .replace(/\s+/g, ' ')
      .slice(0, maxMessageUnits);
    throw new FileError(`${basename(path)} throws while it is loaded: ${message}`);
  } finally {
    clearTimeout(timer);
  }
}

/** What a module in CommonJS exports is one object, under the name `default`. */
function namesIn(exported: object): [name: string, value: unknown][] {
  const { default: whole, ...named } = exported as Record<string, unknown>;
  const isPlain = typeof whole === 'object' && whole !== null && !isMachine(whole) && !isOlder(whole);
  const all = { ...(isPlain ? whole : whole === undefined ? {} : { default: whole }), ...named };
  return Object.entries(all).filter(([name]) => name !== '__esModule' && name !== 'module.exports');
}

/** True for one of any copy of XState 5. */
function isMachine(value: unknown): value is AnyStateMachine {
  if (typeof value !== 'object' || value === null) return false;
  const { root, implementations } = value as Partial<AnyStateMachine>;
  return root?.machine === value && typeof implementations === 'object' && root.transitions instanceof Map;
}

function isOlder(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return '__xstatenode' in value && !isMachine(value);
}

/** XState keeps the last of several states with one id, and the others can't be reached. */
function refuseSharedIds(machine: AnyStateMachine, file: string): void {
  const ids = statesIn(graphOf(machine).root).map(({ id }) => id);
  const shared = ids.find((id, index) => ids.indexOf(id) !== index);
  if (shared !== undefined) throw new FileError(`${file}: two states have the id ${shared}`);
}

/** Files that find no `xstate` beside them find the one of this checkout. */
export function lendXState(): void {
  const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));
  const { _initPaths } = Module as unknown as { _initPaths(): void };
  process.env.NODE_PATH = [process.env.NODE_PATH, modules].filter(Boolean).join(delimiter);
  _initPaths();
  const hook = `export const resolve = (name, context, next) => next(name, context).catch((error) => {
    if (!/^xstate(\\/|$)/.test(name)) throw error;
    return next(name, { ...context, parentURL: ${JSON.stringify(import.meta.url)} });
  });`;
  register(`data:text/javascript,${encodeURIComponent(hook)}`);
}
