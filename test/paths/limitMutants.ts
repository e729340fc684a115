/**
 * Faults of the session chart that stand in no configuration: a limit that is off by one.
 *
 * Owns: finding the numbers and comparisons in the chart's source text, and building the chart with one of them changed.
 * Next: `mutants.ts` for all other faults.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { sessionMachine } from '../../machines/session.machine.ts';

interface LimitMutant {
  name: string;
  machine: typeof sessionMachine;
}

const sourceFile = new URL('../../machines/session.machine.ts', import.meta.url);

/**
 * A number that stands for itself, and the comparisons. `pairingId: 0` is no limit: it says that there is no pairing. How many
 * ids may be refused is an option, which the generated dialogues set: `charts/session.test.ts` counts them one by one.
 */
const limits =
  /(?<![\w'"`.-]|pairingId: |idTries: |refusedIds: |refusedIds \+ )\d+(?![\w'"`.-])|>=|<=|(?<= )[<>](?= )/g;

/** Returns every chart with one limit changed. Its modules are loaded from `coverage/`, which is no part of the tree. */
export async function limitMutants(): Promise<LimitMutant[]> {
  const source = readFileSync(sourceFile, 'utf8');
  const parent = fileURLToPath(new URL('../../coverage/', import.meta.url));
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'limits-'));
  const mutants: LimitMutant[] = [];
  for (const { index, 0: found } of withoutComments(source).matchAll(limits)) {
    for (const other of othersFor(found)) {
      const changed = source.slice(0, index) + other + source.slice(index + found.length);
      const file = join(folder, `mutant${mutants.length}.ts`);
      writeFileSync(
        file,
        changed.replaceAll(/(?<= from ')\.[^']+/g, (from) => new URL(from, sourceFile).href),
      );
      const module = (await import(pathToFileURL(file).href)) as { sessionMachine: typeof sessionMachine };
      const line = source.slice(0, index).split('\n').length;
      mutants.push({ name: `limit by one: line ${line}, ${found} → ${other}`, machine: module.sessionMachine });
    }
  }
  rmSync(folder, { recursive: true });
  return mutants;
}

function othersFor(found: string): string[] {
  const comparisons: Record<string, string> = { '>=': '>', '<=': '<', '>': '>=', '<': '<=' };
  const comparison = comparisons[found];
  if (comparison !== undefined) return [comparison];
  return [Number(found) - 1, Number(found) + 1].filter((number) => number >= 0).map(String);
}

/** Everything stays at its place. */
function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, (comment) => comment.replaceAll(/[^\n]/g, ' '));
}
